package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/changes"
	"github.com/credfile/credfile/internal/cli"
	"github.com/credfile/credfile/internal/gitrepo"
	"github.com/credfile/credfile/internal/jsondoc"
	"github.com/credfile/credfile/internal/term"
	"github.com/credfile/credfile/vaultfile"
)

func newLog(a *app) *cobra.Command {
	var most int
	cmd := &cobra.Command{
		Use:     "log [NAME]",
		Example: "  credfile log\n  credfile log -n 5 -p production\n  credfile log STRIPE_API_KEY",
		Long: `Shows who changed what and when, from git's history of the file, the newest first: for each commit, what changed since its first parent, as credfile diff says it. It shows names and never values, and needs no key. With NAME, it shows the commits that changed that credential, also under earlier names.

Author and date are what the commit says of itself: anyone can write anything there. A version that can't be read or does not verify is named as such, and the exit code is still 0.`,
		Args: cli.Args("[NAME]"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if cli.Given(cmd, "number") && most < 1 {
				return &usageError{Text: "--number must be 1 or more", Hint: "for example: credfile log -n 5"}
			}
			w := newWanted(a, args)
			for _, name := range args {
				if !format.ValidName(name) && !isLabel(name) {
					return &vaultfile.NameError{Kind: "credential", Name: name}
				}
			}
			return runLog(a, w, most)
		},
	}
	cmd.Flags().IntVarP(&most, "number", "n", 0, "show only the last `N` commits")
	return cmd
}

// isLabel reports whether a name is a label, as list prints for hidden names.
func isLabel(name string) bool {
	return len(name) == 25 && name[0] == '~' && format.ValidName(name[1:])
}

// logEntry is a commit, and what it did to the file.
type logEntry struct {
	gitrepo.Commit
	changes []changes.Profile
	notes   []string // what happened to the file as a whole
}

func runLog(a *app, w *wanted, most int) error {
	h, err := openHistory(a)
	if err != nil {
		return err
	}
	defer h.Close()
	head, err := h.Resolve("HEAD")
	if err != nil {
		return at(h.path, neverCommitted())
	}
	commits, err := h.Commits(head)
	incomplete := h.Shallow || h.Partial
	if err != nil && !(errors.Is(err, gitrepo.ErrMissing) && incomplete) {
		return at(h.path, err)
	}
	if len(commits) == 0 && !incomplete {
		return at(h.path, neverCommitted())
	}
	l := &logReader{h: h}
	var entries []logEntry
	for i := 0; i < len(commits) && (most == 0 || len(entries) < most); i++ {
		if e := l.entry(&commits[i]); w.take(&e) {
			entries = append(entries, e)
		}
	}
	if len(entries) == 0 && !incomplete {
		return at(h.path, w.notFound())
	}
	return printLog(a, h, entries, incomplete)
}

// logReader reads versions of the file, each as often as needed but seldom twice.
type logReader struct {
	h        *history
	comparer changes.Comparer
	recent   map[string]*vaultfile.File
}

// entry finds out what a commit did to the file.
func (l *logReader) entry(c *gitrepo.Commit) logEntry {
	e := logEntry{Commit: *c}
	note := func(format string, args ...any) { e.notes = append(e.notes, fmt.Sprintf(format, args...)) }
	if c.Was != c.Path {
		note("moved from %s", c.Was)
	}
	switch {
	case c.Cut:
		note("this clone does not have the commit before, so the change is not known")
		return e
	case c.Kind != "":
		note("replaced by %s", c.Kind)
		return e
	case c.Here == "":
		note("file removed")
		return e
	}
	now, err := l.read(c.Here)
	if err != nil {
		note("this version can't be read: %s", explain(err).text)
		return e
	}
	var old *vaultfile.File
	if c.Before == "" {
		note("file added")
	} else if old, err = l.read(c.Before); err != nil {
		note("the version before can't be read: %s", explain(err).text)
	}
	found := l.comparer.Compare(old, now)
	if err != nil {
		found.Profiles = slices.DeleteFunc(found.Profiles, func(p changes.Profile) bool { return p.State != changes.Damaged })
	}
	if found.Replaced {
		note(replacedText)
	}
	e.changes = found.Profiles
	return e
}

