package main

import (
	"unicode/utf8"

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

func printTable(a *app, rows [][]string) error {
	_, err := a.stdout.Write(table(rows))
	return err
}

// table returns rows in columns, two spaces apart. A tabwriter took a quarter of the time of
// `list` with 10,000 credentials.
func table(rows [][]string) []byte {
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	var b []byte
	for _, row := range rows {
		for i, cell := range row {
			b = append(b, cell...)
			for n := utf8.RuneCountInString(cell); n < widths[i]+2 && i < len(row)-1; n++ {
				b = append(b, ' ')
			}
		}
		b = append(b, '\n')
	}
	return b
}
