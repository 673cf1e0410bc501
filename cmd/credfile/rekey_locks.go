package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/cli"
	"github.com/credfile/credfile/internal/machine"
	"github.com/credfile/credfile/internal/unlock"
	"github.com/credfile/credfile/kdf"
	"github.com/credfile/credfile/vaultfile"
)

// makeLocks creates the new locks, once.
func (r *rekeying) makeLocks(f *file, steps []*step) error {
	if r.made != nil {
		return nil
	}
	locks := r.o.locks
	r.made = []vaultfile.Recipient{}
	for name, recipients := range cli.ByName(locks.lock) {
		id := r.ownIdentity(f, name)
		if id == nil {
			continue
		}
		lock, err := ageLock(r.a, name, id, recipients)
		if err != nil {
			return err
		}
		m, err := r.a.keys.NewAgeLock(f.File, id, lock.Recipients...)
		if err != nil {
			return err
		}
		m.Name = name
		r.made = append(r.made, m)
		locks.lock = slices.DeleteFunc(slices.Clone(locks.lock), func(flag string) bool { return strings.HasPrefix(flag, name+"=") })
	}
	made, err := newLocks(r.a, f, locks)
	if err != nil {
		return err
	}
	r.made = append(r.made, made...)
	for _, name := range r.o.stronger {
		if err := r.strengthen(f, name); err != nil {
			return err
		}
	}
	if err := unusedPassphrases(r.a); err != nil {
		return err
	}
	return r.refuseSame(f, steps)
}

// ownIdentity returns the identity that a name has in every profile, if it is available
// outside the file: a lock can keep it. An identity from a lock in the file does not
// qualify, since the old lock would still open it.
func (r *rekeying) ownIdentity(f *file, name string) vaultfile.Identity {
	profiles, err := r.naming(f, name)
	if err != nil {
		return nil
	}
	recipient := f.Recipient(profiles[0], name).String
	if slices.ContainsFunc(profiles, func(profile string) bool {
		has := f.Recipient(profile, name)
		return has.Lock != "" || has.String != recipient
	}) {
		return nil
	}
	return r.a.keys.Own(recipient)
}

// refuseSame refuses a new passphrase that equals the old one: anyone who knows the old one
// could open what is written later.
func (r *rekeying) refuseSame(f *file, steps []*step) error {
	for _, s := range steps {
		for _, lock := range s.Replace {
			pass, has := r.a.made[lock.Name], f.Recipient(s.Name, lock.Name)
			if pass == nil || !format.PassphraseLock(has.Lock) {
				continue
			}
			old := r.a.keys.Passphrase(has.String)
			same := old != nil && old.Equal(pass)
			if old == nil { // not typed here: one more derivation
				_, err := f.OpenLock(s.Name, lock.Name, pass)
				same = err == nil
			}
			if same {
				return &usageError{text: fmt.Sprintf("the new passphrase of %s is the same as the old one", lock.Name), hint: "choose a different passphrase"}
			}
		}
	}
	return nil
}

// strengthen creates the same lock again at a higher cost.
func (r *rekeying) strengthen(f *file, name string) error {
	params, err := kdf.Parse(r.o.locks.kdf)
	if err != nil {
		return &usageError{text: fmt.Sprintf("--kdf: %v", err)}
	}
	profiles, err := r.naming(f, name)
	if err != nil {
		return err
	}
	if r.stronger == nil {
		r.stronger = map[string][]vaultfile.Recipient{}
	}
	for _, profile := range profiles {
		has := f.Recipient(profile, name)
		was, ok := vaultfile.LockCost(has)
		if !ok {
			return &plainError{text: fmt.Sprintf("profile %q: %s has no passphrase lock", profile, name), code: exitUsage}
		}
		if params.Work() < was.Work() || params.Memory() < was.Memory() || params == was {
			return &usageError{text: fmt.Sprintf("%s is no stronger than %s, which the lock of %s already uses", params, was, name),
				hint: "choose a higher cost with --kdf; to find one: credfile keygen --calibrate 1s"}
		}
		if slices.ContainsFunc(r.stronger[name], func(m vaultfile.Recipient) bool { return m.String == has.String }) {
			continue
		}
		pass, id, err := r.passphraseOf(f, profile, has)
		if err != nil {
			return err
		}
		m, err := vaultfile.NewLock(id, pass, params)
		if err != nil {
			return err
		}
		m.Name = name
		r.stronger[name] = append(r.stronger[name], m)
	}
	return nil
}

// passphraseOf returns the passphrase of a lock, and the identity in it.
func (r *rekeying) passphraseOf(f *file, profile string, has *format.Recipient) (*vaultfile.Passphrase, vaultfile.Identity, error) {
	s, err := f.Profile(profile)
	if err != nil {
		return nil, nil, err
	}
	opened, pass, err := r.a.keys.OpenPassphrase(f.Request(s, read), has)
	var failed *unlock.Failure
	if errors.As(err, &failed) {
		return nil, nil, &machine.NoAccessError{Failure: failed}
	} else if err != nil {
		return nil, nil, err
	}
	id, ok := opened.(vaultfile.Identity)
	if !ok {
		return nil, nil, errors.New("internal error: the lock contains an identity of an unexpected kind")
	}
	return pass, id, nil
}
