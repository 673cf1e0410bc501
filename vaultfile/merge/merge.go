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
	Removed  []format.Removed
}

// Profile is a section, as far as it could be opened.
type Profile struct {
	ID         format.ID
	Name       string
	Key        format.Key
	Digest     [16]byte         // of the section's bytes
	Vouched    []format.Vouched // newest first
	Revision   uint64
	Recipients []format.Recipient // wraps don't count
	Former     []format.Former
	Entries    []Entry
	// Open reports whether the entries are known and the user is a writer.
	Open bool
	// Refused is the reason why the section is not trusted. It is nil for a trusted section and
	// in the base.
	Refused error
	// Doubtful is set for a new profile that only the base vouches for.
	Doubtful bool
	// Suspect is set if someone who had this key was removed by the other side, as far as the caller
	// knows. From the base alone, this package can't tell: whoever made a side may have chosen it.
	Suspect bool
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
	RecipientTwoStrings             // one name with two recipient strings, or renamed and replaced
	NoWriter                        // the sides removed all writers of a profile
	NoProfile                       // the sides removed all profiles
	NotWriter                       // both sides changed a section that the user can't write
	RefusedSide                     // a side's section is not trusted
	ConfirmValue                    // it may be the work of a removed writer
	ConfirmProfile                  // the same, for an added profile
	ExposedValue                    // a revert brings back what someone who was removed knows
	ConfirmAccess                   // given by a side whose keys the other side replaced
	ConfirmRemoval                  // of a recipient, by what may be a removed writer's work
)

// Conflict is something for the user to decide.
type Conflict struct {
	Kind       Kind
	ID         format.ID // of the profile
	Profile    string    // its name
	Other      format.ID // of the other profile of that name
	Names      [2]string // of the profile or the recipient, on the two sides
	Credential string
	Renamed    string // the credential's other name
	Side       Side   // of RefusedSide, RemovedAndChanged (who removed) and what has to be confirmed

	Base, Ours, Theirs *Entry
	Err                error // of RefusedSide
}

// Choice resolves a conflict.
type Choice struct {
	Side Side
	// Both, if not empty, keeps both: theirs under this name. A renamed and changed credential
	// then has the new name and the new value, whatever Both is.
	Both string
}

// Decide returns the user's choice for a conflict, if there is one.
type Decide func(Conflict) (Choice, bool)

// Result is the outcome for one profile.
type Result struct {
	ID   format.ID
	Name string
	// Take is the side whose section is used unchanged, but for another name, Rotate and Vouch.
	Take *Side
	// If Take is nil, the profile is rewritten from the fields below.
	Under      Side // whose keys it has
	Rotate     bool // it gets new keys, which the key of Under vouches for
	Apart      bool // both sides rotated: so does the key of the other
	Revision   uint64
	Vouched    []format.Vouched // the older lines
	Recipients []format.Recipient
	Former     []format.Former
	FormerNow  []string // whose former lines get the time of the merge
	Entries    []Entry
	// Vouch is set if the profile, which is new or restored, has to be vouched for again, by the
	// first of Vouchers that the user can write.
	Vouch    bool
	Vouchers []format.ID
}

// Plan is the result of a merge.
type Plan struct {
	Results   []Result
	Removed   []format.Removed
	Remove    []Removal  // profiles to remove anew, with the keys that they have
	Conflicts []Conflict // that are not resolved: until they are, the plan keeps what is not suspect, and ours
	Dropped   []string   // changes that are not taken: those of a removed writer, and people who were removed
}

// Removal is a profile that the user chose to remove, as a side has it.
type Removal struct {
	ID   format.ID
	Side Side
}

// Merge plans the merge of two files. It matches profiles by id. decide may be nil.
func Merge(base, ours, theirs *File, decide Decide) *Plan {
	if decide == nil {
		decide = func(Conflict) (Choice, bool) { return Choice{}, false }
	}
	m := &merger{base: newIndexed(base), sides: [2]*indexed{newIndexed(ours), newIndexed(theirs)}, decide: decide, plan: &Plan{}}
	for _, id := range m.ids() {
		m.profile(id)
	}
	m.nothingLeft()
	m.names()
	m.vouch()
	return m.plan
}

type merger struct {
	base   *indexed
	sides  [2]*indexed
	decide Decide
	plan   *Plan
}

