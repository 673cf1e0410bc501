package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/credfile/credfile/internal/editdoc"
	"github.com/credfile/credfile/vaultfile"
	"github.com/credfile/credfile/vaultfile/merge"
)

// check returns the first mistake that makes the text impossible to apply.
func (e *editing) check(profiles []editdoc.Profile) error {
	is := map[string]bool{}
	for _, p := range profiles {
		is[p.Name] = true
		if !slices.Contains(e.order, p.Name) {
			return &editdoc.Mistake{Line: p.Line, Reason: fmt.Sprintf("there is no profile %q; to create one: credfile profile add", p.Name)}
		}
		for _, x := range p.Entries {
			for _, item := range itemsOf(x.Name, x.Comment, x.Value) {
				if err := vaultfile.CheckItem(item); err != nil {
					return &editdoc.Mistake{Line: x.Line, Reason: err.Error()}
				}
			}
		}
	}
	for _, name := range e.order {
		if !is[name] {
			return &editdoc.Mistake{Reason: fmt.Sprintf("[%s] is missing; to remove a profile: credfile profile remove; to empty it, leave the line [%[1]s]", name)}
		}
	}
	return nil
}

func itemsOf(name, comment string, value []byte) (items []vaultfile.Item) {
	if comment != "" {
		items = append(items, vaultfile.Item{Value: vaultfile.NewSecret([]byte(comment))})
	}
	if name != "" {
		items = append(items, vaultfile.Item{Name: name, Value: vaultfile.NewSecret(value)})
	}
	return items
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
	err := e.updateFile(func(*file) error { return nil }, func(f *file) ([]string, error) {
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
		e.say("nothing changed")
	}
	for _, line := range summary {
		e.say("%s", line)
	}
	e.noteNames(names...)
	return nil
}

func (e *editing) applyOne(f *file, edited editdoc.Profile, conflict *editConflict, summary, names *[]string) error {
	base := e.base[edited.Name]
	wanted := withTimes(documentEntries(edited), base)
	conflict.base[edited.Name], conflict.merged[edited.Name] = base, wanted
	if slices.EqualFunc(base, wanted, func(a, b merge.Entry) bool {
		return a.Name == b.Name && a.Value == b.Value && a.Comment == b.Comment && a.Expires.Equal(b.Expires)
	}) {
		return nil
	}
	p, err := e.unlock(f, edited.Name, write)
	if err != nil {
		return err
	}
	now, err := mergeEntries(p)
	if err != nil {
		return err
	}
	merged, conflicts := merge.Entries(base, wanted, now)
	for _, c := range conflicts {
		conflict.notes = append(conflict.notes, conflictNote(edited.Name, c))
		if c.Ours != nil && c.Theirs != nil {
			if conflict.theirs[edited.Name] == nil {
				conflict.theirs[edited.Name] = map[string][]string{}
			}
			conflict.theirs[edited.Name][c.Credential] = theirs(c.Theirs)
		}
	}
	conflict.base[edited.Name], conflict.merged[edited.Name] = now, merged
	if len(conflicts) > 0 {
		return nil
	}
	var items []vaultfile.Item
	for _, x := range merged {
		for _, item := range itemsOf(x.Name, x.Comment, []byte(x.Value)) {
			if item.Name != "" {
				item.Expires = x.Expires
			}
			items = append(items, item)
		}
	}
	done, err := p.Rewrite(items)
	if err != nil {
		return err
	}
	*summary = append(*summary, summarize(edited.Name, done)...)
	*names = append(*names, done.Added...)
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

// withTimes keeps the times of values that did not change, even under a new name: the merge
// recognizes a rename by its time.
func withTimes(wanted, base []merge.Entry) []merge.Entry {
	was, is := map[string]*merge.Entry{}, map[string]bool{}
	for i := range base {
		was[base[i].Name] = &base[i]
	}
	for _, x := range wanted {
		is[x.Name] = true
	}
	for i := range wanted {
		x := &wanted[i]
		if b := was[x.Name]; b != nil && b.Value == x.Value {
			x.Time = b.Time
		} else if b == nil {
			for j := range base {
				if !is[base[j].Name] && base[j].Value == x.Value {
					x.Time = base[j].Time
				}
			}
		}
	}
	return wanted
}

func documentEntries(p editdoc.Profile) []merge.Entry {
	var entries []merge.Entry
	for _, x := range p.Entries {
		entries = append(entries, merge.Entry{Name: x.Name, Comment: x.Comment, Value: string(x.Value), Expires: x.Expires})
	}
	return entries
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
