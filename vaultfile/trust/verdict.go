package trust

import (
	"fmt"
	"slices"

	"github.com/credfile/credfile/format"
)

// Options describe the intended use of a section and how strict the user is.
type Options struct {
	Write           bool
	Strict          bool // refuse instead of warning
	AllowSuperseded bool // read under a superseded key
}

// Check returns nil if the section may be used, the error of its damage, or a [*Refusal].
func (v *Verdict) Check(o Options) error {
	err := v.reason()
	switch {
	case v.State == Damaged:
		return v.Damage
	case v.State == Gone, v.State == Misplaced:
		return err // even for reading, whatever was accepted before
	case v.caution(o):
		return &Refusal{Verdict: v, Why: v.known.Misfit.Why}
	case err == nil && !(v.Behind && o.Strict):
		return nil
	case err == nil:
		return &Refusal{Verdict: v, Why: ErrBehind}
	case !o.Write && v.Accepted && (!o.Strict || v.Newest):
		return nil
	case !o.Write && o.AllowSuperseded && (v.State == Old || v.State == Removed) && !v.NameTaken:
		return nil
	}
	r := err.(*Refusal)
	r.Stops = o.Write && v.Accepted
	return r
}

// Removes reports whether the file's record that the profile was removed counts: it is signed
// by a known key, or one that a known key vouches for.
func (j *Judgement) Removes(id format.ID) bool {
	return slices.ContainsFunc(j.removed, func(r *format.Removed) bool { return r.ID == id })
}

// Mark distinguishes states that people are warned of, by the profile, its bytes, and what
// was seen of it before.
func (v *Verdict) Mark() [][]byte {
	mark := [][]byte{[]byte(fmt.Sprint(v.State, v.Behind, v.SeenRevision)), v.ID[:], v.digest[:]}
	if p := v.known.profile(v.ID); p != nil && v.State == Gone && len(p.Accepted) > 0 {
		mark = append(mark, p.Accepted[len(p.Accepted)-1][:])
	}
	return mark
}

// caution reports whether the file's place allows only reading, and the options ask for more.
func (v *Verdict) caution(o Options) bool {
	m := v.known.Misfit
	return m != nil && m.Reads && (o.Write || o.Strict && m.Why == ErrPassed)
}

// reason applies the rules of the id and of the name. It returns nil, the error of its
// damage, or a [*Refusal].
func (v *Verdict) reason() error {
	switch {
	case v.State == Misplaced:
		return &Refusal{Verdict: v, Why: v.known.Misfit.Why}
	case v.NameTaken && v.State != Gone && v.State != Damaged:
		return &Refusal{Verdict: v, Why: ErrName}
	}
	switch v.State {
	case Unvouched:
		return &Refusal{Verdict: v, Why: ErrUnvouched}
	case Old:
		return &Refusal{Verdict: v, Why: ErrSuperseded}
	case Removed, Returned:
		return &Refusal{Verdict: v, Why: ErrRemoved}
	case Foreign:
		return &Refusal{Verdict: v, Why: ErrForeign}
	case Gone:
		return &Refusal{Verdict: v, Why: ErrGone}
	case Damaged:
		return v.Damage
	}
	return nil
}
