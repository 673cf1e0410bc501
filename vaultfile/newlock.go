package vaultfile

import (
	"errors"
	"fmt"

	"filippo.io/age"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/agefile"
	"github.com/credfile/credfile/kdf"
)

// NewLock locks id, one of age's own identities, with a passphrase. The returned recipient
// has no name or role yet. Its lock is opened once more before the file is written, from
// the bytes about to be written.
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
	message, err := agefile.Encrypt(keep(id), &passphraseRecipient{p, params})
	return Recipient{String: ownRecipient(id), Lock: kind, Message: message, Prove: func(message []byte) ([]byte, error) {
		return openMessage(message, []age.Identity{p})
	}}, err
}

// Identity is an identity that a lock can keep: [*age.X25519Identity] or
// [*age.HybridIdentity].
type Identity interface {
	age.Identity
	fmt.Stringer
}

// NewLockFor locks id for whoever holds the identity of one of the recipients. It runs a
// plugin only if [File.Plugin] allows it. The caller may set Prove.
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
	message, err := agefile.Encrypt(keep(id), rs...)
	if err == nil && !lockForm(LockAge, message) {
		err = errors.New("its plugin wrote something that can't be a lock")
	}
	if err != nil {
		return Recipient{}, &RecipientError{Name: "lock", Reason: err.Error()}
	}
	return Recipient{String: ownRecipient(id), Lock: LockAge, Message: message}, nil
}

// NewOpenPGPLock locks id in an OpenPGP message, which seal makes from the plaintext. The
// caller may set Prove.
//
// Errors: seal's, and [ErrLock] for a message that does not have the required form.
func NewOpenPGPLock(id Identity, seal func(plain []byte) ([]byte, error)) (Recipient, error) {
	message, err := seal(keep(id))
	if err == nil && !lockForm(LockOpenPGP, message) {
		err = ErrLock
	}
	return Recipient{String: ownRecipient(id), Lock: LockOpenPGP, Message: message}, err
}

// CheckLock checks the form of a lock from elsewhere. If it can be opened here, it is opened
// once, as writing the file will. Errors: [ErrLock], [*ProofError].
func (r *Recipient) CheckLock() error {
	if !r.lockable() {
		return ErrLock
	}
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

func (f *File) willProve(r Recipient) {
	if r.Prove == nil {
		return
	}
	if f.proofs == nil {
		f.proofs = map[string]func([]byte) ([]byte, error){}
	}
	f.proofs[string(r.Message)] = r.Prove
}

// prove opens each new lock in the written file once.
func (f *File) prove(written *File) error {
	for _, s := range written.text.Profiles {
		for i := range s.Recipients {
			r := &s.Recipients[i]
			prove := f.proofs[string(r.Message)]
			if r.Lock == "" || prove == nil {
				continue
			}
			// A lock for other people's keys can't be opened here and is accepted unproven.
			if _, err := openLock(r, prove); err != nil && !forOthers(err) {
				return &ProofError{Recipient: r.Name, Err: err}
			}
			delete(f.proofs, string(r.Message))
		}
	}
	return nil
}
