package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/credfile/credfile/internal/edit"
	"github.com/credfile/credfile/internal/editdoc"
	"github.com/credfile/credfile/internal/session"
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

// apply saves the text to the file, merged with what other writers changed meanwhile.
func (e *editing) apply(profiles []editdoc.Profile) error {
	if err := checkText(e.Order, profiles); err != nil {
		return err
	}
	var done []edit.Done
	err := e.a.updateFile(func(*file) error { return nil }, func(f *file) (_ []string, err error) {
		consents := map[string]*consents{}
		done, err = e.ApplyTo(func(name string) (*vaultfile.Profile, error) {
			p, err := f.Unlock(name, write)
			if err == nil && consents[name] == nil {
				consents[name], err = e.a.consents(p)
			}
			return p, err
		}, profiles)
		for _, d := range done {
			if err == nil {
				err = fitSources(consents[d.Profile].p, d.Renamed)
			}
			if err == nil {
				err = consents[d.Profile].keep(slices.Concat(d.Added, d.Changed), d.Renamed)
			}
		}
		if isA[*session.Wrong](err) {
			err = &editdoc.Mistake{Reason: err.Error()}
		}
		return nil, err
	})
	if err != nil {
		return err
	}
	var names []string
	lines := 0
	for _, d := range done {
		for _, line := range summarize(d.Profile, d.Rewritten) {
			e.a.say("%s", line)
			lines++
		}
		names = append(names, d.Added...)
	}
	if lines == 0 {
		e.a.say("nothing changed")
	}
	noteNames(e.a, names...)
	return nil
}

// fitSources gives sources the new names of what they use. To remove that would make them useless, and
// the key that a source uses, under another name, would go to commands.
func fitSources(p *vaultfile.Profile, renamed [][2]string) error {
	plan, err := session.NewPlan(p)
	if err != nil {
		return err
	}
	for _, pair := range renamed {
		if _, err := plan.Renames(pair[0], pair[1]); err != nil {
			return err
		}
	}
	if plan, err = session.NewPlan(p); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(plan.Nodes)) {
		for _, needed := range plan.Needs(name) {
			if !p.Has(needed) {
				return &session.Wrong{Profile: p.Name(), Source: name, Reason: "uses " + needed + ", which is not in the profile"}
			}
		}
	}
	return nil
}

// conflictWords says what other writers changed, and shows it beside what the user wrote.
func conflictWords(c *edit.Conflict) (notes []string, beside map[string]map[string][]string) {
	beside = map[string]map[string][]string{}
	for _, x := range c.Found {
		notes = append(notes, conflictNote(x.Profile, x.Conflict))
		if x.Ours != nil && x.Theirs != nil {
			if beside[x.Profile] == nil {
				beside[x.Profile] = map[string][]string{}
			}
			beside[x.Profile][x.Credential] = theirs(x.Theirs)
		}
	}
	return notes, beside
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
	shown := editdoc.Render(nil, []editdoc.Profile{{Entries: []editdoc.Entry{{Name: x.Name, Kind: x.Kind, Comment: x.Comment, Value: []byte(x.Value), Expires: x.Expires, File: x.File}}}})
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
	}{{done.Added, "added"}, {done.Changed, "changed"}, {done.Unset, "removed"}, {done.Expiries, "expiry changed"}, {done.Files, "as-file changed"}} {
		if len(x.names) > 0 {
			line("%s %s", strings.Join(x.names, ", "), x.what)
		}
	}
	if done.Rest && len(lines) == 0 {
		line("changed comments or order")
	}
	return lines
}
