package vaultfile

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"io"

	"filippo.io/age"
	"filippo.io/age/agessh"
	"filippo.io/age/plugin"
	"filippo.io/age/tag"

	"github.com/credfile/credfile/format"
)

const (
	keySize    = 32
	writerSize = keySize + ed25519.SeedSize // the key, then the seed
)

// ownRecipient returns the recipient string that belongs to an identity, so
// that the right wrap is found by comparing and not by trial. An identity of
// another type says it by a method RecipientString.
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

// CheckRecipient reports why s can't be a recipient: nil, or an error whose
// text names the reason.
func CheckRecipient(s string) error {
	switch format.KindOf(s) {
	case format.Invalid:
		return errors.New("not a recipient: it begins with age1, ssh-ed25519 or ssh-rsa, in lower case and without a comment")
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
	return errors.New("a malformed recipient: was it copied whole?")
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
	return nil, errors.New("this program can't encrypt to this kind of recipient")
}

// wrap encrypts secret to one recipient, as a binary age file.
func wrap(name, recipient string, secret []byte) ([]byte, error) {
	r, err := parseRecipient(recipient)
	if err != nil {
		return nil, &RecipientError{Name: name, Reason: err.Error()}
	}
	var b bytes.Buffer
	w, err := age.Encrypt(&b, r)
	if err == nil {
		_, err = w.Write(secret)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return nil, &RecipientError{Name: name, Reason: err.Error()}
	}
	if b.Len() > format.MaxWrap {
		return nil, &RecipientError{Name: name, Reason: "its wrap is longer than 16 KiB"}
	}
	return b.Bytes(), nil
}

var errWrap = errors.New("a wrap does not open")

// unwrap opens a wrap, which must hold exactly size bytes.
func unwrap(wrap []byte, size int, id age.Identity) ([]byte, error) {
	r, err := age.Decrypt(bytes.NewReader(wrap), id)
	if err != nil {
		return nil, errWrap
	}
	// One byte more than a right one has: a longer one is never read whole.
	b, err := io.ReadAll(io.LimitReader(r, int64(size)+1))
	if err != nil || len(b) != size {
		return nil, errWrap
	}
	return b, nil
}

// stanzaTypes are the types of stanza that age writes for each kind of
// recipient. A plugin's may have any.
var stanzaTypes = map[format.Kind]string{
	format.X25519:     "X25519",
	format.Hybrid:     "mlkem768x25519",
	format.Tag:        "p256tag",
	format.TagHybrid:  "mlkem768p256tag",
	format.SSHEd25519: "ssh-ed25519",
	format.SSHRSA:     "ssh-rsa",
}

// checkForms checks what the grammar leaves open and no signature proves: that
// recipients decode, and that wraps are age files of the right form.
func checkForms(s *format.Profile) error {
	fail := func(subject string) error {
		return &DamageError{Class: ErrDeep, Profile: s.Name, Line: s.Line, Subject: subject}
	}
	for i := range s.Recipients {
		r := &s.Recipients[i]
		if CheckRecipient(r.String) != nil {
			return fail(profileSubject("recipient", r.Name))
		}
		size := keySize
		if r.Writer {
			size = writerSize
		}
		if !wrapForm(r.Wrap, stanzaTypes[format.KindOf(r.String)], size) {
			return fail(profileSubject("the wrap of", r.Name))
		}
	}
	return nil
}

// wrapForm reports whether b is an age file with one stanza of that type ("":
// of any) and a payload of size bytes.
func wrapForm(b []byte, stanza string, size int) bool {
	header, err := age.ExtractHeader(bytes.NewReader(b))
	if err != nil {
		return false
	}
	// age's parser is internal; an identity that opens nothing sees what it read.
	var look stanzaLook
	age.DecryptHeader(header, &look)
	const overhead = 16 + 16 // nonce and tag of the one chunk
	return len(look) == 1 && (stanza == "" || look[0] == stanza) && len(b)-len(header) == size+overhead
}

type stanzaLook []string

func (l *stanzaLook) Unwrap(stanzas []*age.Stanza) ([]byte, error) {
	for _, s := range stanzas {
		*l = append(*l, s.Type)
	}
	return nil, age.ErrIncorrectIdentity
}
