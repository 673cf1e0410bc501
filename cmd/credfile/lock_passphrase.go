package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/term"
	"github.com/credfile/credfile/vaultfile"
)

// tryPassphrase opens one passphrase lock, with the given passphrase or a typed one.
func (o *opener) tryPassphrase(locks []*format.Recipient) (*vaultfile.Profile, error) {
	locks = slices.DeleteFunc(slices.Clone(locks), func(r *format.Recipient) bool { return !isPassphrase(r) })
	if len(locks) == 0 {
		return nil, nil
	}
	r, err := o.chooseLock(locks)
	if r == nil || err != nil {
		return nil, err
	}
	return o.openPassphrase(r)
}

// openPassphrase opens a lock with the given passphrase or a typed one.
func (o *opener) openPassphrase(r *format.Recipient) (*vaultfile.Profile, error) {
	given, source, err := o.givenPassphrase()
	if err != nil {
		o.failed.tried, o.failed.none = append(o.failed.tried, err.Error()), false
		return nil, nil
	}
	for n := 1; ; n++ {
		pass := given
		if pass == nil {
			if pass, err = o.typedPassphrase(r); err != nil {
				return nil, o.noPrompt(r, err)
			}
		}
		id, err := o.f.OpenLock(o.s.Name, r.Name, pass)
		if err = o.settle(err); isInterrupted(err) {
			return nil, err
		}
		switch {
		case err == nil:
			if o.passphraseLocks() > 1 { // ask for this one next time
				o.lastLock = r.Name
			}
			p, err := o.opened(r, id, pass)
			if given == nil && r.Name != recovery {
				o.cache.hint()
			}
			return p, err
		case isDamage(err):
			o.damaged("the lock of "+r.Name, err)
			return nil, nil
		case !errors.Is(err, vaultfile.ErrPassphrase):
			return nil, err
		case given != nil:
			o.failed.wrong, o.failed.none = true, false
			o.failed.add(fmt.Sprintf("the lock of %s with %s", r.Name, source), err)
			return nil, nil
		case n == tries:
			o.failed.wrong, o.failed.none = true, false
			o.failed.add("the lock of "+r.Name, err)
			return nil, nil
		}
		o.say("wrong passphrase, try again")
	}
}

func (o *opener) passphraseLocks() (n int) {
	for i := range o.s.Recipients {
		if isPassphrase(&o.s.Recipients[i]) {
			n++
		}
	}
	return n
}

func isPassphrase(r *format.Recipient) bool {
	return r.Lock == vaultfile.LockScrypt || r.Lock == vaultfile.LockArgon2id
}

func isInterrupted(err error) bool {
	var interrupted *term.Interrupted
	return errors.As(err, &interrupted)
}

func isDamage(err error) bool {
	var damage *vaultfile.DamageError
	return errors.As(err, &damage)
}

func (o *opener) typedPassphrase(r *format.Recipient) (*vaultfile.Passphrase, error) {
	for {
		text, err := o.hiddenToCheck(fmt.Sprintf("Passphrase of %s, to open profile %s of %s", r.Name, o.s.Name, o.f.path))
		if err != nil {
			return nil, err
		}
		if p, err := vaultfile.NewPassphrase(text, o.derive); err == nil {
			return p, nil
		}
		o.say("%v", vaultfile.ErrPassphraseForm)
	}
}

// noPrompt notes that there was no terminal to ask for a passphrase.
func (o *opener) noPrompt(r *format.Recipient, err error) error {
	if !errors.Is(err, term.ErrNoTerminal) {
		return err
	}
	o.failed.add("the lock of "+r.Name, errors.New("there is no terminal to ask for its passphrase"))
	o.failed.terminal, o.failed.none = true, false
	return nil
}

// chooseLock decides which passphrase to ask for: that of the lock that --as names, of the
// only lock, of the lock last opened on this machine, or of the lock that the user names.
func (o *opener) chooseLock(locks []*format.Recipient) (*format.Recipient, error) {
	if o.as() != "" {
		return locks[0], nil
	}
	var names []string
	var usual []*format.Recipient
	for _, r := range locks {
		names = append(names, r.Name)
		if r.Name != recovery {
			usual = append(usual, r)
		}
	}
	if len(usual) == 1 {
		return usual[0], nil
	}
	if o.look(o.f) == nil {
		for _, r := range usual {
			if r.Name == o.f.sight.LastLock {
				return r, nil
			}
		}
	}
	list := strings.Join(names, ", ")
	t, err := o.terminal()
	if errors.Is(err, term.ErrNoTerminal) {
		o.failed.add("passphrases", fmt.Errorf("there are locks of %s; choose one with --as NAME", list))
		o.failed.none = false
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	defer t.Close()
	for range tries {
		answer, err := t.Line(fmt.Sprintf("Whose passphrase do you have, to open profile %s of %s (%s)", o.s.Name, o.f.path, list))
		if err != nil {
			return nil, err
		}
		for _, r := range locks {
			if r.Name == strings.TrimSpace(answer) {
				return r, nil
			}
		}
		o.say("no such lock")
	}
	o.failed.add("passphrases", fmt.Errorf("there are locks of %s, and you chose none", list))
	return nil, nil
}
