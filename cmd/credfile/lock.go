package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"filippo.io/age"
	"filippo.io/age/plugin"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/term"
	"github.com/credfile/credfile/vaultfile"
	"github.com/credfile/credfile/vaultfile/openpgp"
)

// recovery is the name of a lock that is never opened unasked: its passphrase lies
// in a safe.
const recovery = "recovery"

// unlocked are identities that locks of the file kept, by their recipients: one
// serves every profile that names it.
type unlocked struct {
	ids         map[string]age.Identity
	passphrases map[string]*vaultfile.Passphrase // that opened them
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

// of returns those that may open a section.
func (u *unlocked) of(s *format.Profile) []age.Identity {
	var ids []age.Identity
	for i := range s.Recipients {
		if id := u.ids[s.Recipients[i].String]; id != nil {
			ids = append(ids, id)
		}
	}
	return ids
}

// tryLocks opens one of the locks that the profile has: what asks for nothing
// first, then hardware, then a passphrase.
func (o *opener) tryLocks() (*vaultfile.Profile, error) {
	locks, err := o.locks()
	if err != nil {
		return nil, err
	}
	kinds := []func([]*format.Recipient) (*vaultfile.Profile, error){o.tryOpenPGP, o.tryAgeLocks, o.tryPassphrase}
	if o.hasPassphrase() { // before anything asks
		kinds = []func([]*format.Recipient) (*vaultfile.Profile, error){o.tryPassphrase, o.tryOpenPGP, o.tryAgeLocks}
	}
	for _, try := range kinds {
		if p, err := try(locks); p != nil || err != nil {
			return p, err
		}
	}
	return nil, nil
}

// locks are those that may be opened: the one that --as names, or all but
// recovery, whose passphrase is asked for by name only. Writers' come first.
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
		return nil, &plainError{text: fmt.Sprintf("profile %q has no lock named %s", o.s.Name, o.as()), code: exitNoKey,
			hint: "credfile recipients -p " + o.s.Name}
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

// opened goes on with an identity that a lock kept.
func (o *opener) opened(r *format.Recipient, id age.Identity, p *vaultfile.Passphrase) (*vaultfile.Profile, error) {
	o.unlocked.keep(r.String, id, p)
	return o.try("the lock of "+r.Name, []age.Identity{id})
}

// tryOpenPGP opens locks with exported private keys among the user's identities,
// then with gpg.
func (o *opener) tryOpenPGP(locks []*format.Recipient) (*vaultfile.Profile, error) {
	for _, r := range locks {
		if r.Lock != vaultfile.LockOpenPGP || r.Name == recovery && o.as() == "" {
			continue
		}
		keyID, err := vaultfile.OpenPGPKeyID(r)
		if err != nil {
			_, err := o.f.OpenLockWith(o.s.Name, r.Name, nil) // says so before anything is opened
			o.damaged("the lock of "+r.Name, err)
			continue
		}
		source := fmt.Sprintf("the lock of %s (OpenPGP key %s)", r.Name, keyID)
		open, err := o.openPGP(keyID)
		var interrupted *term.Interrupted
		if errors.As(err, &interrupted) {
			return nil, err
		} else if err != nil {
			o.failed.terminal = o.failed.terminal || errors.Is(err, term.ErrNoTerminal)
			o.failed.add(source, err)
			continue
		}
		id, err := o.f.OpenLockWith(o.s.Name, r.Name, open)
		var damage *vaultfile.DamageError
		switch {
		case errors.As(err, &damage), errors.Is(err, openpgp.ErrRefused):
			o.damaged(source, err)
			continue
		case err != nil:
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

// damaged notes a lock that is none. Others may open the profile; if they do not, that
// is the error.
func (o *opener) damaged(source string, err error) {
	o.failed.add(source, err)
	if o.damage == nil {
		o.damage = err
	}
}

// openPGP returns what opens messages for a key.
func (a *app) openPGP(keyID string) (func([]byte) ([]byte, error), error) {
	for _, source := range a.keySources() {
		source.Identities()
		for _, key := range source.OpenPGP() {
			if k, err := a.privateKey(source.Name, key, keyID); k != nil || err != nil {
				return k, err
			}
		}
	}
	gpg := a.gpg()
	if !a.secretKeys(gpg)[keyID] {
		if a.gpgKeys == nil {
			return nil, openpgp.ErrNoProgram
		}
		return nil, fmt.Errorf("gpg: %w", openpgp.ErrNoKey)
	}
	return gpg.Open, nil
}

// secretKeys asks gpg once; nil where there is no gpg.
func (a *app) secretKeys(gpg *openpgp.GPG) map[string]bool {
	if a.gpgKeys == nil {
		a.gpgKeys, _ = gpg.SecretKeys()
	}
	return a.gpgKeys
}

// privateKey is an exported key, which may need its passphrase, once.
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
		pass, err := a.hidden(fmt.Sprintf("passphrase of the OpenPGP key in %s", source))
		if err != nil {
			return nil, err
		}
		if err := key.Unlock(pass); err != nil && n == tries {
			return nil, vaultfile.ErrPassphrase
		} else if err != nil {
			a.say("that is not its passphrase")
		}
	}
	return key.Open, nil
}

func (a *app) gpg() *openpgp.GPG {
	g := &openpgp.GPG{Silent: a.nonInteractive || a.getenv("CREDFILE_NON_INTERACTIVE") != ""}
	if tty := term.Name(); tty != "" && a.getenv("GPG_TTY") == "" {
		g.Environ = append(a.childEnv(nil), "GPG_TTY="+tty)
	}
	return g
}

// tryAgeLocks opens locks for other age recipients: with the user's native
// identities, then SSH keys, then plugins.
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
			if o.lockTries++; o.lockTries == maxLockTries { // a file must not start plugins for ever
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

// maxLockTries is how many locks that are for others may cost a plugin's start.
const maxLockTries = 8

// allIdentities are those at hand that need no passphrase now, plugins' last.
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

// tryPassphrase opens one passphrase lock: with the passphrase that was given, or
// one that is typed.
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

// openPassphrase opens a lock with the passphrase that was given, or one that is typed.
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
		switch {
		case err == nil:
			if o.passphraseLocks() > 1 { // next time it is the one to ask for
				o.lastLock = r.Name
			}
			return o.opened(r, id, pass)
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
		o.say("that is not its passphrase")
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

func isDamage(err error) bool {
	var damage *vaultfile.DamageError
	return errors.As(err, &damage)
}

func (o *opener) typedPassphrase(r *format.Recipient) (*vaultfile.Passphrase, error) {
	for {
		text, err := o.hidden(fmt.Sprintf("passphrase of %s, to open profile %s of %s", r.Name, o.s.Name, o.f.path))
		if err != nil {
			return nil, err
		}
		if p, err := vaultfile.NewPassphrase(text, o.derive); err == nil {
			return p, nil
		}
		o.say("%v", vaultfile.ErrPassphraseForm)
	}
}

// noPrompt notes that a passphrase could not be asked for.
func (o *opener) noPrompt(r *format.Recipient, err error) error {
	if !errors.Is(err, term.ErrNoTerminal) {
		return err
	}
	o.failed.add("the lock of "+r.Name, errors.New("its passphrase would be asked for, and there is no terminal"))
	o.failed.terminal, o.failed.none = true, false
	return nil
}

// chooseLock says which passphrase is asked for: the one that --as names, the only
// one there is, the one last opened on this machine, or the one that the user says.
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
	if known, err := o.memory().Load(o.f.ID(), o.f.place); err == nil {
		for _, r := range usual {
			if r.Name == known.LastLock {
				return r, nil
			}
		}
	}
	list := strings.Join(names, ", ")
	t, err := o.terminal()
	if errors.Is(err, term.ErrNoTerminal) {
		o.failed.add("passphrases", fmt.Errorf("there are locks of %s, and nothing says which: --as NAME", list))
		o.failed.none = false
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	defer t.Close()
	for range tries {
		answer, err := t.Line(fmt.Sprintf("whose passphrase do you have, to open profile %s of %s (%s)", o.s.Name, o.f.path, list))
		if err != nil {
			return nil, err
		}
		for _, r := range locks {
			if r.Name == strings.TrimSpace(answer) {
				return r, nil
			}
		}
		o.say("that is none of them")
	}
	o.failed.add("passphrases", fmt.Errorf("there are locks of %s, and none was chosen", list))
	return nil, nil
}
