package trust

import (
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
	Foreign                 // any other key of a known profile
	OtherFile               // another file is known where this one lies
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
	j := &Judgement{FirstSight: !known.Seen && known.Instead == "", file: f}
	for _, u := range f.UnverifiedSections() {
		j.Verdicts = append(j.Verdicts, known.judge(f, u, j.FirstSight))
	}
	removed := f.Removed()
	for i := range removed {
		if j.FirstSight || known.removes(f, &removed[i]) {
			j.removed = append(j.removed, &removed[i])
		}
	}
	known.judgeVouched(j, removed)
	for _, p := range known.Profiles {
		if p.Living() && !j.has(p.ID) {
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
	case k.Instead != "":
		v.State = OtherFile
	case p == nil:
		v.State = Unvouched
	default:
		v.State = p.state(f, u)
		v.SeenRevision = p.Revision
		v.Behind = u.Revision < p.Revision
		v.Newest = v.Accepted && !v.Behind
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
	case p.vouches(f, s.Vouched):
		return Forward
	}
	return Foreign
}

// vouches reports whether a present key, or the one that removed the profile,
// stands in the lines: a key that does stands behind the current one.
func (p *Profile) vouches(f *vaultfile.File, lines []format.Vouched) bool {
	return vouchedFor(f, p.ID, lines, func(key format.Key) bool {
		return slices.Contains(p.Present, key) || p.RemovedBy == key && key != (format.Key{})
	})
}

// vouchedFor reports whether a key that counts stands in the lines of a profile, and has
// signed. One that has not is a forgery, and nobody is looked for behind it.
func vouchedFor(f *vaultfile.File, id format.ID, lines []format.Vouched, counts func(format.Key) bool) bool {
	i := slices.IndexFunc(lines, func(l format.Vouched) bool { return counts(l.Key) })
	return i >= 0 && f.Vouches(id, lines[i])
}

// judgeVouched finds the new profiles that a trusted one vouches for, and those
// that these vouch for, until nothing more becomes trusted.
func (k *Known) judgeVouched(j *Judgement, removed []format.Removed) {
	if k.Pinned || j.FirstSight {
		return // what is not listed does not count; at first sight all does
	}
	vouchers := map[format.Key]bool{}
	for _, p := range k.Profiles {
		for _, key := range p.Present {
			vouchers[key] = true
		}
	}
	// This file may show that a key was superseded: by a later one, or because
	// its profile was removed. Whoever left with it must not vouch for anything.
	for _, r := range j.removed {
		k.withdraw(vouchers, r.ID)
	}
	for _, v := range j.Verdicts {
		if v.State == Forward {
			k.withdraw(vouchers, v.ID)
		}
	}
	for _, v := range j.Verdicts {
		if v.State == Forward && !v.NameTaken {
			vouchers[v.Section.Key] = true
		}
	}
	// A profile may have come and gone while this machine did not look.
	for i := range removed {
		if k.profile(removed[i].ID) == nil && stands(j.file, removed[i].ID, vouchers, removed[i].Vouched) {
			j.removed = append(j.removed, &removed[i])
		}
	}
	for more := true; more; {
		more = false
		for _, v := range j.Verdicts {
			if v.State == Unvouched && !v.NameTaken && stands(j.file, v.ID, vouchers, v.Section.Vouched) {
				v.State, more = Vouched, true
				vouchers[v.Section.Key] = true
			}
		}
	}
}

func (k *Known) withdraw(vouchers map[format.Key]bool, id format.ID) {
	for _, key := range k.profile(id).Present {
		delete(vouchers, key)
	}
}

func stands(f *vaultfile.File, id format.ID, keys map[format.Key]bool, lines []format.Vouched) bool {
	return vouchedFor(f, id, lines, func(key format.Key) bool { return keys[key] })
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
