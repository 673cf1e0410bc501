package openpgp

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"strings"

	"github.com/ProtonMail/go-crypto/openpgp/armor"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
	pgp "github.com/ProtonMail/go-crypto/openpgp/v2"
)

// PrivateKey is an exported private key, for machines without gpg.
type PrivateKey struct{ entities pgp.EntityList }

// ErrKeyFile reports that a file is not an exported private key.
var ErrKeyFile = errors.New("is not an exported OpenPGP private key")

// ReadPrivateKey parses the output of gpg --armor --export-secret-keys. Errors: [ErrKeyFile].
func ReadPrivateKey(b []byte) (*PrivateKey, error) {
	block, err := armor.Decode(bytes.NewReader(b))
	if err != nil || block.Type != "PGP PRIVATE KEY BLOCK" {
		return nil, ErrKeyFile
	}
	list, err := pgp.ReadKeyRing(block.Body)
	if err != nil || len(list) == 0 {
		return nil, ErrKeyFile
	}
	return &PrivateKey{list}, nil
}

// Has reports whether it includes the private key with the given id or fingerprint.
func (k *PrivateKey) Has(keyID string) bool {
	for _, e := range k.entities {
		if e.PrivateKey != nil && is(e.PrimaryKey, keyID) {
			return true
		}
		for i := range e.Subkeys {
			if e.Subkeys[i].PrivateKey != nil && is(e.Subkeys[i].PublicKey, keyID) {
				return true
			}
		}
	}
	return false
}

func is(k *packet.PublicKey, keyID string) bool {
	return keyID == strings.ToUpper(k.KeyIdString()) || keyID == strings.ToUpper(hex.EncodeToString(k.Fingerprint))
}

// Locked reports whether the key needs a passphrase.
func (k *PrivateKey) Locked() bool {
	for _, e := range k.entities {
		for i := range e.Subkeys {
			if s := e.Subkeys[i].PrivateKey; s != nil && s.Encrypted {
				return true
			}
		}
		if e.PrivateKey != nil && e.PrivateKey.Encrypted && !e.PrivateKey.Dummy() {
			return true
		}
	}
	return false
}

// Unlock unlocks the key with its passphrase. Errors: [ErrPassphrase].
func (k *PrivateKey) Unlock(passphrase []byte) error {
	for _, e := range k.entities {
		for i := range e.Subkeys {
			s := e.Subkeys[i].PrivateKey
			if s != nil && s.Encrypted && !s.Dummy() && s.Decrypt(passphrase) != nil {
				return ErrPassphrase
			}
		}
		if p := e.PrivateKey; p != nil && p.Encrypted && !p.Dummy() && p.Decrypt(passphrase) != nil {
			return ErrPassphrase
		}
	}
	return nil
}

// Open decrypts a message, which must be encrypted, unsigned and complete.
//
// Errors: [ErrNoKey], [ErrFailed], [ErrRefused].
func (k *PrivateKey) Open(message []byte) ([]byte, error) {
	limit, strict := int64(maxPlain+64), true // plus the literal packet's header
	md, err := pgp.ReadMessage(bytes.NewReader(message), k.entities, nil, &packet.Config{
		MaxDecompressedMessageSize: &limit, CheckPacketSequence: &strict,
	})
	switch {
	case err != nil:
		return nil, ErrFailed
	case !md.IsEncrypted || md.IsSymmetricallyEncrypted || md.IsSigned:
		return nil, ErrRefused
	}
	plain, err := io.ReadAll(io.LimitReader(md.UnverifiedBody, maxPlain))
	if err != nil || len(plain) == maxPlain {
		return nil, ErrRefused
	}
	return plain, nil
}
