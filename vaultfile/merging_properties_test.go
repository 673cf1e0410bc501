package vaultfile_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/vaultfile"
	"github.com/credfile/credfile/vaultfile/merge"
	"github.com/credfile/credfile/vaultfile/trust"
)

// sided are the kinds of questions that say which side did something.
var sided = []string{"removed and changed", "confirm value", "confirm profile", "confirm access", "confirm removal", "exposed value"}

// accepted checks that machines that know either side accept the result without a question. It reports
// whether there are profiles for which nothing can vouch.
func (m *mergeCheck) accepted(merged *vaultfile.File, plan *merge.Plan) bool {
	// A branch that removed the only voucher of its new profile is refused by itself, too.
	orphan := map[format.ID]bool{}
	for _, side := range []*history{m.ours, m.theirs} {
		for _, v := range trust.Judge(trust.Taken(m.h.open()), side.open()).Verdicts {
			orphan[v.ID] = orphan[v.ID] || v.Check(trust.Options{Write: true}) != nil
		}
	}
	for _, r := range plan.Results { // nor can the last profile be vouched for, if it is restored
		orphan[r.ID] = orphan[r.ID] || r.Vouch && len(r.Vouchers) == 0
	}
	for name, known := range map[string]*trust.Known{"ours": trust.Taken(m.ours.open()), "theirs": trust.Taken(m.theirs.open())} {
		for _, v := range trust.Judge(known, merged).Verdicts {
			if v.NameTaken && m.bearers(v.Name) > 1 { // the machine knows it as the other's
				continue
			}
			if err := v.Check(trust.Options{Write: true}); err != nil && !orphan[v.ID] {
				m.fail("a machine that knows %s refuses: %v", name, err)
			}
		}
	}
	return slices.Contains(slices.Collect(maps.Values(orphan)), true)
}

// bearers counts the profiles that have a name on any side.
func (m *mergeCheck) bearers(name string) int {
	ids := map[format.ID]bool{}
	for _, side := range []*history{m.h, m.ours, m.theirs} {
		f := side.open()
		for _, s := range f.UnverifiedSections() {
			if s.Name == name {
				ids[s.ID] = true
			}
		}
		for _, r := range f.Removed() {
			if r.Name == name {
				ids[r.ID] = true
			}
		}
	}
	return len(ids)
}

// settled checks that merging a side again changes nothing and asks nothing: the base is then that side,
// as git finds it. So does merging a side with itself.
func (m *mergeCheck) settled(merged []byte) {
	for _, side := range []*history{m.ours, m.theirs} {
		for _, texts := range [][3][]byte{{side.text, merged, side.text}, {side.text, side.text, merged}, {side.text, side.text, side.text}} {
			var files [3]*vaultfile.File
			var sides [3]*merge.File
			for i, text := range texts {
				files[i] = must(vaultfile.Parse(text))
				var err error
				if sides[i], err = files[i].Side(nil); err != nil {
					m.fail("%v", err)
				}
			}
			plan := merge.Merge(sides[0], sides[1], sides[2], nil)
			if len(plan.Conflicts) > 0 {
				m.fail("merged again: %v", plan.Conflicts)
			}
			if err := files[1].Merge(files[2], plan); err != nil {
				m.fail("merged again: %v", err)
			}
			want := merged
			if string(texts[1]) == string(texts[2]) {
				want = side.text
			}
			if text, err := files[1].Marshal(); err != nil || string(text) != string(want) {
				m.fail("merged again, it is another file: %v\n%s\nwant\n%s", err, text, want)
			}
		}
	}
}

// commutes checks that the result is the same from the other side, with the same answers, but for the
// order of the entries.
func (m *mergeCheck) commutes(merged *draftFile) {
	for q, a := range m.answers {
		if a.both != "" && q.kind != "renamed and changed" {
			return // which one gets the other name
		}
	}
	other := *m
	other.ours, other.theirs = m.theirs, m.ours
	fo, ft := other.ours.open(), other.theirs.open()
	plan := other.planned(fo, ft, func(c merge.Conflict) (merge.Choice, bool) {
		q := mirrored(questionOf(c))
		a, ok := m.answers[q]
		if !ok {
			m.fail("only the other side is asked: %v", q)
		}
		return merge.Choice{Side: merge.Side(1 - a.side), Both: a.both}, true
	})
	if err := fo.Merge(ft, plan); err != nil {
		m.fail("%v", err)
	}
	text, err := fo.Marshal()
	if err != nil {
		m.fail("%v", err)
	}
	is := draftOf(m.h.t, must(vaultfile.Parse(text)), m.ours, m.theirs)
	if d := differ(merged.unordered(), is.unordered()); d != "" {
		m.differ("from the other side:\n%s", d)
	}
}

// mirrored is the question from the other side.
func mirrored(q question) question {
	switch {
	case slices.Contains(sided, q.kind):
		q.side = 1 - q.side
	case strings.HasPrefix(q.kind, "one recipient"):
		a, b, _ := strings.Cut(q.what, " ")
		q.what = b + " " + a
	}
	return q
}

// unordered is text without the places of the entries.
func (d *draftFile) unordered() (lines []string) {
	for id, p := range d.profiles {
		for _, e := range p.entries {
			lines = append(lines, fmt.Sprintf("%s has %+v", id, e))
		}
	}
	for _, line := range d.text() {
		if _, rest, _ := strings.Cut(line, " "); rest[0] < '0' || rest[0] > '9' {
			lines = append(lines, line)
		}
	}
	return lines
}