func (l *logReader) read(object string) (*vaultfile.File, error) {
	if f := l.recent[object]; f != nil {
		return f, nil
	}
	text, err := l.h.Read(object, format.MaxFile)
	if err != nil {
		return nil, err
	}
	f, err := parseVersion(l.h.path, text)
	if err != nil {
		return nil, err
	}
	const few = 4 // a version is the one before of the commit that follows
	if l.recent == nil || len(l.recent) >= few {
		l.recent = map[string]*vaultfile.File{}
	}
	l.recent[object] = f
	return f, nil
}

// wanted chooses the changes that the user asked for, from the newest commit on. Profiles and
// credentials had other names before.
type wanted struct {
	profiles []string
	name     string
	names    map[format.ID]string // of the credential, by profile
}

func newWanted(a *app, args []string) *wanted {
	w := &wanted{profiles: slices.Clone(a.profiles), names: map[format.ID]string{}}
	if len(args) > 0 {
		w.name = args[0]
	}
	return w
}

// take reports whether a commit is wanted, and leaves out what is not.
func (w *wanted) take(e *logEntry) bool {
	all := len(w.profiles) == 0 && w.name == ""
	e.changes = slices.DeleteFunc(e.changes, func(p changes.Profile) bool {
		if len(w.profiles) == 0 {
			return false
		}
		found := slices.Contains(w.profiles, p.Name) || p.Was != "" && slices.Contains(w.profiles, p.Was)
		if found && p.Was != "" && !slices.Contains(w.profiles, p.Was) {
			w.profiles = append(w.profiles, p.Was)
		}
		return !found
	})
	if w.name != "" {
		e.changes = slices.DeleteFunc(e.changes, func(p changes.Profile) bool { return p.State == changes.Damaged })
		for i := range e.changes {
			e.changes[i] = w.credential(&e.changes[i])
		}
		e.changes = slices.DeleteFunc(e.changes, func(p changes.Profile) bool { return len(p.Credentials) == 0 })
	}
	if !all {
		e.notes = nil
	}
	return len(e.changes)+len(e.notes) > 0
}

// credential returns the change of a profile with that of the wanted credential alone.
func (w *wanted) credential(p *changes.Profile) changes.Profile {
	name := w.name
	if earlier := w.names[p.ID]; earlier != "" {
		name = earlier
	}
	one := changes.Profile{Name: p.Name, ID: p.ID, State: p.State, Hidden: p.Hidden, Revision: p.Revision, Before: p.Before}
	for _, c := range p.Credentials {
		if c.Name != name && c.Was != name {
			continue
		}
		one.Credentials = append(one.Credentials, c)
		one.Resealed = one.Resealed || p.Resealed && c.What&changes.Sealed != 0
		if c.Name == name && c.Was != "" {
			w.names[p.ID] = c.Was
		}
	}
	return one
}

// notFound says that no commit changed what the user asked for.
func (w *wanted) notFound() error {
	if w.name != "" {
		return noCommit(fmt.Sprintf("credential %q", w.name))
	}
	return noCommit("profile " + listed(quoted(w.profiles), "or"))
}

func quoted(names []string) (list []string) {
	for _, name := range names {
		list = append(list, fmt.Sprintf("%q", name))
	}
	return list
}

func printLog(a *app, h *history, entries []logEntry, incomplete bool) error {
	if a.json {
		doc := jsondoc.Log{Schema: jsondoc.Schema, File: h.path, Incomplete: incomplete, Commits: []jsondoc.LogCommit{}}
		for i := range entries {
			e := &entries[i]
			doc.Commits = append(doc.Commits, jsondoc.NewLogCommit(&e.Commit, e.changes, e.notes))
		}
		return a.printJSON(doc)
	}
	for i := range entries {
		e := &entries[i]
		fmt.Fprintln(a.stdout, term.Escape(commitLine(&e.Commit)))
		for _, note := range e.notes {
			fmt.Fprintln(a.stdout, "  "+term.Escape(note))
		}
		for i := range e.changes {
			fmt.Fprintln(a.stdout, "  "+term.Escape(changeLine(&e.changes[i], plainName, mostShown(a))))
		}
	}
	if incomplete {
		tellIncomplete(a)
	}
	return nil
}
