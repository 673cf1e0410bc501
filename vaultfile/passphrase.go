package vaultfile

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf8"

	"filippo.io/age"
	"golang.org/x/crypto/chacha20poly1305"

	"github.com/credfile/credfile/kdf"
)

// MaxPassphrase is the length of the longest passphrase in bytes.
const MaxPassphrase = 1024

// Derive derives a key, as [kdf.Params] does.
type Derive func(p kdf.Params, passphrase, salt []byte) ([]byte, error)

// Passphrase opens locks of the kinds scrypt and argon2id: it is an identity of
// age's. Each try costs one derivation.
type Passphrase struct {
	text   []byte
	derive Derive
}

// NewPassphrase takes a passphrase, 1 to 1024 bytes of UTF-8, as it is. derive is
// nil, or stands before [kdf.Params] to count or to bound derivations.
//
// Errors: [ErrPassphraseForm].
func NewPassphrase(text []byte, derive Derive) (*Passphrase, error) {
	if len(text) == 0 || len(text) > MaxPassphrase || !utf8.Valid(text) {
		return nil, ErrPassphraseForm
	}
	if derive == nil {
		derive = func(p kdf.Params, passphrase, salt []byte) ([]byte, error) { return p.Key(passphrase, salt) }
	}
	return &Passphrase{text, derive}, nil
}

// Equal reports whether both are the same text.
func (p *Passphrase) Equal(other *Passphrase) bool { return string(p.text) == string(other.text) }

// String keeps the passphrase out of messages.
func (p *Passphrase) String() string { return redacted }

// GoString keeps the passphrase out of messages.
func (p *Passphrase) GoString() string { return redacted }

// The stanzas of the passphrase locks: age's own, and the one that this format
// adds.
const (
	scryptStanza   = "scrypt"
	argon2idStanza = "credfile/argon2id"

	// What goes before the salt, so that a derivation serves one purpose. age's
	// is from its specification; both are for the salt's form in the stanza:
	// decoded for scrypt, as written for argon2id.
	scryptLabel   = "age-encryption.org/v1/scrypt"
	argon2idLabel = "credfile/1 argon2id "

	saltSize    = 16
	fileKeySize = 16
)

var b64 = base64.RawStdEncoding.Strict()

// derivation is what a passphrase stanza says.
type derivation struct {
	params kdf.Params
	salt   []byte // as the derivation takes it
	body   []byte // the file key, under the derived key
}

var errStanza = errors.New("not a passphrase stanza that the format allows")

// parseDerivation reads one of the two stanzas. All that it costs to go on is
// checked here.
func parseDerivation(s *age.Stanza) (d derivation, err error) {
	numbers := map[string]int{scryptStanza: 1, argon2idStanza: 3}[s.Type]
	if numbers == 0 || len(s.Args) != 1+numbers || len(s.Body) != fileKeySize+chacha20poly1305.Overhead {
		return d, errStanza
	}
	salt, err := b64.DecodeString(s.Args[0])
	if err != nil || len(salt) != saltSize || len(s.Args[0]) != b64.EncodedLen(saltSize) {
		return d, errStanza
	}
	n := make([]int, numbers)
	for i := range n {
		text := s.Args[1+i]
		if n[i], err = strconv.Atoi(text); err != nil || strconv.Itoa(n[i]) != text {
			return d, errStanza
		}
	}
	if s.Type == scryptStanza {
		d = derivation{kdf.Scrypt{LogN: n[0]}, append([]byte(scryptLabel), salt...), s.Body}
	} else {
		d = derivation{kdf.Argon2id{KiB: n[0], Passes: n[1], Lanes: n[2]}, []byte(argon2idLabel + s.Args[0]), s.Body}
	}
	return d, d.params.Check()
}

// Unwrap implements age.Identity. The stanza has to be alone: whoever wrote the
// file knew the passphrase.
func (p *Passphrase) Unwrap(stanzas []*age.Stanza) ([]byte, error) {
	if len(stanzas) != 1 {
		return nil, errStanza
	}
	d, err := parseDerivation(stanzas[0])
	if err != nil {
		return nil, err
	}
	key, err := p.derive(d.params, p.text, d.salt)
	if err != nil {
		return nil, err
	}
	// The body has one length, so one message fits one passphrase (a partitioning
	// oracle needs more: Len, Grubbs, Ristenpart, USENIX Security 2021).
	fileKey, err := fileKeyAEAD(key).Open(nil, zeroNonce[:], d.body, nil)
	if err != nil {
		return nil, ErrPassphrase
	}
	return fileKey, nil
}

// passphraseRecipient wraps for a passphrase, at a cost.
type passphraseRecipient struct {
	*Passphrase
	params kdf.Params
}

// Wrap implements age.Recipient.
func (r *passphraseRecipient) Wrap(fileKey []byte) ([]*age.Stanza, error) {
	salt := make([]byte, saltSize)
	rand.Read(salt)
	s := &age.Stanza{Args: []string{b64.EncodeToString(salt)}}
	switch p := r.params.(type) {
	case kdf.Scrypt:
		s.Type, s.Args = scryptStanza, append(s.Args, strconv.Itoa(p.LogN))
	case kdf.Argon2id:
		s.Type, s.Args = argon2idStanza, append(s.Args, strconv.Itoa(p.KiB), strconv.Itoa(p.Passes), strconv.Itoa(p.Lanes))
	}
	s.Body = make([]byte, fileKeySize+chacha20poly1305.Overhead) // what parseDerivation expects
	d, err := parseDerivation(s)
	if err != nil {
		return nil, err
	}
	key, err := r.derive(d.params, r.text, d.salt)
	if err != nil {
		return nil, err
	}
	s.Body = fileKeyAEAD(key).Seal(nil, zeroNonce[:], fileKey, nil)
	return []*age.Stanza{s}, nil
}

// WrapWithLabels implements age.RecipientWithLabels: a random label lets no other
// recipient stand beside this one.
func (r *passphraseRecipient) WrapWithLabels(fileKey []byte) ([]*age.Stanza, []string, error) {
	stanzas, err := r.Wrap(fileKey)
	return stanzas, []string{rand.Text()}, err
}

func fileKeyAEAD(key []byte) aead {
	a, err := chacha20poly1305.New(key)
	if err != nil {
		panic(fmt.Sprintf("internal error: %v", err)) // a key of the wrong length
	}
	return a
}
