package main

import (
	"github.com/spf13/cobra"

	"github.com/credfile/credfile/internal/cli"
	"github.com/credfile/credfile/internal/credentials"
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
	}, func(f *file) (_ []string, err error) {
		changed, err = credentials.Copy(f, profile, to, names, overwrite)
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
