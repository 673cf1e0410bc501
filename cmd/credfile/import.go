package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/credfile/credfile/internal/cli"
	"github.com/credfile/credfile/internal/codec"
	"github.com/credfile/credfile/internal/credentials"
	"github.com/credfile/credfile/vaultfile"
)

type importOptions struct {
	from, dialect           string
	dryRun, overwrite, skip bool
}

func newImport(a *app) *cobra.Command {
	var o importOptions
	var names, dialects []string
	for _, c := range codec.Readers() {
		names = append(names, c.Name)
		dialects = append(dialects, c.Dialects...)
	}
	cmd := &cobra.Command{
		Use: "import FILE",
		Long: `Imports credentials from another tool's file: all of them, or none. FILE is - for standard input.

A .env file goes to the profile given with --profile. In AWS credentials and config files, each section becomes a profile. In TOML files, the names of nested tables are joined with _. A new profile gets the writers of the current one.`,
		Example: "  credfile import .env\n  credfile import ~/.aws/credentials",
		Args:    cli.Args("FILE"),
		RunE:    func(cmd *cobra.Command, args []string) error { return importFile(a, args[0], o) },
	}
	fl := cmd.Flags()
	fl.StringVar(&o.from, "from", "", "`FORMAT` of the file: "+strings.Join(names, ", ")+" (default: by name and content)")
	fl.StringVar(&o.dialect, "dialect", "", "read a .env file as `TOOL` does: "+strings.Join(dialects, ", "))
	fl.BoolVar(&o.dryRun, "dry-run", false, "show what would be imported")
	fl.BoolVar(&o.overwrite, "overwrite", false, "replace existing values")
	fl.BoolVar(&o.skip, "skip", false, "skip lines that can't be imported")
	return cmd
}

func importFile(a *app, name string, o importOptions) error {
	profile, err := a.profile()
	if err != nil {
		return err
	}
	pairs, err := readPairs(a, name, o)
	if err != nil {
		return err
	}
	for i := range pairs {
		if pairs[i].Section == "" {
			pairs[i].Section = profile
		}
	}
	var done *credentials.Imported
	err = a.update(profile, func(f *file, current *vaultfile.Profile) (_ []string, err error) {
		if err := current.CheckWriter(); err != nil && !o.dryRun {
			return nil, err
		}
		if done, err = credentials.Import(f, current, pairs, o.overwrite); err != nil {
			return nil, err
		}
		if o.dryRun {
			return nil, errDryRun
		}
		return done.Made(), nil
	})
	if err != nil && !errors.Is(err, errDryRun) {
		return err
	}
	tellImported(a, done, o.dryRun)
	noteNames(a, done.Names...)
	return nil
}

var errDryRun = errors.New("dry run")

// readPairs reads the file. With --skip, lines that can't be imported are named and skipped.
func readPairs(a *app, name string, o importOptions) ([]codec.Pair, error) {
	b, err := readInput(a, name, credentials.MaxFile)
	if err != nil {
		return nil, err
	}
	pairs, err := credentials.Read(name, b, credentials.Reading{Format: o.from, Dialect: o.dialect})
	var lines *credentials.LinesError
	if errors.As(err, &lines) && o.skip {
		for i := range lines.Problems {
			a.say("skipped: %s", problemText(&lines.Problems[i]))
		}
		err = nil
	}
	if err == nil && len(pairs) == 0 {
		err = credentials.ErrNone
	}
	return pairs, at(name, err)
}

func tellImported(a *app, done *credentials.Imported, dryRun bool) {
	for _, t := range done.Profiles {
		line := tallyText(t)
		if dryRun {
			line = "would import: " + line
		}
		a.say("%s", line)
	}
	for _, name := range done.Stale {
		a.warn("AWS_SESSION_TOKEN in profile %s belongs to another access key; to remove it: credfile -p %[1]s unset AWS_SESSION_TOKEN", name)
	}
}

func tallyText(t *credentials.Tally) string {
	var parts []string
	for _, part := range []struct {
		n    int
		what string
	}{{t.Added, "added"}, {t.Changed, "changed"}, {t.Unchanged, "unchanged"}} {
		if part.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", part.n, part.what))
		}
	}
	line := t.Profile + ": " + strings.Join(parts, ", ")
	if t.New {
		line += " (new profile)"
	}
	return line
}
