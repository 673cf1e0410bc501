package vaultfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"

	"filippo.io/age"
	"filippo.io/age/plugin"

	"github.com/credfile/credfile/format"
)

// The kinds of locks: how an identity is kept in the file.
const (
	LockScrypt   = "scrypt"
	LockArgon2id = "argon2id"
	LockOpenPGP  = "openpgp"
	LockAge      = "age"
)

// maxIdentity bounds what is read of a lock's plaintext: it might be anything.
const maxIdentity = 256

// maxPlugins bounds how many plugin identities are tried on one lock.
const maxPlugins = 8

// OpenLock opens the lock of a recipient with a [Passphrase] (scrypt, argon2id)
// or with identities (age), and returns the identity that it keeps, which opens
// every profile that names its recipient. The section is verified first, and the
// form of the message, its cost included, before anything is computed.
//
// Of plugin identities the first eight are tried, after all others.
//
// Errors: [*NotFoundError], [*DamageError], [ErrPassphrase], [ErrNotOurs], and what the
// passphrase's [Derive] returns.
func (f *File) OpenLock(profile, recipient string, ids ...age.Identity) (age.Identity, error) {
	return f.OpenLockWith(profile, recipient, func(message []byte) ([]byte, error) {
		return openMessage(message, ids)
	})
}

// OpenLockWith is [File.OpenLock] with another way to open the message, such as
// package openpgp's. open is given a message of the form that the format asks for
// and returns its plaintext, of which it need not read more than 257 bytes.
func (f *File) OpenLockWith(profile, recipient string, open func(message []byte) ([]byte, error)) (age.Identity, error) {
	s, err := f.Profile(profile)
	if err != nil {
		return nil, err
	}
	r, err := findRecipient(s, recipient)
	if err != nil {
		return nil, err
	}
	id, err := openLock(r, open)
	if errors.Is(err, ErrLock) {
		return nil, &DamageError{Class: ErrLock, Profile: s.Name, Line: s.Line, Subject: profileSubject("the lock of", r.Name)}
	}
	return id, err
}

func openLock(r *format.Recipient, open func(message []byte) ([]byte, error)) (age.Identity, error) {
	if !lockForm(r.Lock, r.Message) {
		return nil, ErrLock
	}
	plain, err := open(r.Message)
	if err != nil {
		return nil, err
	}
	return keptIdentity(r.String, plain)
}

// keptIdentity reads the plaintext of a lock: the identity of recipient, one
// line, and nothing else. What it is instead is nobody's to see.
func keptIdentity(recipient string, plain []byte) (age.Identity, error) {
	line, ok := bytes.CutSuffix(plain, []byte("\n"))
	if !ok || len(plain) > maxIdentity {
		return nil, ErrLock
	}
	var id interface {
		age.Identity
		fmt.Stringer
	}
	var err error
	if format.KindOf(recipient) == format.Hybrid {
		id, err = age.ParseHybridIdentity(string(line))
	} else {
		id, err = age.ParseX25519Identity(string(line))
	}
	if err != nil || id.String() != string(line) || ownRecipient(id) != recipient {
		return nil, ErrLock
	}
	return id, nil
}

// OpenAgeMessage opens the message of an age lock, for [Recipient.Prove].
// Errors: [ErrLock], [ErrNotOurs].
func OpenAgeMessage(message []byte, ids ...age.Identity) ([]byte, error) {
	return openMessage(message, ids)
}

// openMessage opens an age file with a passphrase or with identities.
func openMessage(message []byte, ids []age.Identity) ([]byte, error) {
	header, err := age.ExtractHeader(bytes.NewReader(message))
	if err != nil {
		return nil, ErrLock
	}
	look := stanzas(header)
	plugins := 0
	failed := &notOursError{}
	for _, id := range ids {
		if _, ok := id.(*plugin.Identity); ok {
			if plugins++; plugins > maxPlugins {
				continue
			}
		}
		key, err := id.Unwrap(look)
		if _, ok := id.(*Passphrase); ok && err != nil {
			return nil, err
		} else if err != nil {
			failed.reasons = append(failed.reasons, err)
			continue
		}
		r, err := age.Decrypt(bytes.NewReader(message), age.NewInjectedFileKeyIdentity(key))
		if err != nil {
			return nil, ErrLock
		}
		plain, err := io.ReadAll(io.LimitReader(r, maxIdentity+1))
		if err != nil {
			return nil, ErrLock
		}
		return plain, nil
	}
	return nil, failed
}

// notOursError says why none of the identities opened a lock.
type notOursError struct{ reasons []error }

func (e *notOursError) Error() string {
	for _, reason := range e.reasons {
		if !errors.Is(reason, age.ErrIncorrectIdentity) {
			return fmt.Sprintf("%v: %v", ErrNotOurs, reason) // what a plugin said
		}
	}
	return ErrNotOurs.Error()
}

func (e *notOursError) Unwrap() error { return ErrNotOurs }

// others reports whether all that was wrong is that the lock is for other people.
func (e *notOursError) others() bool {
	return !slices.ContainsFunc(e.reasons, func(err error) bool { return !errors.Is(err, age.ErrIncorrectIdentity) })
}

// forOthers reports whether a lock was not opened because it is for others.
func forOthers(err error) bool {
	var e *notOursError
	return errors.As(err, &e) && e.others()
}

func encrypt(plain []byte, rs ...age.Recipient) ([]byte, error) {
	var b bytes.Buffer
	w, err := age.Encrypt(&b, rs...)
	if err == nil {
		_, err = w.Write(plain)
	}
	if err == nil {
		err = w.Close()
	}
	return b.Bytes(), err
}

// EncryptFor encrypts something for a recipient, as an age file: what is to be kept
// outside of the credfile. Errors: [*RecipientError], [*PluginError].
func (f *File) EncryptFor(recipient string, plain []byte) ([]byte, error) {
	r, err := f.parseRecipient(recipient)
	if err != nil {
		return nil, err
	}
	b, err := encrypt(plain, r)
	if err != nil {
		return nil, &RecipientError{Name: Fingerprint(recipient), Reason: err.Error()}
	}
	return b, nil
}
