package vaultfile

import (
	"bytes"
	"crypto/hmac"
	"slices"

	"filippo.io/age"
	"filippo.io/age/plugin"

	"github.com/credfile/credfile/format"
)

// Unlock verifies a profile's section and opens it with an identity that belongs to one of
// its recipients, a writer if possible.
//
// It finds the wrap by comparing recipients, so it unwraps only once however many
// recipients there are. Identities of types other than age's own name their recipient with
// a RecipientString() string method. Plugins can't: they come last, and each gets every
// wrap it might open at once, so that it starts once and asks for one touch.
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

// match finds the recipient that one of the identities belongs to. It prefers writers, then
// earlier lines.
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

// offer asks the plugins among the identities, one after the other. Each gets the stanzas
// of all wraps that it may be able to open, and returns the file key of one. The MAC in a
// wrap's header shows whether the key is its own.
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

// forPlugin reports whether a plugin may hold a recipient's identity. Tag recipients are
// for hardware keys, which any plugin may know.
func forPlugin(recipient, name string) bool {
	switch format.KindOf(recipient) {
	case format.Plugin:
		return format.PluginName(recipient) == name
	case format.Tag, format.TagHybrid:
		return true
	}
	return false
}

// openWrap unwraps the profile's key and, for a writer, its seed. It checks that both match
// the section before it uses them.
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
		p.signer = signerOf(secret[keySize:])
		if publicKey(p.signer) != s.Key {
			return nil, fail(ErrCheck)
		}
	}
	return p, nil
}
