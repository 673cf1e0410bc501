package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// ManName returns the name of a command's manual page, such as credfile-git-setup.
func ManName(cmd *cobra.Command) string { return strings.ReplaceAll(cmd.CommandPath(), " ", "-") }

// WriteMan writes the manual page of a command, from its help (man(7)). short is what it does, in a few
// words, and codes describe the exit status.
func WriteMan(w io.Writer, cmd *cobra.Command, short string, codes [][2]string) {
	fmt.Fprintf(w, ".TH %s 1 \"\" \"credfile\" \"credfile manual\"\n", strings.ToUpper(roff(ManName(cmd))))
	fmt.Fprintf(w, ".SH NAME\n%s \\- %s\n", roff(ManName(cmd)), roff(short))
	fmt.Fprintf(w, ".SH SYNOPSIS\n%s\n", roff(UsageLine(cmd)))
	fmt.Fprint(w, ".SH DESCRIPTION\n")
	for i, paragraph := range strings.Split(cmd.Long, "\n\n") {
		if i > 0 {
			fmt.Fprint(w, ".PP\n")
		}
		fmt.Fprintln(w, roff(paragraph))
	}
	var pages []string
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() {
			pages = append(pages, ManName(sub))
		}
	}
	if cmd.LocalNonPersistentFlags().HasAvailableFlags() {
		fmt.Fprint(w, ".SH OPTIONS\n")
		manFlags(w, cmd.LocalNonPersistentFlags())
	}
	if !cmd.HasParent() {
		fmt.Fprint(w, ".SH OPTIONS OF ALL COMMANDS\n")
		manFlags(w, cmd.PersistentFlags())
	} else {
		pages = append(pages, cmd.Root().Name())
	}
	if cmd.Example != "" {
		fmt.Fprintf(w, ".SH EXAMPLES\n.nf\n%s\n.fi\n", roff(cmd.Example))
	}
	if len(codes) > 0 {
		fmt.Fprint(w, ".SH EXIT STATUS\n")
		for _, c := range codes {
			fmt.Fprintf(w, ".TP\n.B %s\n%s\n", roff(c[0]), roff(c[1]))
		}
	}
	fmt.Fprint(w, ".SH SEE ALSO\n")
	for i, page := range pages {
		fmt.Fprintf(w, ".BR %s (1)%s\n", roff(page), map[bool]string{true: ",", false: ""}[i < len(pages)-1])
	}
}

func manFlags(w io.Writer, flags *pflag.FlagSet) {
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" {
			return
		}
		name, text := flagText(f)
		fmt.Fprintf(w, ".TP\n.B %s\n%s\n", roff(name), roff(text))
	})
}

// roff escapes a text: what begins a request, and what typesetters replace.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "`", `\(ga`, "^", `\(ha`, "~", `\(ti`, "…", "...").Replace(text)
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, ".") {
			lines[i] = `\&` + line
		}
	}
	return strings.Join(lines, "\n")
}
