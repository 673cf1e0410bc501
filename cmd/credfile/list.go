package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/cli"
	"github.com/credfile/credfile/internal/jsondoc"
)

func newList(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Example: "  credfile list\n  credfile list -p production --json",
		Long:    `Lists the credentials of every profile, or of those given with --profile: their names, when their values last changed and when they expire. It needs no key.`,
		Args:    cli.Args(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			f, sections, err := selectedSections(a)
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(jsondoc.NewCredentials(f.Path, sections))
			}
			w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
			for _, s := range sections {
				for i := range s.Entries {
					listEntry(w, s, &s.Entries[i])
				}
			}
			return w.Flush()
		},
	}
}

func listEntry(w *tabwriter.Writer, s *format.Profile, e *format.Entry) {
	if e.IsComment() {
		return
	}
	fmt.Fprintf(w, "%s\t%s\t%s", s.Name, e.Name, format.FormatDate(e.Time))
	if !e.Expires.IsZero() {
		fmt.Fprintf(w, "\texpires %s", format.FormatDate(e.Expires))
	}
	fmt.Fprintln(w)
}
