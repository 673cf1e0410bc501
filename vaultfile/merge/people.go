package merge

import (
	"slices"
	"strings"

	"github.com/credfile/credfile/format"
)

// individual is a recipient of the base on both sides, or a new one of one or both. A side that
// lacks them has nil.
type individual struct {
	base  *format.Recipient
	sides [2]*format.Recipient
}

// mergePeople merges recipients, person by person. Removal beats a change. It drops and lists
// what a suspect side changed, but not whom it removed: two people may have removed each other.
func (m *merger) mergePeople(base *Profile, ps [2]*Profile, suspects, forks [2]bool) []format.Recipient {
	var merged []format.Recipient
	for _, p := range pair(base, ps) {
		for side := range ps {
			if p.base != nil && p.sides[side] == nil && ps[side].Key == base.Key { // without new keys, nobody was removed
				p.sides[side] = p.base
			}
		}
		were := p.sides // not what the user's answers made of them
		for side := range ps {
			if suspects[side] || forks[side] {
				m.distrust(p, Side(side), were[Side(side).other()], ps, base, suspects[side])
			}
		}
		var r *format.Recipient
		if p.base != nil {
			r = m.mergePerson(p, ps[Ours])
		} else {
			r = m.mergeNewcomer(p, base, ps)
		}
		if r != nil {
			merged = append(merged, *r)
		}
	}
	return m.oneEach(m.oneName(merged, ps), ps)
}

// pair finds each person on both sides: someone of the base by key, then by name; a newcomer by
// key.
func pair(base *Profile, ps [2]*Profile) []*individual {
	var people []*individual
	for i := range base.Recipients {
		people = append(people, &individual{base: &base.Recipients[i]})
	}
	for side, p := range ps {
		rest := make([]*format.Recipient, len(p.Recipients))
		for i := range rest {
			rest[i] = &p.Recipients[i]
		}
		claim := func(is func(*individual, *format.Recipient) bool) {
			for _, x := range people {
				if x.sides[side] != nil {
					continue
				}
				if i := slices.IndexFunc(rest, func(r *format.Recipient) bool { return is(x, r) }); i >= 0 {
					x.sides[side] = rest[i]
					rest = slices.Delete(rest, i, i+1)
				}
			}
		}
		claim(func(x *individual, r *format.Recipient) bool { return x.base != nil && x.base.String == r.String })
		claim(func(x *individual, r *format.Recipient) bool { return x.base != nil && x.base.Name == r.Name })
		claim(func(x *individual, r *format.Recipient) bool {
			return x.base == nil && x.sides[Ours] != nil && x.sides[Ours].String == r.String
		})
		for _, r := range rest {
			x := &individual{}
			x.sides[side] = r
			people = append(people, x)
		}
	}
	return people
}

// distrust undoes what a suspect side changed of a person, unless the other side has the same. Of a
// side that is only a fork, the user may confirm what it gave; what it took away counts. A removal by
// a suspect side may be confirmed, too: two people may have removed each other.
func (m *merger) distrust(p *individual, side Side, other *format.Recipient, ps [2]*Profile, base *Profile, suspect bool) {
	is := p.sides[side]
	if is != nil && other != nil && equal(*is, *other) || p.base != nil && other == nil {
		return // the other side did the same, or removed them
	}
	c := Conflict{Kind: ConfirmAccess, ID: base.ID, Profile: ps[side].Name, Side: side}
	switch {
	case is == nil && p.base == nil:
	case suspect && p.base != nil && (is == nil || is.String != p.base.String):
		if is != nil {
			m.drop("%s: the new key of %s", ps[side].Name, is.Name)
			p.sides[side] = nil
		}
		c.Kind, c.Names = ConfirmRemoval, [2]string{p.base.Name, p.base.Name}
		if choice, ok := m.choose(c); ok && choice.Side != side {
			p.sides[side] = p.base
		}
	case is == nil:
	case p.base != nil && equal(*is, *p.base):
	case suspect:
		m.drop("%s: access of %s", ps[side].Name, is.Name)
		p.sides[side] = p.base
	case p.base == nil && other != nil: // the other side gives them access, too
	default:
		took := taken(p.base, is, ps[side].Key != base.Key)
		if took != nil && equal(*is, *took) {
			return
		}
		c.Names = [2]string{is.Name, is.Name}
		if choice, ok := m.choose(c); !ok || choice.Side != side {
			p.sides[side] = took
		}
	}
}

// taken returns someone of the base with what a side took away from them, and nothing that it
// gave. Without new keys, it took nothing.
func taken(base, is *format.Recipient, rotated bool) *format.Recipient {
	if base == nil || rotated && is.String != base.String {
		return nil
	}
	r := *base
	r.Writer = r.Writer && (is.Writer || !rotated)
	return &r
}

