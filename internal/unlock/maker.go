package unlock

import (
	"github.com/credfile/credfile/internal/keys"
	"github.com/credfile/credfile/kdf"
	"github.com/credfile/credfile/vaultfile"
	"github.com/credfile/credfile/vaultfile/openpgp"
)

// NewLock describes a lock to create: for an OpenPGP key, for age recipients, or else under
// a passphrase.
type NewLock struct {
	Name       string
	OpenPGP    string // the key, as gpg finds it
	Recipients []string
	Identity   vaultfile.Identity // to lock for Recipients; nil for a new one
	Passphrase func() (*vaultfile.Passphrase, error)
}

// Maker creates locks.
type Maker struct {
	*Keys
	File   *vaultfile.File
	Cost   kdf.Params                                 // of passphrases
	Slowly func(name string, do func() error) error   // runs what takes long
	Found  func(*openpgp.PublicKey)                   // is told which OpenPGP key gpg found
	Made   func(name string, p *vaultfile.Passphrase) // is told the passphrases
}

// Make creates locks, in order. It writes nothing.
//
// Errors: those of Passphrase, [Keys.NewOpenPGPLock] and [Keys.NewAgeLock].
func (m *Maker) Make(locks []NewLock) (made []vaultfile.Recipient, err error) {
	for _, l := range locks {
		r, err := m.lock(&l)
		if err != nil {
			return nil, err
		}
		r.Name = l.Name
		made = append(made, r)
	}
	return made, nil
}

func (m *Maker) lock(l *NewLock) (r vaultfile.Recipient, err error) {
	switch {
	case l.OpenPGP != "":
		r, key, err := m.NewOpenPGPLock(l.OpenPGP)
		if err == nil {
			m.Found(key)
		}
		return r, err
	case len(l.Recipients) > 0:
		return m.NewAgeLock(m.File, l.Identity, l.Recipients...)
	}
	pass, err := l.Passphrase()
	if err != nil {
		return r, err
	}
	m.Made(l.Name, pass)
	err = m.Slowly(l.Name, func() error {
		id, err := keys.NewNative(false)
		if err == nil {
			r, err = vaultfile.NewLock(id, pass, m.Cost)
		}
		return err
	})
	return r, err
}
