package unlock

import (
	"errors"

	"github.com/credfile/credfile/internal/keys"
	"github.com/credfile/credfile/vaultfile"
	"github.com/credfile/credfile/vaultfile/openpgp"
)

// ErrMessage reports that gpg wrote another kind of message than locks hold, as versions
// after 2.4 may.
var ErrMessage = errors.New("gpg wrote a message that can't be a lock")

// NewOpenPGPLock locks a new identity with an OpenPGP key that gpg finds, and returns the
// key. The lock of the user's own key is opened before it is saved; a colleague's can't be.
//
// Errors: [ErrMessage], those of [openpgp.GPG.Find] and [vaultfile.NewOpenPGPLock].
func (k *Keys) NewOpenPGPLock(key string) (vaultfile.Recipient, *openpgp.PublicKey, error) {
	gpg := k.GPG.Program()
	found, err := gpg.Find(key)
	if err != nil {
		return vaultfile.Recipient{}, nil, err
	}
	id, err := keys.NewNative(false)
	if err != nil {
		return vaultfile.Recipient{}, nil, err
	}
	r, err := vaultfile.NewOpenPGPLock(id, func(plain []byte) ([]byte, error) { return gpg.Seal(found, plain) })
	if errors.Is(err, vaultfile.ErrLock) {
		err = ErrMessage
	}
	if err == nil && k.GPG.Holds(found.Fingerprint) {
		r.Prove = gpg.Open
	}
	return r, found, err
}

// NewAgeLock locks an identity, or with nil a new one, for age recipients. If the user has
// an identity of one of them, the lock is opened before it is saved.
func (k *Keys) NewAgeLock(f *vaultfile.File, id vaultfile.Identity, recipients ...string) (r vaultfile.Recipient, err error) {
	if id == nil {
		if id, err = keys.NewNative(false); err != nil {
			return r, err
		}
	}
	if r, err = f.NewLockFor(id, recipients...); err != nil {
		return r, err
	}
	if k.Has(recipients...) {
		r.Prove = func(message []byte) ([]byte, error) { return vaultfile.OpenAgeMessage(message, k.Identities()...) }
	}
	return r, nil
}

// Own returns the available identity of a recipient, if a lock can keep it. An identity from
// a lock in the file does not count: the old lock would still open it.
func (k *Keys) Own(recipient string) vaultfile.Identity {
	for _, id := range k.Identities() {
		if own, ok := id.(vaultfile.Identity); ok && keys.Recipient(id) == recipient {
			return own
		}
	}
	return nil
}
