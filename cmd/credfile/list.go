package main

import (
	"bytes"
	"fmt"
	"strings"
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
			var rows [][]string
			for _, s := range sections {
				for i := range s.Entries {
					if e := &s.Entries[i]; !e.IsComment() {
						rows = append(rows, listRow(s, e))
					}
				}
			}
			return printTable(a, rows)
		},
	}
}

func listRow(s *format.Profile, e *format.Entry) []string {
	row := []string{s.Name, e.Name, format.FormatDate(e.Time)}
	if !e.Expires.IsZero() {
		row = append(row, "expires "+format.FormatDate(e.Expires))
	}
	return row
}

// printTable prints rows in columns, in one write: a tabwriter makes one for every cell.
func printTable(a *app, rows [][]string) error {
	var b bytes.Buffer
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	w.Flush()
	_, err := a.stdout.Write(b.Bytes())
	return err
}
