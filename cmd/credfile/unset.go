package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/credfile/credfile/internal/cli"
	"github.com/credfile/credfile/internal/session"
	"github.com/credfile/credfile/vaultfile"
)

func newUnset(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "unset NAME…",
		Example: "  credfile unset STRIPE_API_KEY\n  credfile unset -p staging OLD_TOKEN OLD_PASSWORD",
		Long:    "Removes credentials and their comments: all of them, or none.",
		Args:    cli.Args("NAME…"),
		RunE: func(cmd *cobra.Command, names []string) error {
			profile, exposed, err := changeEach(a, names, unsetUnused)
			if err != nil {
				return err
			}
			for _, name := range unique(names) {
				a.say("%s: %s removed", profile, name)
				if to := exposed[name]; len(to) > 0 {
					a.say("%s: %s was exposed to %s; revoke it where it was issued", profile, name, strings.Join(to, ", "))
				}
			}
			return nil
		},
	}
}

// unsetUnused removes what no source uses.
func unsetUnused(p *vaultfile.Profile, name string) error {
	plan, err := session.NewPlan(p)
	if err != nil {
		return err
	}
	if user := plan.UserOf(name); user != "" {
		return &usedError{name, user}
	}
	return p.Unset(name)
}
