package main

import (
	"github.com/spf13/cobra"

	"github.com/credfile/credfile/internal/cli"
	"github.com/credfile/credfile/internal/jsondoc"
)

func newRecipients(a *app) *cobra.Command {
	var from earlier
	cmd := &cobra.Command{
		Use:     "recipients",
		Example: "  credfile recipients\n  credfile recipients -p production",
		Long:    `Lists who can open every profile, or those given with --profile. A writer can read and change the profile; a reader can read it. The last column is a fingerprint of the recipient. It needs no key.`,
		Args:    cli.Args(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			f, sections, err := selectedSections(a, &from)
			if err != nil {
				return err
			}
			doc := jsondoc.NewRecipients(f.Path, sections)
			if doc.Commit = from.commit; a.json {
				return a.printJSON(doc)
			}
			var rows [][]string
			for _, p := range doc.Profiles {
				for _, r := range p.Recipients {
					rows = append(rows, []string{p.Name, r.Name, r.Role, r.Kind, r.Fingerprint})
				}
			}
			return printTable(a, rows)
		},
	}
	from.register(cmd.Flags())
	return cmd
}
