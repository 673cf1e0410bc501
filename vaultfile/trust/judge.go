package trust

import (
	"maps"
	"slices"

	"filippo.io/age"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/vaultfile"
)

// State is how a section's key relates to what is known of its profile.
type State int

const (
	FirstSight State = iota // the file was never seen: everything in it is accepted
	Present                 // the key is known as present
	Forward                 // a present key vouches for it
	Vouched                 // unknown, but a trusted profile's present key vouches for it
	Unvouched               // unknown, and no trusted profile vouches for it
	Old                     // the key has since been replaced
	Removed                 // the profile was removed by this key
	Returned                // removed; the key is unknown, and no trusted profile vouches for it
	Foreign                 // any other key of a known profile
	Misplaced               // the file does not fit its place
	Gone                    // a known, living profile that is missing from the file
	Damaged                 // the section does not verify
)

// Verdict is the result of judging one profile.
type Verdict struct {
	Name    string
	ID      format.ID
	Section *format.Profile // verified; nil if Gone or Damaged
	State   State
	// Accepted reports whether these rules accepted the same section before, byte for byte;
	// Newest, whether they have accepted no newer one of the profile.
	Accepted, Newest bool
	// Behind reports whether its revision is lower than the highest seen.
	Behind bool
	// SeenRevision is the highest revision seen of the profile.
	SeenRevision uint64
	// NameTaken reports whether its name was another profile's.
	NameTaken bool
	// MustRotate reports whether the key once removed the profile. If so, the profile needs
	// a new key before anything else is written.
	MustRotate bool
	Damage     error // the reason, if Damaged

	known  *Known
	digest [16]byte
}

// Judgement is the result of judging a whole file.
type Judgement struct {
	FirstSight bool
	Verdicts   []*Verdict // in file order, then those that are gone

	removed []*format.Removed // those that count
	file    *vaultfile.File
}

// Judge compares a file with what is known of it. It never prompts, changes nothing and
// needs no secret.
func Judge(known *Known, f *vaultfile.File) *Judgement {
	j := &Judgement{FirstSight: !known.Seen && (known.Misfit == nil || known.Misfit.Reads), file: f}
	for _, u := range f.UnverifiedSections() {
		j.Verdicts = append(j.Verdicts, known.judge(f, u, j.FirstSight))
	}
	removed := f.Removed()
	for i := range removed {
		if j.FirstSight || known.removes(f, &removed[i]) {
			j.removed = append(j.removed, &removed[i])
		}
	}
	known.judgeVouched(j)
	for _, p := range known.Profiles {
		if p.Living() && p.Name() != "" && !j.has(p.ID) {
			j.Verdicts = append(j.Verdicts, &Verdict{Name: p.Name(), ID: p.ID, State: Gone, known: known})
		}
	}
	return j
}

// Of returns the verdict on the named profile, or nil if it is neither in the file nor known.
func (j *Judgement) Of(name string) *Verdict {
	for _, v := range j.Verdicts {
		if v.Name == name {
			return v
		}
	}
	return nil
}

// Check returns nil if the named profile may be used, the error of its damage, a
// [*Refusal], or a [*vaultfile.NotFoundError].
func (j *Judgement) Check(name string, o Options) error {
	if v := j.Of(name); v != nil {
		return v.Check(o)
	}
	e := &vaultfile.NotFoundError{Profile: name}
	for _, v := range j.Verdicts {
		e.Known = append(e.Known, v.Name)
	}
	return e
}

// Unlock opens the named profile with an identity of one of its recipients, if it may be
// used: see [Judgement.Check]. It is the way to open what comes from a repository.
//
// Errors: those of [Judgement.Check] and [vaultfile.File.Unlock].
func (j *Judgement) Unlock(name string, o Options, ids ...age.Identity) (*vaultfile.Profile, error) {
	if err := j.Check(name, o); err != nil {
		return nil, err
	}
	return j.file.Unlock(name, ids...)
}

// Unvouched returns the names of the profiles that no other profile in the file vouches
// for, including the file's first profile.
func (j *Judgement) Unvouched() []string {
	keys := map[format.Key]bool{}
	for _, v := range j.Verdicts {
		if v.Section != nil {
			keys[v.Section.Key] = true
		}
	}
	var names []string
	for _, v := range j.Verdicts {
		if v.Section != nil && !vouches(j.file, v.ID, keys, v.Section.Vouched) {
			names = append(names, v.Name)
		}
	}
	return names
}

// has reports whether the profile is in the file or validly removed.
func (j *Judgement) has(id format.ID) bool {
	return slices.ContainsFunc(j.Verdicts, func(v *Verdict) bool { return v.ID == id }) || j.Removes(id)
}

// judge finds the state of a section. It verifies the section unless the same bytes were
// verified before. judgeVouched later decides whether a new one is vouched for.
func (k *Known) judge(f *vaultfile.File, u *format.Profile, first bool) *Verdict {
	v := &Verdict{Name: u.Name, ID: u.ID, known: k, digest: f.Digest(u)}
	p := k.profile(u.ID)
	v.Accepted = p != nil && slices.Contains(p.Accepted, v.digest)
	v.Section = u
	if !v.Accepted {
		if v.Section, v.Damage = f.Profile(u.Name); v.Damage != nil {
			v.State, v.Section = Damaged, nil
			return v
		}
	}
	if k.Pinned {
		v.NameTaken = p != nil && !slices.Contains(p.Names, u.Name)
	} else {
		v.NameTaken = k.owner(u.Name, u.ID) != nil
	}
	switch {
	case first:
		v.State = FirstSight
	case k.Misfit != nil && !k.Misfit.Reads && k.Misfit.Vouchers == nil:
		v.State = Misplaced
	case p == nil:
		v.State = Unvouched
	default:
		v.State = p.state(f, u)
		v.SeenRevision = p.Revision
		v.Behind = v.State == Present && u.Revision < p.Revision
		v.Newest = v.Accepted && v.State == Present && !v.Behind
		v.MustRotate = v.State == Present && p.RemovedBy == u.Key
	}
	return v
}

