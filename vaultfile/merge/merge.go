// Package merge merges two files that diverged from a common base: spec/credfile.md,
// Merging. It is a pure function of files that were opened and judged. It knows no keys and
// uses no randomness. It returns a plan, which package vaultfile carries out, and conflicts
// for the user to resolve.
package merge

import (
	"slices"

	"github.com/credfile/credfile/format"
)

// File is one of the three files.
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
	Vouched    []format.Key // the older keys in its lines, newest first
	Revision   uint64
	Recipients []format.Recipient // wraps don't count
	Former     []format.Former
	Entries    []Entry
	// Open reports whether the entries are known and the user is a writer.
	Open bool
	// Refused is the reason why the section is not trusted, judged by the base. It is nil
	// for a trusted section and in the base.
	Refused error
}

// Side is one of the two sides of a merge.
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
	ChangedAndUnset                 // of a credential
	TwoAdditions                    // of one name
	RenamedAndChanged               // of a credential
	OneNameTwoProfiles              // one profile name for two ids
	TwoProfileNames                 // a profile renamed twice
	RemovedAndChanged               // of a profile
	RecipientTwoNames               // one recipient string under two names
	RecipientTwoStrings             // one name with two recipient strings
	NotWriter                       // both sides changed a section that the user can't write
	RefusedSide                     // a side's section is not trusted
	ConfirmValue                    // it may be the work of a removed writer
	ConfirmProfile                  // the same, for an added profile
)

// Conflict is something for the user to decide.
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

// Result is the outcome for one profile.
type Result struct {
	ID   format.ID
	Name string
	// Take is the side whose section is used unchanged.
	Take *Side
	// If Take is nil, the profile is rewritten from the fields below.
	Under      Side // whose keys it has
	Rotate     bool // it gets new keys, which the keys of both sides vouch for
	Revision   uint64
	Vouched    []format.Key // the older keys, one line each; the lines come from the sides
	Recipients []format.Recipient
	Former     []format.Former
	FormerNow  []string // whose former lines get the time of the merge
	Entries    []Entry
	// Vouch reports whether the file's newest key must vouch for the profile again.
	Vouch bool
}

// Plan is the result of a merge.
type Plan struct {
	Results   []Result
	Removed   []Removal
	Conflicts []Conflict
	Dropped   []string // a removed writer's changes to roles, recipients and names
}

// Removal is a removed profile. Side has the removed block.
type Removal struct {
	ID   format.ID
	Side Side
}

// Merge plans the merge of two files. It matches profiles by id.
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

// ids returns the ids of all profiles: those in ours, then in theirs, then in base.
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

// names finds ids that share a profile name, which no file allows.
func (m *merger) names() {
	seen := map[string]bool{}
	for _, r := range m.plan.Results {
		if seen[r.Name] {
			m.conflict(Conflict{Kind: OneNameTwoProfiles, Profile: r.Name})
		}
		seen[r.Name] = true
	}
}
