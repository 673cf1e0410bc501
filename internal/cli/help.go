package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// HelpWidth is the width of the help.
const HelpWidth = 80

// helpColumn is the column in which the descriptions of flags begin.
const helpColumn = 28

// WriteHelp writes the help of a command. It lists only the command's own flags.
func WriteHelp(w io.Writer, cmd *cobra.Command) {
	fmt.Fprintf(w, "%s\n\nUsage:\n  %s\n", Wrap(cmd.Long, "", 0), Wrap(UsageLine(cmd), "      ", 2))
	if cmd.HasAvailableSubCommands() {
		fmt.Fprint(w, "\nCommands:\n")
		for _, sub := range cmd.Commands() {
			fmt.Fprintf(w, "  %-12s %s\n", sub.Name(), sub.Short)
		}
	}
	if cmd.Example != "" {
		fmt.Fprintf(w, "\nExamples:\n%s\n", cmd.Example)
	}
	if hasFlags(cmd) {
		fmt.Fprint(w, "\nFlags:\n")
		WriteFlags(w, cmd.LocalNonPersistentFlags())
	}
}

// hasFlags reports whether a command has flags of its own that its help lists.
func hasFlags(cmd *cobra.Command) bool {
	found := false
	cmd.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) { found = found || listed(f) })
	return found
}

func listed(f *pflag.Flag) bool { return !f.Hidden && f.Name != "help" }

// WriteFlags writes a table of flags with their descriptions.
func WriteFlags(w io.Writer, flags *pflag.FlagSet) {
	flags.VisitAll(func(f *pflag.Flag) {
		if !listed(f) {
			return
		}
		label, text := flagText(f)
		if label = "  " + label; f.Shorthand == "" {
			label = "    " + label
		}
		if len([]rune(label))+2 > helpColumn {
			fmt.Fprintln(w, label)
			label = ""
		}
		fmt.Fprintf(w, "%-*s%s\n", helpColumn, label, Wrap(text, strings.Repeat(" ", helpColumn), helpColumn))
	})
}

// flagText returns a flag as it is typed, and what it does.
func flagText(f *pflag.Flag) (label, text string) {
	value, text := pflag.UnquoteUsage(f)
	label = "--" + f.Name
	if f.Shorthand != "" {
		label = "-" + f.Shorthand + ", " + label
	}
	switch {
	case f.Value.Type() == "bool":
	case f.NoOptDefVal != "":
		label += "[=" + value + "]"
	default:
		label += " " + value
	}
	return label, strings.TrimPrefix(text, value+": ")
}

// Wrap breaks paragraphs into lines of HelpWidth. The first line of a paragraph begins at
// column, the others with indent.
func Wrap(text, indent string, column int) string {
	var out []string
	for _, paragraph := range strings.Split(text, "\n\n") {
		line, room := "", HelpWidth-column
		var lines []string
		for _, word := range strings.Fields(paragraph) {
			if line != "" && len([]rune(line))+1+len([]rune(word)) > room {
				lines = append(lines, line)
				line, room = "", HelpWidth-len(indent)
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
