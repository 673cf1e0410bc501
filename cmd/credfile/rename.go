package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/credfile/credfile/internal/cli"
	"github.com/credfile/credfile/internal/session"
	"github.com/credfile/credfile/vaultfile"
)

func newRename(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "rename OLD NEW",
		Example: "  credfile rename STRIPE_KEY STRIPE_API_KEY\n  credfile rename -p staging DB_URL DATABASE_URL",
		Long:    "Renames a credential or a source. Its value, position and date stay the same. Sources that use it get its new name.",
		Args:    cli.Args("OLD", "NEW"),
		RunE: func(cmd *cobra.Command, names []string) error {
			var sources []string
			profile, err := changeProfile(a, func(p *vaultfile.Profile) (err error) {
				sources, err = renameUsed(a, p, names[0], names[1])
				return err
			})
			if err != nil {
				return err
			}
			a.say("%s: %s renamed to %s", profile, names[0], names[1])
			if len(sources) > 0 {
				a.say("%s: its new name is in the definition of %s, which other machines have to agree to again", profile, strings.Join(sources, ", "))
			}
			noteNames(a, names[1])
			return nil
		},
	}
}

// renameUsed renames a credential or a source, also in the definitions of sources. What the user agreed
// to on this machine, they still agree to.
func renameUsed(a *app, p *vaultfile.Profile, old, name string) (sources []string, err error) {
	agreed, err := a.consents(p)
	if err != nil {
		return nil, err
	}
	plan, err := session.NewPlan(p)
	if err == nil {
		err = p.Rename(old, name)
	}
	if err != nil || len(plan.Nodes) == 0 {
		return nil, err
	}
	if sources, err = plan.Renames(old, name); err != nil {
		return nil, err
	}
	return sources, agreed.keep(nil, [][2]string{{old, name}})
}
