package main

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"filippo.io/age"
	"filippo.io/age/plugin"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/keys"
	"github.com/credfile/credfile/internal/term"
	"github.com/credfile/credfile/vaultfile"
	"github.com/credfile/credfile/vaultfile/trust"
)

// unlock opens a profile, which must be approved, with the first identity that can.
// Identities behind a passphrase come last, so that no one types a passphrase for nothing.
// For writing, it looks for a writer's identity.
func (a *app) unlock(f *file, profile string, for_ access) (*vaultfile.Profile, error) {
	s, err := f.Profile(profile)
	var missing *vaultfile.NotFoundError
	if err != nil && !errors.As(err, &missing) {
		return nil, err
	}
	if err := a.trusted(f, profile, for_); err != nil {
		return nil, err // a missing profile may have been there before
	}
	if err != nil {
		return nil, err
	}
	p, err := a.tryKeys(f, s, for_)
	if err != nil {
		return nil, err
	}
	if !f.remembered { // before any plaintext leaves and anything changes
		a.remember(f)
		f.remembered = true
	}
	a.rememberLock(f)
	if for_ == write {
		a.warnOfIdentities(f)
		a.warnOfOthers(f, profile)
		if err := a.readyToWrite(f, p); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// warnOfOthers warns of other profiles with damage that their signature does not show. It
// does not stop this change, but their writers should know.
func (a *app) warnOfOthers(f *file, profile string) {
	for _, name := range f.Names() {
		var damage *vaultfile.DamageError
		if err := f.VerifyProfile(name); name != profile && errors.As(err, &damage) && errors.Is(damage, vaultfile.ErrDeep) && f.tell(err.Error()) {
			a.warn("%s: %v", f.path, err)
		}
	}
}

// readyToWrite makes sure that the next revision is higher than any seen, and that a
// profile that was removed and restored gets new keys.
func (a *app) readyToWrite(f *file, p *vaultfile.Profile) error {
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
			if err := a.vouchForReturned(f, j, p); err != nil {
				return err
			}
		}
	}
	return nil
}

// vouchForReturned lets another profile vouch for one that was removed and restored. To
// colleagues' machines, its own old key is not enough.
func (a *app) vouchForReturned(f *file, j *trust.Judgement, p *vaultfile.Profile) error {
	for _, v := range j.Verdicts {
		if v.Name == p.Name() || v.Section == nil || v.MustRotate {
			continue
		}
		if voucher := a.quietly(f, v.Name); voucher != nil {
			return voucher.VouchFor(p, format.Key{})
		}
	}
	if f.tell("returned " + p.Name()) {
		a.warn("no other profile that you can write vouches for %s; colleagues will need to run credfile trust -p %[1]s", p.Name())
	}
	return nil
}

func (a *app) tryKeys(f *file, s *format.Profile, for_ access) (*vaultfile.Profile, error) {
	p, err := a.opener(f, s, for_).open()
	if interrupted := a.release(true); err == nil && interrupted != nil { // a wrong passphrase, then another way to open it
		return nil, interrupted
	}
	return p, err
}

func (a *app) opener(f *file, s *format.Profile, for_ access) *opener {
	return &opener{app: a, f: f, s: s, want: for_, failed: &openError{profile: s.Name, recipients: s.Recipients}}
}

func (o *opener) open() (*vaultfile.Profile, error) {
	a, s := o.app, o.s
	var later []*keys.Source
	if p, err := o.try("an unlocked lock", a.unlocked.of(s)); p != nil || err != nil {
		return p, err
	}
	o.failed.tried = nil
	o.failed.none = true
	for _, source := range a.keySources() {
		if source.SSH && !hasSSH(s) {
			continue
		}
		ids, err := source.Identities()
		if err != nil {
			o.failed.add(source.Name, err)
			o.failed.none = o.failed.none && !source.Named && errors.Is(err, fs.ErrNotExist)
			continue
		}
		o.failed.none = false
		if len(source.Locked()) > 0 {
			later = append(later, source)
		}
		if o.quiet {
			ids = slices.DeleteFunc(slices.Clone(ids), isPlugin)
		}
		if p, err := o.try(source.Name, ids); p != nil || err != nil {
			return p, err
		}
	}
	if p, err := o.tryKept(later); p != nil || err != nil {
		return p, err
	}
	if o.quiet {
		later = nil
	} else if p, err := o.tryGiven(); p != nil || err != nil {
		return p, err
	}
	for _, source := range later {
		for _, l := range source.Locked() {
			if p, err := o.tryLocked(source.Name, l); p != nil || err != nil {
				return p, err
			}
		}
	}
	if !o.quiet && !o.locksTried {
		if p, err := o.tryLocks(); p != nil || err != nil {
			return p, err
		}
	}
	if o.reader != nil {
		return o.reader, nil
	}
	if o.damage != nil {
		return nil, o.damage
	}
	o.failed.terminal = o.failed.terminal || o.askedInVain
	if !o.quiet {
		o.explainAccess(o.f, s, o.failed)
	}
	return nil, o.failed
}

// tryGiven opens a lock before any passphrase is asked for, if the user named the lock or
// gave the passphrase.
func (o *opener) tryGiven() (*vaultfile.Profile, error) {
	if o.as() == "" && !o.hasPassphrase() {
		return nil, nil
	}
	o.locksTried = true
	return o.tryLocks()
}

