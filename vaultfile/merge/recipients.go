package merge

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/credfile/credfile/format"
)

// mergeRecipients merges by name. Removal beats a change. It drops and lists the changes of
// a suspect side.
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

// without returns what remains of a suspect side: the base, less the recipients that the side
// removed with a rotation. Removal beats everything: two people may have removed each other.
func without(was, is map[string]format.Recipient, rotated bool) map[string]format.Recipient {
	kept := maps.Clone(was)
	for name, b := range was {
		if r, ok := is[name]; rotated && (!ok || r.String != b.String) {
			delete(kept, name)
		}
	}
	return kept
}

// renamedPeople handles the recipients that a side only renamed. It drops those whom the
// other side removed, and makes readers of those whom the other side made readers.
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

// oneNameEach finds recipient strings that have two names.
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

// drop lists a side's changes to recipients.
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

// mergeFormer collects the former recipients. If the side that still had one of them changed
// credentials, they may have seen the new values: their line gets the time of the merge.
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
