package main

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/credfile/credfile/internal/cli"
	"github.com/credfile/credfile/internal/source"
)

func newVersion(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Long:    "Prints the version of credfile, and of the file format it writes.",
		Example: "  credfile version\n  credfile version --json",
		Args:    cli.Args(),
		RunE:    func(*cobra.Command, []string) error { return runVersion(a) },
	}
}

func runVersion(a *app) error {
	version := source.Build()
	if a.json {
		return a.printJSON(map[string]any{"schema": 1, "version": version, "format": "credfile/1",
			"go": runtime.Version(), "os": runtime.GOOS, "arch": runtime.GOARCH})
	}
	_, err := fmt.Fprintf(a.stdout, "credfile %s (format credfile/1; %s %s/%s)\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}
