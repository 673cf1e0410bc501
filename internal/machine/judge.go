package machine

import (
	"errors"
	"fmt"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/gitrepo"
	"github.com/credfile/credfile/vaultfile/trust"
)

// BlindError reports that what this machine knows belongs to another user.
type BlindError struct{ Dir string }

func (e *BlindError) Error() string {
	return fmt.Sprintf("%s belongs to another user", e.Dir)
}

// HistoryError is a refusal, with the commit that last changed or added the file.
type HistoryError struct {
	Err error
	Commit
}

func (e *HistoryError) Error() string { return e.Err.Error() }
func (e *HistoryError) Unwrap() error { return e.Err }

// Commit describes a commit that concerns a file.
type Commit struct {
	Text  string // as git describes it; "" if there is none
	Added bool   // it added the file
}

// Sight returns what this machine remembers of the file, which it reads once.
//
// Errors: [*trust.MemoryError]; [*BlindError] if strict.
func (f *File) Sight() (*trust.Sight, error) {
	if f.sight != nil {
		return f.sight, nil
	}
	sight, err := f.load(f.ID())
	if err != nil {
		return nil, err
	}
	f.sight = sight
	switch m := f.machine; {
	case sight.Blind == "" || m.Pins != nil: // with pins, a machine needs no memory
	case m.Options.Strict:
		return nil, &BlindError{sight.Blind}
	default:
		f.tell("blind", Note{Kind: Blind, Path: sight.Blind})
	}
	return sight, nil
}

// load reads what this machine remembers of the file, whose id is needed before it is parsed,
// once.
func (f *File) load(id format.ID) (*trust.Sight, error) {
	if f.loaded == nil && f.loadErr == nil {
		m := f.machine
		if m.Pins != nil {
			known, err := trust.ParsePins(id, *m.Pins)
			f.Place.Meant = f.Place.Meant || err == nil && len(known.Profiles) > 0
		}
		f.loaded, f.loadErr = m.Memory.Load(id, f.Place)
	}
	return f.loaded, f.loadErr
}

// Judge compares the file with what is known of it, once: what this machine remembers, then
// pins.
//
// Errors: those of [File.Sight], [*trust.PinError].
func (f *File) Judge() ([]*trust.Judgement, error) {
	if f.judged != nil {
		return f.judged, nil
	}
	if _, err := f.Sight(); err != nil {
		return nil, err
	}
	judged := []*trust.Judgement{trust.Judge(f.sight.Known, f.File)}
	if f.machine.Pins != nil {
		known, err := trust.ParsePins(f.ID(), *f.machine.Pins)
		if err != nil {
			return nil, err
		}
		judged = append(judged, trust.Judge(known, f.File))
	}
	f.judged = judged
	return judged, nil
}

// Check returns an error for a profile that is not approved. Memory and pins must both
// accept it.
//
// Errors: those of [File.Judge]; [*trust.Refusal], in a [*HistoryError] if git knows more;
// the damage of the profile.
func (f *File) Check(profile string, to Access) error {
	judged, err := f.Judge()
	if err != nil {
		return err
	}
	o := f.machine.Options
	o.Write = to != Read
	for _, j := range judged {
		if v := j.Of(profile); v != nil {
			if err := v.Check(o); err != nil {
				return f.withHistory(err)
			}
		}
	}
	return nil
}

// Trusted is Check, and tells what is odd.
func (f *File) Trusted(profile string, to Access) error {
	if err := f.Check(profile, to); err != nil {
		return err
	}
	if err := f.TellOdd(profile); err != nil {
		return err
	}
	if (to != Read || f.machine.Verbose) && !f.past {
		f.TellFirstUse()
	}
	return nil
}

// NothingGone returns an error if a known profile is missing. A command that acts on all
// profiles would leave it out.
func (f *File) NothingGone() error {
	judged, err := f.Judge()
	if err != nil {
		return err
	}
	var errs []error
	for _, j := range judged {
		errs = append(errs, j.Gone())
	}
	return errors.Join(errs...)
}

// VerifyTrust returns an error for every profile that is not approved. What a signature shows
// is for [vaultfile.File.Verify].
func (f *File) VerifyTrust() (errs []error) {
	judged, err := f.Judge()
	if err != nil {
		return []error{err}
	}
	o := f.machine.Options
	for i, j := range judged {
		for _, v := range j.Verdicts {
			switch err := v.Check(o); {
			case v.State == trust.Damaged:
				f.first(v.Damage.Error()) // Verify returns it as an error
			case v.State == trust.Gone && !o.Strict && i == 0: // told as odd, unless pinned
			case err != nil && !unlisted(err):
				errs = append(errs, err)
			}
		}
	}
	if err := f.TellOdd(""); err != nil {
		return []error{err}
	}
	return errs
}

// unlisted reports whether pins list other profiles of the file but not this one. A machine
// only gets the entries that it needs.
func unlisted(err error) bool {
	var r *trust.Refusal
	return errors.As(err, &r) && r.Pinned() && r.Why == trust.ErrUnvouched && r.Others()
}

// withHistory adds the commit that last changed the refused file or, if its place is the
// reason, the one that added it.
func (f *File) withHistory(err error) error {
	var r *trust.Refusal
	if !errors.As(err, &r) || r.Pinned() || r.Why == trust.ErrOwner {
		return err
	}
	if c := f.History(r.Misfit() != nil && r.Misfit().Why == r.Why); c.Text != "" {
		return &HistoryError{err, c}
	}
	return err
}

// History returns the commit that added the file, or the one that last changed it. It does
// not run git in another user's repository.
func (f *File) History(added bool) (c Commit) {
	if m := f.sight.Misfit; !f.HasPlace() || f.Place.At[0].Repo.Root == "" || m != nil && m.Why == trust.ErrOwner {
		return c
	}
	describe := gitrepo.Changed
	if c.Added = added; added {
		describe = gitrepo.Added
	}
	c.Text = describe(Absolute(f.Path), f.machine.Locate().Environ)
	return c
}
