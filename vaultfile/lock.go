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
	"github.com/credfile/credfile/kdf"
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

// NewLock keeps id, an identity of age's own kinds, under a passphrase: the
// recipient that is returned lacks a name and a role. It will be opened once more,
// from the bytes that are about to be written, before they are.
//
// Errors: [kdf.ErrLimits].
func NewLock(id Identity, p *Passphrase, params kdf.Params) (Recipient, error) {
	if err := params.Check(); err != nil {
		return Recipient{}, err
	}
	kind := LockArgon2id
	if _, ok := params.(kdf.Scrypt); ok {
		kind = LockScrypt
	}
	message, err := encrypt(keep(id), &passphraseRecipient{p, params})
	return Recipient{String: ownRecipient(id), Lock: kind, Message: message, Prove: func(message []byte) ([]byte, error) {
		return openMessage(message, []age.Identity{p})
	}}, err
}

// Identity is one that a lock can keep: [*age.X25519Identity] or
// [*age.HybridIdentity].
type Identity interface {
	age.Identity
	fmt.Stringer
}

// NewLockFor keeps id for whoever holds the identity of one of the recipients.
// A plugin's runs if [File.Plugin] allows it. The caller may set Prove.
//
// Errors: [*PluginError], [*RecipientError].
func (f *File) NewLockFor(id Identity, recipients ...string) (Recipient, error) {
	var rs []age.Recipient
	for _, s := range recipients {
		if err := CheckRecipient(s); err != nil {
			return Recipient{}, &RecipientError{Name: s, Reason: err.Error()}
		}
		r, err := f.parseRecipient(s)
		if err != nil {
			return Recipient{}, err
		}
		rs = append(rs, r)
	}
	message, err := encrypt(keep(id), rs...)
	if err == nil && !lockForm(LockAge, message) {
		err = errors.New("what its plugin writes is no lock")
	}
	if err != nil {
		return Recipient{}, &RecipientError{Name: "the lock", Reason: err.Error()}
	}
	return Recipient{String: ownRecipient(id), Lock: LockAge, Message: message}, nil
}

// NewOpenPGPLock keeps id in an OpenPGP message, which seal makes of the
// plaintext. The caller may set Prove.
//
// Errors: seal's, and [ErrLock] for a message that is not of the format's form.
func NewOpenPGPLock(id Identity, seal func(plain []byte) ([]byte, error)) (Recipient, error) {
	message, err := seal(keep(id))
	if err == nil && !lockForm(LockOpenPGP, message) {
		err = ErrLock
	}
	return Recipient{String: ownRecipient(id), Lock: LockOpenPGP, Message: message}, err
}

// Check opens the lock of a new recipient once, as it will be opened when a file is
// written, if it can be opened here. Errors: [*ProofError].
func (r *Recipient) Check() error {
	if r.Prove == nil {
		return nil
	}
	has := &format.Recipient{Name: r.Name, String: r.String, Lock: r.Lock, Message: r.Message}
	if _, err := openLock(has, r.Prove); err != nil {
		return &ProofError{Recipient: r.Name, Err: err}
	}
	return nil
}

func keep(id Identity) []byte { return []byte(id.String() + "\n") }

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

// CheckLock reports whether a lock that somebody gives from outside has the form
// that the format asks for: nil or [ErrLock].
func CheckLock(r Recipient) error {
	k := format.KindOf(r.String)
	if k != format.X25519 && k != format.Hybrid || len(r.Message) > format.MaxWrap || !lockForm(r.Lock, r.Message) {
		return ErrLock
	}
	return nil
}

// lockForm checks what can be seen of a lock's message without opening it. A
// derivation's cost is in it.
func lockForm(lock string, message []byte) bool {
	if lock == LockOpenPGP {
		_, err := openPGPKey(message)
		return err == nil
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

// LockCost returns what it costs to open a passphrase lock; ok is false for
// another lock, and for one that is damaged.
func LockCost(r *format.Recipient) (p kdf.Params, ok bool) {
	if r.Lock != LockScrypt && r.Lock != LockArgon2id || !lockForm(r.Lock, r.Message) {
		return nil, false
	}
	header, _ := age.ExtractHeader(bytes.NewReader(r.Message))
	d, err := parseDerivation(stanzas(header)[0])
	return d.params, err == nil
}

// OpenPGPKeyID returns the id, or the fingerprint, in upper case hexadecimal, of
// the key that an openpgp lock is for.
func OpenPGPKeyID(r *format.Recipient) (string, error) {
	if r.Lock != LockOpenPGP {
		return "", ErrLock
	}
	return openPGPKey(r.Message)
}

// PostQuantum reports whether a quantum computer opens neither the recipient's
// wraps nor its lock.
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
