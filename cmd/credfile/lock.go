package main

import (
	"errors"
	"fmt"
	"slices"

	"filippo.io/age"
	"filippo.io/age/plugin"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/term"
	"github.com/credfile/credfile/vaultfile"
	"github.com/credfile/credfile/vaultfile/openpgp"
)

// recovery is the name of a lock opened only on request. Its passphrase is in a safe.
const recovery = "recovery"

// unlocked holds the identities from locks in the file, by recipient. Each one serves every
// profile that names the recipient.
type unlocked struct {
	ids         map[string]age.Identity
	passphrases map[string]*vaultfile.Passphrase // that opened the locks
}

func (u *unlocked) keep(recipient string, id age.Identity, p *vaultfile.Passphrase) {
	if u.ids == nil {
		u.ids, u.passphrases = map[string]age.Identity{}, map[string]*vaultfile.Passphrase{}
	}
	u.ids[recipient] = id
	if p != nil {
		u.passphrases[recipient] = p
	}
}

// of returns the identities that may open a section.
func (u *unlocked) of(s *format.Profile) []age.Identity {
	var ids []age.Identity
	for i := range s.Recipients {
		if id := u.ids[s.Recipients[i].String]; id != nil {
			ids = append(ids, id)
		}
	}
	return ids
}

// tryLocks opens one of the profile's locks. It tries what asks nothing first, then
// hardware, then a passphrase.
func (o *opener) tryLocks() (*vaultfile.Profile, error) {
	locks, err := o.locks()
	if err != nil {
		return nil, err
	}
	kinds := []func([]*format.Recipient) (*vaultfile.Profile, error){o.tryOpenPGP, o.tryAgeLocks, o.tryPassphrase}
	if o.hasPassphrase() { // a given passphrase goes before anything that asks
		kinds = []func([]*format.Recipient) (*vaultfile.Profile, error){o.tryPassphrase, o.tryOpenPGP, o.tryAgeLocks}
	}
	for _, try := range kinds {
		if p, err := try(locks); p != nil || err != nil {
			return p, err
		}
	}
	return nil, nil
}

// locks returns the locks that may be opened: the one that --as names, or all of them,
// writers' first.
func (o *opener) locks() ([]*format.Recipient, error) {
	var locks []*format.Recipient
	for i := range o.s.Recipients {
		r := &o.s.Recipients[i]
		if r.Lock == "" || o.reader != nil && !r.Writer || o.as() != "" && r.Name != o.as() {
			continue
		}
		locks = append(locks, r)
	}
	if o.as() != "" && len(locks) == 0 && !o.hasLock(o.as()) {
		return nil, &plainError{text: fmt.Sprintf("profile %q has no lock named %q", o.s.Name, o.as()), code: exitNoKey,
			hint: "to list them: credfile recipients -p " + o.s.Name}
	}
	slices.SortStableFunc(locks, func(a, b *format.Recipient) int {
		switch {
		case a.Writer == b.Writer:
			return 0
		case a.Writer:
			return -1
		}
		return 1
	})
	return locks, nil
}

func (o *opener) hasLock(name string) bool {
	return slices.ContainsFunc(o.s.Recipients, func(r format.Recipient) bool { return r.Name == name && r.Lock != "" })
}

func (a *app) as() string {
	if a.asName != "" {
		return a.asName
	}
	return a.getenv("CREDFILE_AS")
}

// opened remembers the identity from a lock and tries it.
func (o *opener) opened(r *format.Recipient, id age.Identity, p *vaultfile.Passphrase) (*vaultfile.Profile, error) {
	o.unlocked.keep(r.String, id, p)
	if o.cache.recovery = r.Name == recovery; !o.cache.recovery {
		o.cache.keepLock(r.String, fmt.Sprintf("%s (lock of %s)", absolute(o.f.path), r.Name), id)
	}
	return o.try("the lock of "+r.Name, []age.Identity{id})
}

// tryOpenPGP opens locks with exported private keys among the user's identities, then with
// gpg.
func (o *opener) tryOpenPGP(locks []*format.Recipient) (*vaultfile.Profile, error) {
	for _, r := range locks {
		if r.Lock != vaultfile.LockOpenPGP || r.Name == recovery && o.as() == "" {
			continue
		}
		keyID, err := vaultfile.OpenPGPKeyID(r)
		if err != nil {
			_, err := o.f.OpenLockWith(o.s.Name, r.Name, nil) // reports the damage, and opens nothing
			o.damaged("the lock of "+r.Name, err)
			continue
		}
		source := fmt.Sprintf("the lock of %s (OpenPGP key %s)", r.Name, keyID)
		open, err := o.openPGP(keyID)
		if isInterrupted(err) {
			return nil, err
		} else if err != nil {
			o.failed.terminal = o.failed.terminal || errors.Is(err, term.ErrNoTerminal)
			o.failed.add(source, err)
			continue
		}
		id, err := o.f.OpenLockWith(o.s.Name, r.Name, open)
		var damage *vaultfile.DamageError
		switch {
		case errors.As(err, &damage):
			o.damaged(source, err)
			continue
		case errors.Is(err, openpgp.ErrRefused):
			o.damaged(source, &badLockError{r.Name, err})
			continue
		case err != nil:
			// gpg's agent prompts by itself. Without a terminal it can't.
			o.failed.terminal = o.failed.terminal || errors.Is(err, openpgp.ErrNoPinentry) && o.noTerminal()
			o.failed.add(source, err)
			o.failed.none = false
			continue
		}
		if p, err := o.opened(r, id, nil); p != nil || err != nil {
			return p, err
		}
	}
	return nil, nil
}

