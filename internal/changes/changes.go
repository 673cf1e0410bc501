// Package changes tells what differs between two versions of a file, by what is visible
// without a key. It compares only sections that verify. Whether their keys are the right ones
// is a question for package trust.
package changes

import (
	"slices"
	"strings"
	"time"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/vaultfile"
)

// State is what happened to a profile.
type State int

// The states.
const (
	Changed    State = iota
	Added            // a new profile
	Removed          // with a record of its removal
	Missing          // without one that its earlier key can have signed
	Unrecorded       // it was removed before, and now the record of that is missing
	Damaged          // it does not verify, here or before
)

// What is a set of changes to a credential or a recipient.
type What uint

// The changes. Renamed, Add and Remove are of both.
const (
	Add What = 1 << iota
	Remove
	Rename
	Value  // the time of the value
	Expiry // when it expires
	Sealed // sealed again: the time is the same, the bytes are not
	Role
	Key // another recipient
	Lock
	AsFile // whether programs get a credential as a file
)

// Changes is what differs between two versions of a file.
type Changes struct {
	// Replaced reports whether the second version is of another file: nothing of the first can
	// be in it.
	Replaced bool
	Profiles []Profile // that differ, by name
}

// Profile is what changed in a profile.
type Profile struct {
	Name   string
	Was    string // its name before; "" if it is the same
	ID     format.ID
	Hidden bool // the names of credentials are labels
	State  State
	// NameTaken reports of a profile that was added whether its name was another profile's, and
	// Restored, whether it was removed before.
	NameTaken, Restored bool

	Credentials []Credential
	Recipients  []Recipient
	// Rotated reports whether the profile has another key, and Vouched, whether the key before
	// vouches for it.
	Rotated, Vouched bool
	Resealed         bool // without a new key
	Comments, Order  bool
	Forgotten        []string // those who lost access and still know a value, without a record of that
	Revision, Before uint64   // of the section here, and before

	Damage, DamageBefore error // why the section does not verify
}

// Credential is a change to a credential.
type Credential struct {
	Name    string // or label
	Was     string // its name before, if it was renamed
	What    What
	Expires time.Time // zero for never
	File    bool      // programs get it as a file
}

// Recipient is a change to a recipient.
type Recipient struct {
	Name, Was string
	What      What
	Writer    bool // its role here, or before if it was removed
}

// Older reports whether the section is an older one than before.
func (p *Profile) Older() bool { return p.State == Changed && p.Revision < p.Before }

// Nothing reports whether a section was signed again although nothing that is visible changed.
func (p *Profile) Nothing() bool {
	return p.State == Changed && p.Was == "" && len(p.Credentials)+len(p.Recipients)+len(p.Forgotten) == 0 && !p.Rotated && !p.Comments && !p.Order && !p.Older()
}

// Comparer compares versions. It verifies a section that is in several of them once.
type Comparer struct{ verified map[[16]byte]bool }

// Compare returns what changed from one version to the next. Either is nil if there is none.
func (c *Comparer) Compare(old, now *vaultfile.File) *Changes {
	x := &comparison{Comparer: c, old: old, now: now, result: &Changes{}}
	x.result.Replaced = old != nil && now != nil && old.ID() != now.ID()
	for _, s := range sections(now) {
		x.here(s)
	}
	for _, s := range sections(old) {
		if x.find(now, s.ID) == nil {
			x.gone(s)
		}
	}
	x.records()
	slices.SortStableFunc(x.result.Profiles, func(a, b Profile) int { return strings.Compare(a.Name, b.Name) })
	return x.result
}

type comparison struct {
	*Comparer
	old, now *vaultfile.File
	result   *Changes
}

func sections(f *vaultfile.File) []*format.Profile {
	if f == nil {
		return nil
	}
	return f.UnverifiedSections()
}

// find returns the section with an id, unless the versions are of different files.
func (x *comparison) find(f *vaultfile.File, id format.ID) *format.Profile {
	for _, s := range sections(f) {
		if s.ID == id && !x.result.Replaced {
			return s
		}
	}
	return nil
}

// verify returns an error if a section does not verify.
func (c *Comparer) verify(f *vaultfile.File, s *format.Profile) error {
	digest := f.Digest(s)
	if c.verified[digest] {
		return s.Read()
	}
	_, err := f.Profile(s.Name)
	if err == nil {
		if c.verified == nil {
			c.verified = map[[16]byte]bool{}
		}
		c.verified[digest] = true
	}
	return err
}

// here compares a section of the second version.
func (x *comparison) here(s *format.Profile) {
	p := Profile{Name: s.Name, ID: s.ID, Hidden: s.Hidden, Revision: s.Revision}
	was := x.find(x.old, s.ID)
	p.Damage = x.verify(x.now, s)
	if was != nil {
		p.Before, p.DamageBefore = was.Revision, x.verify(x.old, was)
		if was.Name != s.Name {
			p.Was = was.Name
		}
	}
	switch {
	case p.Damage != nil || p.DamageBefore != nil:
		p.State = Damaged
	case was == nil:
		p.State = Added
		p.NameTaken = slices.ContainsFunc(sections(x.old), func(o *format.Profile) bool { return o.Name == s.Name })
		p.Restored = x.old != nil && !x.result.Replaced && slices.ContainsFunc(x.old.Removed(), func(r format.Removed) bool { return r.ID == s.ID })
		p.compare(&format.Profile{Hidden: s.Hidden, Key: s.Key}, s)
	case x.old.Digest(was) == x.now.Digest(s):
		return
	default:
		p.Rotated = was.Key != s.Key
		p.Vouched = p.Rotated && vouches(x.now, s.ID, s.Vouched, was.Key)
		p.compare(was, s)
	}
	x.result.Profiles = append(x.result.Profiles, p)
}

// gone adds a section of the first version that the second does not have.
func (x *comparison) gone(s *format.Profile) {
	p := Profile{Name: s.Name, ID: s.ID, Hidden: s.Hidden, Before: s.Revision, State: Missing}
	if p.DamageBefore = x.verify(x.old, s); p.DamageBefore == nil && x.now != nil && !x.result.Replaced {
		for _, r := range x.now.Removed() {
			if r.ID == s.ID && (r.Key == s.Key || vouches(x.now, r.ID, r.Vouched, s.Key)) {
				p.State = Removed
			}
		}
	}
	x.result.Profiles = append(x.result.Profiles, p)
}

// records adds profiles of whose removal the second version has no record anymore.
func (x *comparison) records() {
	if x.old == nil || x.now == nil || x.result.Replaced {
		return
	}
	recorded := map[format.ID]bool{}
	for _, r := range x.now.Removed() {
		recorded[r.ID] = true
	}
	for _, r := range x.old.Removed() {
		if !recorded[r.ID] && x.find(x.now, r.ID) == nil {
			x.result.Profiles = append(x.result.Profiles, Profile{Name: r.Name, ID: r.ID, State: Unrecorded})
		}
	}
}

// vouches reports whether a key vouches in the lines of a section.
func vouches(f *vaultfile.File, id format.ID, lines []format.Vouched, key format.Key) bool {
	i := slices.IndexFunc(lines, func(v format.Vouched) bool { return v.Key == key })
	return i >= 0 && f.Vouches(id, lines[i])
}
