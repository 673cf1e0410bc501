package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/credfile/credfile/internal/cli"
	"github.com/credfile/credfile/internal/jsondoc"
)

func newVerify(a *app) *cobra.Command {
	var rev, head string
	var steps bool
	cmd := &cobra.Command{
		Use:     "verify [SINCE]",
		Example: "  credfile verify\n  credfile verify --against origin/main\n  credfile verify --git v1.0\n  git show HEAD:.credentials.age | credfile -f - verify",
		Long: `Checks everything in the file that can be checked without a key: its syntax, every signature, every recipient and every wrapped key. It also checks that every profile is the one that this machine and CREDFILE_TRUST know.

With --against, it checks a change instead, by what a revision knows: the tip of the branch that will receive the change. It lists what changed, and refuses (6) what is not signed with a key that the revision knows, or that such a key vouches for. It uses neither this machine's memory nor CREDFILE_TRUST. The exit code is 5 if that branch has to be merged first, and 8 if a profile was restored to an earlier version.

With --git, it does the same for each commit of the history that changed the file, by what the commit before knows, and lists those that fail. With SINCE, it begins after that revision.`,
		Args: cli.Args("[SINCE]"),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case steps && cli.Given(cmd, "against", "rev"):
				return &usageError{Text: "use either --git or --against", Hint: "see credfile help verify"}
			case steps:
				return runSteps(a, strings.Join(args, ""))
			case len(args) > 0:
				return &usageError{Text: "a revision needs --git or --against", Hint: "for example: credfile verify --against main"}
			}
			if cli.Given(cmd, "against") {
				return runAgainst(a, rev, head)
			}
			if cli.Given(cmd, "rev") {
				return &usageError{Text: "--rev needs --against", Hint: "for example: credfile verify --against main --rev HEAD"}
			}
			return runVerify(a)
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&rev, "against", "", "check the change to the file since the git revision `REV`, such as origin/main")
	fl.StringVar(&head, "rev", "", "with --against, check the file as it is in the git revision `REV`")
	fl.BoolVar(&steps, "git", false, "check each commit of the history that changed the file")
	return cmd
}

func runVerify(a *app) error {
	f, err := verifiedFile(a)
	if err != nil {
		return err
	}
	profiles, credentials := size(f)
	judged, _ := f.Judge() // it did not fail in verified
	firstSight := judged[0].FirstSight && len(judged) == 1
	if a.json {
		return a.printJSON(jsondoc.Verify{Schema: jsondoc.Schema, File: f.Path, Profiles: profiles, Credentials: credentials, FirstSight: firstSight})
	}
	a.say("%s: all signatures are valid (%s, %s)", f.Path, count(profiles, "profile"), count(credentials, "credential"))
	if firstSight {
		a.say("this machine has not seen the file before, so it can't tell whether the keys are the right ones")
	}
	return nil
}

func size(f *file) (profiles, credentials int) {
	for _, name := range f.Names() {
		s, _ := f.Profile(name)
		for i := range s.Entries {
			if s.Entries[i].HasValue() {
				credentials++
			}
		}
	}
	return len(f.Names()), credentials
}
