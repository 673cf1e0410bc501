package main

import (
	"fmt"
	"math"
	"slices"

	"github.com/spf13/cobra"

	"github.com/credfile/credfile/internal/changes"
	"github.com/credfile/credfile/internal/cli"
	"github.com/credfile/credfile/internal/jsondoc"
	"github.com/credfile/credfile/internal/term"
	"github.com/credfile/credfile/vaultfile"
)

type diffOptions struct{ markdown, values, reveal bool }

func newDiff(a *app) *cobra.Command {
	var o diffOptions
	cmd := &cobra.Command{
		Use:     "diff [REV [REV]]",
		Example: "  credfile diff\n  credfile diff main\n  credfile diff main...HEAD --markdown\n  credfile diff HEAD~3 HEAD -p production",
		Long: `Shows what changed in the file since a revision in git (HEAD, if you name none), or from one revision to another: credentials, recipients, roles and keys of every profile, or of those given with --profile. It shows names, not values, and needs no key. A...B compares B with the commit where it left A, as a pull request does.

Every signature of both versions is checked. If one does not verify, the exit code is 6. Whether the keys are the right ones is not checked: see docs/reviewing.md.

With --values, it also opens the profiles that changed, and prints the old and new values.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 2 {
				return &usageError{Text: "diff takes only two revisions", Hint: "usage: " + cli.UsageLine(cmd)}
			}
			return runDiff(a, args, o)
		},
	}
	fl := cmd.Flags()
	fl.BoolVar(&o.markdown, "markdown", false, "print Markdown, for a pull request")
	fl.BoolVar(&o.values, "values", false, "also print the old and new values, to a terminal")
	fl.BoolVar(&o.reveal, "reveal", false, "with --values, print them even if stdout is not a terminal")
	return cmd
}

func (o diffOptions) check(a *app) error {
	switch {
	case count1(o.markdown, o.values, a.json) > 1:
		return &usageError{Text: "--json, --markdown and --values can't be used together", Hint: "use one of them"}
	case o.reveal && !o.values:
		return &usageError{Text: "--reveal needs --values", Hint: "to print the old and new values: credfile diff --values --reveal"}
	case o.values && !o.reveal && !term.IsTerminal(a.stdout):
		return &usageError{Text: "--values would print the values to a file or a pipe", Hint: "if you mean that: --reveal"}
	}
	return nil
}

// comparison is what diff compares.
type comparison struct {
	path     string
	old, now *version
	file     *file // as it is, if now is nil
	changes  []changes.Profile
	replaced bool
}

func runDiff(a *app, args []string, o diffOptions) error {
	if err := o.check(a); err != nil {
		return err
	}
	h, err := openHistory(a)
	if err != nil {
		return err
	}
	defer h.Close()
	c := &comparison{path: h.path}
	if c.old, c.now, err = h.between(args); err != nil {
		return err
	}
	if c.now == nil {
		if c.file, err = a.open(); err != nil {
			return err
		}
	}
	found := (&changes.Comparer{}).Compare(c.old.File, c.second())
	c.replaced = found.Replaced
	if c.changes, err = c.selected(a, found.Profiles); err != nil {
		return at(c.path, err)
	}
	if err := printDiff(a, c, o); err != nil {
		return err
	}
	return at(c.path, many(c.damage()...))
}

// second returns the file that is compared with the old one.
func (c *comparison) second() *vaultfile.File {
	if c.now != nil {
		return c.now.File
	}
	return c.file.File
}

// selected returns the changes of the profiles that the user named. A profile must be in one
// of the versions.
func (c *comparison) selected(a *app, all []changes.Profile) ([]changes.Profile, error) {
	if len(a.profiles) == 0 {
		return all, nil
	}
	known := unique(append(c.second().Names(), c.old.Names()...))
	for _, name := range a.profiles {
		if !slices.Contains(known, name) {
			return nil, &vaultfile.NotFoundError{Profile: name, Known: known}
		}
	}
	return slices.DeleteFunc(all, func(p changes.Profile) bool {
		return !slices.Contains(a.profiles, p.Name) && !slices.Contains(a.profiles, p.Was)
	}), nil
}

// damage returns an error for each section that does not verify.
func (c *comparison) damage() (errs []error) {
	for _, p := range c.changes {
		if p.Damage != nil && c.now != nil {
			errs = append(errs, &versionError{c.now.rev, p.Damage})
		} else if p.Damage != nil {
			errs = append(errs, p.Damage)
		}
		if p.DamageBefore != nil {
			errs = append(errs, &versionError{c.old.rev, p.DamageBefore})
		}
	}
	return errs
}

func printDiff(a *app, c *comparison, o diffOptions) error {
	if a.json {
		doc := jsondoc.Diff{Schema: jsondoc.Schema, File: c.path, From: c.old.named(), Replaced: c.replaced, Profiles: jsondoc.NewProfileChanges(c.changes)}
		if c.now != nil {
			to := c.now.named()
			doc.To = &to
		}
		return a.printJSON(doc)
	}
	if len(c.changes) == 0 && !o.markdown {
		a.say("%s: nothing changed %s", c.path, c.since(plainName))
		return nil
	}
	if o.markdown {
		return printMarkdown(a, c)
	}
	if c.replaced {
		fmt.Fprintln(a.stdout, replacedText)
	}
	var values []valueChange
	var err error
	if o.values {
		if values, err = changedValues(a, c); err != nil {
			return err
		}
	}
	for i := range c.changes {
		p := &c.changes[i]
		fmt.Fprintln(a.stdout, term.Escape(changeLine(p, plainName, mostShown(a))))
		for _, v := range values {
			if v.profile == p.ID {
				printValueChange(a, &v)
			}
		}
	}
	return nil
}

const replacedText = "replaced by a different file: none of the keys before are in use"

// since says what is compared.
func (c *comparison) since(name func(string) string) string {
	if c.now == nil {
		return "since " + name(c.old.rev)
	}
	return fmt.Sprintf("from %s to %s", name(c.old.rev), name(c.now.rev))
}

func printMarkdown(a *app, c *comparison) error {
	code := func(text string) string { return codeSpan(term.Escape(text)) }
	if len(c.changes) == 0 {
		_, err := fmt.Fprintf(a.stdout, "%s: nothing changed %s\n", code(c.path), c.since(code))
		return err
	}
	fmt.Fprintf(a.stdout, "Changes of %s %s:\n\n", code(c.path), c.since(code))
	if c.replaced {
		fmt.Fprintln(a.stdout, "- "+replacedText)
	}
	for i := range c.changes {
		fmt.Fprintln(a.stdout, "- "+changeLine(&c.changes[i], code, mostShown(a)))
	}
	return nil
}

// mostShown returns how many names a line has.
func mostShown(a *app) int {
	if a.verbose {
		return math.MaxInt
	}
	return changesShown
}
