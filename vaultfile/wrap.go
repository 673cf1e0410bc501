package vaultfile

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"io"
	"strings"

	"filippo.io/age"
	"filippo.io/age/agessh"
	"filippo.io/age/plugin"
	"filippo.io/age/tag"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/agefile"
)

const (
	keySize    = 32
	writerSize = keySize + ed25519.SeedSize // key and seed
)

// ownRecipient returns the recipient string that belongs to an identity, so that the right
// wrap is found without trial decryption. Identities of other types return theirs from
// RecipientString.
func ownRecipient(id age.Identity) string {
	switch id := id.(type) {
	case *age.X25519Identity:
		return id.Recipient().String()
	case *age.HybridIdentity:
		return id.Recipient().String()
	case interface{ RecipientString() string }:
		return id.RecipientString()
	}
	return ""
}

// CheckRecipient returns nil if s can be a recipient, or an error that gives the reason why
// not.
func CheckRecipient(s string) error {
	switch format.KindOf(s) {
	case format.Invalid:
		for _, start := range []string{"age1", "ssh-ed25519 ", "ssh-rsa "} {
			if strings.HasPrefix(s, start) {
				return errMalformed
			}
		}
		return errors.New("a recipient must begin with age1, ssh-ed25519 or ssh-rsa, in lower case and without a comment")
	case format.Plugin:
		_, _, err := plugin.ParseRecipient(s)
		return malformed(err)
	default:
		_, err := parseRecipient(s)
		return malformed(err)
	}
}

func malformed(err error) error {
	if err == nil {
		return nil
	}
	return errMalformed
}

var errMalformed = errors.New("invalid recipient; was it copied completely?")

// parseRecipient returns the age recipient for s. A plugin recipient runs a program, so the
// caller must allow it.
func (f *File) parseRecipient(s string) (age.Recipient, error) {
	if format.KindOf(s) == format.Plugin {
		name := format.PluginName(s)
		if f.Plugin == nil {
			return nil, &PluginError{Name: name, Err: ErrPlugin}
		}
		ui, err := f.Plugin(name)
		if err != nil {
			return nil, &PluginError{Name: name, Err: err}
		}
		return plugin.NewRecipient(s, ui)
	}
	return f.native(s)
}

// native returns the age recipient for s, which needs no plugin. Most people are in many
// profiles, and to decode a post-quantum key takes longer than to encrypt for it, so each
// is decoded once.
func (f *File) native(s string) (age.Recipient, error) {
	if r := f.decoded[s]; r != nil {
		return r, nil
	}
	r, err := parseRecipient(s)
	if err != nil {
		return nil, err
	}
	if f.decoded == nil {
		f.decoded = map[string]age.Recipient{}
	}
	f.decoded[s] = r
	return r, nil
}

// checkRecipient is CheckRecipient, once for each recipient of the file.
func (f *File) checkRecipient(s string) error {
	if k := format.KindOf(s); k == format.Invalid || k == format.Plugin {
		return CheckRecipient(s)
	}
	_, err := f.native(s)
	return malformed(err)
}

func parseRecipient(s string) (age.Recipient, error) {
	switch format.KindOf(s) {
	case format.X25519:
		return age.ParseX25519Recipient(s)
	case format.Hybrid:
		return age.ParseHybridRecipient(s)
	case format.Tag, format.TagHybrid:
		return tag.ParseRecipient(s)
	case format.SSHEd25519, format.SSHRSA:
		return agessh.ParseRecipient(s)
	}
	return nil, errors.New("only a plugin can use this recipient")
}

