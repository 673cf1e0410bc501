package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/credfile/credfile/internal/edit"
	"github.com/credfile/credfile/internal/editdoc"
	"github.com/credfile/credfile/vaultfile"
	"github.com/credfile/credfile/vaultfile/merge"
)

// checkText returns the first mistake that makes a text of these profiles impossible to
// apply.
func checkText(order []string, profiles []editdoc.Profile) error {
	is := map[string]bool{}
	for _, p := range profiles {
		is[p.Name] = true
		if !slices.Contains(order, p.Name) {
			return &editdoc.Mistake{Line: p.Line, Reason: fmt.Sprintf("there is no profile %q; to create one: credfile profile add", p.Name)}
		}
		for _, x := range p.Entries {
			for _, item := range edit.Items(x.Name, x.Comment, x.Value) {
				if err := vaultfile.CheckItem(item); err != nil {
					return &editdoc.Mistake{Line: x.Line, Reason: err.Error()}
				}
			}
		}
	}
	for _, name := range order {
		if !is[name] {
			return &editdoc.Mistake{Reason: fmt.Sprintf("[%s] is missing; to remove a profile: credfile profile remove; to empty it, leave the line [%[1]s]", name)}
		}
	}
	return nil
}

// editConflict reports that another writer changed what the user changed.
type editConflict struct {
	base, merged map[string][]merge.Entry
	notes        []string
	theirs       map[string]map[string][]string // what the other writer wrote, by profile and name
}

func (c *editConflict) Error() string { return "someone else changed it in the meantime" }

// apply saves the text to the file, merged with what other writers changed meanwhile.
func (e *editing) apply(profiles []editdoc.Profile) error {
	var summary, names []string
	err := e.a.updateFile(func(*file) error { return nil }, func(f *file) ([]string, error) {
		summary, names = nil, nil
		conflict := &editConflict{base: map[string][]merge.Entry{}, merged: map[string][]merge.Entry{}, theirs: map[string]map[string][]string{}}
		for _, edited := range profiles {
			if err := e.applyOne(f, edited, conflict, &summary, &names); err != nil {
				return nil, err
			}
		}
		if len(conflict.notes) > 0 {
			return nil, conflict
		}
		return nil, nil
	})
	if err != nil {
		return err
	}
	if len(summary) == 0 {
		e.a.say("nothing changed")
	}
	for _, line := range summary {
		e.a.say("%s", line)
	}
	noteNames(e.a, names...)
	return nil
}

func (e *editing) applyOne(f *file, edited editdoc.Profile, conflict *editConflict, summary, names *[]string) error {
	name, base := edited.Name, e.Base[edited.Name]
	wanted := edit.Wanted(edited, base)
	conflict.base[name], conflict.merged[name] = base, wanted
	if edit.Same(base, wanted) {
		return nil
	}
	p, err := f.Unlock(name, write)
	if err != nil {
		return err
	}
	r, err := edit.Apply(p, base, wanted)
	if err != nil {
		return err
	}
	conflict.base[name], conflict.merged[name] = r.Now, r.Merged
	for _, c := range r.Conflicts {
		conflict.notes = append(conflict.notes, conflictNote(name, c))
		if c.Ours != nil && c.Theirs != nil {
			if conflict.theirs[name] == nil {
				conflict.theirs[name] = map[string][]string{}
			}
			conflict.theirs[name][c.Credential] = theirs(c.Theirs)
		}
	}
	*summary = append(*summary, summarize(name, r.Done)...)
	*names = append(*names, r.Done.Added...)
	return nil
}

// conflictNote says what each side did to a credential, and what to do.
func conflictNote(profile string, c merge.Conflict) string {
	what := c.Credential
	if what == "" {
		what = "the comment at the end"
	}
	switch {
	case c.Ours == nil:
		return fmt.Sprintf("! You removed %s from %s, but someone else changed it in the meantime. Their version is below; remove it again to drop it.", what, profile)
	case c.Theirs == nil:
		return fmt.Sprintf("! Someone else removed %s from %s in the meantime. Your version is below; save to keep it.", what, profile)
	}
	return fmt.Sprintf("! Someone else changed %s in %s in the meantime. Their version is in the comment above yours; save to keep yours.", what, profile)
}

// theirs shows what the other writer wrote.
func theirs(x *merge.Entry) (lines []string) {
	shown := editdoc.Render(nil, []editdoc.Profile{{Entries: []editdoc.Entry{{Name: x.Name, Comment: x.Comment, Value: []byte(x.Value), Expires: x.Expires}}}})
	_, text, _ := strings.Cut(string(shown), "\n") // without the header
	for line := range strings.Lines(text) {
		lines = append(lines, "theirs: "+strings.TrimSuffix(line, "\n"))
	}
	return lines
}

// summarize lists the changes to a profile, by name.
func summarize(profile string, done vaultfile.Rewritten) []string {
	var lines []string
	line := func(format string, args ...any) {
		lines = append(lines, profile+": "+fmt.Sprintf(format, args...))
	}
	for _, pair := range done.Renamed {
		line("%s renamed to %s", pair[0], pair[1])
	}
	for _, x := range []struct {
		names []string
		what  string
	}{{done.Added, "added"}, {done.Changed, "changed"}, {done.Unset, "removed"}, {done.Expiries, "expiry changed"}} {
		if len(x.names) > 0 {
			line("%s %s", strings.Join(x.names, ", "), x.what)
		}
	}
	if done.Rest && len(lines) == 0 {
		line("changed comments or order")
	}
	return lines
}
