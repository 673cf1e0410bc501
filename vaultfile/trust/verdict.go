package trust

// Options say what a section is wanted for, and how strict the user is.
type Options struct {
	Write           bool
	Strict          bool // refuse what would only be a warning
	AllowSuperseded bool // read under a superseded key
}

// Check returns nil if the section may be used, the error of its damage, or a
// [*Refusal].
func (v *Verdict) Check(o Options) error {
	err := v.reason()
	switch {
	case v.State == Damaged:
		return v.Damage
	case v.State == Gone, v.State == OtherFile:
		return err // for reading, too, whatever was let through before
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

// reason applies the rules of the id and of the name: nil, or a [*Refusal].
func (v *Verdict) reason() error {
	switch {
	case v.State == OtherFile:
		return &Refusal{Verdict: v, Why: ErrOtherFile}
	case v.NameTaken && v.State != Gone && v.State != Damaged:
		return &Refusal{Verdict: v, Why: ErrName}
	}
	switch v.State {
	case Unvouched:
		return &Refusal{Verdict: v, Why: ErrUnvouched}
	case Old:
		return &Refusal{Verdict: v, Why: ErrSuperseded}
	case Removed:
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
