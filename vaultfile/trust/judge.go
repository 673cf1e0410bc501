package trust

import (
	"maps"
	"slices"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/vaultfile"
)

// State is how a section's key relates to what is known of its profile.
type State int

const (
	FirstSight State = iota // the file was never seen: all that is there is taken
	Present                 // the key is held as present
	Forward                 // a present key vouches for it
	Vouched                 // an unknown profile; a trusted profile's present key vouches for it
	Unvouched               // an unknown profile, and none does
	Old                     // the key was replaced since
	Removed                 // the profile was removed, by this key
	Returned                // the profile was removed; the key is unknown, and no trusted profile vouches for it
	Foreign                 // any other key of a known profile
	Misplaced               // the file does not fit its place
	Gone                    // a known, living profile that is not in the file
	Damaged                 // the section does not verify
)

// Verdict is what is to be thought of one profile.
type Verdict struct {
	Name    string
	ID      format.ID
	Section *format.Profile // verified; nil if Gone or Damaged
	State   State
	// Accepted says that these rules let this section through before, byte for
	// byte; Newest, that no newer one of the profile was.
	Accepted, Newest bool
	// Behind says that its revision is lower than the highest seen.
	Behind bool
	// SeenRevision is the highest revision that was seen of the profile.
	SeenRevision uint64
	// NameTaken says that its name was another profile's.
	NameTaken bool
	// MustRotate says that the key once removed the profile: before anything
	// else is written, the profile needs a new one.
	MustRotate bool
	Damage     error // the reason, if Damaged

	known  *Known
	digest [16]byte
}

// Judgement is what is to be thought of a whole file.
type Judgement struct {
	FirstSight bool
	Verdicts   []*Verdict // in the order of the file, then those that are gone

	removed []*format.Removed // those that count
	file    *vaultfile.File
}

// Judge compares a file with what is known of it. It asks nobody, changes
// nothing and needs no secret.
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

// Of returns the verdict on the profile of that name, or nil if there is none
// in the file and none is known.
func (j *Judgement) Of(name string) *Verdict {
	for _, v := range j.Verdicts {
		if v.Name == name {
			return v
		}
	}
	return nil
}

// Check returns nil if the profile of that name may be used, the error of its
// damage, a [*Refusal], or a [*vaultfile.NotFoundError].
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

// Unvouched returns the names of the profiles that no other one of the file
// vouches for. A file's first profile is one.
func (j *Judgement) Unvouched() []string {
	keys := map[format.Key]bool{}
	for _, v := range j.Verdicts {
		if v.Section != nil {
			keys[v.Section.Key] = true
		}
	}
	var names []string
	for _, v := range j.Verdicts {
		if v.Section != nil && !stands(j.file, v.ID, keys, v.Section.Vouched) {
			names = append(names, v.Name)
		}
	}
	return names
}

// has reports whether the profile is in the file, or is rightly removed.
func (j *Judgement) has(id format.ID) bool {
	return slices.ContainsFunc(j.Verdicts, func(v *Verdict) bool { return v.ID == id }) ||
		slices.ContainsFunc(j.removed, func(r *format.Removed) bool { return r.ID == id })
}

// judge verifies a section, unless one of the same bytes was verified before,
// and finds its state; whether a new one is vouched for comes later.
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

// past reports whether a key is held as old, or removed the profile.
func (p *Profile) past(key format.Key) bool { return key == p.RemovedBy || slices.Contains(p.Old, key) }

// vouches reports whether a present key stands in the lines: one that does stands behind
// the current one.
func (p *Profile) vouches(f *vaultfile.File, lines []format.Vouched) bool {
	return p.vouchedFor(f, p.ID, lines, func(key format.Key) bool { return slices.Contains(p.Present, key) })
}

// vouchedFor is vouchedFor for a profile of which something may be known (nil if not): a
// line for a key of the past counts for nothing, since whoever left with that key can have
// made what stands above it.
func (p *Profile) vouchedFor(f *vaultfile.File, id format.ID, lines []format.Vouched, counts func(format.Key) bool) bool {
	return vouchedFor(f, id, lines, func(l format.Vouched) bool { return counts(l.Key) && (p == nil || !p.past(l.For)) })
}

// vouchedFor reports whether a line of a profile counts, and its key has signed. One that
// has not is a forgery, and nobody is looked for behind it.
func vouchedFor(f *vaultfile.File, id format.ID, lines []format.Vouched, counts func(format.Vouched) bool) bool {
	i := slices.IndexFunc(lines, counts)
	return i >= 0 && f.Vouches(id, lines[i])
}

// judgeVouched finds the new profiles that a trusted one vouches for, and those that these
// vouch for, until nothing more becomes trusted. What vouches is the current key of a
// profile of this very file: of one that is missing, damaged, refused or superseded here,
// somebody may have left with the key.
func (k *Known) judgeVouched(j *Judgement) {
	if k.Pinned || j.FirstSight {
		return // what is not listed does not count; at first sight all does
	}
	vouchers, elsewhere := map[format.Key]bool{}, k.Misfit != nil && k.Misfit.Vouchers != nil
	if elsewhere { // a new file: those of others of the repository
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
	// A profile may have come and gone while this machine did not look.
	removed := j.file.Removed()
	for i := range removed {
		if k.cameAndWent(j.file, &removed[i], vouchers) {
			j.removed = append(j.removed, &removed[i])
		}
	}
}

// cameAndWent reports whether a removed block counts of a profile that is not known, or was
// known to be removed and has been back since: as a section of its would.
func (k *Known) cameAndWent(f *vaultfile.File, r *format.Removed, vouchers map[format.Key]bool) bool {
	p := k.profile(r.ID)
	if p != nil && (!p.removed() || p.past(r.Key)) {
		return false
	}
	return p.vouchedFor(f, r.ID, r.Vouched, func(key format.Key) bool { return vouchers[key] })
}

func stands(f *vaultfile.File, id format.ID, keys map[format.Key]bool, lines []format.Vouched) bool {
	return vouchedFor(f, id, lines, func(l format.Vouched) bool { return keys[l.Key] })
}

// removes reports whether a removed block counts: it is under a present key of
// its profile, or one that a present key vouches for.
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

// Gone returns a [*Refusal] if a known, living profile is missing: nothing that
// acts on all profiles may pass over it.
func (j *Judgement) Gone() error {
	for _, v := range j.Verdicts {
		if v.State == Gone {
			return v.reason()
		}
	}
	return nil
}
