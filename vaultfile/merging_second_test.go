package vaultfile_test

import (
	"maps"
	"slices"
	"strings"
)

// The second merge. It was written from spec/credfile.md, Merging, alone, and shares nothing
// with package merge: no types, no order of steps. It is slow and plain, so that it can be
// read next to the text of the rules. It leaves out refused sections, what a program knows from
// earlier versions, several bases, users who are no writers, locks, profiles without a writer, lines of
// vouchers, and what is only listed.

// draftFile is one version of a file.
type draftFile struct {
	profiles map[string]*draftProfile // by id
	removed  map[string]draftRemoved  // by id
}

type draftRemoved struct {
	name, key string
	lines     []string
}

// draftProfile is a profile, or what it becomes.
type draftProfile struct {
	id, name, key, section string
	revision               int
	lines                  []string // the keys of its vouched lines
	people                 []draftPerson
	former                 []draftFormer
	entries                []draftEntry // the comment at the end is one without a name
	rewritten              bool         // not taken as it is
}

type draftPerson struct {
	name, key string
	writer    bool
}

type draftFormer struct {
	name string
	time int64
}

type draftEntry struct {
	name, kind, value, comment string
	expires, time              int64
	file                       bool
}

// same reports whether a credential, its comment, its expiry date and its word file are the same.
func (e draftEntry) same(o draftEntry) bool {
	e.time, o.time = 0, 0
	return e == o
}

func (p *draftProfile) entry(name string) draftEntry {
	for _, e := range p.entries {
		if e.name == name {
			return e
		}
	}
	return draftEntry{}
}

// ours and theirs are the sides.
const (
	ours   = 0
	theirs = 1
)

// question is something for the user to decide.
type question struct {
	kind, id, what string
	side           int // of what has to be confirmed, and of a removal
}

// answer is the user's. both, if not empty, is the name under which theirs is kept, too.
type answer struct {
	side int
	both string
}

// secondMerge merges three files.
type secondMerge struct {
	base   *draftFile
	sides  [2]*draftFile
	now    int64
	ask    func(question) answer
	result *draftFile
}

func (m *secondMerge) run() {
	m.result = &draftFile{map[string]*draftProfile{}, map[string]draftRemoved{}}
	ids := map[string]bool{}
	for _, side := range m.sides {
		for id := range side.profiles {
			ids[id] = true
		}
		for id := range side.removed {
			ids[id] = true
		}
	}
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		b, o, t := m.base.profiles[id], m.sides[ours].profiles[id], m.sides[theirs].profiles[id]
		var p *draftProfile
		switch {
		case o == nil && t == nil:
			m.bothRemoved(id)
		case o == nil:
			p = m.oneHas(b, t, theirs)
		case t == nil:
			p = m.oneHas(b, o, ours)
		case o.section == t.section:
			p = o
		default:
			p = m.bothHave(b, o, t)
		}
		if p != nil {
			m.result.profiles[id] = p
		}
	}
	if len(m.result.profiles) == 0 {
		side := m.sides[m.ask(question{"no profile", "00000000", "", 0}).side]
		for id, p := range side.profiles {
			m.result.profiles[id] = kept(p)
			delete(m.result.removed, id)
		}
	}
	m.profileNames()
}

// kept is a profile that the other side removed. It gets new keys.
func kept(p *draftProfile) *draftProfile {
	k := *p
	k.key, k.lines = "new", append([]string{p.key}, p.lines...)
	k.revision++
	k.rewritten = true
	return &k
}

func (m *secondMerge) bothRemoved(id string) {
	o, ok := m.sides[ours].removed[id]
	t, also := m.sides[theirs].removed[id]
	if !ok || also && slices.Contains(t.lines, o.key) {
		o = t
	}
	m.result.removed[id] = o
}

// oneHas is for a profile that the other side lacks.
func (m *secondMerge) oneHas(b, p *draftProfile, side int) *draftProfile {
	record, removed := m.sides[1-side].removed[p.id]
	switch {
	case b == nil && !removed:
		return m.added(p, side)
	case !removed, b == nil && m.base.removed[p.id].key != "": // or restored
		return p
	case b != nil && b.section == p.section:
		m.result.removed[p.id] = record
		return nil
	}
	if m.ask(question{"removed and changed", p.id, "", 1 - side}).side == side {
		return kept(p)
	}
	if record.key != p.key && !slices.Contains(record.lines, p.key) {
		record.key, record.lines = p.key, p.lines
	}
	m.result.removed[p.id] = record
	return nil
}

