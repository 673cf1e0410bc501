package main

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/cli"
	"github.com/credfile/credfile/internal/codec"
	"github.com/credfile/credfile/vaultfile"
)

// maxImport limits the size of the imported file.
const maxImport = 1 << 20

type importOptions struct {
	from, dialect           string
	dryRun, overwrite, skip bool
}

func newImport(a *app) *cobra.Command {
	var o importOptions
	var names, dialects []string
	for _, c := range codec.All {
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
	b, err := readInput(a, name, maxImport)
	if err != nil {
		return err
	}
	if len(b) > maxImport {
		return &fileError{name, &plainError{text: "is larger than 1 MiB", code: exitOther}}
	}
	pairs, err := readPairs(a, name, b, o)
	if err != nil {
		return at(name, err)
	}
	if len(pairs) == 0 {
		return at(name, &plainError{text: "contains no credentials", code: exitOther})
	}
	for i := range pairs {
		if pairs[i].Section == "" {
			pairs[i].Section = profile
		}
	}
	var done tally
	err = a.update(profile, func(f *file, current *vaultfile.Profile) ([]string, error) {
		done = tally{}
		if err := current.CheckWriter(); err != nil && !o.dryRun {
			return nil, err
		}
		if err := importPairs(a, f, current, pairs, o, &done); err != nil {
			return nil, err
		}
		if o.dryRun {
			return nil, errDryRun
		}
		return done.made(), nil
	})
	if err != nil && !errors.Is(err, errDryRun) {
		return err
	}
	done.tell(a, o.dryRun)
	noteNames(a, done.names...)
	return nil
}

var errDryRun = errors.New("dry run")

// readPairs parses the file. A line that can't be imported is an error, or with --skip is
// named and skipped.
func readPairs(a *app, name string, b []byte, o importOptions) ([]codec.Pair, error) {
	if other, ok := codec.Recognize(filepath.Base(name), b); ok && (o.from == "" || other.Never) {
		return nil, &plainError{text: "is " + other.What, code: exitOther, hint: other.Next}
	}
	c, ok := codec.Detect(filepath.Base(name), b)
	if o.from != "" {
		c, ok = codec.Lookup(o.from)
	}
	if !ok {
		return nil, &usageError{text: "unknown file format", hint: "use --from dotenv, --from aws or --from toml"}
	}
	if o.dialect != "" && !slices.Contains(c.Dialects, o.dialect) {
		e := &usageError{text: "--dialect is only for dotenv files", hint: "run it without --dialect"}
		if len(c.Dialects) > 0 {
			e.text = "--dialect must be one of " + strings.Join(c.Dialects, ", ")
			e.hint = "see credfile help import"
		}
		return nil, e
	}
	pairs, problems := c.Read(b, codec.Options{Dialect: o.dialect})
	var taken []codec.Pair
	for _, p := range pairs {
		switch {
		case p.Section != "" && !format.ValidName(p.Section):
			problems = append(problems, codec.Problem{Line: p.Line, Reason: "the section's name is not valid for a profile"})
		case !format.ValidName(p.Name):
			problems = append(problems, codec.Problem{Line: p.Line, Reason: "the name is not valid for a credential"})
		default:
			taken = append(taken, p)
		}
	}
	if len(problems) == 0 {
		return taken, nil
	}
	e := &plainError{text: count(len(problems), "line") + " can't be imported", code: exitOther,
		hint: "fix these lines, or skip them with --skip"}
	for _, p := range problems {
		line := p.Reason
		if p.Line > 0 {
			line = fmt.Sprintf("line %d: %s", p.Line, p.Reason)
		}
		e.details = append(e.details, line)
		if p.Dialect && !o.skip {
			e.hint = "tools read some lines differently; to skip these lines: --skip; or name the tool that reads this file: --dialect " + strings.Join(c.Dialects, "|")
		}
	}
	if !o.skip {
		return nil, e
	}
	for _, d := range e.details {
		a.say("skipped: %s", d)
	}
	return taken, nil
}

// importPairs sets the pairs in their profiles and creates missing profiles.
func importPairs(a *app, f *file, current *vaultfile.Profile, pairs []codec.Pair, o importOptions, done *tally) error {
	var collisions []string
	for _, pair := range pairs {
		p, err := importTarget(a, f, current, pair.Section, done)
		if err != nil {
			return err
		}
		exists := p.Has(pair.Name)
		if exists && !o.overwrite {
			old, err := p.Get(pair.Name)
			if err != nil {
				return err
			}
			if !bytes.Equal(old.Reveal(), pair.Value) {
				collisions = append(collisions, fmt.Sprintf("%s: %s", pair.Section, pair.Name))
				continue
			}
		}
		changed, err := p.Set(pair.Name, pair.Value)
		if err != nil {
			return err
		}
		done.count(pair.Section, exists, changed)
		done.names = append(done.names, pair.Name)
		if exists && changed && pair.Name == "AWS_ACCESS_KEY_ID" && p.Has("AWS_SESSION_TOKEN") && !brings(pairs, pair.Section, "AWS_SESSION_TOKEN") {
			done.stale = append(done.stale, pair.Section)
		}
	}
	if len(collisions) > 0 {
		return &plainError{text: count(len(collisions), "credential") + plural(len(collisions), " already has", " already have") + " another value",
			details: collisions, hint: "to replace them: --overwrite", code: exitOther}
	}
	return nil
}

func brings(pairs []codec.Pair, section, name string) bool {
	return slices.ContainsFunc(pairs, func(p codec.Pair) bool { return p.Section == section && p.Name == name })
}

// importTarget returns the profile of that name. A new one gets the writers of the current
// profile, whose key vouches for it.
func importTarget(a *app, f *file, current *vaultfile.Profile, name string, done *tally) (*vaultfile.Profile, error) {
	if name == current.Name() {
		return current, nil
	}
	p, err := f.Unlock(name, write)
	var missing *vaultfile.NotFoundError
	if !errors.As(err, &missing) {
		return p, err
	}
	var writers []vaultfile.Recipient
	for _, r := range current.Recipients() {
		if r.Writer {
			writers = append(writers, r)
		}
	}
	done.profile(name).made = true
	f.TellOfName(name, format.ID{})
	return f.Add(name, writers, current)
}

// tally counts the changes to each profile, in the order of the file.
type tally struct {
	profiles []*profileTally
	names    []string
	stale    []string // profiles whose session token belongs to an access key that was replaced
}

type profileTally struct {
	name                      string
	made                      bool
	added, changed, unchanged int
}

func (t *tally) profile(name string) *profileTally {
	for _, p := range t.profiles {
		if p.name == name {
			return p
		}
	}
	p := &profileTally{name: name}
	t.profiles = append(t.profiles, p)
	return p
}

// made returns the names of the new profiles.
func (t *tally) made() []string {
	var names []string
	for _, p := range t.profiles {
		if p.made {
			names = append(names, p.name)
		}
	}
	return names
}

func (t *tally) count(profile string, existed, changed bool) {
	p := t.profile(profile)
	switch {
	case !changed:
		p.unchanged++
	case existed:
		p.changed++
	default:
		p.added++
	}
}

func (t *tally) tell(a *app, dryRun bool) {
	for _, p := range t.profiles {
		var parts []string
		for _, part := range []struct {
			n    int
			what string
		}{{p.added, "added"}, {p.changed, "changed"}, {p.unchanged, "unchanged"}} {
			if part.n > 0 {
				parts = append(parts, fmt.Sprintf("%d %s", part.n, part.what))
			}
		}
		line := p.name + ": " + strings.Join(parts, ", ")
		if p.made {
			line += " (new profile)"
		}
		if dryRun {
			line = "would import: " + line
		}
		a.say("%s", line)
	}
	for _, name := range t.stale {
		a.warn("AWS_SESSION_TOKEN in profile %s belongs to another access key; to remove it: credfile -p %[1]s unset AWS_SESSION_TOKEN", name)
	}
}
