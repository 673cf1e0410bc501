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
	"github.com/credfile/credfile/internal/agefile"
)

// The kinds of locks that keep an identity in the file.
const (
	LockScrypt   = "scrypt"
	LockArgon2id = "argon2id"
	LockOpenPGP  = "openpgp"
	LockAge      = "age"
)

// maxIdentity limits how much of a lock's plaintext is read. The plaintext can be anything.
const maxIdentity = 256

// maxPlugins limits how many plugin identities are tried on a lock.
const maxPlugins = 8

// OpenLock opens a recipient's lock with a [Passphrase] (scrypt, argon2id) or with
// identities (age). It returns the identity kept in the lock, which opens every profile
// that names the recipient. Before any computation it verifies the section and checks the
// form of the message, including its cost.
//
// It tries the identities in order, but at most eight plugins, which should come last.
//
// Errors: [*NotFoundError], [*DamageError], [ErrPassphrase], [ErrNotOurs], and errors from
// the passphrase's derivation.
func (f *File) OpenLock(profile, recipient string, ids ...age.Identity) (age.Identity, error) {
	return f.OpenLockWith(profile, recipient, func(message []byte) ([]byte, error) {
		return openMessage(message, ids)
	})
}

// OpenLockWith is [File.OpenLock] with another way to open the message, such as package
// openpgp. It calls open with a message of the required form. open returns the plaintext;
// it need not read more than 257 bytes of it.
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
		return nil, &DamageError{Class: ErrLock, Profile: s.Name, Line: s.Line, Subject: profileSubject("lock of", r.Name)}
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

// keptIdentity reads the plaintext of a lock, which must be the identity of recipient on
// one line and nothing else. Its error does not show the plaintext.
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

// OpenAgeMessage opens the message of an age lock, for [Recipient.Prove]. Errors:
// [ErrLock], [ErrNotOurs].
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

// notOursError holds the reasons why none of the identities opened a lock.
type notOursError struct{ reasons []error }

func (e *notOursError) Error() string {
	for _, reason := range e.reasons {
		if !errors.Is(reason, age.ErrIncorrectIdentity) {
			return fmt.Sprintf("%v: %v", ErrNotOurs, reason) // the plugin's error
		}
	}
	return ErrNotOurs.Error()
}

func (e *notOursError) Unwrap() error { return ErrNotOurs }

// others reports whether every identity failed because the lock is for other people.
func (e *notOursError) others() bool {
	return !slices.ContainsFunc(e.reasons, func(err error) bool { return !errors.Is(err, age.ErrIncorrectIdentity) })
}

// forOthers reports whether a lock did not open because it is for other people.
func forOthers(err error) bool {
	var e *notOursError
	return errors.As(err, &e) && e.others()
}

// EncryptFor encrypts plain for a recipient, as an age file to keep outside the credfile.
// Errors: [*RecipientError], [*PluginError].
func (f *File) EncryptFor(recipient string, plain []byte) ([]byte, error) {
	r, err := f.parseRecipient(recipient)
	if err != nil {
		return nil, err
	}
	b, err := agefile.Encrypt(plain, r)
	if err != nil {
		return nil, &RecipientError{Name: Fingerprint(recipient), Reason: err.Error()}
	}
	return b, nil
}
