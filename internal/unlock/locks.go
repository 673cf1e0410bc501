package unlock

import (
	"cmp"
	"errors"
	"slices"

	"filippo.io/age"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/vaultfile"
	"github.com/credfile/credfile/vaultfile/openpgp"
)

// fromChosenLock opens a lock before anything asks, if the user named it or gave its
// passphrase.
func fromChosenLock(o *opening, try yield) {
	if o.chosen() {
		o.tryLocks(try)
	}
}

func fromLocks(o *opening, try yield) {
	if !o.chosen() {
		o.tryLocks(try)
	}
}

// tryLocks opens locks of the profile: first what asks nothing, then hardware, then a
// passphrase. A passphrase that was given comes first.
func (o *opening) tryLocks(try yield) {
	locks := o.locks()
	if len(locks) == 0 && o.Chosen.Lock != "" && !slices.ContainsFunc(o.Section.Recipients, o.isChosen) {
		o.err = &NoLockError{o.Section.Name, o.Chosen.Lock}
		return
	}
	kinds := []func(*opening, []*format.Recipient, yield) bool{fromOpenPGP, fromAgeLocks, fromPassphrase}
	if o.Chosen.Passphrase != nil {
		kinds = []func(*opening, []*format.Recipient, yield) bool{fromPassphrase, fromOpenPGP, fromAgeLocks}
	}
	for _, from := range kinds {
		if !from(o, locks, try) {
			return
		}
	}
}

func (o *opening) isChosen(r format.Recipient) bool { return r.Name == o.Chosen.Lock && r.Lock != "" }

// locks returns the locks that may be opened: the one that the user chose, or all of them,
// writers' first.
func (o *opening) locks() []*format.Recipient {
	var locks []*format.Recipient
	for i := range o.Section.Recipients {
		r := &o.Section.Recipients[i]
		if r.Lock != "" && (o.reader == nil || r.Writer) && (o.Chosen.Lock == "" || r.Name == o.Chosen.Lock) {
			locks = append(locks, r)
		}
	}
	rank := map[bool]int{true: 0, false: 1}
	slices.SortStableFunc(locks, func(a, b *format.Recipient) int { return cmp.Compare(rank[a.Writer], rank[b.Writer]) })
	return locks
}

// of returns the locks of a kind that may be opened without being asked for.
func (o *opening) of(locks []*format.Recipient, kind string) []*format.Recipient {
	return slices.DeleteFunc(slices.Clone(locks), func(r *format.Recipient) bool {
		return r.Lock != kind || r.Name == Recovery && o.Chosen.Lock == ""
	})
}

// tryLock remembers the identity of a lock and tries it.
func (o *opening) tryLock(r *format.Recipient, id age.Identity, p *vaultfile.Passphrase, try yield) bool {
	o.opened.keep(r.String, id, p)
	o.Cache.keepLock(r.String, o.Path, r.Name, id)
	return try(Attempt{Lock: r.Name}, id)
}

// fromOpenPGP opens locks with exported private keys, then with gpg.
func fromOpenPGP(o *opening, locks []*format.Recipient, try yield) bool {
	for _, r := range o.of(locks, vaultfile.LockOpenPGP) {
		id, a := o.openOpenPGP(r)
		switch {
		case a.Err == nil:
			if !o.tryLock(r, id, nil, try) {
				return false
			}
		case o.ends(a.Err):
			return false
		case isDamage(a.Err):
			o.damaged(a)
		default:
			o.note(a)
		}
	}
	return true
}

// openOpenPGP opens one openpgp lock.
func (o *opening) openOpenPGP(r *format.Recipient) (age.Identity, Attempt) {
	a := Attempt{Lock: r.Name}
	var open func([]byte) ([]byte, error)
	if a.Key, a.Err = vaultfile.OpenPGPKeyID(r); a.Err == nil {
		if open, a.Err = o.openerFor(a.Key); a.Err != nil {
			return nil, a
		}
	} else {
		a.Key = "" // the lock is damaged, and OpenLockWith says how
	}
	id, err := o.File.OpenLockWith(o.Section.Name, r.Name, open)
	if errors.Is(err, openpgp.ErrRefused) {
		err = &BadLockError{r.Name, err}
	} else if err != nil && !isDamage(err) {
		o.failure.NoIdentity = false
		// gpg's agent asks by itself. Without a terminal it can't.
		o.failure.NoTerminal = o.failure.NoTerminal || errors.Is(err, openpgp.ErrNoPinentry) && !o.GPG.HasTerminal()
	}
	a.Err = err
	return id, a
}

// maxMissed is how many locks for other people may start a plugin: a file must not start
// plugins forever.
const maxMissed = 8

// fromAgeLocks opens locks for other age recipients: with native identities, then with SSH
// keys, then with plugins.
func fromAgeLocks(o *opening, locks []*format.Recipient, try yield) bool {
	var ids []age.Identity
	for _, r := range o.of(locks, vaultfile.LockAge) {
		if ids == nil {
			ids = o.Identities()
		}
		if o.missed == maxMissed {
			ids = withoutPlugins(ids)
		}
		id, err := o.File.OpenLock(o.Section.Name, r.Name, ids...)
		switch {
		case err == nil:
			if !o.tryLock(r, id, nil, try) {
				return false
			}
		case isDamage(err):
			o.damaged(Attempt{Lock: r.Name, Err: err})
		default:
			o.note(Attempt{Lock: r.Name, Err: err})
			o.missed++
		}
	}
	return true
}

func isDamage(err error) bool {
	var damage *vaultfile.DamageError
	var lock *BadLockError
	return errors.As(err, &damage) || errors.As(err, &lock)
}
