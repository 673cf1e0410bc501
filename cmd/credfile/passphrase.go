package main

import (
	"errors"

	"github.com/credfile/credfile/internal/generate"
	"github.com/credfile/credfile/internal/passphrase"
)

// givenPassphrase returns the source of the passphrase that opens locks, if the user named
// one.
func givenPassphrase(a *app) *passphrase.Source {
	file := func(path string) ([]byte, error) { return readInput(a, path, passphrase.Max) }
	switch {
	case a.pass.file != "":
		return &passphrase.Source{Name: "--passphrase-file", Read: func() ([]byte, error) { return file(a.pass.file) }}
	case a.pass.fd >= 0:
		return passphrase.FromFD("--passphrase-fd", a.pass.fd)
	}
	return passphrase.FromEnv(a.lookupEnv, file)
}

// newPassphrases returns where new passphrases come from.
func newPassphrases(a *app) *passphrase.New {
	p := &a.pass
	if p.next != nil {
		return p.next
	}
	p.next = &passphrase.New{Ask: (*asker)(a), AllowWeak: p.allowWeak, Derive: a.keys.Derive}
	if p.newFile != "" {
		p.next.Source = &passphrase.Source{Name: newPassphraseFile, Read: func() ([]byte, error) {
			b, err := readInput(a, p.newFile, 1<<20)
			if err == nil && p.newFile != "-" {
				warnOfWorkTree(a, p.newFile)
			}
			return b, err
		}}
	} else if p.newFD >= 0 {
		p.next.Source = passphrase.FromFD("--new-passphrase-fd", p.newFD)
	}
	return p.next
}

func unusedPassphrases(a *app) error { return newPassphrases(a).Unused() }

// First implements [passphrase.Asker].
func (k *asker) First(thing string) ([]byte, error) {
	return k.dialog.Hidden("New passphrase for " + thing)
}

// Repeat implements [passphrase.Asker].
func (k *asker) Repeat() ([]byte, error) { return k.dialog.Hidden("Repeat it") }

// Refuse implements [passphrase.Asker].
func (k *asker) Refuse(err error) {
	var weak *passphrase.WeakError
	if errors.As(err, &weak) {
		(*app)(k).say("%v. Six random words are better: %s (to use it anyway: --allow-weak)", weak, generate.Words(generate.PassphraseWords))
	} else {
		(*app)(k).say("%v, try again", err)
	}
}
