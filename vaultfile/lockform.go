package vaultfile

import (
	"bytes"

	"filippo.io/age"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/pgppacket"
	"github.com/credfile/credfile/kdf"
)

// lockable reports whether a lock from elsewhere has the form that the format requires.
func (r *Recipient) lockable() bool {
	k := format.KindOf(r.String)
	return (k == format.X25519 || k == format.Hybrid) && len(r.Message) <= format.MaxWrap && lockForm(r.Lock, r.Message)
}

// lockForm checks what a lock's message shows without being opened, including the cost of
// its derivation.
func lockForm(lock string, message []byte) bool {
	if lock == LockOpenPGP {
		_, ok := pgppacket.Key(message)
		return ok
	}
	header, err := age.ExtractHeader(bytes.NewReader(message))
	if err != nil {
		return false
	}
	look := stanzas(header)
	if lock == LockAge {
		for _, s := range look {
			if s.Type == scryptStanza || s.Type == argon2idStanza {
				return false
			}
		}
		return true
	}
	kind, ok := map[string]string{LockScrypt: scryptStanza, LockArgon2id: argon2idStanza}[lock]
	if !ok || len(look) != 1 || look[0].Type != kind {
		return false
	}
	_, err = parseDerivation(look[0])
	return err == nil
}

// LockCost returns the cost of opening a passphrase lock. ok is false for other kinds of
// locks and for a damaged one.
func LockCost(r *format.Recipient) (p kdf.Params, ok bool) {
	if !format.PassphraseLock(r.Lock) || !lockForm(r.Lock, r.Message) {
		return nil, false
	}
	header, _ := age.ExtractHeader(bytes.NewReader(r.Message))
	d, err := parseDerivation(stanzas(header)[0])
	return d.params, err == nil
}

// OpenPGPKeyID returns the id or fingerprint, in upper-case hexadecimal, of the key that an
// openpgp lock is for.
func OpenPGPKeyID(r *format.Recipient) (string, error) {
	id, ok := pgppacket.Key(r.Message)
	if r.Lock != LockOpenPGP || !ok {
		return "", ErrLock
	}
	return id, nil
}

// PostQuantum reports whether both the recipient's wraps and its lock resist a quantum
// computer.
func PostQuantum(r *format.Recipient) bool {
	if k := format.KindOf(r.String); k != format.Hybrid && k != format.TagHybrid {
		return false
	}
	switch r.Lock {
	case LockOpenPGP:
		return false
	case LockAge:
		header, err := age.ExtractHeader(bytes.NewReader(r.Message))
		if err != nil {
			return false
		}
		for _, s := range stanzas(header) {
			if s.Type != stanzaTypes[format.Hybrid] && s.Type != stanzaTypes[format.TagHybrid] {
				return false
			}
		}
	}
	return true
}
