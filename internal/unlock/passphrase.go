package unlock

import (
	"errors"
	"slices"

	"filippo.io/age"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/term"
	"github.com/credfile/credfile/vaultfile"
)

// fromPassphrase opens one passphrase lock, with the given passphrase or a typed one.
func fromPassphrase(o *opening, locks []*format.Recipient, try yield) bool {
	locks = slices.DeleteFunc(slices.Clone(locks), func(r *format.Recipient) bool { return !format.PassphraseLock(r.Lock) })
	if len(locks) == 0 {
		return true
	}
	r := o.choose(locks)
	if r == nil {
		return o.err == nil
	}
	id, pass := o.openPassphrase(r)
	return o.err == nil && (id == nil || o.tryLock(r, id, pass, try))
}

// choose decides which passphrase to use: that of the lock that the user named, of the only
// lock, of the lock that was opened last, or of the lock that the user names now.
func (o *opening) choose(locks []*format.Recipient) *format.Recipient {
	if o.Chosen.Lock != "" {
		return locks[0]
	}
	usual := slices.DeleteFunc(slices.Clone(locks), func(r *format.Recipient) bool { return r.Name == Recovery })
	if len(usual) == 1 {
		return usual[0]
	}
	if r := named(usual, o.Last); r != nil {
		return r
	}
	c := &ChoiceError{}
	for _, r := range locks {
		c.Locks = append(c.Locks, r.Name)
	}
	for n := 0; ; n++ {
		q := Question{Thing: Lock, Profile: o.Section.Name, Path: o.Path}
		if n > 0 {
			q.Again = c
		}
		if n == Tries {
			c.Asked = true
			break
		}
		answer, err := o.Ask.Choose(q, c.Locks)
		if errors.Is(err, term.ErrNoTerminal) {
			o.failure.NoIdentity = false
			break
		} else if err != nil {
			o.err = err
			return nil
		}
		if r := named(locks, answer); r != nil {
			return r
		}
	}
	o.note(Attempt{Err: c})
	return nil
}

func named(locks []*format.Recipient, name string) *format.Recipient {
	for _, r := range locks {
		if r.Name == name {
			return r
		}
	}
	return nil
}

// openPassphrase opens a lock with the given passphrase or a typed one. It returns nil if
// it can't, which it notes.
func (o *opening) openPassphrase(r *format.Recipient) (age.Identity, *vaultfile.Passphrase) {
	a := Attempt{Lock: r.Name}
	var given *vaultfile.Passphrase
	if o.Chosen.Passphrase != nil {
		if given, a.With, a.Err = o.Chosen.Passphrase(); a.Err != nil {
			o.failure.NoIdentity = false
			o.note(Attempt{With: a.With, Err: a.Err})
			return nil, nil
		}
	}
	q := Question{Thing: Lock, Name: r.Name, Profile: o.Section.Name, Path: o.Path}
	for n := 1; ; n++ {
		pass := given
		if pass == nil {
			if pass = o.typed(q); pass == nil {
				return nil, nil
			}
		}
		id, err := o.File.OpenLock(o.Section.Name, r.Name, pass)
		err = o.Ask.Checked(err)
		switch {
		case err == nil:
			o.openedLock(r, given == nil)
			return id, pass
		case isDamage(err):
			a.With, a.Err = "", err
			o.damaged(a)
			return nil, nil
		case !errors.Is(err, vaultfile.ErrPassphrase):
			o.err = err
			return nil, nil
		case given != nil || n == Tries:
			o.failure.WrongPassphrase, o.failure.NoIdentity = true, false
			a.Err = err
			o.note(a)
			return nil, nil
		}
		q.Again = err
	}
}

// openedLock remembers which passphrase to ask for next time, if there are several.
func (o *opening) openedLock(r *format.Recipient, typed bool) {
	n := 0
	for i := range o.Section.Recipients {
		if format.PassphraseLock(o.Section.Recipients[i].Lock) {
			n++
		}
	}
	if n > 1 {
		o.LastLock = r.Name
	}
	if typed && r.Name != Recovery {
		o.Cache.Typed = true
	}
}

// typed asks for a passphrase. It returns nil if there is none.
func (o *opening) typed(q Question) *vaultfile.Passphrase {
	for {
		text, err := o.Ask.Passphrase(q)
		if errors.Is(err, term.ErrNoTerminal) {
			o.failure.NoTerminal, o.failure.NoIdentity = true, false
			o.note(Attempt{Lock: q.Name, Err: ErrNoPassphrase})
			return nil
		} else if err != nil {
			o.err = err
			return nil
		}
		p, err := vaultfile.NewPassphrase(text, o.Derive)
		if err == nil {
			return p
		}
		q.Again = err
	}
}

// OpenPassphrase opens a passphrase lock and returns its identity and passphrase, even if
// the identity was already known. Errors: those of [Keys.Open].
func (k *Keys) OpenPassphrase(q Request, r *format.Recipient) (age.Identity, *vaultfile.Passphrase, error) {
	if p := k.opened.passphrases[r.String]; p != nil {
		return k.opened.ids[r.String], p, nil
	}
	o := &opening{Keys: k, Request: q, failure: Failure{Section: q.Section}}
	id, pass := o.openPassphrase(r)
	switch {
	case o.err != nil:
		return nil, nil, o.err
	case id == nil:
		return nil, nil, &o.failure
	}
	o.tryLock(r, id, pass, func(Attempt, ...age.Identity) bool { return true })
	return id, pass, nil
}

// Passphrase returns the passphrase that opened a recipient's lock in this run, or nil.
func (k *Keys) Passphrase(recipient string) *vaultfile.Passphrase {
	return k.opened.passphrases[recipient]
}