// added is for a profile that only one side has, as it added it. If the other side removed a writer from
// any profile, the user confirms it, or it is removed.
func (m *secondMerge) added(p *draftProfile, side int) *draftProfile {
	doubt := false
	for id, other := range m.sides[1-side].profiles {
		if b := m.base.profiles[id]; b != nil {
			doubt = doubt || lostWriter(b, other)
		}
	}
	if doubt && m.ask(question{"confirm profile", p.id, "", side}).side != side {
		m.result.removed[p.id] = draftRemoved{p.name, p.key, p.lines}
		return nil
	}
	return p
}

func (m *secondMerge) bothHave(b, o, t *draftProfile) *draftProfile {
	switch {
	case b == nil:
		b = commonBase(o, t)
	case isOlder(t, b) && !isSuspect(b, t, o):
		return m.revert(b, o, t)
	case o.section == b.section:
		return t
	case t.section == b.section:
		return o
	}
	c := &secondProfile{secondMerge: m, id: o.id, b: b, sides: [2]*draftProfile{o, t}}
	for side, p := range c.sides {
		other := c.sides[1-side]
		c.fork[side] = isFork(b, p, other)
		c.suspect[side] = isSuspect(b, p, other)
	}
	r := &draftProfile{id: o.id, rewritten: true}
	c.keys(r)
	c.name(r)
	c.people(r)
	if c.hasKey(r) {
		r.key = "new"
	}
	c.entries(r)
	c.former(r)
	return r
}

// commonBase stands for the base of a profile that only the sides have. It is empty, but if their keys
// differ, it has the older one, and the recipients of both: who is on one side only was removed.
func commonBase(o, t *draftProfile) *draftProfile {
	b := &draftProfile{id: o.id, key: o.key}
	if o.key == t.key {
		return b
	}
	b.people = slices.Clone(o.people)
	for _, x := range t.people {
		if byKey(b.people, x.key) == nil && byName(b.people, x.name) == nil {
			b.people = append(b.people, x)
		}
	}
	switch {
	case slices.Contains(o.lines, t.key):
		b.key = t.key
	case !slices.Contains(t.lines, o.key):
		b.key = ""
	}
	return b
}

func isFork(b, p, other *draftProfile) bool {
	return other.key != b.key && p.key != other.key && !slices.Contains(p.lines, other.key)
}

func isSuspect(b, p, other *draftProfile) bool {
	return isFork(b, p, other) && lostWriter(b, other)
}

// lostWriter reports whether a side removed a writer of the base, or one who came and went.
func lostWriter(b, other *draftProfile) bool {
	if other.key == b.key {
		return false
	}
	for _, w := range b.people {
		if x := byKey(other.people, w.key); w.writer && (x == nil || !x.writer) {
			return true
		}
	}
	for _, f := range other.former {
		if was := byName(b.people, f.name); !slices.Contains(b.former, f) && (was == nil || was.writer) {
			return true
		}
	}
	return false
}

// isOlder reports whether theirs is from before the base, as in a revert.
func isOlder(t, b *draftProfile) bool {
	return slices.Contains(b.lines, t.key) || t.revision < b.revision && t.key == b.key
}

// profileNames finds two profiles with one name. The second gets another name: that which ours does not
// have, or the later one.
func (m *secondMerge) profileNames() {
	place := func(id string) string {
		for side, f := range m.sides {
			if p := f.profiles[id]; p != nil {
				return string(rune('0'+side)) + p.name
			}
		}
		return ""
	}
	ids := slices.SortedFunc(maps.Keys(m.result.profiles), func(a, b string) int { return strings.Compare(place(a), place(b)) })
	seen := map[string]bool{}
	for _, id := range ids {
		p := *m.result.profiles[id]
		if seen[p.name] {
			if a := m.ask(question{"one name for two profiles", "", p.name, 0}); a.both != "" {
				p.name, p.rewritten = a.both, true
				p.revision++
				m.result.profiles[id] = &p
			}
		}
		seen[p.name] = true
	}
}
