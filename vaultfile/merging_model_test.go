package vaultfile_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/vaultfile"
	"github.com/credfile/credfile/vaultfile/merge"
)

// profileState is what can be seen of a profile in one version of the file.
type profileState struct {
	s       *format.Profile // nil if the file does not have it
	entries map[string]entryState
	order   []string
	people  map[string]bool // by recipient string: whether they are writers
}

type entryState struct {
	kind, value, comment, expires, time string
	file                                bool
}

func (e entryState) same(o entryState) bool {
	e.time, o.time = "", ""
	return e == o
}

func stateOf(t *testing.T, f *vaultfile.File, id format.ID) *profileState {
	x := &profileState{entries: map[string]entryState{}, people: map[string]bool{}}
	for _, s := range f.UnverifiedSections() {
		if s.ID != id {
			continue
		}
		p, err := f.Unlock(s.Name, cast["alice"])
		if err != nil {
			t.Fatal(err)
		}
		items, err := p.Items()
		if err != nil {
			t.Fatal(err)
		}
		x.s = s
		comment := ""
		for _, item := range items {
			if item.Name == "" {
				comment += string(item.Value.Reveal())
				continue
			}
			x.entries[item.Name] = entryState{item.Kind, string(item.Value.Reveal()), comment, fmt.Sprint(item.Expires.Unix()), fmt.Sprint(item.Time.Unix()), item.File}
			x.order, comment = append(x.order, item.Name), ""
		}
		for _, r := range s.Recipients {
			x.people[r.String] = r.Writer
		}
	}
	return x
}

// check compares a merged profile with the rules.
func (m *mergeCheck) check(merged *vaultfile.File, id format.ID) {
	c := &profileCheck{mergeCheck: m, id: id}
	c.base, c.ours, c.theirs, c.result = stateOf(m.h.t, m.h.open(), id), stateOf(m.h.t, m.ours.open(), id), stateOf(m.h.t, m.theirs.open(), id), stateOf(m.h.t, merged, id)
	p, err := merged.Unlock(c.result.s.Name, cast["alice"])
	if err != nil {
		m.fail("%v", err)
	}
	c.noneBack()
	c.exposed(p)
	if m.picks || c.base.s == nil || c.ours.s == nil || c.theirs.s == nil {
		return
	}
	c.values()
	c.people()
	c.order()
}

// profileCheck compares one profile.
type profileCheck struct {
	*mergeCheck
	id                         format.ID
	base, ours, theirs, result *profileState
}

// asked reports whether the user was asked something of a kind about the profile.
func (c *profileCheck) asked(kinds ...merge.Kind) bool {
	for k := range c.choices {
		for _, kind := range kinds {
			if rest, ok := strings.CutPrefix(k, key(c.id, "")); ok && (strings.HasSuffix(rest, fmt.Sprint(kind, merge.Ours)) || strings.HasSuffix(rest, fmt.Sprint(kind, merge.Theirs))) {
				return true
			}
		}
	}
	return false
}

// noneBack: who was removed on a side is not back, and alice is there.
func (c *profileCheck) noneBack() {
	// Who came and went while there was nothing to know has left no trace, nor has who was removed
	// before the profile was.
	out := func(side *history, is *profileState, person string) bool {
		if is.s == nil || !side.removed[key(c.id, person)] || has(is, person) || c.asked(merge.ConfirmRemoval, merge.ConfirmAccess) {
			return false
		}
		line := func(f format.Former) bool {
			return side.called[person][f.Name] && (c.base.s == nil || !slices.Contains(c.base.s.Former, f))
		}
		return has(c.base, person) || slices.ContainsFunc(is.s.Former, line) && !slices.ContainsFunc(c.result.s.Recipients, func(r format.Recipient) bool {
			return r.String == person && !slices.ContainsFunc(is.s.Former, func(f format.Former) bool { return f.Name == r.Name })
		})
	}
	for person := range c.result.people {
		// A revert gives values only, whoever was removed in the older version.
		if out(c.mergeCheck.ours, c.ours, person) || !c.picks && out(c.mergeCheck.theirs, c.theirs, person) {
			c.fail("%s was removed and is back", person)
		}
	}
	if !has(c.result, stringOf("alice")) {
		c.fail("alice is gone")
	}
	for _, side := range []*profileState{c.ours, c.theirs} {
		for person, writer := range side.people {
			if !c.picks && side.s.Key == c.result.s.Key && (!has(c.result, person) || writer && !c.result.people[person]) {
				c.fail("%s has the key of %s, and should not", person, c.result.s.Name)
			}
		}
	}
}

// exposed: everyone who knows a value and is not a recipient is recorded.
func (c *profileCheck) exposed(p *vaultfile.Profile) {
	for person, knew := range c.mergeCheck.ours.knew {
		for name, e := range c.result.entries {
			if e.kind != "" || strings.HasPrefix(e.value, "twin") || c.mergeCheck.ours.confirmed[e.value] { // known from elsewhere, perhaps
				continue
			}
			// With a removed profile, what was known of it there is gone. A cherry-pick brings one commit, and
			// not what is known on its branch.
			known := c.ours.s != nil && knew[key(c.id, e.value)] || c.theirs.s != nil && !c.picks && c.mergeCheck.theirs.knew[person][key(c.id, e.value)]
			exposed, err := p.ExposedTo(name)
			if err != nil {
				c.fail("%v", err)
			}
			if known && !has(c.result, person) && !slices.ContainsFunc(exposed, func(name string) bool { return c.mergeCheck.ours.called[person][name] }) {
				c.fail("%s knows %s of %s, which isn't recorded (%v)", person, name, c.result.s.Name, exposed)
			}
		}
	}
}