func (p *Profile) state(f *vaultfile.File, s *format.Profile) State {
	switch {
	case slices.Contains(p.Present, s.Key):
		return Present
	case p.RemovedBy == s.Key:
		return Removed
	case slices.Contains(p.Old, s.Key):
		return Old
	case p.removed():
		return Returned
	case p.vouches(f, s.Vouched):
		return Forward
	}
	return Foreign
}

func (p *Profile) removed() bool { return p.RemovedBy != format.Key{} && !p.Living() }

// past reports whether a key is known as old, or removed the profile.
func (p *Profile) past(key format.Key) bool { return key == p.RemovedBy || slices.Contains(p.Old, key) }

// vouches reports whether the lines contain a present key, which then vouches for the
// section's current one.
func (p *Profile) vouches(f *vaultfile.File, lines []format.Vouched) bool {
	return p.vouchedFor(f, p.ID, lines, func(key format.Key) bool { return slices.Contains(p.Present, key) })
}

// vouchedFor is the function of that name for a profile that may be known; p may be nil.
// Lines for past keys don't count: a former recipient who has such a key can forge what is
// above them.
func (p *Profile) vouchedFor(f *vaultfile.File, id format.ID, lines []format.Vouched, counts func(format.Key) bool) bool {
	return vouchedFor(f, id, lines, func(l format.Vouched) bool { return counts(l.Key) && (p == nil || !p.past(l.For)) })
}

// vouchedFor reports whether one of a profile's lines counts and is signed by its key. If
// the first line that counts is forged, the others are not considered.
func vouchedFor(f *vaultfile.File, id format.ID, lines []format.Vouched, counts func(format.Vouched) bool) bool {
	i := slices.IndexFunc(lines, counts)
	return i >= 0 && f.Vouches(id, lines[i])
}

// judgeVouched accepts the new profiles that a trusted profile vouches for, and those that
// they vouch for, until no more become trusted. Only the current keys of profiles in this
// file vouch. If a profile is missing, damaged, refused or superseded here, a former
// recipient may still have its key.
func (k *Known) judgeVouched(j *Judgement) {
	if k.Pinned || j.FirstSight {
		return // pins count only what they list; first sight accepts everything
	}
	vouchers, elsewhere := map[format.Key]bool{}, k.Misfit != nil && k.Misfit.Vouchers != nil
	if elsewhere { // a new file: other files of the repository vouch
		vouchers = maps.Clone(k.Misfit.Vouchers)
	}
	waiting := slices.DeleteFunc(slices.Clone(j.Verdicts), func(v *Verdict) bool {
		if !elsewhere && (v.State == Present || v.State == Forward) && !v.NameTaken {
			vouchers[v.Section.Key] = true
		}
		return v.Section == nil || !elsewhere && (v.NameTaken || v.State != Unvouched && v.State != Returned)
	})
	for more := true; more; {
		more = false
		waiting = slices.DeleteFunc(waiting, func(v *Verdict) bool {
			if v.NameTaken || !k.profile(v.ID).vouchedFor(j.file, v.ID, v.Section.Vouched, func(key format.Key) bool { return vouchers[key] }) {
				return false
			}
			if v.State == Unvouched || v.State == Returned {
				v.State = Vouched
			}
			vouchers[v.Section.Key] = v.reason() == nil
			more = true
			return true
		})
	}
	for _, v := range waiting {
		if elsewhere {
			v.State = Misplaced
		}
	}
	// A profile may have been added and removed since this machine last looked.
	removed := j.file.Removed()
	for i := range removed {
		if k.cameAndWent(j.file, &removed[i], vouchers) {
			j.removed = append(j.removed, &removed[i])
		}
	}
}

// cameAndWent reports whether a removed block counts for a profile that is unknown, or was
// known as removed and has returned since. It counts if a section would.
func (k *Known) cameAndWent(f *vaultfile.File, r *format.Removed, vouchers map[format.Key]bool) bool {
	p := k.profile(r.ID)
	if p != nil && (!p.removed() || p.past(r.Key)) {
		return false
	}
	return p.vouchedFor(f, r.ID, r.Vouched, func(key format.Key) bool { return vouchers[key] })
}

func vouches(f *vaultfile.File, id format.ID, keys map[format.Key]bool, lines []format.Vouched) bool {
	return vouchedFor(f, id, lines, func(l format.Vouched) bool { return keys[l.Key] })
}

// removes reports whether a removed block counts: its key must be a present key of the
// profile, or one that a present key vouches for.
func (k *Known) removes(f *vaultfile.File, r *format.Removed) bool {
	p := k.profile(r.ID)
	switch {
	case p == nil:
		return false
	case slices.Contains(p.Present, r.Key):
		return true
	}
	return !slices.Contains(p.Old, r.Key) && p.vouches(f, r.Vouched)
}

// Gone returns a [*Refusal] if a known, living profile is missing. Nothing that acts on all
// profiles may skip it.
func (j *Judgement) Gone() error {
	for _, v := range j.Verdicts {
		if v.State == Gone {
			return v.reason()
		}
	}
	return nil
}