// mergePerson merges what two sides changed of someone of the base: name, role, and the key
// with its lock.
func (m *merger) mergePerson(p *individual, ours *Profile) *format.Recipient {
	b, o, t := p.base, p.sides[Ours], p.sides[Theirs]
	if o == nil || t == nil {
		return nil // removed
	}
	c := Conflict{ID: ours.ID, Profile: ours.Name, Names: [2]string{o.Name, t.Name}}
	renamed, replaced := [2]bool{o.Name != b.Name, t.Name != b.Name}, [2]bool{o.String != b.String, t.String != b.String}
	switch {
	case replaced[Ours] && replaced[Theirs] && o.String != t.String,
		replaced[Ours] && renamed[Theirs] && o.Name != t.Name, replaced[Theirs] && renamed[Ours] && o.Name != t.Name:
		c.Kind = RecipientTwoStrings
		choice, ok := m.choose(c)
		if !ok && replaced[Theirs] && !replaced[Ours] {
			choice.Side = Theirs // the old key has no access anymore
		}
		r := *p.sides[choice.Side]
		r.Writer = o.Writer && t.Writer
		return &r
	}
	r := *o
	if replaced[Theirs] {
		r = *t
	} else if !replaced[Ours] && o.Lock == b.Lock && string(o.Message) == string(b.Message) {
		r.Lock, r.Message = t.Lock, t.Message
	}
	if r.Writer = o.Writer; o.Writer == b.Writer {
		r.Writer = t.Writer
	}
	switch {
	case !renamed[Ours]:
		r.Name = t.Name
	case renamed[Theirs] && o.Name != t.Name:
		c.Kind = RecipientTwoNames
		choice, _ := m.choose(c)
		r.Name = c.Names[choice.Side]
	default:
		r.Name = o.Name
	}
	return &r
}

// mergeNewcomer merges someone whom one side added, or both. Whom the other side removed since
// the base stays out.
func (m *merger) mergeNewcomer(p *individual, base *Profile, ps [2]*Profile) *format.Recipient {
	o, t := p.sides[Ours], p.sides[Theirs]
	for side, r := range p.sides {
		if r != nil && p.sides[Side(side).other()] == nil && cameAndWent(base, ps[Side(side).other()], r.Name) {
			m.drop("%s: + %s", ps[side].Name, r.Name)
			return nil
		}
	}
	switch {
	case o == nil:
		return t
	case t == nil:
		return o
	}
	r := *o
	r.Writer = o.Writer && t.Writer
	if o.Name != t.Name {
		c := Conflict{Kind: RecipientTwoNames, ID: ps[Ours].ID, Profile: ps[Ours].Name, Names: [2]string{o.Name, t.Name}}
		choice, _ := m.choose(c)
		r.Name = c.Names[choice.Side]
	}
	return &r
}

// oneName finds people who have two names: added on one side, and the new key of someone on the other.
// They get the lesser role.
func (m *merger) oneName(rs []format.Recipient, ps [2]*Profile) (kept []format.Recipient) {
	for _, r := range rs {
		i := slices.IndexFunc(kept, func(x format.Recipient) bool { return x.String == r.String })
		if i < 0 {
			kept = append(kept, r)
			continue
		}
		c := Conflict{Kind: RecipientTwoNames, ID: ps[Ours].ID, Profile: ps[Ours].Name}
		for side, p := range ps {
			for _, x := range p.Recipients {
				if x.String == r.String {
					c.Names[side] = x.Name
				}
			}
		}
		choice, _ := m.choose(c)
		writer := r.Writer && kept[i].Writer
		if r.Name == c.Names[choice.Side] {
			kept[i] = r
		}
		kept[i].Writer = writer
	}
	return kept
}

// oneEach finds names that two people have. The one whom the chosen side calls so stays.
func (m *merger) oneEach(rs []format.Recipient, ps [2]*Profile) []format.Recipient {
	slices.SortStableFunc(rs, func(a, b format.Recipient) int { return strings.Compare(a.Name, b.Name) })
	var kept []format.Recipient
	for _, r := range rs {
		n := len(kept)
		if n == 0 || kept[n-1].Name != r.Name {
			kept = append(kept, r)
			continue
		}
		c := Conflict{Kind: RecipientTwoStrings, ID: ps[Ours].ID, Profile: ps[Ours].Name, Names: [2]string{r.Name, r.Name}}
		choice, ok := m.choose(c)
		isChosen := slices.ContainsFunc(ps[choice.Side].Recipients, func(x format.Recipient) bool { return x.String == r.String && x.Name == r.Name })
		switch {
		case ok && choice.Both != "":
			r.Name = choice.Both
			kept = append(kept, r)
		case isChosen:
			kept[n-1] = r
		}
	}
	return kept
}

func equal(a, b format.Recipient) bool {
	return a.Name == b.Name && a.Writer == b.Writer && a.String == b.String && a.Lock == b.Lock && string(a.Message) == string(b.Message)
}
