package vaultfile

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"

	"filippo.io/age"
	"golang.org/x/crypto/chacha20poly1305"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/kdf"
)

const maxPassphrase = 1024 // bytes

// Passphrase is an age identity that opens scrypt and argon2id locks. Each try costs one
// derivation.
type Passphrase struct {
	text   Secret // it does not print, even as a field
	derive func(p kdf.Params, passphrase, salt []byte) ([]byte, error)
}

// NewPassphrase returns a passphrase of 1 to 1024 bytes of UTF-8, unchanged. If derive is
// not nil, it is called in place of the Key method of [kdf.Params], to count or limit
// derivations.
//
// Errors: [ErrPassphraseForm].
func NewPassphrase(text []byte, derive func(p kdf.Params, passphrase, salt []byte) ([]byte, error)) (*Passphrase, error) {
	if len(text) == 0 || len(text) > maxPassphrase || !utf8.Valid(text) {
		return nil, ErrPassphraseForm
	}
	if derive == nil {
		derive = func(p kdf.Params, passphrase, salt []byte) ([]byte, error) { return p.Key(passphrase, salt) }
	}
	return &Passphrase{newSecret(text), derive}, nil
}

// Equal reports whether p and other have the same text.
func (p *Passphrase) Equal(other *Passphrase) bool {
	return string(p.text.Reveal()) == string(other.text.Reveal())
}

// Format keeps the passphrase out of messages, whatever the verb.
func (p *Passphrase) Format(w fmt.State, verb rune) { io.WriteString(w, redacted) }

// The stanzas of passphrase locks: age's own, and the one that this format adds.
const (
	scryptStanza   = "scrypt"
	argon2idStanza = "credfile/argon2id"

	// Prefixes of the salt, so that a derivation serves one purpose. age specifies its own.
	// scrypt takes the decoded salt after it, argon2id the salt as written in the stanza.
	scryptLabel   = "age-encryption.org/v1/scrypt"
	argon2idLabel = "credfile/1 argon2id "

	saltSize    = 16
	fileKeySize = 16
)

// derivation is a parsed passphrase stanza.
type derivation struct {
	params kdf.Params
	salt   []byte // as passed to the derivation
	body   []byte // the file key, encrypted with the derived key
}

var errStanza = errors.New("not a passphrase stanza that the format allows")

// parseDerivation reads either stanza. It checks the cost before anything is derived.
func parseDerivation(s *age.Stanza) (d derivation, err error) {
	numbers := map[string]int{scryptStanza: 1, argon2idStanza: 3}[s.Type]
	if numbers == 0 || len(s.Args) != 1+numbers || len(s.Body) != fileKeySize+chacha20poly1305.Overhead {
		return d, errStanza
	}
	salt := make([]byte, saltSize)
	if !format.Decode(salt, s.Args[0]) {
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

// Unwrap implements age.Identity. It accepts only a single stanza, so that whoever wrote
// the file must have known the passphrase.
func (p *Passphrase) Unwrap(stanzas []*age.Stanza) ([]byte, error) {
	if len(stanzas) != 1 {
		return nil, errStanza
	}
	d, err := parseDerivation(stanzas[0])
	if err != nil {
		return nil, err
	}
	key, err := p.derive(d.params, p.text.Reveal(), d.salt)
	if err != nil {
		return nil, err
	}
	// The body has a fixed length, so one message fits one passphrase. A partitioning
	// oracle needs more (Len, Grubbs, Ristenpart, USENIX Security 2021).
	fileKey, err := fileKeyAEAD(key).Open(nil, zeroNonce[:], d.body, nil)
	if err != nil {
		return nil, ErrPassphrase
	}
	return fileKey, nil
}

// passphraseRecipient wraps for a passphrase, at a given cost.
type passphraseRecipient struct {
	*Passphrase
	params kdf.Params
}

// Wrap implements age.Recipient.
func (r *passphraseRecipient) Wrap(fileKey []byte) ([]*age.Stanza, error) {
	salt := make([]byte, saltSize)
	rand.Read(salt)
	s := &age.Stanza{Args: []string{format.Base64.EncodeToString(salt)}}
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
	key, err := r.derive(d.params, r.text.Reveal(), d.salt)
	if err != nil {
		return nil, err
	}
	s.Body = fileKeyAEAD(key).Seal(nil, zeroNonce[:], fileKey, nil)
	return []*age.Stanza{s}, nil
}

// WrapWithLabels implements age.RecipientWithLabels. A random label prevents any other
// recipient in the same message.
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
