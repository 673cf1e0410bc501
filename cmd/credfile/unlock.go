package main

import (
	"errors"
	"fmt"

	"filippo.io/age"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/keys"
	"github.com/credfile/credfile/internal/term"
	"github.com/credfile/credfile/vaultfile"
)

// unlock opens a profile: it must be the one that is known, and then the first
// source of identities that can opens it. Those behind a passphrase come last,
// so that nobody types one in vain. To write, a writer's identity is looked for.
func (a *app) unlock(f *file, profile string, for_ access) (*vaultfile.Profile, error) {
	s, err := f.Profile(profile)
	var missing *vaultfile.NotFoundError
	if err != nil && !errors.As(err, &missing) {
		return nil, err
	}
	if err := a.trusted(f, profile, for_); err != nil {
		return nil, err // a missing one may have been there before
	}
	if err != nil {
		return nil, err
	}
	p, err := a.tryKeys(f, s, for_)
	if err != nil {
		return nil, err
	}
	if !f.remembered { // before any plaintext leaves, and before anything is changed
		a.remember(f)
		f.remembered = true
	}
	if for_ == write {
		if err := a.readyToWrite(f, p); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// readyToWrite makes sure that the next revision is higher than any seen, and
// that a profile that was removed and is back gets a new key.
func (a *app) readyToWrite(f *file, p *vaultfile.Profile) error {
	if !p.Writer() {
		return nil // the change itself says so
	}
	for _, j := range f.judged {
		v := j.Of(p.Name())
		if v == nil {
			continue // made meanwhile
		}
		p.Seen(v.SeenRevision)
		if v.MustRotate && p.Section().Key == v.Section.Key {
			if err := p.Rotate(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (a *app) tryKeys(f *file, s *format.Profile, for_ access) (*vaultfile.Profile, error) {
	failed := &openError{profile: s.Name, recipients: s.Recipients}
	var reader *vaultfile.Profile
	try := func(name string, ids []age.Identity) (*vaultfile.Profile, error) {
		p, err := f.Unlock(s.Name, ids...)
		var none *vaultfile.NoMatchError
		switch {
		case errors.As(err, &none):
			failed.addAll(name, notRecipient(ids, none))
			return nil, nil
		case err != nil:
			return nil, err
		case p.Writer() || for_ == read:
			return p, nil
		}
		reader = p
		return nil, nil
	}
	type locked struct {
		source string
		*keys.Locked
	}
	var later []locked
	for _, source := range a.keySources() {
		if source.SSH && !hasSSH(s) {
			continue
		}
		ids, err := source.Identities()
		if err != nil {
			failed.add(source.Name, err)
			continue
		}
		for _, l := range source.Locked() {
			later = append(later, locked{source.Name, l})
		}
		if len(ids) == 0 {
			continue
		}
		if p, err := try(source.Name, ids); p != nil || err != nil {
			return p, err
		}
	}
	for _, l := range later {
		if !l.MayOpen(recipientStrings(s)) {
			failed.add(l.source, errors.New("is for another recipient"))
			continue
		}
		ids, err := a.openLocked(l.Locked, f.path, s.Name)
		var interrupted *term.Interrupted
		switch {
		case errors.As(err, &interrupted):
			return nil, err
		case err != nil:
			failed.add(l.source, err)
			failed.terminal = failed.terminal || errors.Is(err, term.ErrNoTerminal)
			continue
		}
		if p, err := try(l.source, ids); p != nil || err != nil {
			return p, err
		}
	}
	if reader != nil {
		return reader, nil
	}
	return nil, failed
}

func (a *app) keySources() []*keys.Source {
	if a.sources == nil {
		a.sources = keys.Sources(a.identities, a.getenv, a.pluginUI())
	}
	return a.sources
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

// notRecipient says, in one line for each identity or plugin, why none opens.
func notRecipient(ids []age.Identity, none *vaultfile.NoMatchError) []string {
	var lines []string
	for _, id := range ids {
		if r := keys.Recipient(id); r != "" {
			lines = append(lines, fmt.Sprintf("is %s, which is not a recipient", vaultfile.Fingerprint(r)))
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
		lines = append(lines, "no recipient is of its plugin's kind")
	}
	return lines
}

// tries is how often a passphrase may be mistyped.
const tries = 3

// openLocked asks for the passphrase of an identity file or an SSH key.
func (a *app) openLocked(l *keys.Locked, path, profile string) ([]age.Identity, error) {
	for n := 1; ; n++ {
		if l.Open() {
			return l.Identities(nil)
		}
		pass, err := a.hidden(fmt.Sprintf("passphrase of %s, to open profile %s of %s", l.Name, profile, path))
		if err != nil {
			return nil, err
		}
		ids, err := l.Identities(pass)
		if !errors.Is(err, keys.ErrPassphrase) || n == tries {
			return ids, err
		}
		a.say("that is not its passphrase")
	}
}
