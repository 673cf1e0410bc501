package merge

import (
	"slices"

	"github.com/credfile/credfile/format"
)

// added handles a profile that one side added: it may be the work of a writer whom the other
// side removed from any profile, whatever keys this side has there: sections can be copied. Until
// the user confirms it, it stays out.
func (m *merger) added(base, p *Profile, side Side) {
	suspect := func(p *Profile) bool { return p.Suspect }
	lost := func(p *Profile) bool {
		base := m.base.find(p.ID)
		return base != nil && lostWriter(base, p)
	}
	if p == nil || base != nil || !p.Doubtful && !slices.ContainsFunc(m.sides[side].Profiles, suspect) && !slices.ContainsFunc(m.sides[side.other()].Profiles, lost) {
		return
	}
	choice, ok := m.choose(Conflict{Kind: ConfirmProfile, ID: p.ID, Profile: p.Name, Side: side})
	if !ok || choice.Side != side {
		m.plan.Results = m.plan.Results[:len(m.plan.Results)-1]
	}
	if ok && choice.Side != side && p.Open { // who has seen it is told
		m.plan.Remove = append(m.plan.Remove, Removal{p.ID, side})
	}
}

// lostWriter reports whether p was rotated since the base, and lost a writer of the base, or one
// who came and went. Readers have no key to sign with.
func lostWriter(base, p *Profile) bool {
	return base.Key != p.Key && (slices.ContainsFunc(base.Recipients, func(r format.Recipient) bool {
		return r.Writer && !slices.ContainsFunc(p.Recipients, func(s format.Recipient) bool { return s.String == r.String && s.Writer })
	}) || slices.ContainsFunc(p.Former, func(f format.Former) bool {
		reader := slices.ContainsFunc(base.Recipients, func(r format.Recipient) bool { return r.Name == f.Name && !r.Writer })
		return !reader && !slices.Contains(base.Former, f)
	}))
}

// suspects reports which sides may be the work of a writer whom the other side removed.
func suspects(base *Profile, ps [2]*Profile) (s [2]bool) {
	for side, fork := range forks(base, ps) {
		s[side] = fork && (ps[side].Suspect || lostWriter(base, ps[Side(side).other()]))
	}
	return s
}

// forks reports which sides lack keys by which the other side replaced those of the base. Whoever
// had the older keys could write them, also someone who came and went and left no trace.
func forks(base *Profile, ps [2]*Profile) (f [2]bool) {
	for side, p := range ps {
		other := ps[Side(side).other()]
		f[side] = other.Key != base.Key && p.Key != other.Key && !p.vouchedBy(other.Key)
	}
	return f
}

// cameAndWent reports whether a side removed someone of that name since the base, which takes
// new keys.
func cameAndWent(base, p *Profile, name string) bool {
	return p.Key != base.Key && slices.ContainsFunc(p.Former, func(f format.Former) bool { return f.Name == name && !slices.Contains(base.Former, f) })
}
