package merge

import (
	"fmt"
	"slices"

	"github.com/credfile/credfile/format"
)

func same(a, b *Profile) bool {
	return a == b || a != nil && b != nil && a.Digest == b.Digest
}

// profile plans the outcome for one id.
func (m *merger) profile(id format.ID) {
	base := m.base.find(id)
	ps := [2]*Profile{m.sides[Ours].find(id), m.sides[Theirs].find(id)}
	removed := [2]bool{slices.Contains(m.sides[Ours].Removed, id), slices.Contains(m.sides[Theirs].Removed, id)}
	if m.refused(id, base, ps, removed) {
		return
	}
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
	case ps[Ours] == nil || ps[Theirs] == nil: // missing without a record, and changed
		m.keep(id, Ours, ps, base)
	case base == nil || !ps[Ours].Open || !ps[Theirs].Open || !base.Open:
		m.conflict(Conflict{Kind: NotWriter, Profile: ps[Ours].Name})
		m.take(ps[Ours], Ours)
	default:
		m.merge(base, ps)
	}
}

// refused reports whether a side is not trusted. It records a conflict and uses the other
// side's section or removal.
func (m *merger) refused(id format.ID, base *Profile, ps [2]*Profile, removed [2]bool) bool {
	last := -1
	for side, p := range ps {
		if p != nil && !same(p, base) && p.Refused != nil {
			m.conflict(Conflict{Kind: RefusedSide, Profile: p.Name, Side: Side(side), Err: p.Refused})
			last = side
		}
	}
	if last < 0 {
		return false
	}
	if other := Side(last).other(); removed[other] {
		m.plan.Removed = append(m.plan.Removed, Removal{id, other})
	} else {
		m.keep(id, other, ps, base)
	}
	return true
}

func (m *merger) take(p *Profile, side Side) {
	if p != nil {
		m.plan.Results = append(m.plan.Results, Result{ID: p.ID, Name: p.Name, Take: &side})
	}
}

// keep takes one side's section, else the other's. A refused one must equal the base.
func (m *merger) keep(id format.ID, side Side, ps [2]*Profile, base *Profile) {
	if p := ps[side]; p != nil && (p.Refused == nil || same(p, base)) {
		m.take(p, side)
	} else if p := ps[side.other()]; p != nil && (p.Refused == nil || same(p, base)) {
		m.take(p, side.other())
	}
}

// added handles a profile that one side added: it may be the work of a writer whom the
// other side removed.
func (m *merger) added(base, p *Profile, side Side) {
	if p == nil || base != nil || len(m.removedWriters(side.other())) == 0 {
		return
	}
	m.conflict(Conflict{Kind: ConfirmProfile, Profile: p.Name, Side: side})
	m.plan.Results[len(m.plan.Results)-1].Vouch = true
}

// removedWriters returns the writers whom a side removed, with a rotation, from any profile.
func (m *merger) removedWriters(side Side) (names []string) {
	for _, p := range m.sides[side].Profiles {
		if base := m.base.find(p.ID); base != nil {
			names = append(names, lostWriters(base, p)...)
		}
	}
	return names
}

// lostWriters returns the writers of base who are not writers of p, if p was rotated.
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

// removed handles a profile that a side removed: a conflict if the other side changed it.
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
	suspects := m.suspects(base, ps)
	r.Name = m.mergeName(base, ps, suspects)
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

// mergeName merges the profile's name. It drops and lists a suspect side's new name.
func (m *merger) mergeName(base *Profile, ps [2]*Profile, suspects [2]bool) string {
	var names [2]string
	for side, p := range ps {
		names[side] = p.Name
		if suspects[side] && p.Name != base.Name {
			m.plan.Dropped = append(m.plan.Dropped, fmt.Sprintf("%s: renamed to %s", base.Name, p.Name))
			names[side] = base.Name
		}
	}
	switch {
	case names[Theirs] == base.Name || names[Theirs] == names[Ours]:
		return names[Ours]
	case names[Ours] == base.Name:
		return names[Theirs]
	}
	m.conflict(Conflict{Kind: TwoProfileNames, Profile: base.Name})
	return names[Ours]
}

// suspects reports which sides may be the work of a writer whom the other side removed.
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
