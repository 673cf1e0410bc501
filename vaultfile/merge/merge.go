// Package merge merges two files that were changed apart, with the one that both
// come from: spec/credfile.md, Merging. It is a pure function on files that were
// opened and judged; it knows no keys and makes no random numbers. What it returns
// is a plan, which package vaultfile carries out, and conflicts, which somebody
// resolves.
package merge

import (
	"slices"

	"github.com/credfile/credfile/format"
)

// File is one of the three.
type File struct {
	Profiles []*Profile
	Removed  []format.ID
}

// Profile is a section, as far as it could be opened.
type Profile struct {
	ID         format.ID
	Name       string
	Key        format.Key
	Digest     [16]byte     // of the section's bytes
	Vouched    []format.Key // the earlier keys in its lines, newest first
	Revision   uint64
	Recipients []format.Recipient // wraps do not count
	Former     []format.Former
	Entries    []Entry
	// Open says that the entries are there, and that we are a writer.
	Open bool
	// Refused says why the section is not to be trusted, judged by what the base
	// says; nil if it is, and for the base.
	Refused error
}

// Side is one of the two that are merged.
type Side int

// The sides.
const (
	Ours Side = iota
	Theirs
)

func (s Side) other() Side { return 1 - s }

func (s Side) String() string { return [...]string{"ours", "theirs"}[s] }

// Kind is the kind of a conflict.
type Kind int

// The kinds of conflicts.
const (
	TwoValues           Kind = iota // for one name
	ChangedAndUnset                 // a credential
	TwoAdditions                    // of one name
	RenamedAndChanged               // a credential
	OneNameTwoProfiles              // one profile name for two ids
	TwoProfileNames                 // a profile renamed twice
	RemovedAndChanged               // a profile
	RecipientTwoNames               // one recipient string under two names
	RecipientTwoStrings             // one name with two recipient strings
	NotWriter                       // both sides changed a section that we can't write
	RefusedSide                     // a side's section is not to be trusted
	ConfirmValue                    // perhaps the work of a writer who was removed
	ConfirmProfile                  // the same, a profile that was added
)

// Conflict is something for a person to decide.
type Conflict struct {
	Kind               Kind
	Profile            string // its name
	Credential         string
	Recipient          string
	Renamed            string // the credential's other name
	Side               Side   // of RefusedSide, ConfirmValue and ConfirmProfile
	Base, Ours, Theirs *Entry
	Err                error // of RefusedSide
}

// Result is what becomes of a profile.
type Result struct {
	ID   format.ID
	Name string
	// Take says that the section of that side is taken as it is.
	Take *Side
	// Else it is written anew, with what follows.
	Under      Side // whose keys it has
	Rotate     bool // and gets new ones: the keys of both sides vouch for them
	Revision   uint64
	Vouched    []format.Key // the older lines, one a key; each side's lines are the source
	Recipients []format.Recipient
	Former     []format.Former
	FormerNow  []string // whose former lines take the time of the merge
	Entries    []Entry
	// Vouch says that the newest key of the file has to vouch for it again.
	Vouch bool
}

// Plan is what a merge comes to.
type Plan struct {
	Results   []Result
	Removed   []Removal
	Conflicts []Conflict
	Dropped   []string // what a writer who was removed did to roles and recipients
}

// Removal is a removed profile, whose block a side has.
type Removal struct {
	ID   format.ID
	Side Side
}

// Merge plans the merge of two files, by the ids of their profiles.
func Merge(base, ours, theirs *File) *Plan {
	m := &merger{base: base, sides: [2]*File{ours, theirs}, plan: &Plan{}}
	for _, id := range m.ids() {
		m.profile(id)
	}
	m.names()
	return m.plan
}

type merger struct {
	base  *File
	sides [2]*File
	plan  *Plan
}

// ids are those of all profiles, in the order of ours, then theirs.
func (m *merger) ids() []format.ID {
	var ids []format.ID
	for _, f := range []*File{m.sides[Ours], m.sides[Theirs], m.base} {
		for _, p := range f.Profiles {
			if !slices.Contains(ids, p.ID) {
				ids = append(ids, p.ID)
			}
		}
		for _, id := range f.Removed {
			if !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

func (f *File) find(id format.ID) *Profile {
	for _, p := range f.Profiles {
		if p.ID == id {
			return p
		}
	}
	return nil
}

func (m *merger) conflict(c Conflict) { m.plan.Conflicts = append(m.plan.Conflicts, c) }

// names finds one profile name for two ids, which no file can have.
func (m *merger) names() {
	seen := map[string]bool{}
	for _, r := range m.plan.Results {
		if seen[r.Name] {
			m.conflict(Conflict{Kind: OneNameTwoProfiles, Profile: r.Name})
		}
		seen[r.Name] = true
	}
}
