package unlock

import (
	"cmp"
	"fmt"

	"github.com/credfile/credfile/vaultfile"
	"github.com/credfile/credfile/vaultfile/openpgp"
)

// GPG is what the user has for openpgp locks: the gpg program and exported private keys.
type GPG struct {
	Program     func() *openpgp.GPG
	HasTerminal func() bool

	held     map[string]bool // by gpg; nil if gpg was not asked or is not installed
	err      error           // why held may be incomplete
	exported map[string]*openpgp.PrivateKey
}

// Holds reports whether gpg has the private key of that id or fingerprint. It asks gpg once.
func (g *GPG) Holds(key string) bool {
	if g.held == nil {
		g.held, g.err = g.Program().SecretKeys()
	}
	return g.held[key]
}

// openerFor returns a function that opens messages for a key: with an exported key if one
// fits, else with gpg.
func (o *opening) openerFor(keyID string) (func([]byte) ([]byte, error), error) {
	var first error
	for _, source := range o.Sources() {
		for _, text := range source.OpenPGP() {
			key, err := o.privateKey(source.Name, text)
			if err == nil && !key.Has(keyID) {
				continue
			}
			if err == nil {
				err = o.unlockKey(source.Name, key)
			}
			if err == nil || isInterrupted(err) {
				return key.Open, err
			}
			first = cmp.Or(first, err) // gpg may have the key, too
		}
	}
	g := &o.GPG
	switch {
	case g.Holds(keyID):
		return g.Program().Open, nil
	case first != nil:
		return nil, first
	case g.held == nil:
		return nil, openpgp.ErrNoProgram
	case g.err != nil:
		return nil, fmt.Errorf("gpg: %w", g.err)
	}
	return nil, fmt.Errorf("gpg: %w", openpgp.ErrNoKey)
}

// privateKey reads an exported key, once.
func (o *opening) privateKey(source string, text []byte) (*openpgp.PrivateKey, error) {
	g := &o.GPG
	if key := g.exported[source]; key != nil {
		return key, nil
	}
	key, err := openpgp.ReadPrivateKey(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", source, err)
	}
	if g.exported == nil {
		g.exported = map[string]*openpgp.PrivateKey{}
	}
	g.exported[source] = key
	return key, nil
}

// unlockKey asks for the passphrase of an exported key.
func (o *opening) unlockKey(source string, key *openpgp.PrivateKey) error {
	q := Question{Thing: OpenPGPKey, Name: source, Profile: o.Section.Name, Path: o.Path}
	for n := 1; key.Locked(); n++ {
		pass, err := o.Ask.Passphrase(q)
		if err != nil {
			return err
		}
		wrong := key.Unlock(pass)
		if err := o.Ask.Checked(wrong); err != wrong {
			return err // a signal
		}
		if wrong != nil && n == Tries {
			return vaultfile.ErrPassphrase
		}
		q.Again = wrong
	}
	return nil
}
