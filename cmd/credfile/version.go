package main

import (
	"fmt"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"github.com/credfile/credfile/internal/cli"
	"github.com/credfile/credfile/internal/source"
)

func newVersion(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Long:    "Prints the version of credfile, and of the file format it writes; the commit that it was built from, if the build knew it; and the version of Go.",
		Example: "  credfile version\n  credfile version --json",
		Args:    cli.Args(),
		RunE:    func(*cobra.Command, []string) error { return runVersion(a) },
	}
}

func runVersion(a *app) error {
	version := source.Build()
	commit, when, changed := source.Commit()
	if a.json {
		doc := map[string]any{"schema": 1, "version": version, "format": "credfile/1", "go": runtime.Version(), "os": runtime.GOOS, "arch": runtime.GOARCH}
		if commit != "" {
			doc["commit"], doc["commitTime"], doc["changed"] = commit, when, changed
		}
		return a.printJSON(doc)
	}
	from := ""
	if commit != "" {
		day, _, _ := strings.Cut(when, "T")
		from = fmt.Sprintf("commit %.12s of %s", commit, day)
		if changed {
			from += ", with changes"
		}
		from += "; "
	}
	_, err := fmt.Fprintf(a.stdout, "credfile %s (format credfile/1; %s%s %s/%s)\n", version, from, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}
