package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/credfile/credfile/vaultfile"
)

func newUnset(a *app) *cobra.Command {
	return &cobra.Command{
		Use:  "unset NAME…",
		Long: "Takes credentials away, with their comments: all of them, or none.",
		Args: args(1, -1),
		RunE: func(cmd *cobra.Command, names []string) error {
			profile, exposed, err := a.changeEach(names, (*vaultfile.Profile).Unset)
			if err != nil {
				return err
			}
			for _, name := range unique(names) {
				a.say("%s: %s taken away", profile, name)
				if to := exposed[name]; len(to) > 0 {
					a.say("%s: %s was exposed to %s: it is still to be made invalid where it was used", profile, name, strings.Join(to, ", "))
				}
			}
			return nil
		},
	}
}
