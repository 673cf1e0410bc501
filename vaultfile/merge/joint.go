package merge

import (
	"slices"

	"github.com/credfile/credfile/format"
)

// Joint returns what stands for the base of two sides that have several: they were merged with
// each other before (a criss-cross). Each profile is that of the base with the newest keys. What the
// bases disagree on counts as changed by both sides, so that the user decides it.
func Joint(bases []*File) *File {
	switch len(bases) {
	case 0:
		return &File{}
	case 1:
		return bases[0]
	}
	joint := &File{}
	found := make([]*indexed, len(bases))
	for i, b := range bases {
		found[i] = newIndexed(b)
	}
	for _, r := range bases[0].Removed {
		if !slices.ContainsFunc(found, func(b *indexed) bool { return b.removed(r.ID) == nil }) {
			joint.Removed = append(joint.Removed, r)
		}
	}
	done := map[format.ID]bool{}
	for _, b := range bases {
		for _, p := range b.Profiles {
			if !done[p.ID] {
				joint.Profiles = append(joint.Profiles, jointProfile(found, p.ID))
				done[p.ID] = true
			}
		}
	}
	return joint
}

func jointProfile(bases []*indexed, id format.ID) *Profile {
	var all []*Profile // nil for a base without it
	var newest *Profile
	equal := true
	for _, b := range bases {
		p := b.find(id)
		all = append(all, p)
		equal = equal && same(all[0], p)
		if p != nil && (newest == nil || p.vouchedBy(newest.Key) || p.Key == newest.Key && p.Revision > newest.Revision) {
			newest = p
		}
	}
	if equal {
		return newest
	}
	joint := *newest
	joint.Digest = [16]byte{}
	joint.Entries = nil
	seen := map[string]bool{}
	entries := make([]map[string]*Entry, len(all))
	for i, p := range all {
		if p != nil {
			entries[i] = find(p.Entries)
		}
	}
	for _, p := range append([]*Profile{newest}, all...) {
		joint.Open = joint.Open && (p == nil || p.Open)
		if p == nil {
			continue
		}
		for _, e := range p.Entries {
			if !seen[e.Name] {
				e.Unsure = !agreed(entries, &e)
				joint.Entries = append(joint.Entries, e)
			}
			seen[e.Name] = true
		}
	}
	joint.Entries = endLast(joint.Entries)
	return &joint
}

// agreed reports whether all bases have a credential alike.
func agreed(all []map[string]*Entry, e *Entry) bool {
	return !slices.ContainsFunc(all, func(entries map[string]*Entry) bool { return entries == nil || !e.same(entries[e.Name]) })
}
