package merge

import (
	"slices"
	"time"

	"github.com/credfile/credfile/format"
)

// earlier reports whether a side is from before the base. Keys say so before revisions, which whoever had
// a replaced key chose.
func earlier(p, base *Profile) bool {
	return base.vouchedBy(p.Key) || p.Revision < base.Revision && !p.vouchedBy(base.Key)
}

// reverted returns what theirs changes if it is older than the base, as in a revert: values
// alone, which are set anew. Recipients, their removal and all times stay those of the base. A value
// that someone who was removed knows has to be confirmed, and keeps its time.
func (m *merger) reverted(base *Profile, ps [2]*Profile) *Profile {
	older := *base
	older.Recipients = slices.DeleteFunc(slices.Clone(base.Recipients), func(r format.Recipient) bool { return !hasString(ps[Ours].Recipients, r.String) })
	older.Former = slices.Clone(base.Former)
	left := leftSince(ps)
	is, was := find(ps[Theirs].Entries), find(base.Entries)
	x := index{was, was, is, map[string][]Entry{}}
	for i := range base.Entries {
		x.merged[base.Entries[i].Name] = list(is[base.Entries[i].Name])
	}
	for i := range ps[Theirs].Entries {
		e := &ps[Theirs].Entries[i]
		name, b := e.Name, was[e.Name]
		if e.same(b) {
			x.merged[name] = list(b)
			continue
		}
		again := *e
		again.Time = time.Time{}
		secret := name != "" && e.Kind == ""
		known := ps[Theirs].Suspect || secret && len(left) > 0 || slices.ContainsFunc(slices.Concat(base.Former, ps[Ours].Former), func(f format.Former) bool {
			return secret && !e.Time.After(f.Time) || ps[Theirs].Key != base.Key // whoever had that key chose the time
		})
		if known {
			again.Time = e.Time
			choice, ok := m.choose(Conflict{Kind: ExposedValue, ID: base.ID, Profile: base.Name, Credential: name, Side: Theirs, Base: b, Ours: b, Theirs: e})
			if !ok || choice.Side != Theirs {
				x.merged[name] = list(b)
				continue
			}
		}
		x.merged[name] = list(&again)
		for _, who := range left {
			if secret && known {
				older.Former = append(older.Former, format.Former{Name: who, Time: e.Time})
			}
		}
	}
	older.Entries = x.order(base.Entries, ps[Theirs].Entries)
	return &older
}

// leftSince returns the recipients of an older version who are none of ours. They know its values, whether
// there was something to record when they left or not.
func leftSince(ps [2]*Profile) (names []string) {
	for _, r := range ps[Theirs].Recipients {
		if ps[Theirs].Key != ps[Ours].Key && !hasString(ps[Ours].Recipients, r.String) {
			names = append(names, r.Name)
		}
	}
	return names
}
