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
	removed := [2]*format.Removed{m.sides[Ours].removed(id), m.sides[Theirs].removed(id)}
	if m.refused(id, base, ps, removed) {
		return
	}
	if removed[Ours] != nil || removed[Theirs] != nil {
		m.removed(base, ps, removed)
		return
	}
	changed := [2]bool{!same(ps[Ours], base), !same(ps[Theirs], base)}
	reverted := base != nil && ps[Ours] != nil && ps[Theirs] != nil && changed[Theirs] && earlier(ps[Theirs], base) && !suspects(base, ps)[Theirs]
	if base != nil && (ps[Ours] == nil || ps[Theirs] == nil) {
		m.missing(base, ps)
		return
	}
	// The base has an older key, and counts higher: a revert of what someone wrote who had that key.
	overwritten := base != nil && base.Open && ps[Ours].Open && ps[Theirs].Open && ps[Theirs].vouchedBy(base.Key) && ps[Theirs].Revision <= base.Revision
	switch {
	case !changed[Theirs] || same(ps[Ours], ps[Theirs]):
		m.take(ps[Ours], Ours)
		if !same(ps[Ours], ps[Theirs]) {
			m.added(base, ps[Ours], Ours)
		}
	case !changed[Ours] && !reverted && !overwritten:
		m.take(ps[Theirs], Theirs)
		m.added(base, ps[Theirs], Theirs)
	case !ps[Ours].Open || !ps[Theirs].Open || base != nil && !base.Open:
		m.conflict(Conflict{Kind: NotWriter, ID: id, Profile: ps[Ours].Name})
		m.take(ps[Ours], Ours)
	case base == nil:
		m.merge(common(ps), ps)
	case reverted:
		m.merge(base, [2]*Profile{ps[Ours], m.reverted(base, ps)})
	default:
		m.merge(base, ps)
	}
}

// missing keeps a profile that a side lacks without a record of its removal, which anyone can
// bring about.
func (m *merger) missing(base *Profile, ps [2]*Profile) {
	for side, p := range ps {
		if p != nil {
			m.drop("%s: missing on the other side, without a record of its removal", base.Name)
			m.take(p, Side(side))
		}
	}
}

// common stands in for the base of a profile that both sides have and the base has not, as
// after a cherry-pick. While both have one key, nobody was removed. Otherwise, whoever is on
// one side only may have been removed on the other, and is not added again.
func common(ps [2]*Profile) *Profile {
	ours, theirs := ps[Ours], ps[Theirs]
	b := &Profile{ID: ours.ID}
	switch {
	case ours.Key == theirs.Key:
		b.Key = ours.Key
		return b
	case ours.vouchedBy(theirs.Key):
		b.Key = theirs.Key
	case theirs.vouchedBy(ours.Key):
		b.Key = ours.Key
	}
	for _, p := range ps {
		for _, r := range p.Recipients {
			if !slices.ContainsFunc(b.Recipients, func(x format.Recipient) bool { return x.String == r.String || x.Name == r.Name }) {
				b.Recipients = append(b.Recipients, r)
			}
		}
	}
	return b
}

func (p *Profile) vouchedBy(key format.Key) bool {
	return slices.ContainsFunc(p.Vouched, func(v format.Vouched) bool { return v.Key == key })
}

// refused reports whether a side is not trusted. It records a conflict and uses the other
// side's section or removal.
func (m *merger) refused(id format.ID, base *Profile, ps [2]*Profile, removed [2]*format.Removed) bool {
	last := -1
	for side, p := range ps {
		if p != nil && !same(p, base) && p.Refused != nil {
			m.conflict(Conflict{Kind: RefusedSide, ID: id, Profile: p.Name, Side: Side(side), Err: p.Refused})
			last = side
		}
	}
	if last < 0 {
		return false
	}
	if other := Side(last).other(); removed[other] != nil {
		m.plan.Removed = append(m.plan.Removed, *removed[other])
	} else {
		m.keep(other, ps, base)
	}
	return true
}

func (m *merger) take(p *Profile, side Side) {
	if p != nil {
		m.plan.Results = append(m.plan.Results, Result{ID: p.ID, Name: p.Name, Take: &side})
	}
}

// keep takes one side's section, else the other's. A refused one must equal the base.
func (m *merger) keep(side Side, ps [2]*Profile, base *Profile) {
	if p := ps[side]; p != nil && (p.Refused == nil || same(p, base)) {
		m.take(p, side)
	} else if p := ps[side.other()]; p != nil && (p.Refused == nil || same(p, base)) {
		m.take(p, side.other())
	}
}

// removed handles a profile that a side removed: a conflict if the other side changed it. If
// it was removed in the base, too, one side restored it.
func (m *merger) removed(base *Profile, ps [2]*Profile, removed [2]*format.Removed) {
	side := Ours
	if removed[Ours] == nil {
		side = Theirs
	}
	block, other := removed[side], ps[side.other()]
	switch {
	case other == nil && removed[Theirs] != nil && slices.ContainsFunc(removed[Theirs].Vouched, func(v format.Vouched) bool { return v.Key == block.Key }):
		m.plan.Removed = append(m.plan.Removed, *removed[Theirs]) // under a newer key, which a machine may know alone
		return
	case other == nil || removed[side.other()] != nil || base != nil && same(other, base):
		m.plan.Removed = append(m.plan.Removed, *block)
		return
	case m.base.removed(block.ID) != nil:
		m.take(other, side.other())
		return
	}
	choice, ok := m.choose(Conflict{Kind: RemovedAndChanged, ID: other.ID, Profile: other.Name, Side: side})
	newer := other.Key != block.Key && !slices.ContainsFunc(block.Vouched, func(v format.Vouched) bool { return v.Key == other.Key })
	switch {
	case ok && choice.Side == side && newer && other.Open: // the old key's word doesn't count anymore
		m.plan.Remove = append(m.plan.Remove, Removal{other.ID, side.other()})
		return
	case ok && choice.Side == side:
		m.plan.Removed = append(m.plan.Removed, *block)
		return
	}
	m.restore(other, side.other())
}

