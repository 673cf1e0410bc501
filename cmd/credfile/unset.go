package main

import (
	"github.com/spf13/cobra"

	"github.com/credfile/credfile/vaultfile"
)

func newUnset(a *app) *cobra.Command {
	return &cobra.Command{
		Use:  "unset NAME…",
		Long: "Takes credentials away, with their comments: all of them, or none.",
		Args: args(1, -1),
		RunE: func(cmd *cobra.Command, names []string) error {
			profile, err := a.profile()
			if err != nil {
				return err
			}
			err = a.update(profile, func(f *file, p *vaultfile.Profile) error {
				for _, name := range names {
					if err := p.Unset(name); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				return err
			}
			for _, name := range names {
				a.say("%s: %s taken away", profile, name)
			}
			return nil
		},
	}
}
