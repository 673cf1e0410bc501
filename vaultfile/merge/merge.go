// Package merge merges two files that were changed apart, with the one that both
// come from: spec/credfile.md, Merging. It is a pure function on files that were
// opened and judged; it knows no keys and makes no random numbers. What it returns
// is a plan, which package vaultfile carries out, and conflicts, which somebody
// resolves.
package merge

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/credfile/credfile/format"
)

// File is one of the three.
type File struct {
	Profiles []*Profile
	Removed  []format.ID
}

// Profile is a section, as far as it could be opened.
type Profile struct {
	ID         format.ID
	Name       string
	Key        format.Key
	Digest     [16]byte     // of the section's bytes
	Vouched    []format.Key // the earlier keys in its lines, newest first
	Revision   uint64
	Recipients []format.Recipient // wraps do not count
	Former     []format.Former
	Entries    []Entry
	// Open says that the entries are there, and that we are a writer.
	Open bool
	// Refused says why the section is not to be trusted, judged by what the base
	// says; nil if it is, and for the base.
	Refused error
}

// Side is one of the two that are merged.
type Side int

// The sides.
const (
	Ours Side = iota
	Theirs
)

func (s Side) other() Side { return 1 - s }

func (s Side) String() string { return [...]string{"ours", "theirs"}[s] }

// Kind is the kind of a conflict.
type Kind int

// The kinds of conflicts.
const (
	TwoValues           Kind = iota // for one name
	ChangedAndUnset                 // a credential
	TwoAdditions                    // of one name
	RenamedAndChanged               // a credential
	OneNameTwoProfiles              // one profile name for two ids
	TwoProfileNames                 // a profile renamed twice
	RemovedAndChanged               // a profile
	RecipientTwoNames               // one recipient string under two names
	RecipientTwoStrings             // one name with two recipient strings
	NotWriter                       // both sides changed a section that we can't write
	RefusedSide                     // a side's section is not to be trusted
	ConfirmValue                    // perhaps the work of a writer who was removed
	ConfirmProfile                  // the same, a profile that was added
)

// Conflict is something for a person to decide.
type Conflict struct {
	Kind               Kind
	Profile            string // its name
	Credential         string
	Recipient          string
	Renamed            string // the credential's other name
	Side               Side   // of RefusedSide, ConfirmValue and ConfirmProfile
	Base, Ours, Theirs *Entry
	Err                error // of RefusedSide
}

// Result is what becomes of a profile.
type Result struct {
	ID   format.ID
	Name string
	// Take says that the section of that side is taken as it is.
	Take *Side
	// Else it is written anew, with what follows.
	Under      Side // whose keys it has
	Rotate     bool // and gets new ones: the keys of both sides vouch for them
	Revision   uint64
	Vouched    []format.Key // the older lines, one a key; each side's lines are the source
	Recipients []format.Recipient
	Former     []format.Former
	FormerNow  []string // whose former lines take the time of the merge
	Entries    []Entry
	// Vouch says that the newest key of the file has to vouch for it again.
	Vouch bool
}

// Plan is what a merge comes to.
type Plan struct {
	Results   []Result
	Removed   []Removal
	Conflicts []Conflict
	Dropped   []string // what a writer who was removed did to roles and recipients
}

// Removal is a removed profile, whose block a side has.
type Removal struct {
	ID   format.ID
	Side Side
}

// Merge plans the merge of two files, by the ids of their profiles.
func Merge(base, ours, theirs *File) *Plan {
	m := &merger{base: base, sides: [2]*File{ours, theirs}, plan: &Plan{}}
	for _, id := range m.ids() {
		m.profile(id)
	}
	m.names()
	return m.plan
}

type merger struct {
	base  *File
	sides [2]*File
	plan  *Plan
}