// opener tries identities on one profile.
type opener struct {
	*app
	f          *file
	s          *format.Profile
	want       access
	reader     *vaultfile.Profile // opened with a reader's key where a writer's is needed
	failed     *openError
	quiet      bool // ask nothing and start nothing
	locksTried bool
	damage     error // of a damaged lock
	lockTries  int
}

func (o *opener) try(source string, ids []age.Identity) (*vaultfile.Profile, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	p, err := o.f.Unlock(o.s.Name, ids...)
	var none *vaultfile.NoMatchError
	switch {
	case errors.As(err, &none):
		o.failed.addAll(source, notRecipient(ids, none))
		return nil, nil
	case err != nil:
		return nil, err
	case p.Writer() || o.want == read:
		return p, nil
	}
	o.reader = p
	return nil, nil
}

// tryLocked asks for a passphrase, unless it could not help.
func (o *opener) tryLocked(source string, l *keys.Locked) (*vaultfile.Profile, error) {
	if !l.MayOpen(recipientStrings(o.s)) {
		o.failed.add(source, errors.New("matches no recipient of this profile"))
		return nil, nil
	}
	ids, err := o.openLocked(l, o.f.path, o.s.Name)
	switch {
	case isInterrupted(err):
		return nil, err
	case err != nil:
		o.failed.add(source, err)
		o.failed.terminal = o.failed.terminal || errors.Is(err, term.ErrNoTerminal)
		return nil, nil
	}
	return o.try(source, ids)
}

// checkFlags refuses an identity in place of a file's name, and invalid names.
func (a *app) checkFlags() error {
	a.profiles = unique(a.profiles)
	for _, fd := range []int{a.pass.fd, a.pass.newFD} {
		if fd > 2 {
			closeOnExec(fd) // neither for the command nor for plugins
		}
	}
	if err := a.cache.fromEnv(); err != nil {
		return err
	}
	for _, name := range a.profiles {
		if !format.ValidName(name) {
			return &vaultfile.NameError{Kind: "profile", Name: name}
		}
	}
	for flag, text := range map[string]string{"--file": a.file, "--as": a.asName, "CREDFILE_FILE": a.getenv("CREDFILE_FILE"), "CREDFILE_AS": a.getenv("CREDFILE_AS")} {
		if keys.LooksSecret(text) {
			return &usageError{text: flag + " is an identity, which is secret", hint: "see credfile help"}
		}
	}
	if as := a.as(); as != "" && !format.ValidName(as) {
		return &usageError{text: "invalid name of a lock", hint: "--as and CREDFILE_AS take a name; to list them: credfile recipients"}
	}
	for _, file := range a.identities {
		if keys.LooksSecret(file) {
			return &usageError{text: "--identity takes a file; that is an identity, which is secret, and your shell's history now contains it",
				hint: "create a new identity, and name its file here"}
		}
	}
	return nil
}

// unique removes repeated names.
func unique(names []string) []string {
	var list []string
	seen := make(map[string]bool, len(names))
	for _, name := range names {
		if !seen[name] {
			seen[name] = true
			list = append(list, name)
		}
	}
	return list
}

func (a *app) keySources() []*keys.Source {
	if a.sources == nil {
		a.sources = keys.Sources(a.identities, a.lookupEnv, a.pluginUI())
	}
	return a.sources
}

func isPlugin(id age.Identity) bool {
	_, ok := id.(*plugin.Identity)
	return ok
}

func hasSSH(s *format.Profile) bool {
	for i := range s.Recipients {
		if k := format.KindOf(s.Recipients[i].String); k == format.SSHEd25519 || k == format.SSHRSA {
			return true
		}
	}
	return false
}

func recipientStrings(s *format.Profile) []string {
	list := make([]string, len(s.Recipients))
	for i := range list {
		list[i] = s.Recipients[i].String
	}
	return list
}

// notRecipient explains why none opens, in one line for each identity or plugin.
func notRecipient(ids []age.Identity, none *vaultfile.NoMatchError) []string {
	var lines []string
	for _, id := range ids {
		if r := keys.Recipient(id); r != "" {
			lines = append(lines, fmt.Sprintf("%s is not a recipient", vaultfile.Fingerprint(r)))
		}
	}
	const most = 3
	if len(lines) > most {
		lines = []string{fmt.Sprintf("none of its %d identities is a recipient", len(lines))}
	}
	for _, err := range none.Plugins {
		lines = append(lines, err.Error())
	}
	if len(lines) == 0 {
		lines = append(lines, "no recipient belongs to its plugin")
	}
	return lines
}

// tries is how many attempts the user has at a passphrase.
const tries = 3

// openLocked asks for the passphrase of an identity file or an SSH key.
func (a *app) openLocked(l *keys.Locked, path, profile string) ([]age.Identity, error) {
	for n := 1; ; n++ {
		if l.Open() {
			return l.Identities(nil)
		}
		pass, err := a.hiddenToCheck(fmt.Sprintf("Passphrase of %s, to open profile %s of %s", l.Name, profile, path))
		if err != nil {
			return nil, err
		}
		ids, err := l.Identities(pass)
		if err = a.settle(err); err == nil {
			a.cache.keepLocked(l)
			a.cache.hint()
		}
		if !errors.Is(err, keys.ErrPassphrase) || n == tries {
			return ids, err
		}
		a.say("wrong passphrase, try again")
	}
}
