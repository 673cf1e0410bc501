package machine

import (
	"slices"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/unlock"
	"github.com/credfile/credfile/vaultfile"
	"github.com/credfile/credfile/vaultfile/merge"
)

// Merge is a merge of two versions of a file.
type Merge struct {
	Ours, Theirs *File
	bases        []*File // that can be used
	revert       bool
	before       *vaultfile.File
	sides        [3]*merge.File
	closed       map[format.ID]error // why a profile that both changed can't be opened
}

// SideError is an error of one of the two versions.
type SideError struct {
	Side merge.Side
	Err  error
}

func (e *SideError) Error() string { return e.Side.String() + ": " + e.Err.Error() }
func (e *SideError) Unwrap() error { return e.Err }

// Versions are what is merged.
type Versions struct {
	Bases        [][]byte // several after a criss-cross
	Ours, Theirs []byte
	Revert       bool // theirs is the version before the base
	Quiet        bool // nobody can be asked
	// Held returns the recipient strings of all writers who had a key of a profile, in the history of
	// a side. It returns none if that is not known. It may be nil.
	Held func(merge.Side, format.ID, format.Key) (writers []string)
}

// Merge reads the versions of the file at a path, judges the two sides, and opens the profiles that
// both changed. A base that is nil, or does not verify, counts as none.
//
// Errors: [*SideError], those of [File.Judge].
func (m *Machine) Merge(path string, vs Versions) (*Merge, error) {
	x := &Merge{closed: map[format.ID]error{}, revert: vs.Revert}
	for side, b := range [][]byte{vs.Ours, vs.Theirs} {
		v, err := vaultfile.Parse(b)
		if err == nil && side == int(merge.Theirs) && v.ID() != x.Ours.ID() {
			err = vaultfile.ErrOtherFile
		}
		if err != nil {
			return nil, &SideError{merge.Side(side), err}
		}
		*[]**File{&x.Ours, &x.Theirs}[side] = m.At(path, v)
	}
	x.before, _ = vaultfile.Parse(vs.Ours)
	x.Theirs.told = x.Ours.told // tell nothing twice
	for _, b := range vs.Bases {
		if v, err := vaultfile.Parse(b); err == nil && v.ID() == x.Ours.ID() && v.Verify() == nil {
			x.bases = append(x.bases, m.At(path, v))
		}
	}
	x.open(vs.Quiet)
	versions := [2]*File{x.Ours, x.Theirs}
	for side, f := range versions {
		var err error
		if x.sides[side], err = x.judgeSide(f, versions[1-side]); err != nil {
			return nil, &SideError{merge.Side(side), err}
		}
	}
	x.suspect(vs.Held)
	var bases []*merge.File
	for _, f := range x.bases {
		base, err := f.Side(nil)
		if err != nil {
			return nil, err
		}
		bases = append(bases, base)
	}
	x.sides[2] = merge.Joint(bases)
	return x, nil
}

// open opens, for writing, the profiles that both sides changed or that are new, on all sides.
// What does not open is for someone else to merge.
func (x *Merge) open(quiet bool) {
	versions := append([]*File{x.Ours, x.Theirs}, x.bases...)
	for _, s := range x.Ours.UnverifiedSections() {
		if t := section(x.Theirs, s.ID); t != nil && !same(x.Ours, s, x.Theirs, t) && !x.oneSided(s, t) {
			x.openAll(s.ID, versions, quiet)
		}
	}
	for _, f := range versions[:2] { // one may have to vouch for another
		for _, s := range f.UnverifiedSections() {
			_ = f.openFor(s.ID, true)
		}
	}
	x.Ours.Other = func(name string) *vaultfile.Profile {
		s, err := x.Ours.Profile(name)
		if err != nil || x.Ours.openFor(s.ID, true) != nil {
			return nil
		}
		p, _ := x.Ours.File.Unlock(name) // it is open
		return p
	}
}

// oneSided reports whether one side's section is that of all bases, so that the other's is taken as it
// is. A revert never is.
func (x *Merge) oneSided(s, t *format.Profile) bool {
	is := func(f *File, s *format.Profile) bool {
		return len(x.bases) > 0 && !slices.ContainsFunc(x.bases, func(base *File) bool {
			b := section(base, s.ID)
			return b == nil || !same(base, b, f, s)
		})
	}
	return is(x.Ours, s) && t.Revision >= s.Revision && !hasLine(s, t.Key) || is(x.Theirs, t)
}

