package main

import (
	"github.com/spf13/cobra"

	"github.com/credfile/credfile/internal/cli"
	"github.com/credfile/credfile/internal/jsondoc"
)

func newVerify(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "verify",
		Example: "  credfile verify\n  git show HEAD:.credentials.age | credfile -f - verify",
		Long:    `Checks everything in the file that can be checked without a key: its syntax, every signature, every recipient and every wrapped key. It also checks that every profile is the one that this machine and CREDFILE_TRUST know.`,
		Args:    cli.Args(),
		RunE: func(cmd *cobra.Command, _ []string) error {
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
		},
	}
}

func size(f *file) (profiles, credentials int) {
	for _, name := range f.Names() {
		s, _ := f.Profile(name)
		for i := range s.Entries {
			if !s.Entries[i].IsComment() {
				credentials++
			}
		}
	}
	return len(f.Names()), credentials
}
