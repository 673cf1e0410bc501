package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// The width of the help, and the column in which the descriptions of flags begin.
const (
	helpWidth  = 80
	helpColumn = 28
)

const docsURL = "https://github.com/credfile/credfile/tree/main/docs"

// The groups of commands, in the order of the help.
const (
	groupFirst  = "First day"
	groupEvery  = "Every day"
	groupPeople = "People and keys"
	groupCheck  = "Checking"
	groupTools  = "Other tools"
)

// help prints the first screen. It starts with what people need on the first day.
func (a *app) help() {
	w := a.stdout
	fmt.Fprint(w, "Keep credentials in one encrypted file that is safe to commit, and run commands\nwith them.\n\n"+
		"Usage: credfile COMMAND [flags]\n")
	for _, group := range []string{groupFirst, groupEvery, groupPeople, groupCheck, groupTools} {
		fmt.Fprintf(w, "\n%s:\n", group)
		for _, v := range verbs {
			if v.group == group {
				fmt.Fprintf(w, "  %-12s %s\n", v.name, v.short)
			}
		}
	}
	fmt.Fprint(w, "\nExamples:\n"+
		"  credfile init\n"+
		"  credfile set STRIPE_API_KEY\n"+
		"  credfile env -- ./server\n"+
		"  credfile rekey --add bob=@bob.pub\n\n"+
		"Help on a command:  credfile help COMMAND\n"+
		"Global flags:       credfile help flags\n"+
		"Documentation:      "+docsURL+"\n")
}

// newHelp returns the help command, which explains one command or the global flags.
func newHelp(a *app, root *cobra.Command) *cobra.Command {
	return &cobra.Command{Use: "help [COMMAND]", Hidden: true, RunE: func(_ *cobra.Command, args []string) error {
		if len(args) == 0 {
			a.help()
			return nil
		}
		if len(args) == 1 && args[0] == "flags" {
			a.flagHelp(root)
			return nil
		}
		cmd, _, err := root.Find(args)
		if err != nil || cmd == root {
			return unknownVerb(args[0])
		}
		a.verbHelp(cmd)
		return nil
	}}
}

// verbHelp prints the help of one command. It lists only the command's own flags.
func (a *app) verbHelp(cmd *cobra.Command) {
	w := a.stdout
	fmt.Fprintf(w, "%s\n\nUsage:\n  %s\n", wrap(cmd.Long, "", 0), wrap(usageLine(cmd), "      ", 2))
	if cmd.HasAvailableSubCommands() {
		fmt.Fprint(w, "\nCommands:\n")
		for _, sub := range cmd.Commands() {
			fmt.Fprintf(w, "  %-12s %s\n", sub.Name(), sub.Short)
		}
	}
	if cmd.Example != "" {
		fmt.Fprintf(w, "\nExamples:\n%s\n", cmd.Example)
	}
	if cmd.HasAvailableLocalFlags() && cmd.LocalNonPersistentFlags().HasAvailableFlags() {
		fmt.Fprint(w, "\nFlags:\n")
		writeFlags(w, cmd.LocalNonPersistentFlags())
	}
	fmt.Fprint(w, "\nGlobal flags (see credfile help flags): -f FILE, -p PROFILE, -i FILE, --json, …\n")
}

// flagHelp prints the global flags.
func (a *app) flagHelp(root *cobra.Command) {
	fmt.Fprint(a.stdout, "Flags of all commands:\n")
	writeFlags(a.stdout, root.PersistentFlags())
	fmt.Fprint(a.stdout, "\n"+wrap("Identities are read from --identity, then from CREDFILE_AGE_KEY, CREDFILE_AGE_KEY_FILE and CREDFILE_AGE_KEY_COMMAND, "+
		"then from identities.txt in your configuration, and then from your SSH keys.", "", 0)+"\n\nDocumentation: "+docsURL+"\n")
}

func writeFlags(w io.Writer, flags *pflag.FlagSet) {
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" {
			return
		}
		value, text := pflag.UnquoteUsage(f)
		text = strings.TrimPrefix(text, value+": ")
		label := "      --" + f.Name
		if f.Shorthand != "" {
			label = "  -" + f.Shorthand + ", --" + f.Name
		}
		switch {
		case f.Value.Type() == "bool":
		case f.NoOptDefVal != "":
			label += "[=" + value + "]"
		default:
			label += " " + value
		}
		if len([]rune(label))+2 > helpColumn {
			fmt.Fprintln(w, label)
			label = ""
		}
		fmt.Fprintf(w, "%-*s%s\n", helpColumn, label, wrap(text, strings.Repeat(" ", helpColumn), helpColumn))
	})
}

// wrap breaks paragraphs into lines of helpWidth. The first line of a paragraph begins at
// column, the others with indent.
func wrap(text, indent string, column int) string {
	var out []string
	for _, paragraph := range strings.Split(text, "\n\n") {
		line, room := "", helpWidth-column
		var lines []string
		for _, word := range strings.Fields(paragraph) {
			if line != "" && len([]rune(line))+1+len([]rune(word)) > room {
				lines = append(lines, line)
				line, room = "", helpWidth-len(indent)
			}
			if line != "" {
				line += " "
			}
			line += word
		}
		out = append(out, strings.Join(append(lines, line), "\n"+indent))
	}
	return strings.Join(out, "\n\n")
}
