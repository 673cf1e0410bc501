// Package trust decides whether a profile is still the one seen before: continuity. Anyone can
// encrypt to public keys and sign with a new key, so an attacker could replace a whole profile
// with another that verifies. What is known of a file comes from this machine's [Memory], from
// CREDFILE_TRUST ([ParsePins]) or from another revision ([Taken]). All three have the same
// form, [Known]. Only [Judge] implements the rules of spec/credfile.md, Continuity.
package trust

import (
	"crypto/sha256"
	"fmt"
	"slices"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/vaultfile"
)

// MaxDigests is the number of accepted sections remembered for each profile. The oldest are
// dropped.
const MaxDigests = 64

// Known is what is known of one file.
type Known struct {
	File     format.ID
	Seen     bool    // false if nothing is known of the file
	Misfit   *Misfit // nil if the file fits its place
	Blind    string  // another user's directory that may hide what is known
	Pinned   bool    // from CREDFILE_TRUST: whatever it does not list is refused
	Profiles []*Profile

	AllowNames []string // names that the user allowed for this file

	// Untold reports whether the whole file was taken on faith and the user not yet told.
	Untold bool

	// LastLock is the name of the passphrase lock last opened here.
	LastLock string

	told [][16]byte // states that the user was warned of, oldest first
	byID map[format.ID]*Profile
}

// maxTold is the number of states remembered as told for a file.
const maxTold = 64

// Told reports whether the user was already warned of a state, and remembers it. The parts
// together identify the state: what is odd, in which profile, in which bytes.
func (k *Known) Told(parts ...[]byte) (before bool) {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d ", len(p))
		h.Write(p)
	}
	state := [16]byte(h.Sum(nil))
	if slices.Contains(k.told, state) {
		return true
	}
	k.told = append(k.told, state)
	k.told = k.told[max(0, len(k.told)-maxTold):]
	return false
}

// Profile is what is known of one profile.
type Profile struct {
	ID         format.ID
	Present    []format.Key
	Old        []format.Key
	Names      []string // all its names, the present one first
	Revision   uint64   // highest seen
	RemovedBy  format.Key
	Accepted   [][16]byte // digests of sections, oldest first
	Recipients []string   // of the newest section, for people: see describe
}

func (k *Known) profile(id format.ID) *Profile {
	if k.byID == nil || len(k.byID) > len(k.Profiles) {
		k.byID = make(map[format.ID]*Profile, len(k.Profiles))
	}
	for _, p := range k.Profiles[len(k.byID):] { // those that were added since
		k.byID[p.ID] = p
	}
	return k.byID[id]
}

// HasAccepted reports whether a section of the profile with that digest was accepted before. If
// so, it was verified, too.
func (k *Known) HasAccepted(id format.ID, digest [16]byte) bool {
	p := k.profile(id)
	return p != nil && slices.Contains(p.Accepted, digest)
}

// Profile returns what is known of the profile with that id, or nil.
func (k *Known) Profile(id format.ID) *Profile { return k.profile(id) }

// owner returns the profile, other than id, that is known to have had the name.
func (k *Known) owner(name string, id format.ID) *Profile {
	for _, p := range k.Profiles {
		for _, n := range p.Names {
			if n == name && p.ID != id {
				return p
			}
		}
	}
	return nil
}

// Bore reports whether a profile, other than the one with that id, is known to have had the
// name.
func (k *Known) Bore(name string, id format.ID) bool { return k.owner(name, id) != nil }

// Living reports whether the profile existed when it was last seen.
func (p *Profile) Living() bool { return len(p.Present) > 0 }

// Name returns the profile's present name.
func (p *Profile) Name() string { return p.Names[0] }

func (p *Profile) addOld(k format.Key) {
	p.Present = slices.DeleteFunc(p.Present, func(x format.Key) bool { return x == k })
	if !slices.Contains(p.Old, k) {
		p.Old = append(p.Old, k)
	}
}

// Taken returns what a machine knows after seeing only f: everything in it, except sections
// that do not verify.
func Taken(f *vaultfile.File) *Known {
	k := &Known{File: f.ID()}
	k.Learn(Judge(k, f))
	return k
}

// Learn remembers everything that j accepts, and what the user made: the named profiles, or
// [AllProfiles].
func (k *Known) Learn(j *Judgement, made ...string) { k.learn(j, made, false) }

// Trust is Learn for profiles that the user confirms. Trusting a key distrusts the
// profile's other present keys.
func (k *Known) Trust(j *Judgement, names ...string) { k.learn(j, names, true) }