// people: who is on all sides stays, whom one side added is added, and roles are merged, while no side
// has new keys. Otherwise the user decides, and noneBack holds.
func (c *profileCheck) people() {
	for _, side := range []*format.Profile{c.ours.s, c.theirs.s} {
		if s := c.result.s; s.Key == side.Key && s.Signature != side.Signature && s.Revision <= side.Revision {
			c.fail("revision %d after %d", s.Revision, side.Revision)
		}
	}
	for person := range c.base.people {
		if has(c.ours, person) && has(c.theirs, person) && !has(c.result, person) && !c.asked(merge.RecipientTwoStrings) {
			c.fail("%s is on all sides, and is gone", person)
		}
	}
	if c.ours.s.Key != c.base.s.Key || c.theirs.s.Key != c.base.s.Key || c.asked(merge.RecipientTwoStrings) {
		return
	}
	for name := range cast {
		person := stringOf(name)
		want := has(c.ours, person) || has(c.theirs, person)
		writer := c.ours.people[person] || c.theirs.people[person]                // without new keys, no writer is a reader again
		if !has(c.base, person) && has(c.ours, person) && has(c.theirs, person) { // added twice: the lesser role
			writer = c.ours.people[person] && c.theirs.people[person]
		}
		if has(c.result, person) != want || c.result.people[person] != writer {
			c.fail("%s: access %v, writer %v, want %v, %v", person, has(c.result, person), c.result.people[person], want, writer)
		}
	}
}

func has(s *profileState, person string) bool {
	_, ok := s.people[person]
	return ok
}

// values: a credential with its comment and its expiry date counts as one; what one side changed is
// taken, and what both changed differently is what the user chose.
func (c *profileCheck) values() {
	if c.asked(merge.RenamedAndChanged) { // it concerns two names
		return
	}
	names := map[string]bool{}
	for _, s := range []*profileState{c.base, c.ours, c.theirs, c.result} {
		for name := range s.entries {
			names[name] = true
		}
	}
	for name := range names {
		if strings.HasPrefix(name, "both") { // chosen for theirs
			continue
		}
		b, o, t, is := c.base.entries[name], c.ours.entries[name], c.theirs.entries[name], c.result.entries[name]
		for side, e := range map[merge.Side]*entryState{merge.Ours: &o, merge.Theirs: &t} {
			if choice, ok := c.chosen(name, merge.ConfirmValue, side); ok && choice.Side != side {
				*e = b
			}
		}
		var want entryState
		switch choice, ok := c.both(name); {
		case ok:
			if want = []entryState{o, t}[choice.Side]; choice.Both != "" {
				want = o
			}
		case o.same(t), t.same(b):
			want = o
		case o.same(b):
			want = t
		default:
			c.fail("%s of %s: a conflict that no one was asked about", name, c.result.s.Name)
		}
		if !is.same(want) {
			c.fail("%s of %s is %v, want %v (base %v, ours %v, theirs %v)", name, c.result.s.Name, is, want, b, o, t)
		}
		if !slices.Contains([]string{b.time, o.time, t.time}, is.time) {
			c.fail("%s of %s has the time %s, which no side has", name, c.result.s.Name, is.time)
		}
	}
}

// both returns what was chosen for a name that both sides changed.
func (c *profileCheck) both(name string) (merge.Choice, bool) {
	for _, kind := range []merge.Kind{merge.TwoValues, merge.TwoAdditions, merge.ChangedAndUnset} {
		if choice, ok := c.chosen(name, kind, 0); ok {
			return choice, true
		}
	}
	return merge.Choice{}, false
}

func (c *profileCheck) chosen(name string, kind merge.Kind, side merge.Side) (merge.Choice, bool) {
	choice, ok := c.choices[fmt.Sprint(key(c.id, name), kind, side)]
	return choice, ok
}

// order: that of ours; what only theirs has goes after its nearest predecessor there. Changes of a side
// under replaced keys don't count if its author may have been removed.
func (c *profileCheck) order() {
	if c.ours.s.Key != c.base.s.Key || c.theirs.s.Key != c.base.s.Key || c.result.s.Signature == c.theirs.s.Signature {
		return
	}
	var want []string
	present := func(name string) bool { _, ok := c.result.entries[name]; return ok }
	for _, name := range c.ours.order {
		if present(name) {
			want = append(want, name)
		}
	}
	for i, name := range c.theirs.order {
		if slices.Contains(c.ours.order, name) || !present(name) {
			continue
		}
		at := 0
		for _, before := range c.theirs.order[:i] { // the last one that is there
			if j := slices.Index(want, before); j >= 0 {
				at = j + 1
			}
		}
		want = slices.Insert(want, at, name)
	}
	if slices.ContainsFunc(c.result.order, func(name string) bool { return strings.HasPrefix(name, "both") }) {
		return // chosen for theirs
	}
	if is := c.result.order; !slices.Equal(is, want) {
		c.fail("the order is %v, want %v (ours %v, theirs %v)", is, want, c.ours.order, c.theirs.order)
	}
}