// ids are those of all profiles, in the order of ours, then theirs.
func (m *merger) ids() []format.ID {
	var ids []format.ID
	for _, f := range []*File{m.sides[Ours], m.sides[Theirs], m.base} {
		for _, p := range f.Profiles {
			if !slices.Contains(ids, p.ID) {
				ids = append(ids, p.ID)
			}
		}
		for _, id := range f.Removed {
			if !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

func (f *File) find(id format.ID) *Profile {
	for _, p := range f.Profiles {
		if p.ID == id {
			return p
		}
	}
	return nil
}

func same(a, b *Profile) bool {
	return a == b || a != nil && b != nil && a.Digest == b.Digest
}

// profile decides about one id.
func (m *merger) profile(id format.ID) {
	base := m.base.find(id)
	ps := [2]*Profile{m.sides[Ours].find(id), m.sides[Theirs].find(id)}
	for side, p := range ps {
		if p != nil && !same(p, base) && p.Refused != nil {
			m.conflict(Conflict{Kind: RefusedSide, Profile: p.Name, Side: Side(side), Err: p.Refused})
			m.keep(id, Side(side).other(), ps, base)
			return
		}
	}
	removed := [2]bool{slices.Contains(m.sides[Ours].Removed, id), slices.Contains(m.sides[Theirs].Removed, id)}
	if removed[Ours] || removed[Theirs] {
		m.removed(id, base, ps, removed)
		return
	}
	changed := [2]bool{!same(ps[Ours], base), !same(ps[Theirs], base)}
	switch {
	case !changed[Theirs] || same(ps[Ours], ps[Theirs]):
		m.take(ps[Ours], Ours)
		if !same(ps[Ours], ps[Theirs]) {
			m.added(base, ps[Ours], Ours)
		}
	case !changed[Ours]:
		m.take(ps[Theirs], Theirs)
		m.added(base, ps[Theirs], Theirs)
	case ps[Ours] == nil || ps[Theirs] == nil: // gone without a record, and changed
		m.keep(id, Ours, ps, base)
	case base == nil || !ps[Ours].Open || !ps[Theirs].Open || !base.Open:
		m.conflict(Conflict{Kind: NotWriter, Profile: ps[Ours].Name})
		m.take(ps[Ours], Ours)
	default:
		m.merge(base, ps)
	}
}

func (m *merger) conflict(c Conflict) { m.plan.Conflicts = append(m.plan.Conflicts, c) }

func (m *merger) take(p *Profile, side Side) {
	if p != nil {
		m.plan.Results = append(m.plan.Results, Result{ID: p.ID, Name: p.Name, Take: &side})
	}
}

// keep takes what one side has, or else the other, or the base as ours may have it.
func (m *merger) keep(id format.ID, side Side, ps [2]*Profile, base *Profile) {
	if p := ps[side]; p != nil && (p.Refused == nil || same(p, base)) {
		m.take(p, side)
	} else if p := ps[side.other()]; p != nil && (p.Refused == nil || same(p, base)) {
		m.take(p, side.other())
	}
}

// added: a profile that one side added may be the work of a writer whom the other
// removed.
func (m *merger) added(base, p *Profile, side Side) {
	if p == nil || base != nil || len(m.removedWriters(side.other())) == 0 {
		return
	}
	m.conflict(Conflict{Kind: ConfirmProfile, Profile: p.Name, Side: side})
	m.plan.Results[len(m.plan.Results)-1].Vouch = true
}

// removedWriters are those whom a side removed, with a rotation, from any profile.
func (m *merger) removedWriters(side Side) (names []string) {
	for _, p := range m.sides[side].Profiles {
		if base := m.base.find(p.ID); base != nil {
			names = append(names, lostWriters(base, p)...)
		}
	}
	return names
}

// lostWriters are the writers of base who are not in p any more, if p was rotated.
func lostWriters(base, p *Profile) (names []string) {
	if base.Key == p.Key {
		return nil
	}
	for _, r := range base.Recipients {
		if r.Writer && !slices.ContainsFunc(p.Recipients, func(s format.Recipient) bool { return s.String == r.String && s.Writer }) {
			names = append(names, r.Name)
		}
	}
	return names
}

// removed: a profile that a side removed, and that the other changed, is a conflict.
func (m *merger) removed(id format.ID, base *Profile, ps [2]*Profile, removed [2]bool) {
	side := Ours
	if !removed[Ours] {
		side = Theirs
	}
	other := ps[side.other()]
	if removed[side.other()] || other == nil || same(other, base) {
		m.plan.Removed = append(m.plan.Removed, Removal{id, side})
		return
	}
	m.conflict(Conflict{Kind: RemovedAndChanged, Profile: other.Name, Side: side})
	m.take(other, side.other())
}

// merge merges a section that both sides changed.
func (m *merger) merge(base *Profile, ps [2]*Profile) {
	ours, theirs := ps[Ours], ps[Theirs]
	r := Result{ID: base.ID, Revision: max(ours.Revision, theirs.Revision) + 1}
	rotated := [2]bool{ours.Key != base.Key, theirs.Key != base.Key}
	switch {
	case rotated[Ours] && rotated[Theirs] && ours.Key != theirs.Key:
		r.Rotate = true
	case rotated[Theirs]:
		r.Under = Theirs
	}
	for _, keys := range [][]format.Key{ours.Vouched, theirs.Vouched} {
		for _, k := range keys {
			if !slices.Contains(r.Vouched, k) && k != ps[r.Under].Key && !(r.Rotate && k == ps[r.Under.other()].Key) {
				r.Vouched = append(r.Vouched, k)
			}
		}
	}
	r.Name = m.mergeName(base, ours, theirs)
	suspects := m.suspects(base, ps)
	r.Recipients = m.mergeRecipients(base, ps, suspects)
	var conflicts []Conflict
	r.Entries, conflicts = Entries(base.Entries, ours.Entries, theirs.Entries)
	for _, c := range conflicts {
		c.Profile = ours.Name
		m.conflict(c)
	}
	for side, suspect := range suspects {
		if suspect {
			m.confirmValues(base, ps[side], Side(side), conflicts)
		}
	}
	m.mergeFormer(&r, base, ps)
	m.plan.Results = append(m.plan.Results, r)
}

func (m *merger) mergeName(base, ours, theirs *Profile) string {
	switch {
	case theirs.Name == base.Name || theirs.Name == ours.Name:
		return ours.Name
	case ours.Name == base.Name:
		return theirs.Name
	}
	m.conflict(Conflict{Kind: TwoProfileNames, Profile: base.Name})
	return ours.Name
}

// suspects says which side may be the work of a writer whom the other removed.
func (m *merger) suspects(base *Profile, ps [2]*Profile) (s [2]bool) {
	for side := range ps {
		s[side] = len(lostWriters(base, ps[Side(side).other()])) > 0
	}
	return s
}

func (m *merger) confirmValues(base, p *Profile, side Side, already []Conflict) {
	was, is := find(base.Entries), find(p.Entries)
	for i := range base.Entries {
		b := &base.Entries[i]
		if is[b.Name] == nil && b.Name != "" && !slices.ContainsFunc(already, func(c Conflict) bool { return c.Credential == b.Name }) {
			m.conflict(Conflict{Kind: ConfirmValue, Profile: p.Name, Credential: b.Name, Side: side, Base: b})
		}
	}
	for i := range p.Entries {
		e := &p.Entries[i]
		if e.same(was[e.Name]) || slices.ContainsFunc(already, func(c Conflict) bool { return c.Credential == e.Name }) {
			continue
		}
		c := Conflict{Kind: ConfirmValue, Profile: p.Name, Credential: e.Name, Side: side, Base: was[e.Name]}
		if side == Ours {
			c.Ours = e
		} else {
			c.Theirs = e
		}
		m.conflict(c)
	}
}

// mergeRecipients goes by name; removal beats a change. What a suspect side did is
// dropped and listed.
func (m *merger) mergeRecipients(base *Profile, ps [2]*Profile, suspects [2]bool) []format.Recipient {
	was := byName(base.Recipients)
	sides := [2]map[string]format.Recipient{byName(ps[Ours].Recipients), byName(ps[Theirs].Recipients)}
	for side, suspect := range suspects {
		if suspect {
			m.drop(was, sides[side], ps[side].Name)
			sides[side] = without(was, sides[side], base.Key != ps[side].Key)
		}
	}
	for side := range sides {
		sides[side] = renamedPeople(was, sides[side], sides[Side(side).other()])
	}
	names := map[string]bool{}
	for _, x := range []map[string]format.Recipient{was, sides[Ours], sides[Theirs]} {
		for name := range x {
			names[name] = true
		}
	}
	var merged []format.Recipient
	for _, name := range slices.Sorted(maps.Keys(names)) {
		b, inBase := was[name]
		o, inOurs := sides[Ours][name]
		t, inTheirs := sides[Theirs][name]
		switch {
		case inBase && (!inOurs || !inTheirs): // removed
			continue
		case !inOurs:
			merged = append(merged, t)
		case !inTheirs, inBase && equal(t, b), equal(o, t):
			merged = append(merged, o)
		case inBase && equal(o, b):
			merged = append(merged, t)
		case o.String != t.String:
			m.conflict(Conflict{Kind: RecipientTwoStrings, Profile: ps[Ours].Name, Recipient: name})
			merged = append(merged, o)
		default: // the same key: the lesser role, and our lock
			o.Writer = o.Writer && t.Writer
			merged = append(merged, o)
		}
	}
	slices.SortFunc(merged, func(a, b format.Recipient) int { return strings.Compare(a.Name, b.Name) })
	return m.oneNameEach(merged, ps[Ours].Name)
}

// without is what stays of a suspect side: the base, less those whom it removed with a
// rotation. Removal beats everything: two people may each have removed the other.
func without(was, is map[string]format.Recipient, rotated bool) map[string]format.Recipient {
	kept := maps.Clone(was)
	for name, b := range was {
		if r, ok := is[name]; rotated && (!ok || r.String != b.String) {
			delete(kept, name)
		}
	}
	return kept
}

// renamedPeople leaves out who is new on a side only by name, and was removed on the
// other; and gives who was made a reader there no more than that.
func renamedPeople(was, is, other map[string]format.Recipient) map[string]format.Recipient {
	kept := maps.Clone(is)
	for name, r := range is {
		if _, ok := was[name]; ok {
			continue
		}
		for _, b := range was {
			if b.String != r.String {
				continue
			}
			there := false
			for _, o := range other {
				if o.String == r.String {
					there = true
					r.Writer = r.Writer && (o.Writer || !b.Writer)
				}
			}
			if kept[name] = r; !there {
				delete(kept, name)
			}
		}
	}
	return kept
}

// oneNameEach finds one recipient string under two names.
func (m *merger) oneNameEach(rs []format.Recipient, profile string) []format.Recipient {
	seen := map[string]string{}
	var kept []format.Recipient
	for _, r := range rs {
		if first, ok := seen[r.String]; ok {
			m.conflict(Conflict{Kind: RecipientTwoNames, Profile: profile, Recipient: first + ", " + r.Name})
			continue
		}
		seen[r.String] = r.Name
		kept = append(kept, r)
	}
	return kept
}

func equal(a, b format.Recipient) bool {
	return a.Writer == b.Writer && a.String == b.String && a.Lock == b.Lock && string(a.Message) == string(b.Message)
}

func byName(rs []format.Recipient) map[string]format.Recipient {
	m := make(map[string]format.Recipient, len(rs))
	for _, r := range rs {
		m[r.Name] = r
	}
	return m
}

// drop lists what a side did to recipients.
func (m *merger) drop(was, is map[string]format.Recipient, profile string) {
	var list []string
	for name, r := range is {
		if b, ok := was[name]; !ok {
			list = append(list, fmt.Sprintf("%s: + %s", profile, name))
		} else if !equal(b, r) {
			list = append(list, fmt.Sprintf("%s: %s changed", profile, name))
		}
	}
	for name := range was {
		if _, ok := is[name]; !ok {
			list = append(list, fmt.Sprintf("%s: - %s", profile, name))
		}
	}
	slices.Sort(list)
	m.plan.Dropped = append(m.plan.Dropped, list...)
}

// mergeFormer gathers who left. If the side that still had one of them changed
// credentials, he may have seen the new values: his line takes the time of the merge.
func (m *merger) mergeFormer(r *Result, base *Profile, ps [2]*Profile) {
	for side, p := range ps {
		other := ps[Side(side).other()]
		for _, f := range p.Former {
			if !slices.Contains(r.Former, f) {
				r.Former = append(r.Former, f)
			}
			left := !slices.Contains(base.Former, f)
			if left && !slices.Contains(other.Former, f) && !slices.Contains(r.FormerNow, f.Name) && changedEntries(base, other) {
				r.FormerNow = append(r.FormerNow, f.Name)
			}
		}
	}
	slices.SortFunc(r.Former, func(a, b format.Former) int {
		if c := a.Time.Compare(b.Time); c != 0 {
			return c
		}
		return strings.Compare(a.Name, b.Name)
	})
}

func changedEntries(base, p *Profile) bool {
	was := find(base.Entries)
	return slices.ContainsFunc(p.Entries, func(e Entry) bool { return !e.same(was[e.Name]) })
}

// names finds one profile name for two ids, which no file can have.
func (m *merger) names() {
	seen := map[string]bool{}
	for _, r := range m.plan.Results {
		if seen[r.Name] {
			m.conflict(Conflict{Kind: OneNameTwoProfiles, Profile: r.Name})
		}
		seen[r.Name] = true
	}
}
