package machine

import (
	"errors"
	"slices"
	"strings"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/keys"
	"github.com/credfile/credfile/internal/unlock"
	"github.com/credfile/credfile/vaultfile"
	"github.com/credfile/credfile/vaultfile/trust"
)

// Unlock opens a profile, which must be approved.
//
// Errors: those of [File.Trusted] and [unlock.Keys.Open]; [*vaultfile.NotFoundError].
func (f *File) Unlock(profile string, to Access) (*vaultfile.Profile, error) {
	return f.unlock(profile, to, false)
}

// UnlockQuietly is Unlock for reading, without a question and without a plugin.
func (f *File) UnlockQuietly(profile string) (*vaultfile.Profile, error) {
	return f.unlock(profile, Read, true)
}

func (f *File) unlock(profile string, to Access, quiet bool) (*vaultfile.Profile, error) {
	s, err := f.Profile(profile)
	var missing *vaultfile.NotFoundError
	if err != nil && (!errors.As(err, &missing) || f.past) {
		return nil, err
	}
	if err := f.Trusted(profile, to); err != nil {
		return nil, err // a missing profile may have been there before
	}
	if err != nil {
		return nil, err
	}
	r := f.Request(s, to)
	r.Quiet = quiet
	p, err := f.machine.Keys.Open(r)
	f.tellCache()
	if err != nil {
		return nil, f.explain(s, err)
	}
	if !f.remembered { // before any plaintext leaves and anything changes
		f.Remember()
		f.remembered = true
	}
	f.rememberLock()
	if to == Write {
		f.tellSecrets()
		f.tellDamage(profile)
		if err := f.readyToWrite(p); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// NoAccessError reports that nothing opened a profile, and what the user can open instead.
type NoAccessError struct {
	*unlock.Failure
	Had         bool     // an available identity opened it before
	Others      []string // profiles that an available identity opens
	Name        string   // the name of that identity there
	DefaultFile string   // where the user's own identities are, or would be
}

func (e *NoAccessError) Unwrap() error { return e.Failure }

// explain adds to a failure what the user's identities open or opened.
func (f *File) explain(s *format.Profile, err error) error {
	var failed *unlock.Failure
	if !errors.As(err, &failed) {
		return err
	}
	e := &NoAccessError{Failure: failed, DefaultFile: f.machine.Keys.DefaultFile}
	for _, id := range f.machine.Keys.Identities() {
		recipient := keys.Recipient(id)
		if recipient == "" {
			continue
		}
		for section, r := range f.Naming(recipient) {
			if section.ID != s.ID && !slices.Contains(e.Others, section.Name) {
				e.Others, e.Name = append(e.Others, section.Name), r.Name
			}
		}
		e.Had = e.Had || f.knew(s.ID, recipient)
	}
	return e
}

// Naming yields the recipients with that string, in every profile that verifies.
func (f *File) Naming(recipient string) func(yield func(*format.Profile, *format.Recipient) bool) {
	return func(yield func(*format.Profile, *format.Recipient) bool) {
		for _, name := range f.Names() {
			s, err := f.Profile(name)
			if err != nil {
				continue
			}
			for i := range s.Recipients {
				if r := &s.Recipients[i]; r.String == recipient && !yield(s, r) {
					return
				}
			}
		}
	}
}

// knew reports whether this machine has seen the profile with the recipient.
func (f *File) knew(id format.ID, recipient string) bool {
	if f.sight == nil {
		return false
	}
	end := " " + vaultfile.Fingerprint(recipient)
	return slices.ContainsFunc(f.sight.Profiles, func(p *trust.Profile) bool {
		return p.ID == id && slices.ContainsFunc(p.Recipients, func(line string) bool { return strings.HasSuffix(line, end) })
	})
}

// Quietly unlocks a profile for writing, or returns nil if that needs a question.
func (f *File) Quietly(profile string) *vaultfile.Profile {
	if f.Trusted(profile, Write) != nil {
		return nil
	}
	s, err := f.Profile(profile)
	if err != nil {
		return nil
	}
	r := f.Request(s, Write)
	r.Quiet = true
	p, err := f.machine.Keys.Open(r)
	if err != nil || !p.Writer() || f.readyToWrite(p) != nil {
		return nil
	}
	return p
}

// Request returns what package unlock needs for a verified section.
func (f *File) Request(s *format.Profile, to Access) unlock.Request {
	r := unlock.Request{File: f.File, Path: f.Path, Section: s, Write: to != Read}
	if f.sight != nil {
		r.Last = f.sight.LastLock
	}
	return r
}

// readyToWrite makes sure that the next revision is higher than any seen, and that a
// profile that was removed and restored gets new keys.
func (f *File) readyToWrite(p *vaultfile.Profile) error {
	if !p.Writer() {
		return nil // the change itself fails
	}
	for _, j := range f.judged {
		v := j.Of(p.Name())
		if v == nil {
			continue // created since
		}
		p.Seen(v.SeenRevision)
		if v.MustRotate && p.Section().Key == v.Section.Key {
			if err := p.Rotate(); err != nil {
				return err
			}
			if err := f.vouchForRestored(j, p); err != nil {
				return err
			}
		}
	}
	return nil
}

// vouchForRestored lets another profile vouch for one that was removed and restored. To
// colleagues' machines, its own old key is not enough.
func (f *File) vouchForRestored(j *trust.Judgement, p *vaultfile.Profile) error {
	for _, v := range j.Verdicts {
		if v.Name == p.Name() || v.Section == nil || v.MustRotate {
			continue
		}
		if voucher := f.Quietly(v.Name); voucher != nil {
			return voucher.VouchFor(p, format.Key{})
		}
	}
	f.tell("restored "+p.Name(), Note{Kind: Unvouched, Profile: p.Name()})
	return nil
}

// Recipient returns a recipient of a verified section, or nil.
func (f *File) Recipient(profile, name string) *format.Recipient {
	s, err := f.Profile(profile)
	if err != nil {
		return nil
	}
	if i := slices.IndexFunc(s.Recipients, func(r format.Recipient) bool { return r.Name == name }); i >= 0 {
		return &s.Recipients[i]
	}
	return nil
}
