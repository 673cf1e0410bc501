// Package against judges a version of a file by another one: the version at the tip of the branch
// that will receive the change. It needs neither a key nor a machine's memory. The rules are those
// of spec/credfile.md, Between two revisions.
package against

import (
	"errors"
	"slices"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/vaultfile"
	"github.com/credfile/credfile/vaultfile/trust"
)

// Versions are the version that is judged, and those that it is judged by.
type Versions struct {
	Now    *vaultfile.File
	Target *vaultfile.File // that of the receiving branch; nil if it has none
	// OneBase reports whether the two histories parted at exactly one commit. With several, whoever
	// made the change could choose one. Base is the version there, nil if it has none.
	OneBase bool
	Base    *vaultfile.File
	// Vouchers are the current keys of the other files of the receiving branch. They vouch for a new
	// file.
	Vouchers map[format.Key]bool
	// Stood reports whether a section was in an earlier version of the receiving branch.
	Stood func(id format.ID, digest [16]byte) (bool, error)
}

// Kind is what was found about a profile.
type Kind int

// The kinds, the worst first.
const (
	Refused  Kind = iota // Err says why
	Behind               // its revision is not ahead of the receiving branch's
	Restored             // an earlier version of the receiving branch
)

// Finding is something about a profile, or about the whole file, that has no name.
type Finding struct {
	Kind              Kind
	Profile           string
	ID                format.ID
	Err               error  // [*trust.Refusal], or one of the reasons below
	Revision, Current uint64 // Behind and Restored: of the section, and of the receiving branch's
}

// Reasons for a refusal that only a comparison of two versions finds.
var (
	ErrOtherFile = errors.New("a different file")
	ErrCopy      = errors.New("a copy of another file of the receiving branch")
	ErrDeleted   = errors.New("the file is missing")
	ErrRecord    = errors.New("a record of its removal that no known key signed")
	ErrNoRecord  = errors.New("the record of its removal is missing")
)

// Judge returns what is wrong with Now. It has to verify, and so does Target. Errors: those of
// Stood.
func Judge(v Versions) ([]Finding, error) {
	switch {
	case v.same(v.Target), v.OneBase && v.same(v.Base):
		return nil, nil // unchanged
	case v.Target == nil:
		return v.newFile(), nil
	case v.Target.ID() != v.Now.ID():
		return []Finding{{Err: ErrOtherFile}}, nil
	}
	if v.Base != nil && (!v.OneBase || v.Base.ID() != v.Now.ID()) {
		v.Base = nil
	}
	j := v.judgement()
	found, err := v.sections(j)
	found = append(found, v.records(j)...)
	slices.SortStableFunc(found, func(a, b Finding) int { return int(a.Kind - b.Kind) })
	return found, err
}

// judgement judges Now by what Target says. The name of a profile that was removed is free, and so
// is that of one that Now removes.
func (v *Versions) judgement() *trust.Judgement {
	known := trust.Taken(v.Target)
	for _, p := range known.Profiles {
		if !p.Living() {
			p.Names = []string{""}
		}
	}
	j := trust.Judge(known, v.Now)
	freed := false
	for _, p := range known.Profiles {
		if p.Living() && j.Removes(p.ID) {
			p.Names, freed = []string{""}, true
		}
	}
	if freed {
		j = trust.Judge(known, v.Now)
	}
	return j
}

func (v *Versions) sections(j *trust.Judgement) (found []Finding, err error) {
	for _, verdict := range j.Verdicts {
		if v.untouched(verdict) {
			continue
		}
		f := Finding{Profile: verdict.Name, ID: verdict.ID}
		target := section(v.Target, verdict.ID)
		f.Err = verdict.Check(trust.Options{Write: true})
		switch {
		case f.Err != nil:
		case target == nil || verdict.Section.Revision > target.Revision:
			continue
		default:
			f.Kind, f.Revision, f.Current = Behind, verdict.Section.Revision, target.Revision
			if verdict.State != trust.Present {
				break
			}
			stood, err := v.Stood(verdict.ID, v.Now.Digest(verdict.Section))
			if err != nil {
				return nil, err
			}
			if stood {
				f.Kind = Restored
			}
		}
		found = append(found, f)
	}
	return found, nil
}

