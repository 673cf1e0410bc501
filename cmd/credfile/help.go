package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/credfile/credfile/internal/cli"
)

const docsURL = "https://github.com/credfile/credfile/tree/main/docs"

// printHelp prints the first screen. It starts with what people need on the first day.
func printHelp(a *app) {
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
			printHelp(a)
			return nil
		}
		if len(args) == 1 && args[0] == "flags" {
			flagHelp(a, root)
			return nil
		}
		cmd, _, err := root.Find(args)
		if err != nil || cmd == root {
			return unknownVerb(args[0])
		}
		verbHelp(a, cmd)
		return nil
	}}
}

// verbHelp prints the help of one command. It lists only the command's own flags.
func verbHelp(a *app, cmd *cobra.Command) {
	cli.WriteHelp(a.stdout, cmd)
	fmt.Fprint(a.stdout, "\nGlobal flags (see credfile help flags): -f FILE, -p PROFILE, -i FILE, --json, …\n")
}

// flagHelp prints the global flags.
func flagHelp(a *app, root *cobra.Command) {
	fmt.Fprint(a.stdout, "Flags of all commands:\n")
	cli.WriteFlags(a.stdout, root.PersistentFlags())
	fmt.Fprint(a.stdout, "\n"+cli.Wrap("Identities are read from --identity, then from CREDFILE_AGE_KEY, CREDFILE_AGE_KEY_FILE and CREDFILE_AGE_KEY_COMMAND, "+
		"then from identities.txt in your configuration, and then from your SSH keys.", "", 0)+"\n\nDocumentation: "+docsURL+"\n")
}
