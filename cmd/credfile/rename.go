package main

import (
	"github.com/spf13/cobra"

	"github.com/credfile/credfile/internal/cli"
	"github.com/credfile/credfile/vaultfile"
)

func newRename(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "rename OLD NEW",
		Example: "  credfile rename STRIPE_KEY STRIPE_API_KEY\n  credfile rename -p staging DB_URL DATABASE_URL",
		Long:    "Renames a credential. Its value, position and date stay the same.",
		Args:    cli.Args("OLD", "NEW"),
		RunE: func(cmd *cobra.Command, names []string) error {
			profile, err := changeProfile(a, func(p *vaultfile.Profile) error { return p.Rename(names[0], names[1]) })
			if err != nil {
				return err
			}
			a.say("%s: %s renamed to %s", profile, names[0], names[1])
			noteNames(a, names[1])
			return nil
		},
	}
}
