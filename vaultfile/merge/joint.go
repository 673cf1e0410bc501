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
	for _, r := range bases[0].Removed {
		if !slices.ContainsFunc(bases, func(b *File) bool { return b.removed(r.ID) == nil }) {
			joint.Removed = append(joint.Removed, r)
		}
	}
	var done []format.ID
	for _, b := range bases {
		for _, p := range b.Profiles {
			if !slices.Contains(done, p.ID) {
				joint.Profiles = append(joint.Profiles, jointProfile(bases, p.ID))
				done = append(done, p.ID)
			}
		}
	}
	return joint
}

func jointProfile(bases []*File, id format.ID) *Profile {
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
	for _, p := range append([]*Profile{newest}, all...) {
		joint.Open = joint.Open && (p == nil || p.Open)
		if p == nil {
			continue
		}
		for _, e := range p.Entries {
			if !seen[e.Name] {
				e.Unsure = !agreed(all, &e)
				joint.Entries = append(joint.Entries, e)
			}
			seen[e.Name] = true
		}
	}
	joint.Entries = endLast(joint.Entries)
	return &joint
}

// agreed reports whether all bases have a credential alike.
func agreed(all []*Profile, e *Entry) bool {
	return !slices.ContainsFunc(all, func(p *Profile) bool { return p == nil || !e.same(find(p.Entries)[e.Name]) })
}
