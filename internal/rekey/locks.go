package rekey

import (
	"errors"
	"fmt"
	"slices"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/machine"
	"github.com/credfile/credfile/internal/unlock"
	"github.com/credfile/credfile/kdf"
	"github.com/credfile/credfile/vaultfile"
)

// Having returns the sections that have a recipient of that name: among the named profiles
// or, without names, among all.
//
// Errors: [*vaultfile.NotFoundError] if there is none; the damage of a profile.
func Having(f *machine.File, recipient string, profiles []string) (sections []*format.Profile, err error) {
	if len(profiles) == 0 {
		profiles = f.Names()
	}
	for _, name := range profiles {
		s, err := f.Profile(name)
		if err != nil {
			return nil, err
		}
		if s.Recipient(recipient) != nil {
			sections = append(sections, s)
		}
	}
	if len(sections) == 0 {
		return nil, &vaultfile.NotFoundError{Profile: profiles[0], Recipient: recipient}
	}
	return sections, nil
}

// OwnIdentity returns the identity that a recipient has in every profile, if it is available
// outside the file, so that a lock can keep it. An identity from a lock in the file does not
// qualify, since the old lock would still open it.
func OwnIdentity(f *machine.File, recipient string, profiles []string) vaultfile.Identity {
	sections, err := Having(f, recipient, profiles)
	if err != nil {
		return nil
	}
	key := sections[0].Recipient(recipient).String
	if slices.ContainsFunc(sections, func(s *format.Profile) bool {
		has := s.Recipient(recipient)
		return has.Lock != "" || has.String != key
	}) {
		return nil
	}
	return f.Keys().Own(key)
}

// SamePassphraseError reports a new passphrase that equals the old one: anyone who knows the
// old one could open what is written later.
type SamePassphraseError struct{ Name string }

func (e *SamePassphraseError) Error() string {
	return fmt.Sprintf("the new passphrase of %s is the same as the old one", e.Name)
}

// CheckPassphrases checks the new passphrases of recipients whose locks are replaced. Errors:
// [*SamePassphraseError].
func CheckPassphrases(f *machine.File, steps []*vaultfile.AccessStep, made map[string]*vaultfile.Passphrase) error {
	for _, s := range steps {
		for _, lock := range s.Replace {
			pass, has := made[lock.Name], f.Recipient(s.Name, lock.Name)
			if pass == nil || !format.PassphraseLock(has.Lock) {
				continue
			}
			old := f.Keys().Passphrase(has.String)
			same := old != nil && old.Equal(pass)
			if old == nil { // not typed here: one more derivation
				_, err := f.OpenLock(s.Name, lock.Name, pass)
				same = err == nil
			}
			if same {
				return &SamePassphraseError{lock.Name}
			}
		}
	}
	return nil
}

// NoPassphraseError reports a recipient without a passphrase lock.
type NoPassphraseError struct{ Profile, Name string }

func (e *NoPassphraseError) Error() string {
	return fmt.Sprintf("profile %q: %s has no passphrase lock", e.Profile, e.Name)
}

// NotStrongerError reports a new cost of a passphrase that is no higher than the old one.
type NotStrongerError struct {
	Name     string
	New, Old kdf.Params
}

func (e *NotStrongerError) Error() string {
	return fmt.Sprintf("%s is no stronger than %s, which the lock of %s already uses", e.New, e.Old, e.Name)
}

// Strengthen creates the passphrase locks of a recipient again, at a higher cost: one for
// each of the recipient's keys.
//
// Errors: [*NoPassphraseError], [*NotStrongerError], those of [Having] and
// [unlock.Keys.OpenPassphrase].
func Strengthen(f *machine.File, recipient string, profiles []string, params kdf.Params) (made []vaultfile.Recipient, err error) {
	sections, err := Having(f, recipient, profiles)
	if err != nil {
		return nil, err
	}
	for _, s := range sections {
		has := s.Recipient(recipient)
		was, ok := vaultfile.LockCost(has)
		if !ok {
			return nil, &NoPassphraseError{s.Name, recipient}
		}
		if params.Work() < was.Work() || params.Memory() < was.Memory() || params == was {
			return nil, &NotStrongerError{recipient, params, was}
		}
		if slices.ContainsFunc(made, func(m vaultfile.Recipient) bool { return m.String == has.String }) {
			continue
		}
		m, err := lockAgain(f, s, has, params)
		if err != nil {
			return nil, err
		}
		m.Name = recipient
		made = append(made, m)
	}
	return made, nil
}

// lockAgain locks the identity in a passphrase lock again, with the same passphrase.
func lockAgain(f *machine.File, s *format.Profile, has *format.Recipient, params kdf.Params) (r vaultfile.Recipient, err error) {
	opened, pass, err := f.Keys().OpenPassphrase(f.Request(s, machine.Read), has)
	var failed *unlock.Failure
	if errors.As(err, &failed) {
		return r, &machine.NoAccessError{Failure: failed}
	} else if err != nil {
		return r, err
	}
	id, ok := opened.(vaultfile.Identity)
	if !ok {
		return r, &vaultfile.DamageError{Class: vaultfile.ErrLock, Profile: s.Name, Subject: has.Name}
	}
	return vaultfile.NewLock(id, pass, params)
}