// restore keeps a profile that the other side removed. Machines that know of the removal accept
// it again under new keys, if another profile vouches for them.
func (m *merger) restore(p *Profile, side Side) {
	if !p.Open {
		m.conflict(Conflict{Kind: NotWriter, ID: p.ID, Profile: p.Name})
	}
	m.take(p, side)
	r := &m.plan.Results[len(m.plan.Results)-1]
	r.Rotate, r.Vouch = true, true
}

// maxAhead is how far revisions under a replaced key count: more than the writes on any honest branch, and
// so few that nobody reaches the limit of the format with it.
const maxAhead = 1 << 20

// merge merges a section that both sides changed.
func (m *merger) merge(base *Profile, ps [2]*Profile) {
	ours, theirs := ps[Ours], ps[Theirs]
	r := Result{ID: base.ID}
	rotated := [2]bool{ours.Key != base.Key, theirs.Key != base.Key}
	switch {
	case ours.Key == theirs.Key, ours.vouchedBy(theirs.Key): // ours has the newest key
	case rotated[Theirs] && (!rotated[Ours] || theirs.vouchedBy(ours.Key)):
		r.Under = Theirs
	case rotated[Theirs]:
		r.Apart = true
	}
	r.Vouched = lines(ps, r.Under, r.Apart)
	suspects, forks := suspects(base, ps), forks(base, ps)
	for side, p := range ps {
		revision := p.Revision
		if forks[side] { // anyone who had a replaced key can make any
			revision = min(revision, ps[Side(side).other()].Revision+maxAhead)
		}
		r.Revision = max(r.Revision, revision+1)
	}
	r.Name = m.mergeName(base, ps, suspects)
	r.Recipients = m.mergePeople(base, ps, suspects, forks)
	if !slices.ContainsFunc(r.Recipients, func(p format.Recipient) bool { return p.Writer }) {
		choice, _ := m.choose(Conflict{Kind: NoWriter, ID: base.ID, Profile: ours.Name})
		m.take(ps[choice.Side], choice.Side)
		return
	}
	r.Rotate = r.Apart || leftWithKey(ps, r.Under, r.Recipients)
	var entries [2][]Entry
	for side, p := range ps {
		entries[side] = p.Entries
		if suspects[side] {
			entries[side] = m.confirmed(base, ps, Side(side))
		}
	}
	r.Entries = stillExposed(base, ps, m.mergeEntries(base, ours.Name, entries))
	r.Former, r.FormerNow = former(base, ps, r.Recipients)
	m.plan.Results = append(m.plan.Results, r)
}

// leftWithKey reports whether someone has the key that a merged section would have, and is none of its
// recipients, or no writer anymore.
func leftWithKey(ps [2]*Profile, under Side, result []format.Recipient) bool {
	for _, p := range ps {
		for _, had := range p.Recipients {
			has := func(r format.Recipient) bool { return r.String == had.String && (r.Writer || !had.Writer) }
			if p.Key == ps[under].Key && !slices.ContainsFunc(result, has) {
				return true
			}
		}
	}
	return false
}

// lines returns the older vouched lines of a merged section: those of the side whose key it
// has, then those of the other, one for each key. Each vouches for the current key or for a key
// above it. If both sides rotated apart, the keys of both come above.
func lines(ps [2]*Profile, under Side, apart bool) (vs []format.Vouched) {
	above := map[format.Key]bool{ps[under].Key: true}
	if apart {
		above[ps[under.other()].Key] = true
	}
	for _, side := range []Side{under, under.other()} {
		for _, v := range ps[side].Vouched {
			if above[v.For] && !above[v.Key] {
				vs = append(vs, v)
				above[v.Key] = true
			}
		}
	}
	return vs[:min(len(vs), format.MaxVouched-2)]
}

// mergeName merges the profile's name. It drops and lists a suspect side's new name.
func (m *merger) mergeName(base *Profile, ps [2]*Profile, suspects [2]bool) string {
	var names [2]string
	for side, p := range ps {
		names[side] = p.Name
		if suspects[side] && p.Name != base.Name && p.Name != ps[Side(side).other()].Name {
			m.drop("%s: renamed to %s", base.Name, p.Name)
			names[side] = base.Name
		}
	}
	switch {
	case names[Theirs] == base.Name || names[Theirs] == names[Ours]:
		return names[Ours]
	case names[Ours] == base.Name:
		return names[Theirs]
	}
	choice, _ := m.choose(Conflict{Kind: TwoProfileNames, ID: base.ID, Profile: ps[Ours].Name, Names: names})
	return names[choice.Side]
}

func (m *merger) drop(text string, args ...any) {
	m.plan.Dropped = append(m.plan.Dropped, fmt.Sprintf(text, args...))
}