// damaged notes a damaged lock. It is the error if no other lock opens the profile.
func (o *opener) damaged(source string, err error) {
	o.failed.add(source, err)
	if o.damage == nil {
		o.damage = err
	}
}

// openPGP returns a function that opens messages for a key: with an exported key if one
// fits, else with gpg.
func (a *app) openPGP(keyID string) (func([]byte) ([]byte, error), error) {
	var first error
	for _, source := range a.keySources() {
		source.Identities()
		for _, key := range source.OpenPGP() {
			k, err := a.privateKey(source.Name, key, keyID)
			if k != nil || isInterrupted(err) {
				return k, err
			} else if first == nil {
				first = err
			}
		}
	}
	gpg := a.gpg()
	if !a.secretKeys(gpg)[keyID] {
		if first != nil {
			return nil, first
		}
		if a.gpgKeys == nil {
			return nil, openpgp.ErrNoProgram
		}
		if a.gpgErr != nil {
			return nil, fmt.Errorf("gpg: %w", a.gpgErr)
		}
		return nil, fmt.Errorf("gpg: %w", openpgp.ErrNoKey)
	}
	return gpg.Open, nil
}

// secretKeys asks gpg for its keys, once. It returns nil if gpg is not installed.
func (a *app) secretKeys(gpg *openpgp.GPG) map[string]bool {
	if a.gpgKeys == nil {
		a.gpgKeys, a.gpgErr = gpg.SecretKeys()
	}
	return a.gpgKeys
}

// privateKey reads an exported key and, the first time, asks for its passphrase.
func (a *app) privateKey(source string, text []byte, keyID string) (func([]byte) ([]byte, error), error) {
	key := a.exported[source]
	if key == nil {
		var err error
		if key, err = openpgp.ReadPrivateKey(text); err != nil {
			return nil, fmt.Errorf("%s: %w", source, err)
		}
		if a.exported == nil {
			a.exported = map[string]*openpgp.PrivateKey{}
		}
		a.exported[source] = key
	}
	if !key.Has(keyID) {
		return nil, nil
	}
	for n := 1; key.Locked(); n++ {
		pass, err := a.hiddenToCheck(fmt.Sprintf("Passphrase of the OpenPGP key in %s", source))
		if err != nil {
			return nil, err
		}
		err = key.Unlock(pass)
		if err = a.settle(err); isInterrupted(err) {
			return nil, err
		} else if err != nil && n == tries {
			return nil, vaultfile.ErrPassphrase
		} else if err != nil {
			a.say("wrong passphrase, try again")
		}
	}
	return key.Open, nil
}

func (a *app) gpg() *openpgp.GPG {
	g := &openpgp.GPG{Silent: a.asksNothing(), Environ: a.childEnv(nil)}
	if tty := term.Name(); tty != "" && a.getenv("GPG_TTY") == "" {
		g.Environ = append(g.Environ, "GPG_TTY="+tty)
	}
	return g
}

// tryAgeLocks opens locks for other age recipients: with native identities, then with SSH
// keys, then with plugins.
func (o *opener) tryAgeLocks(locks []*format.Recipient) (*vaultfile.Profile, error) {
	var ids []age.Identity
	for _, r := range locks {
		if r.Lock != vaultfile.LockAge || r.Name == recovery && o.as() == "" {
			continue
		}
		if ids == nil {
			ids = o.allIdentities()
		}
		id, err := o.f.OpenLock(o.s.Name, r.Name, ids...)
		var damage *vaultfile.DamageError
		switch {
		case errors.As(err, &damage):
			o.damaged("the lock of "+r.Name, err)
			continue
		case err != nil:
			o.failed.add("the lock of "+r.Name, err)
			if o.lockTries++; o.lockTries == maxLockTries { // a file must not start plugins forever
				ids = slices.DeleteFunc(ids, isPlugin)
			}
			continue
		}
		if p, err := o.opened(r, id, nil); p != nil || err != nil {
			return p, err
		}
	}
	return nil, nil
}

// maxLockTries is how many locks for other people may start a plugin.
const maxLockTries = 8

// allIdentities returns the available identities that need no passphrase now, plugins last.
func (a *app) allIdentities() []age.Identity {
	var native, ssh, plugins []age.Identity
	for _, source := range a.keySources() {
		ids, _ := source.Identities()
		for _, l := range source.Locked() {
			if l.Open() {
				opened, _ := l.Identities(nil)
				ids = append(ids[:len(ids):len(ids)], opened...)
			}
		}
		for _, id := range ids {
			switch id.(type) {
			case *plugin.Identity:
				plugins = append(plugins, id)
			case *age.X25519Identity, *age.HybridIdentity:
				native = append(native, id)
			default:
				ssh = append(ssh, id)
			}
		}
	}
	return slices.Concat(native, ssh, plugins)
}