// openAll opens a profile in all versions. One that has the key of another opens with it: someone who
// was given access in one version can merge the others.
func (x *Merge) openAll(id format.ID, versions []*File, quiet bool) {
	var open []*vaultfile.Profile
	closed := map[*File]error{}
	for _, f := range versions {
		if err := f.openFor(id, quiet); err != nil {
			closed[f] = err
		} else if s := section(f, id); s != nil {
			p, _ := f.File.Unlock(s.Name) // it is open
			open = append(open, p)
		}
	}
	for f, err := range closed {
		s := section(f, id)
		if !slices.ContainsFunc(open, func(p *vaultfile.Profile) bool { return p != nil && f.OpenLike(s.Name, p) }) {
			x.closed[id] = err
		}
	}
}

// openFor opens a profile of a version for writing, whether or not its key is still the newest.
func (f *File) openFor(id format.ID, quiet bool) error {
	s := section(f, id)
	if s == nil {
		return nil
	}
	s, err := f.Profile(s.Name)
	if err != nil {
		return err
	}
	r := unlock.Request{File: f.File, Path: f.Path, Section: s, Write: true, Quiet: quiet}
	p, err := f.machine.Keys.Open(r)
	f.tellCache()
	if err != nil {
		return err
	}
	return p.CheckWriter()
}

func section(f *File, id format.ID) *format.Profile {
	if f == nil {
		return nil
	}
	for _, s := range f.UnverifiedSections() {
		if s.ID == id {
			return s
		}
	}
	return nil
}

func same(a *File, s *format.Profile, b *File, t *format.Profile) bool {
	return a.Digest(s) == b.Digest(t)
}

// Plan plans the merge.
func (x *Merge) Plan(decide merge.Decide) *merge.Plan {
	return merge.Merge(x.sides[2], x.sides[merge.Ours], x.sides[merge.Theirs], decide)
}

// Before returns our version as it was.
func (x *Merge) Before() *vaultfile.File { return x.before }

// NoBase reports whether there is no usable common version.
func (x *Merge) NoBase() bool { return len(x.bases) == 0 }

// Taken reports whether a side has the name that is to be used for the second of two things: a
// credential in the conflict's profile, or a profile.
func (x *Merge) Taken(c merge.Conflict, name string) bool {
	return slices.ContainsFunc(x.sides[:2], func(side *merge.File) bool {
		return slices.ContainsFunc(side.Profiles, func(p *merge.Profile) bool {
			if c.Kind == merge.OneNameTwoProfiles {
				return p.Name == name
			}
			return p.ID == c.ID && slices.ContainsFunc(p.Entries, func(e merge.Entry) bool { return e.Name == name })
		})
	})
}

// Closed returns why a profile that both sides changed could not be opened, the writers of each
// side, and those of both.
func (x *Merge) Closed(id format.ID) (writers [2][]string, both []string, err error) {
	for side, f := range []*File{x.Ours, x.Theirs} {
		if s := section(f, id); s != nil {
			writers[side] = s.Writers()
		}
	}
	s, t := section(x.Ours, id), section(x.Theirs, id)
	if s == nil || t == nil {
		return writers, slices.Concat(writers[0], writers[1]), x.closed[id] // one side removed it
	}
	for _, r := range s.Recipients {
		if r.Writer && slices.ContainsFunc(t.Recipients, func(o format.Recipient) bool { return o.Writer && o.String == r.String }) {
			both = append(both, r.Name)
		}
	}
	return writers, both, x.closed[id]
}

// Carry carries a plan without conflicts out and returns the text of the file.
func (x *Merge) Carry(plan *merge.Plan) ([]byte, error) {
	if err := x.Ours.File.Merge(x.Theirs.File, plan); err != nil {
		return nil, err
	}
	return x.Ours.Marshal()
}

// Merged remembers the merged file, once it is written.
func (m *Machine) Merged(path string, text []byte) (*File, error) {
	f, err := m.Parse(path, string(text))
	if err == nil {
		f.Remember()
	}
	return f, err
}
