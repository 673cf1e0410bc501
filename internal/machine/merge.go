package machine

import (
	"errors"
	"slices"

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
	x.before, _ = vaultfile.Parse(ours)
	x.Theirs.told = x.Ours.told // tell nothing twice
	if v, err := vaultfile.Parse(base); err == nil && v.ID() == x.Ours.ID() && v.Verify() == nil {
		x.base = m.At(path, v)
	}
	x.open(quiet)
	versions := [2]*File{x.Ours, x.Theirs}
	for side, f := range versions {
		var err error
		if x.sides[side], err = x.judgeSide(f, versions[1-side]); err != nil {
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
// What does not open is for someone else to merge.
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
		x.openAll(s.ID, versions, quiet)
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

// judgeSide returns the profiles of a side that are not trusted, judged by the base and by what
// this machine knows, and those that only the base vouches for. It leaves out records of removal
// that don't count.
//
// What this machine knows may be the other side: a key that it knows as replaced, a new profile
// whose voucher was rotated there, a profile that was removed there. That is what a merge is for. So
// if the base accepts a section, and this machine the other side, it is not refused.
func (x *Merge) judgeSide(f, other *File) (side *merge.File, err error) {
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
	refused, doubtful := map[string]error{}, map[format.ID]bool{}
	byBase := judged[0]
	if x.base != nil {
		byBase = trust.Judge(trust.Taken(x.base.File), f.File)
	}
	for _, s := range f.UnverifiedSections() {
		err := byBase.Of(s.Name).Check(o)
		based := x.base != nil && err == nil
		if err != nil && !errors.Is(err, trust.ErrBehind) {
			refused[s.Name] = err
			continue
		}
		for i, j := range judged {
			err := j.Of(s.Name).Check(o)
			switch {
			case err == nil, errors.Is(err, trust.ErrBehind), unlisted(err):
			case based && mergeable(err) && approves(others[i], other, s, o):
				doubtful[s.ID] = doubtful[s.ID] || errors.Is(err, trust.ErrUnvouched)
			default:
				refused[s.Name] = err
			}
		}
	}
	if side, err = f.Side(refused); err != nil {
		return nil, err
	}
	for _, p := range side.Profiles {
		p.Doubtful = doubtful[p.ID]
	}
	side.Removed = slices.DeleteFunc(slices.Clone(side.Removed), func(r format.Removed) bool {
		return !(x.base != nil && hasRemoved(x.base.File, r)) && !byBase.Removes(r.ID)
	})
	return side, nil
}

// mergeable reports whether a section may be refused only since the other side is known.
func mergeable(err error) bool {
	for _, why := range []error{trust.ErrSuperseded, trust.ErrForeign, trust.ErrUnvouched, trust.ErrRemoved, trust.ErrName} {
		if errors.Is(err, why) {
			return true
		}
	}
	return false
}

// approves reports whether what is known accepts the other side's version of a profile: its
// section, its removal, or its lack of a new one.
func approves(j *trust.Judgement, other *File, s *format.Profile, o trust.Options) bool {
	if t := section(other, s.ID); t != nil {
		return j.Of(t.Name).Check(o) == nil
	}
	return j.Gone() == nil
}

func hasRemoved(f *vaultfile.File, r format.Removed) bool {
	return slices.ContainsFunc(f.Removed(), func(b format.Removed) bool { return b.ID == r.ID && b.Signature == r.Signature })
}

// Plan plans the merge.
func (x *Merge) Plan(decide merge.Decide) *merge.Plan {
	return merge.Merge(x.sides[2], x.sides[merge.Ours], x.sides[merge.Theirs], decide)
}

// Before returns our version as it was.
func (x *Merge) Before() *vaultfile.File { return x.before }

// NoBase reports whether there is no usable common version.
func (x *Merge) NoBase() bool { return x.base == nil }

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
