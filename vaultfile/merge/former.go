package merge

import (
	"slices"
	"strings"

	"github.com/credfile/credfile/format"
)

// former collects the former recipients. now names those who may know more than their lines
// say: who was a recipient of a side, and is none of the result, knows the values of that side.
// If the other side removed them and this one changed nothing, the lines of the other are right.
func former(base *Profile, ps [2]*Profile, result []format.Recipient) (all []format.Former, now []string) {
	for side, p := range ps {
		other := ps[Side(side).other()]
		for _, f := range p.Former {
			if !slices.Contains(all, f) {
				all = append(all, f)
			}
		}
		for _, r := range p.Recipients {
			if hasString(result, r.String) {
				continue
			}
			name := r.Name
			for _, b := range base.Recipients {
				if b.String == r.String {
					name = b.Name
				}
			}
			removed := hasString(base.Recipients, r.String) && !hasString(other.Recipients, r.String)
			known := removed || cameAndWent(base, other, r.Name)
			if (!known || changedEntries(base, p)) && !slices.Contains(now, name) {
				now = append(now, name)
			}
		}
	}
	slices.SortFunc(all, func(a, b format.Former) int {
		if c := a.Time.Compare(b.Time); c != 0 {
			return c
		}
		return strings.Compare(a.Name, b.Name)
	})
	return all, now
}

func hasString(rs []format.Recipient, s string) bool {
	return slices.ContainsFunc(rs, func(r format.Recipient) bool { return r.String == s })
}

// changedEntries reports whether a side has values that the base has not, or that it confirmed.
func changedEntries(base, p *Profile) bool {
	was := find(base.Entries)
	return slices.ContainsFunc(p.Entries, func(e Entry) bool { return !e.identical(was[e.Name]) })
}

// stillExposed gives a value the earlier time that it has on a side whose new former line exposes it: who
// confirmed it on the other side didn't know of that line.
func stillExposed(base *Profile, ps [2]*Profile, entries []Entry) []Entry {
	for _, p := range ps {
		was := find(p.Entries)
		for i := range entries {
			e, x := &entries[i], was[entries[i].Name]
			if x == nil || e.Kind != "" || x.Kind != "" || x.Value != e.Value || !x.Time.Before(e.Time) {
				continue
			}
			if slices.ContainsFunc(p.Former, func(f format.Former) bool { return !x.Time.After(f.Time) && !slices.Contains(base.Former, f) }) {
				e.Time = x.Time
			}
		}
	}
	return entries
}
