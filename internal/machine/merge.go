package machine

import (
	"errors"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/unlock"
	"github.com/credfile/credfile/vaultfile"
	"github.com/credfile/credfile/vaultfile/merge"
	"github.com/credfile/credfile/vaultfile/trust"
)

// Merge is a merge of two versions of a file.
type Merge struct {
	Ours, Theirs *File
	base         *File // nil if there is none
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

// Merge reads two versions of the file at a path, judges them, and opens the profiles that both
// changed; quietly, if nobody can be asked. A base that is nil, or does not verify, counts as none.
//
// Errors: [*SideError], those of [File.Judge].
func (m *Machine) Merge(path string, base, ours, theirs []byte, quiet bool) (*Merge, error) {
	x := &Merge{closed: map[format.ID]error{}}
	for side, b := range [][]byte{ours, theirs} {
		v, err := vaultfile.Parse(b)
		if err == nil && side == int(merge.Theirs) && v.ID() != x.Ours.ID() {
			err = vaultfile.ErrOtherFile
		}
		if err != nil {
			return nil, &SideError{merge.Side(side), err}
		}
		*[]**File{&x.Ours, &x.Theirs}[side] = m.At(path, v)
	}
	x.Theirs.told = x.Ours.told // tell nothing twice
	if v, err := vaultfile.Parse(base); err == nil && v.ID() == x.Ours.ID() && v.Verify() == nil {
		x.base = m.At(path, v)
	}
	x.open(quiet)
	versions := [2]*File{x.Ours, x.Theirs}
	for side, f := range versions {
		refused, err := x.refused(f, versions[1-side])
		if err == nil {
			x.sides[side], err = f.Side(refused)
		}
		if err != nil {
			return nil, &SideError{merge.Side(side), err}
		}
	}
	x.sides[2] = &merge.File{}
	if x.base != nil {
		var err error
		if x.sides[2], err = x.base.Side(nil); err != nil {
			return nil, err
		}
	}
	return x, nil
}

// open opens, for writing, the profiles that both sides changed or that are new, on all sides.
// What does not open is for somebody else to merge.
func (x *Merge) open(quiet bool) {
	versions := []*File{x.Ours, x.Theirs}
	if x.base != nil {
		versions = append(versions, x.base)
	}
	for _, s := range x.Ours.UnverifiedSections() {
		t := section(x.Theirs, s.ID)
		b := section(x.base, s.ID)
		if t == nil || same(x.Ours, s, x.Theirs, t) || b != nil && (same(x.base, b, x.Ours, s) || same(x.base, b, x.Theirs, t) && t.Revision >= b.Revision) {
			continue
		}
		for _, f := range versions {
			if err := f.openFor(s.ID, quiet); err != nil {
				x.closed[s.ID] = err
			}
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

// refused returns the profiles of a side that are not trusted: judged by the base, and by what
// this machine knows. A key that this machine does not know, or knows as replaced, is right if the
// base leads to it and the other side has the key that this machine knows: that is what a merge of
// a rotation is. Whom the rotation removed is a matter of the plan.
func (x *Merge) refused(f, other *File) (map[string]error, error) {
	judged, err := f.Judge()
	if err != nil {
		return nil, err
	}
	others, err := other.Judge()
	if err != nil {
		return nil, err
	}
	o := f.machine.Options
	o.Write = true
	reasons := map[string]error{}
	for _, s := range f.UnverifiedSections() {
		based := section(x.base, s.ID) != nil
		if x.base != nil {
			if err := trust.Judge(trust.Taken(x.base.File), f.File).Of(s.Name).Check(o); err != nil && !errors.Is(err, trust.ErrBehind) {
				reasons[s.Name], based = err, false
			}
		}
		for i, j := range judged {
			err := j.Of(s.Name).Check(o)
			if err == nil || errors.Is(err, trust.ErrBehind) || unlisted(err) {
				continue
			}
			if t := section(other, s.ID); based && t != nil && (errors.Is(err, trust.ErrSuperseded) || errors.Is(err, trust.ErrForeign)) && others[i].Of(t.Name).Check(o) == nil {
				continue
			}
			reasons[s.Name] = err
		}
	}
	return reasons, nil
}

// Plan plans the merge.
func (x *Merge) Plan(decide merge.Decide) *merge.Plan {
	return merge.Merge(x.sides[2], x.sides[merge.Ours], x.sides[merge.Theirs], decide)
}

// Closed returns why a profile that both sides changed could not be opened, and its writers.
func (x *Merge) Closed(id format.ID) (writers []string, err error) {
	if s := section(x.Ours, id); s != nil {
		writers = s.Writers()
	}
	return writers, x.closed[id]
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
