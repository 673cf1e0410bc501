package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/credfile/credfile/internal/cli"
	"github.com/credfile/credfile/internal/jsondoc"
	"github.com/credfile/credfile/vaultfile"
)

func newRecipients(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "recipients",
		Example: "  credfile recipients\n  credfile recipients -p production",
		Long:    `Lists who can open every profile, or those given with --profile. A writer can read and change the profile; a reader can read it. The last column is a fingerprint of the recipient. It needs no key.`,
		Args:    cli.Args(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			f, sections, err := selectedSections(a)
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(jsondoc.NewRecipients(f.Path, sections))
			}
			w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
			for _, s := range sections {
				for i := range s.Recipients {
					r := &s.Recipients[i]
					fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", s.Name, r.Name, jsondoc.Role(r), jsondoc.Kind(r), vaultfile.Fingerprint(r.String))
				}
			}
			return w.Flush()
		},
	}
}
