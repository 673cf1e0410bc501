package machine

import (
	"errors"
	"slices"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/vaultfile/merge"
	"github.com/credfile/credfile/vaultfile/trust"
)

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
	byBase := x.judgedByBase(f, judged[0])
	for _, s := range f.UnverifiedSections() {
		err := byBase.check(s, o)
		if x.revert && f == x.Theirs && errors.Is(err, trust.ErrSuperseded) { // by the commit that is reverted
			err = nil
		}
		based := len(x.bases) > 0 && err == nil
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
		return !byBase.removes(r)
	})
	return side, nil
}

// baseJudgement is a side, judged by each base. Without a base, it is judged by what is known.
type baseJudgement struct {
	bases    []*File
	judged   []*trust.Judgement
	fallback *trust.Judgement
	had      []map[format.Signature]bool // by base: the records of removals
}

func (x *Merge) judgedByBase(f *File, known *trust.Judgement) *baseJudgement {
	j := &baseJudgement{bases: x.bases, fallback: known}
	for _, base := range x.bases {
		j.judged = append(j.judged, trust.Judge(trust.Taken(base.File), f.File))
		had := map[format.Signature]bool{}
		for _, r := range base.Removed() {
			had[r.Signature] = true
		}
		j.had = append(j.had, had)
	}
	return j
}

// check judges a section by each base that has the profile, since one of several may have been made
// by someone who was removed. A new profile is judged by any of them.
func (j *baseJudgement) check(s *format.Profile, o trust.Options) (err error) {
	if len(j.bases) == 0 {
		return j.fallback.Of(s.Name).Check(o)
	}
	known := false
	for i, base := range j.bases {
		if section(base, s.ID) == nil {
			continue
		}
		known = true
		if e := j.judged[i].Of(s.Name).Check(o); errors.Is(e, trust.ErrBehind) {
			err = e
		} else if e != nil {
			return e
		}
	}
	for i := 0; !known && i < len(j.bases); i++ {
		if err = j.judged[i].Of(s.Name).Check(o); err == nil {
			break
		}
	}
	return err
}

// removes reports whether a record of a profile's removal counts.
func (j *baseJudgement) removes(r format.Removed) bool {
	if len(j.bases) == 0 {
		return j.fallback.Removes(r.ID)
	}
	for i := range j.bases {
		if j.had[i][r.Signature] || j.judged[i].Removes(r.ID) {
			return true
		}
	}
	return false
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

// suspect marks the profiles of a side under a key that the other side replaced, and new ones for which
// such a key vouches, if someone who had that key is no writer there, or if nobody knows who had it.
func (x *Merge) suspect(held func(merge.Side, format.ID, format.Key) []string) {
	if held == nil {
		return
	}
	for side, f := range []*File{x.Ours, x.Theirs} {
		had := func(id format.ID, key format.Key) []string { return held(merge.Side(side), id, key) }
		for _, p := range x.sides[1-side].Profiles {
			if s := section(f, p.ID); s != nil {
				p.Suspect = hasLine(s, p.Key) && !allWrite(s, had(s.ID, p.Key))
				continue
			}
			p.Suspect = slices.ContainsFunc(p.Vouched, func(v format.Vouched) bool { return f.outdated(v.Key, had) })
		}
	}
}

// outdated reports whether a file has replaced a key, of any profile, that someone had who is no writer
// there, or nobody knows who.
func (f *File) outdated(key format.Key, had func(format.ID, format.Key) []string) bool {
	replaced, known := false, false
	for _, s := range f.UnverifiedSections() {
		if s.Key == key {
			return false
		}
		replaced = replaced || hasLine(s, key)
		if writers := had(s.ID, key); len(writers) > 0 {
			if known = true; !allWrite(s, writers) {
				return true
			}
		}
	}
	return replaced && !known
}

func hasLine(s *format.Profile, key format.Key) bool {
	return slices.ContainsFunc(s.Vouched, func(v format.Vouched) bool { return v.Key == key })
}

// allWrite reports whether those who had a key, if they are known, are writers of a profile.
func allWrite(s *format.Profile, had []string) bool {
	return len(had) > 0 && !slices.ContainsFunc(had, func(w string) bool {
		return !slices.ContainsFunc(s.Recipients, func(r format.Recipient) bool { return r.Writer && r.String == w })
	})
}
