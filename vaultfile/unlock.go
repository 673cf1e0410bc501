package vaultfile

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hmac"
	"slices"

	"filippo.io/age"
	"filippo.io/age/plugin"

	"github.com/credfile/credfile/format"
)

// Unlock opens a profile with whichever of the identities belongs to one of
// its recipients: a writer's, if there is one. The section is verified first.
//
// The right wrap is found by comparing recipients, so one unwrap opens a
// profile, however many recipients there are. Identities of other types than
// age's own say theirs by a method RecipientString() string. Plugins don't say
// it: they come last, and each is offered all wraps that it might open at once,
// so that it is started once and asks for one touch.
//
// Errors: [*NotFoundError], [*DamageError], [*NoMatchError].
func (f *File) Unlock(name string, ids ...age.Identity) (*Profile, error) {
	s, err := f.section(name, false)
	if err != nil {
		return nil, err
	}
	before := f.unlocked[s]
	if before != nil && before.Writer() {
		return before, nil
	}
	r, id := match(s, ids)
	failed := &NoMatchError{Profile: name, Tried: len(ids)}
	if r == nil && before == nil {
		r, id = offer(s, ids, failed)
	}
	switch {
	case before != nil && (r == nil || !r.Writer):
		return before, nil
	case r == nil:
		for i := range s.Recipients {
			failed.Recipients = append(failed.Recipients, s.Recipients[i].Name)
		}
		return nil, failed
	}
	p, err := f.openWrap(s, r, id)
	if err != nil {
		return nil, err
	}
	if err := p.checkNames(); err != nil {
		return nil, err
	}
	f.keep(p)
	return p, nil
}

// match finds the recipient that one of the identities belongs to: a writer
// before a reader, then an earlier line before a later one.
func match(s *format.Profile, ids []age.Identity) (found *format.Recipient, with age.Identity) {
	own := make([]string, len(ids))
	for i, id := range ids {
		own[i] = ownRecipient(id)
	}
	for i := range s.Recipients {
		r := &s.Recipients[i]
		if found != nil && (found.Writer || !r.Writer) {
			continue
		}
		if n := slices.Index(own, r.String); n >= 0 {
			found, with = r, ids[n]
		}
	}
	return found, with
}

// offer asks the plugins among the identities, one after the other. Each gets
// the stanzas of all wraps that it may know how to open, and answers with the
// file key of one of them; the MAC of a wrap's header decides of which.
func offer(s *format.Profile, ids []age.Identity, failed *NoMatchError) (*format.Recipient, age.Identity) {
	for _, id := range ids {
		plug, ok := id.(*plugin.Identity)
		if !ok {
			continue
		}
		var rs []*format.Recipient
		var all []*age.Stanza
		for i := range s.Recipients {
			r := &s.Recipients[i]
			header, err := age.ExtractHeader(bytes.NewReader(r.Wrap))
			if err == nil && forPlugin(r.String, plug.Name()) {
				rs, all = append(rs, r), append(all, stanzas(header)...)
			}
		}
		if len(rs) == 0 {
			continue
		}
		key, err := plug.Unwrap(all)
		if err != nil {
			failed.Plugins = append(failed.Plugins, err)
			continue
		}
		injected := age.NewInjectedFileKeyIdentity(key)
		for _, writers := range []bool{true, false} {
			for _, r := range rs {
				if _, err := age.Decrypt(bytes.NewReader(r.Wrap), injected); err == nil && r.Writer == writers {
					return r, injected
				}
			}
		}
	}
	return nil, nil
}

// forPlugin reports whether a plugin may hold the identity of a recipient. Tags
// are for keys in hardware, which any plugin may know.
func forPlugin(recipient, name string) bool {
	switch format.KindOf(recipient) {
	case format.Plugin:
		return format.PluginName(recipient) == name
	case format.Tag, format.TagHybrid:
		return true
	}
	return false
}

// openWrap unwraps the profile's key and, for a writer, its seed. Both must be
// those that the section shows before anything is done with them.
func (f *File) openWrap(s *format.Profile, r *format.Recipient, id age.Identity) (*Profile, error) {
	fail := func(class error) error {
		return &DamageError{Class: class, Profile: s.Name, Line: s.Line, Subject: profileSubject("recipient", r.Name)}
	}
	size := keySize
	if r.Writer {
		size = writerSize
	}
	secret, err := unwrap(r.Wrap, size, id)
	if err != nil {
		return nil, fail(ErrWrap)
	}
	p := &Profile{f: f, s: s, as: r.Name, key: secret[:keySize]}
	p.keys = deriveKeys(p.key, f.text.ID, s.ID)
	if !hmac.Equal(p.keys.check[:], s.Check[:]) {
		return nil, fail(ErrCheck)
	}
	if r.Writer {
		p.signer = ed25519.NewKeyFromSeed(secret[keySize:])
		if publicKey(p.signer) != s.Key {
			return nil, fail(ErrCheck)
		}
	}
	return p, nil
}
