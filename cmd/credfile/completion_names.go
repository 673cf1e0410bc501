package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/atomicfile"
	"github.com/credfile/credfile/internal/codec"
)

// isCompletion reports whether a shell asks for completions.
func isCompletion(args []string) bool {
	return len(args) > 0 && (args[0] == cobra.ShellCompRequestCmd || args[0] == cobra.ShellCompNoDescRequestCmd)
}

// names returns what a shell can offer, from the sections of the file.
type names func(sections []*format.Profile) []string

func profilesIn(sections []*format.Profile) (list []string) {
	for _, s := range sections {
		list = append(list, s.Name)
	}
	return list
}

func credentialsIn(sections []*format.Profile) (list []string) {
	for _, s := range sections {
		for i := range s.Entries {
			if e := &s.Entries[i]; !e.IsComment() && !s.Hidden {
				list = append(list, e.Name)
			}
		}
	}
	return list
}

func sourcesIn(sections []*format.Profile) (list []string) {
	for _, s := range sections {
		for i := range s.Entries {
			if e := &s.Entries[i]; e.IsSource() && !s.Hidden {
				list = append(list, e.Name)
			}
		}
	}
	return list
}

func recipientsIn(sections []*format.Profile) (list []string) {
	for _, s := range sections {
		for i := range s.Recipients {
			list = append(list, s.Recipients[i].Name)
		}
	}
	return list
}

// argumentNames are the names that the arguments of commands can have. Other arguments are files or
// new names.
var argumentNames = map[string]names{
	"get": credentialsIn, "set": credentialsIn, "unset": credentialsIn, "rename": credentialsIn, "copy": credentialsIn, "log": credentialsIn,
	"login": sourcesIn, "logout": sourcesIn, "source add": sourcesIn, "source show": sourcesIn, "source remove": sourcesIn,
	"profile remove": profilesIn, "profile rename": profilesIn,
}

// flagNames are the names that flags can have, in all commands or in one.
var flagNames = map[string]names{
	"profile": profilesIn, "to": profilesIn, "like": profilesIn,
	"only": credentialsIn, "except": credentialsIn, "as-file": credentialsIn, "stdin": credentialsIn, "require": credentialsIn,
	"with": sourcesIn, "source": sourcesIn,
	"as": recipientsIn, "remove": recipientsIn, "writer": recipientsIn, "reader": recipientsIn, "strengthen": recipientsIn,
}

// choices are the fixed words of flags and arguments.
var choices = map[string]func() []string{
	"format": func() []string { return codecNames(codec.Writers()) },
	"from":   func() []string { return codecNames(codec.Readers()) },
	"shell":  func() []string { return codec.Shells },
}

func codecNames(list []codec.Codec) (names []string) {
	for _, c := range list {
		names = append(names, c.Name)
	}
	return names
}

// complete registers what shells can offer for the arguments and flags of a command, and of those
// below it.
func complete(a *app, cmd *cobra.Command) {
	path := strings.TrimPrefix(cmd.CommandPath(), cmd.Root().Name()+" ")
	switch find := argumentNames[path]; {
	case path == "completion", path == "completion install":
		cmd.ValidArgsFunction = fixed(completionShells)
	case find != nil:
		cmd.ValidArgsFunction = func(_ *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
			if path == "source add" && len(args) == 1 {
				return kindNames(), cobra.ShellCompDirectiveNoFileComp
			}
			if len(args) > 0 && (!strings.Contains(cmd.Use, "…") || path == "source add") {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return offer(a, find, true), cobra.ShellCompDirectiveNoFileComp
		}
	}
	for flag, find := range flagNames {
		if cmd.Flag(flag) != nil {
			_ = cmd.RegisterFlagCompletionFunc(flag, func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
				return offer(a, find, flag != "profile" && flag != "to" && flag != "like"), cobra.ShellCompDirectiveNoFileComp
			})
		}
	}
	for flag, list := range choices {
		if cmd.Flag(flag) != nil {
			_ = cmd.RegisterFlagCompletionFunc(flag, fixed(list()))
		}
	}
	for _, sub := range cmd.Commands() {
		complete(a, sub)
	}
}

func fixed(list []string) func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return list, cobra.ShellCompDirectiveNoFileComp
	}
}

// offer reads names from the file: of the profiles that the user named, or all. Whether the file is
// trusted, or even verifies, is no question here: names are only offered.
func offer(a *app, find names, selected bool) (list []string) {
	path, err := filePath(a)
	if err != nil || path == "-" {
		return nil
	}
	text := readToComplete(path)
	if text == "" {
		return nil
	}
	f, err := format.Parse([]byte(text))
	if err != nil {
		return nil
	}
	sections := f.Profiles
	if selected && len(a.profiles) > 0 {
		sections = slices.DeleteFunc(slices.Clone(sections), func(s *format.Profile) bool { return !slices.Contains(a.profiles, s.Name) })
	}
	list = find(sections)
	slices.Sort(list)
	return slices.Compact(list)
}

// maxToComplete is the largest file that is read for completion, in bytes: the user waits.
const maxToComplete = 1 << 20

// readToComplete reads a regular file. Anything else could block.
func readToComplete(path string) string {
	text, err := atomicfile.ReadText(path, maxToComplete)
	if err != nil || len(text) > maxToComplete {
		return ""
	}
	return text
}
