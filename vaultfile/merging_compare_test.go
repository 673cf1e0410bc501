package vaultfile_test

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/vaultfile"
	"github.com/credfile/credfile/vaultfile/merge"
)

// draftOf decodes a file for the second merge. A key that no one of the sides has is called new.
func draftOf(t *testing.T, f *vaultfile.File, sides ...*history) *draftFile {
	d := &draftFile{profiles: map[string]*draftProfile{}, removed: map[string]draftRemoved{}}
	for _, s := range f.UnverifiedSections() {
		digest := f.Digest(s)
		p := &draftProfile{id: draftID(s.ID), name: s.Name, key: keyOf(s, sides), section: hex.EncodeToString(digest[:]), revision: int(s.Revision)}
		p.lines = draftLines(s.Vouched)
		for _, r := range s.Recipients {
			p.people = append(p.people, draftPerson{r.Name, r.String, r.Writer})
		}
		for _, x := range s.Former {
			p.former = append(p.former, draftFormer{x.Name, x.Time.Unix()})
		}
		u, err := f.Unlock(s.Name, cast["alice"])
		if err != nil {
			t.Fatal(err)
		}
		items, err := u.Items()
		if err != nil {
			t.Fatal(err)
		}
		p.entries = draftEntries(items)
		d.profiles[p.id] = p
	}
	for _, r := range f.Removed() {
		d.removed[draftID(r.ID)] = draftRemoved{r.Name, draftKey(r.Key), draftLines(r.Vouched)}
	}
	return d
}

func draftID(id format.ID) string    { return hex.EncodeToString(id[:4]) }
func draftKey(key format.Key) string { return hex.EncodeToString(key[:4]) }

func keyOf(s *format.Profile, sides []*history) string {
	for _, side := range sides {
		if slices.ContainsFunc(side.open().UnverifiedSections(), func(x *format.Profile) bool { return x.Key == s.Key }) {
			return draftKey(s.Key)
		}
	}
	if len(sides) > 0 {
		return "new"
	}
	return draftKey(s.Key)
}

func draftLines(lines []format.Vouched) (keys []string) {
	for _, l := range lines {
		keys = append(keys, draftKey(l.Key))
	}
	return keys
}

func draftEntries(items []vaultfile.Item) (entries []draftEntry) {
	var e draftEntry
	for _, item := range items {
		text := string(item.Value.Reveal())
		if item.Name == "" {
			e.comment = text
			continue
		}
		e.name, e.kind, e.value, e.file, e.time = item.Name, item.Kind, text, item.File, item.Time.Unix()
		if item.Expires != (time.Time{}) {
			e.expires = item.Expires.Unix()
		}
		entries, e = append(entries, e), draftEntry{}
	}
	if e.comment != "" {
		entries = append(entries, e)
	}
	return entries
}

// kindWords has the second merge's words for the kinds of conflicts.
var kindWords = map[merge.Kind]string{
	merge.TwoValues: "two values", merge.ChangedAndUnset: "changed and deleted", merge.TwoAdditions: "two additions",
	merge.RenamedAndChanged: "renamed and changed", merge.OneNameTwoProfiles: "one name for two profiles",
	merge.TwoProfileNames: "two profile names", merge.RemovedAndChanged: "removed and changed",
	merge.RecipientTwoNames: "one recipient with two names", merge.RecipientTwoStrings: "one recipient with two keys",
	merge.NoWriter: "no writer", merge.NoProfile: "no profile", merge.NotWriter: "not a writer", merge.RefusedSide: "refused",
	merge.ConfirmValue: "confirm value", merge.ConfirmProfile: "confirm profile", merge.ExposedValue: "exposed value",
	merge.ConfirmAccess: "confirm access", merge.ConfirmRemoval: "confirm removal",
}

func questionOf(c merge.Conflict) question {
	q := question{kindWords[c.Kind], draftID(c.ID), c.Credential, int(c.Side)}
	switch c.Kind {
	case merge.OneNameTwoProfiles:
		q.id, q.what = "", c.Profile
	case merge.RecipientTwoNames, merge.RecipientTwoStrings:
		q.what = c.Names[0] + " " + c.Names[1]
	case merge.ConfirmAccess, merge.ConfirmRemoval:
		q.what = cmp.Or(c.Names[c.Side], c.Names[0], c.Names[1])
	case merge.RenamedAndChanged:
		q.what = c.Credential + " " + c.Renamed
	}
	return q
}

// compare merges again, by the second merge, and returns how the results differ.
func (m *mergeCheck) compare(is *draftFile) string {
	t := m.h.t
	asked := map[question]bool{}
	var unasked []string
	second := &secondMerge{base: draftOf(t, m.h.open()), sides: [2]*draftFile{draftOf(t, m.ours.open()), draftOf(t, m.theirs.open())}, now: m.h.now.Unix()}
	second.ask = func(q question) answer {
		asked[q] = true
		a, ok := m.answers[q]
		if !ok {
			unasked = append(unasked, fmt.Sprintf("nobody was asked: %v\n", q))
		}
		return a
	}
	second.run()
	for q := range m.answers {
		if !asked[q] {
			unasked = append(unasked, fmt.Sprintf("asked for nothing: %v\n", q))
		}
	}
	slices.Sort(unasked)
	for id, p := range second.result.profiles {
		is := is.profiles[id]
		if is == nil {
			continue
		}
		// A voucher that rotated signs its line again, in a profile that is taken, too.
		most := p.revision
		if !p.rewritten {
			most++
		}
		if is.revision < p.revision || is.revision > most {
			unasked = append(unasked, fmt.Sprintf("%s has the revision %d, want %d\n", id, is.revision, p.revision))
		}
		for _, side := range second.sides {
			if p := side.profiles[id]; !m.picks && p != nil && p.key != is.key && !slices.Contains(is.lines, p.key) {
				unasked = append(unasked, fmt.Sprintf("%s has no line by %s\n", id, p.key))
			}
		}
	}
	d := strings.Join(unasked, "") + differ(second.result.text(), is.text())
	if d != "" {
		for i, f := range []*draftFile{second.base, second.sides[ours], second.sides[theirs], is} {
			d += [...]string{"base", "ours", "theirs", "result"}[i] + "\n  " + strings.Join(f.text(), "\n  ") + "\n"
		}
		d += fmt.Sprintln("answers:", m.answers)
	}
	return d
}

// text lists all that two merges must agree on. The order of people and lines is not among it.
func (d *draftFile) text() (lines []string) {
	for id, p := range d.profiles {
		add := func(form string, args ...any) {
			lines = append(lines, id+" "+fmt.Sprintf(form, args...))
		}
		add("is %s under %s", p.name, p.key)
		for _, x := range p.people {
			add("recipient %s, writer %v, %s", x.name, x.writer, x.key[:8])
		}
		for _, f := range p.former {
			add("former %s %d", f.name, f.time)
		}
		for i, e := range p.entries {
			add("%03d %s %s=%q %q expires %d time %d file %v", i, e.name, e.kind, e.value, e.comment, e.expires, e.time, e.file)
		}
	}
	for id, r := range d.removed {
		lines = append(lines, fmt.Sprintf("%s was %s, removed by %s", id, r.name, r.key))
	}
	slices.Sort(lines)
	return lines
}

func differ(want, is []string) string {
	var b strings.Builder
	for _, line := range want {
		if !slices.Contains(is, line) {
			b.WriteString("only the second merge: " + line + "\n")
		}
	}
	for _, line := range is {
		if !slices.Contains(want, line) {
			b.WriteString("only the package:      " + line + "\n")
		}
	}
	return b.String()
}
