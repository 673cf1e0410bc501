package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/credfile/credfile/internal/cli"
	"github.com/credfile/credfile/internal/credentials"
	"github.com/credfile/credfile/internal/session"
	"github.com/credfile/credfile/vaultfile"
)

func newCopy(a *app) *cobra.Command {
	var to string
	var overwrite bool
	cmd := &cobra.Command{
		Use:     "copy NAME… --to PROFILE",
		Long:    `Copies credentials to another profile, with their dates: all of them, or none. A value that is exposed to people who lost access is also exposed in the copy.`,
		Example: "  credfile copy DATABASE_URL --to staging\n  credfile copy -p staging DATABASE_URL REDIS_URL --to production --overwrite",
		Args:    cli.Args("NAME…"),
		RunE:    func(cmd *cobra.Command, names []string) error { return runCopy(a, names, to, overwrite) },
	}
	cmd.Flags().StringVar(&to, "to", "", "copy to `PROFILE`")
	cmd.Flags().BoolVar(&overwrite, "overwrite", false, "replace existing values")
	return cmd
}

func runCopy(a *app, names []string, to string, overwrite bool) error {
	profile, err := a.profile()
	if err != nil {
		return err
	}
	if to == "" || to == profile {
		return &usageError{Text: "copy needs --to with another profile", Hint: "usage: credfile copy NAME… --to PROFILE"}
	}
	var changed []bool
	err = a.updateFile(func(f *file) error {
		_, _, err := credentials.Between(f, profile, to)
		return err
	}, func(f *file) ([]string, error) {
		src, dest, err := credentials.Between(f, profile, to)
		if err == nil {
			changed, err = credentials.Copy(src, dest, names, overwrite)
		}
		if err == nil {
			err = haveNeeded(src, dest, names)
		}
		return nil, err
	})
	if err != nil {
		return err
	}
	for i, name := range names {
		if changed[i] {
			a.say("%s: %s copied to %s", profile, name, to)
		} else {
			a.say("%s: %s unchanged", to, name)
		}
	}
	return nil
}

// haveNeeded checks that sources that were copied find in their new profile what they use.
func haveNeeded(src, dest *vaultfile.Profile, names []string) error {
	plan, err := session.NewPlan(src)
	if err != nil {
		return err
	}
	for _, name := range names {
		for _, needed := range plan.Needs(name) {
			if !dest.Has(needed) {
				return &needsError{name, needed, dest.Name()}
			}
		}
	}
	return nil
}

// needsError reports a source whose new profile lacks what it uses.
type needsError struct{ source, needed, profile string }

func (e *needsError) Error() string {
	return fmt.Sprintf("source %s uses %s, which is not in profile %q", e.source, e.needed, e.profile)
}