func (k *Known) learn(j *Judgement, names []string, word bool) {
	all := slices.Contains(names, AllProfiles)
	if k.Misfit != nil && !k.Misfit.Reads && k.Misfit.Vouchers == nil && !all {
		return // part of another file does not make the rest acceptable
	}
	fine := func(v *Verdict) bool { return v.Section != nil && v.reason() == nil }
	if k.Misfit != nil && k.Misfit.Vouchers != nil && !all && !slices.ContainsFunc(j.Verdicts, fine) {
		return // a new file in which nothing is vouched for
	}
	named := func(v *Verdict) bool { return all || slices.Contains(names, v.Name) && j.Of(v.Name) == v }
	for _, v := range j.Verdicts {
		if v.Section != nil && named(v) {
			k.take(v, word)
		} else if fine(v) {
			k.take(v, false)
		}
	}
	for _, v := range j.Verdicts {
		if v.State == Gone && named(v) {
			k.profile(v.ID).retire()
		}
	}
	removed := j.removed
	if all && word {
		removed = nil
		for _, r := range j.file.Removed() {
			removed = append(removed, &r)
		}
	}
	for _, r := range removed {
		k.takeRemoved(r, j)
	}
	k.Untold = !all && (k.Untold || j.FirstSight)
	k.Seen = true
	if k.Misfit != nil && !k.Misfit.Reads || all {
		k.Misfit = nil
	}
}

// AllProfiles means every profile of a file in [Known.Learn], [Known.Trust] and the methods
// of [Memory]. It can't be a profile's name.
const AllProfiles = "*"

func (k *Known) take(v *Verdict, word bool) {
	s := v.Section
	p := k.profile(s.ID)
	if p == nil {
		p = &Profile{ID: s.ID}
		k.Profiles = append(k.Profiles, p)
	}
	back := word && p.removed() && v.reason() != nil
	if word {
		p.retire()
	}
	// Revisions are counted under the present keys. A key from another branch may have a
	// lower revision than one seen under the key it replaces.
	later := s.Revision >= p.Revision || len(p.Names) == 0 || !slices.Contains(p.Present, s.Key)
	if !slices.Contains(p.Present, s.Key) {
		p.Present = append(p.Present, s.Key)
	}
	p.Old = slices.DeleteFunc(p.Old, func(x format.Key) bool { return x == s.Key })
	for i := range s.Vouched {
		p.addOld(s.Vouched[i].Key)
	}
	// The profile is back under a key that may have removed it. The next write must be a
	// rotation, so that no old removed block counts.
	if back {
		p.RemovedBy = s.Key
	} else if p.RemovedBy != s.Key {
		p.RemovedBy = format.Key{}
	}
	for _, other := range k.Profiles {
		if other != p {
			other.disown(s.Name)
		}
	}
	p.Names = slices.DeleteFunc(p.Names, func(n string) bool { return n == "" })
	if later {
		p.Revision = s.Revision
		p.Names = slices.DeleteFunc(p.Names, func(n string) bool { return n == s.Name })
		p.Names = slices.Insert(p.Names, 0, s.Name)
		p.Recipients = describe(s)
	} else if !slices.Contains(p.Names, s.Name) {
		p.Names = append(p.Names, s.Name)
	}
	if !slices.Contains(p.Accepted, v.digest) {
		p.Accepted = append(p.Accepted, v.digest)
		p.Accepted = p.Accepted[max(0, len(p.Accepted)-MaxDigests):]
	}
}

// retire makes all keys of the profile old.
func (p *Profile) retire() {
	for len(p.Present) > 0 {
		p.addOld(p.Present[0])
	}
}

// disown removes a name that the user gave to another profile. A profile without any name
// left gets an empty one.
func (p *Profile) disown(name string) {
	p.Names = slices.DeleteFunc(p.Names, func(n string) bool { return n == name })
	if len(p.Names) == 0 {
		p.Names = []string{""}
	}
}

func (k *Known) takeRemoved(r *format.Removed, j *Judgement) {
	p := k.profile(r.ID)
	if p == nil { // at first sight
		p = &Profile{ID: r.ID, Names: []string{r.Name}}
		if v := j.Of(r.Name); k.owner(r.Name, r.ID) != nil || v != nil && v.State != Gone {
			p.Names = []string{""} // the living profile's name wins
		}
		k.Profiles = append(k.Profiles, p)
	}
	p.retire()
	for i := range r.Vouched {
		p.addOld(r.Vouched[i].Key)
	}
	p.addOld(r.Key)
	p.RemovedBy = r.Key
}

// describe lists a section's recipients, to show people what changed: their names, roles
// and fingerprints.
func describe(s *format.Profile) []string {
	var list []string
	for i := range s.Recipients {
		r := &s.Recipients[i]
		role := "reader"
		if r.Writer {
			role = "writer"
		}
		list = append(list, r.Name+" "+role+" "+vaultfile.Fingerprint(r.String))
	}
	return list
}