// wrap encrypts secret to one recipient, as a binary age file.
func (f *File) wrap(name, recipient string, secret []byte) ([]byte, error) {
	fail := func(err error) ([]byte, error) {
		var missing *plugin.NotFoundError
		var refused *PluginError
		if errors.As(err, &missing) {
			return nil, &PluginError{Name: missing.Name, Recipient: name, Err: ErrNoPlugin}
		} else if errors.As(err, &refused) {
			refused.Recipient = name
			return nil, refused
		}
		return nil, &RecipientError{Name: name, Reason: err.Error()}
	}
	r, err := f.parseRecipient(recipient)
	if err != nil {
		return fail(err)
	}
	b, err := agefile.Encrypt(secret, r)
	switch {
	case err != nil:
		return fail(err)
	case len(b) > format.MaxWrap:
		return fail(errors.New("its wrap is larger than 16 KiB"))
	case !wrapForm(b, stanzaTypes[format.KindOf(recipient)], len(secret)):
		return fail(errors.New("its plugin did not write exactly one stanza"))
	}
	return b, nil
}

// unwrap opens a wrap, which must hold exactly size bytes.
func unwrap(wrap []byte, size int, id age.Identity) ([]byte, error) {
	r, err := age.Decrypt(bytes.NewReader(wrap), id)
	if err != nil {
		return nil, ErrWrap
	}
	// One byte more than expected is enough to detect a longer payload.
	b, err := io.ReadAll(io.LimitReader(r, int64(size)+1))
	if err != nil || len(b) != size {
		return nil, ErrWrap
	}
	return b, nil
}

// stanzaTypes are the stanza types that age writes for each kind of recipient. Plugins may
// use any type.
var stanzaTypes = map[format.Kind]string{
	format.X25519:     "X25519",
	format.Hybrid:     "mlkem768x25519",
	format.Tag:        "p256tag",
	format.TagHybrid:  "mlkem768p256tag",
	format.SSHEd25519: "ssh-ed25519",
	format.SSHRSA:     "ssh-rsa",
}

// checkForms checks what neither the grammar nor a signature does: that recipients decode,
// and that wraps are age files of the right form. It checks a section once; the package
// itself only writes what has the right form.
func (f *File) checkForms(s *format.Profile) error {
	if f.formed[s] {
		return nil
	}
	if err := f.checkFormsAnew(s); err != nil {
		return err
	}
	if f.formed == nil {
		f.formed = map[*format.Profile]bool{}
	}
	f.formed[s] = true
	return nil
}

func (f *File) checkFormsAnew(s *format.Profile) error {
	fail := func(subject string) error {
		return &DamageError{Class: ErrDeep, Profile: s.Name, Line: s.Line, Subject: subject}
	}
	for i := range s.Recipients {
		r := &s.Recipients[i]
		if f.checkRecipient(r.String) != nil {
			return fail(profileSubject("recipient", r.Name))
		}
		size := keySize
		if r.Writer {
			size = writerSize
		}
		if !wrapForm(r.Wrap, stanzaTypes[format.KindOf(r.String)], size) {
			return fail(profileSubject("wrap of", r.Name))
		}
		if r.Lock != "" && !lockForm(r.Lock, r.Message) {
			return fail(profileSubject("lock of", r.Name))
		}
	}
	return nil
}

// wrapForm reports whether b is an age file with one stanza of the given type ("" for any)
// and a payload of size bytes.
func wrapForm(b []byte, stanza string, size int) bool {
	header, err := age.ExtractHeader(bytes.NewReader(b))
	if err != nil {
		return false
	}
	look := stanzas(header)
	const overhead = 16 + 16 // nonce and tag of the single chunk
	return len(look) == 1 && (stanza == "" || look[0].Type == stanza) && len(b)-len(header) == size+overhead
}

// stanzas returns the stanzas of an age header. age's parser is internal, but it passes
// what it read to an identity that opens nothing.
func stanzas(header []byte) []*age.Stanza {
	var look stanzaLook
	age.DecryptHeader(header, &look)
	return look
}

type stanzaLook []*age.Stanza

func (l *stanzaLook) Unwrap(stanzas []*age.Stanza) ([]byte, error) {
	*l = stanzas
	return nil, age.ErrIncorrectIdentity
}