// untouched reports whether the change leaves a profile as it is in Target or in Base.
func (v *Versions) untouched(verdict *trust.Verdict) bool {
	here := section(v.Now, verdict.ID)
	if here == nil { // not missing if it was added after the histories parted
		return v.OneBase && section(v.Base, verdict.ID) == nil
	}
	for _, f := range []*vaultfile.File{v.Target, v.Base} {
		if s := section(f, verdict.ID); s != nil && f.Digest(s) == v.Now.Digest(here) {
			return true
		}
	}
	return false
}

// records compares the records of removals. Without a key, nobody can make one, or may drop one.
func (v *Versions) records(j *trust.Judgement) (found []Finding) {
	for _, r := range v.Now.Removed() {
		if !j.Removes(r.ID) && !hasRecord(v.Target, &r) && !hasRecord(v.Base, &r) {
			found = append(found, Finding{Profile: r.Name, ID: r.ID, Err: ErrRecord})
		}
	}
	for _, r := range v.Target.Removed() {
		if section(v.Now, r.ID) == nil && record(v.Now, r.ID) == nil && (!v.OneBase || record(v.Base, r.ID) != nil) {
			found = append(found, Finding{Profile: r.Name, ID: r.ID, Err: ErrNoRecord})
		}
	}
	return found
}

// newFile judges a file that the receiving branch does not have.
func (v *Versions) newFile() (found []Finding) {
	known := &trust.Known{File: v.Now.ID(), Misfit: &trust.Misfit{Why: trust.ErrNewFile, Vouchers: v.Vouchers}}
	for _, verdict := range trust.Judge(known, v.Now).Verdicts {
		if err := verdict.Check(trust.Options{Write: true}); err != nil {
			found = append(found, Finding{Profile: verdict.Name, ID: verdict.ID, Err: err})
		}
	}
	return found
}

// CurrentKeys adds the keys of a file's profiles on the receiving branch, and those that follow from
// them on the side of the change, where now may be nil.
func CurrentKeys(target, now *vaultfile.File, keys map[format.Key]bool) {
	known := trust.Taken(target)
	for _, f := range []*vaultfile.File{target, now} {
		if f == nil || f.ID() != target.ID() {
			continue
		}
		for _, v := range trust.Judge(known, f).Verdicts {
			if (v.State == trust.Present || v.State == trust.Forward) && !v.NameTaken {
				keys[v.Section.Key] = true
			}
		}
	}
}

// Touched reports whether a profile is other than in Base, so that a change of it is the branch's own.
func (v *Versions) Touched(id format.ID) bool {
	if !v.OneBase || v.Base == nil {
		return true
	}
	if section(v.Now, id) == nil && section(v.Base, id) == nil {
		return false
	}
	return !Same(v.Now, v.Base, id)
}

// Same reports whether two versions have a profile, and the same of it.
func Same(a, b *vaultfile.File, id format.ID) bool {
	x, y := section(a, id), section(b, id)
	return x != nil && y != nil && a.Digest(x) == b.Digest(y)
}

// same reports whether Now has the sections and records of another version, and no others.
func (v *Versions) same(f *vaultfile.File) bool {
	if f == nil || f.ID() != v.Now.ID() || len(f.Names()) != len(v.Now.Names()) || len(f.Removed()) != len(v.Now.Removed()) {
		return false
	}
	for _, s := range v.Now.UnverifiedSections() {
		if t := section(f, s.ID); t == nil || f.Digest(t) != v.Now.Digest(s) {
			return false
		}
	}
	return !slices.ContainsFunc(v.Now.Removed(), func(r format.Removed) bool { return !hasRecord(f, &r) })
}

func section(f *vaultfile.File, id format.ID) *format.Profile {
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

func record(f *vaultfile.File, id format.ID) *format.Removed {
	if f == nil {
		return nil
	}
	removed := f.Removed()
	for i := range removed {
		if removed[i].ID == id {
			return &removed[i]
		}
	}
	return nil
}

func hasRecord(f *vaultfile.File, r *format.Removed) bool {
	t := record(f, r.ID)
	return t != nil && t.Name == r.Name && t.Key == r.Key && t.Signature == r.Signature && slices.Equal(t.Vouched, r.Vouched)
}