// ids returns the ids of all profiles: those in ours, then in theirs, then in base.
func (m *merger) ids() (ids []format.ID) {
	seen := map[format.ID]bool{}
	add := func(id format.ID) {
		if !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	for _, f := range []*indexed{m.sides[Ours], m.sides[Theirs], m.base} {
		for _, p := range f.Profiles {
			add(p.ID)
		}
		for _, r := range f.Removed {
			add(r.ID)
		}
	}
	return ids
}

// indexed is a file whose profiles can be found by their ids.
type indexed struct {
	*File
	profiles map[format.ID]*Profile
	blocks   map[format.ID]*format.Removed
}

func newIndexed(f *File) *indexed {
	x := &indexed{f, map[format.ID]*Profile{}, map[format.ID]*format.Removed{}}
	for _, p := range f.Profiles {
		x.profiles[p.ID] = p
	}
	for i := range f.Removed {
		x.blocks[f.Removed[i].ID] = &f.Removed[i]
	}
	return x
}

// find returns a profile, or nil.
func (x *indexed) find(id format.ID) *Profile { return x.profiles[id] }

// removed returns the record of a profile's removal, or nil.
func (x *indexed) removed(id format.ID) *format.Removed { return x.blocks[id] }

// choose returns the user's choice for a conflict, or records the conflict.
func (m *merger) choose(c Conflict) (Choice, bool) {
	choice, ok := m.decide(c)
	if !ok {
		m.plan.Conflicts = append(m.plan.Conflicts, c)
	}
	return choice, ok
}

// conflict records a conflict that no choice resolves.
func (m *merger) conflict(c Conflict) { m.plan.Conflicts = append(m.plan.Conflicts, c) }

// names finds ids that share a profile name, which no file allows. The second can get another
// name.
func (m *merger) names() {
	seen := map[string]format.ID{}
	for i := range m.plan.Results {
		r := &m.plan.Results[i]
		if first, again := seen[r.Name]; again {
			c := Conflict{Kind: OneNameTwoProfiles, ID: r.ID, Other: first, Profile: r.Name}
			if choice, ok := m.choose(c); ok && choice.Both != "" {
				r.Name = choice.Both
			}
		}
		seen[r.Name] = r.ID
	}
}

// nothingLeft keeps the profiles of a side, ours unless the user chooses, if the two sides
// removed all profiles: a file has at least one.
func (m *merger) nothingLeft() {
	if len(m.plan.Results) > 0 || len(m.plan.Removed)+len(m.plan.Remove) == 0 {
		return
	}
	choice, _ := m.choose(Conflict{Kind: NoProfile})
	for _, p := range m.sides[choice.Side].Profiles {
		if p.Refused != nil {
			continue
		}
		m.restore(p, choice.Side)
		m.plan.Removed = slices.DeleteFunc(m.plan.Removed, func(r format.Removed) bool { return r.ID == p.ID })
		m.plan.Remove = slices.DeleteFunc(m.plan.Remove, func(r Removal) bool { return r.ID == p.ID })
	}
}

// vouch finds the new profiles that nothing known vouches for anymore, directly or through other
// new ones. Colleagues' machines would refuse them.
func (m *merger) vouch() {
	trusted := map[format.Key]bool{}
	var known, added []format.ID
	var waiting []*Result
	for i := range m.plan.Results {
		r := &m.plan.Results[i]
		if m.base.find(r.ID) == nil && m.base.removed(r.ID) == nil && len(m.result(r).Vouched) > 0 {
			waiting, added = append(waiting, r), append(added, r.ID)
			continue
		}
		known = append(known, r.ID)
		if !r.Rotate {
			trusted[m.result(r).Key] = true
		}
	}
	for i := range m.plan.Results {
		r := &m.plan.Results[i]
		if !r.Vouch {
			continue
		}
		// It is restored. Those who know of the removal may know the new profiles of that side.
		r.Vouchers = m.vouchers(m.result(r), known)
		for _, id := range added {
			if m.sides[r.Take.other()].find(id) != nil {
				r.Vouchers = append(r.Vouchers, id)
			}
		}
	}
	for len(waiting) > 0 {
		i := slices.IndexFunc(waiting, func(r *Result) bool {
			return !r.Vouch && slices.ContainsFunc(m.result(r).Vouched, func(v format.Vouched) bool { return trusted[v.Key] })
		})
		if i < 0 {
			i = 0
			waiting[0].Vouch, waiting[0].Vouchers = true, m.vouchers(m.result(waiting[0]), known)
		}
		trusted[m.result(waiting[i]).Key] = true
		waiting = slices.Delete(waiting, i, i+1)
	}
}

// vouchers returns the known profiles that can vouch for a new one: first those whose earlier key
// did.
func (m *merger) vouchers(p *Profile, known []format.ID) (ids []format.ID) {
	for _, did := range []bool{true, false} {
		for _, id := range known {
			r := slices.IndexFunc(m.plan.Results, func(r Result) bool { return r.ID == id })
			by := m.result(&m.plan.Results[r])
			if id != p.ID && did == slices.ContainsFunc(p.Vouched, func(v format.Vouched) bool { return by.vouchedBy(v.Key) }) {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// result returns the section whose keys a result has.
func (m *merger) result(r *Result) *Profile {
	side := r.Under
	if r.Take != nil {
		side = *r.Take
	}
	return m.sides[side].find(r.ID)
}
