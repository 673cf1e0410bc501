package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/generate"
	"github.com/credfile/credfile/internal/keys"
	"github.com/credfile/credfile/internal/unlock"
	"github.com/credfile/credfile/kdf"
	"github.com/credfile/credfile/vaultfile"
	"github.com/credfile/credfile/vaultfile/openpgp"
)

// lockFlags are the flags that create locks.
type lockFlags struct {
	passphrase []string // names
	openpgp    []string // NAME=KEYID
	lock       []string // NAME=RECIPIENT
	recovery   bool
	kdf        string
}

// register adds the flags for locks and for new passphrases.
func (l *lockFlags) register(a *app, fl *pflag.FlagSet) {
	fl.StringArrayVar(&l.passphrase, "passphrase", nil, "give `NAME` access with a passphrase (repeatable)")
	fl.StringArrayVar(&l.openpgp, "openpgp", nil, "`NAME=KEYID`: give NAME access with the OpenPGP key KEYID, using gpg (repeatable)")
	fl.BoolVar(&l.recovery, "recovery", false, "add a recovery passphrase, which is printed once")
	l.registerKDF(a, fl)
}

func (l *lockFlags) registerKDF(a *app, fl *pflag.FlagSet) {
	fl.StringVar(&l.kdf, "kdf", "argon2id", "`KDF`: key derivation for new passphrases: argon2id[:KIB:PASSES:LANES], or scrypt[:LOGN], which stock age supports")
	fl.StringVar(&a.pass.newFile, "new-passphrase-file", "", "read new passphrases from `FILE`: one per line, in the order of the flags")
	fl.BoolVar(&a.pass.allowWeak, "allow-weak", false, "accept a new passphrase that is easy to guess")
	fl.IntVar(&a.pass.newFD, "new-passphrase-fd", -1, "read new passphrases from file descriptor `N`")
}

// names returns the names of the locks, in the order in which they are created.
func (l *lockFlags) names() ([]string, error) {
	names := slices.Clone(l.passphrase)
	for _, name := range names {
		if strings.Contains(name, "=") || keys.LooksSecret(name) { // not shown: it may be the passphrase
			return nil, &usageError{text: "--passphrase takes only a name; never put a passphrase on the command line",
				hint: "you will be asked for it, or use --new-passphrase-file"}
		}
	}
	var locks []string
	for i, flag := range slices.Concat(l.openpgp, l.lock) {
		name, value, _ := strings.Cut(flag, "=")
		if keys.LooksSecret(flag) {
			return nil, &usageError{text: "that is an identity, which is secret, and your shell's history now contains it",
				hint: "create a new identity, and give the KEYID or RECIPIENT here"}
		}
		if value == "" {
			return nil, &usageError{text: fmt.Sprintf("%q has no key", name), hint: "use NAME=KEYID or NAME=RECIPIENT"}
		}
		if i >= len(l.openpgp) && slices.Contains(locks, name) {
			continue // a second token for the same lock
		} else if i >= len(l.openpgp) {
			locks = append(locks, name)
		}
		names = append(names, name)
	}
	if l.recovery {
		names = append(names, unlock.Recovery)
	}
	for i, name := range names {
		if !format.ValidName(name) {
			return nil, &vaultfile.NameError{Kind: "recipient", Name: name}
		}
		if slices.Contains(names[:i], name) {
			return nil, &usageError{text: fmt.Sprintf("%s is given twice", name), hint: "each name can have one lock"}
		}
	}
	return names, nil
}

// newLocks creates the locks, each with a new identity. It does not write them.
func newLocks(a *app, f *file, l lockFlags) ([]vaultfile.Recipient, error) {
	if _, err := l.names(); err != nil {
		return nil, err
	}
	params, err := kdf.Parse(l.kdf)
	if err != nil {
		return nil, &usageError{text: fmt.Sprintf("--kdf: %v", err), hint: "to find a cost that suits this machine: credfile keygen --calibrate 1s"}
	}
	var rs []vaultfile.Recipient
	add := func(name string, r vaultfile.Recipient, err error) error {
		r.Name = name
		rs = append(rs, r)
		return err
	}
	for _, name := range l.passphrase {
		if name == unlock.Recovery {
			a.say("to open the lock named recovery, you need --as recovery")
		}
		r, err := passphraseLock(a, name, params, func() (*vaultfile.Passphrase, error) { return newLockPassphrase(a, name) })
		if err := add(name, r, err); err != nil {
			return nil, err
		}
	}
	for _, flag := range l.openpgp {
		name, key, _ := strings.Cut(flag, "=")
		r, err := openPGPLock(a, key)
		if err := add(name, r, err); err != nil {
			return nil, err
		}
	}
	for name, recipients := range byName(l.lock) {
		r, err := ageLock(a, f, name, nil, recipients)
		if err := add(name, r, err); err != nil {
			return nil, err
		}
	}
	if l.recovery {
		r, err := passphraseLock(a, unlock.Recovery, params, func() (*vaultfile.Passphrase, error) { return generatedPassphrase(a) })
		if err := add(unlock.Recovery, r, err); err != nil {
			return nil, err
		}
	}
	return rs, nil
}

// byName groups the values of NAME=VALUE flags by name, in order.
func byName(flags []string) func(yield func(string, []string) bool) {
	var names []string
	values := map[string][]string{}
	for _, flag := range flags {
		name, value, _ := strings.Cut(flag, "=")
		if values[name] == nil {
			names = append(names, name)
		}
		values[name] = append(values[name], value)
	}
	return func(yield func(string, []string) bool) {
		for _, name := range names {
			if !yield(name, values[name]) {
				return
			}
		}
	}
}

func passphraseLock(a *app, name string, params kdf.Params, ask func() (*vaultfile.Passphrase, error)) (r vaultfile.Recipient, err error) {
	pass, err := ask()
	if err != nil {
		return r, err
	}
	a.pass.made[name] = pass
	err = a.dialog.Slowly("creating the lock of "+name+"…", func() error {
		r, err = unlock.NewPassphraseLock(pass, params)
		return err
	})
	return r, err
}

// generatedPassphrase generates the passphrase that showGenerated prints.
func generatedPassphrase(a *app) (*vaultfile.Passphrase, error) {
	a.pass.generated = generate.Words(generate.PassphraseWords)
	return vaultfile.NewPassphrase([]byte(a.pass.generated), a.keys.Derive)
}

// showGenerated prints the passphrase of the recovery lock before the lock is written. It
// goes to standard output: it is data, and the only copy.
func showGenerated(a *app) error {
	if a.pass.generated == "" {
		return nil
	}
	a.say("the recovery passphrase follows; write it down and keep it in a safe place, since it is not shown again")
	_, err := fmt.Fprintln(a.stdout, a.pass.generated)
	a.pass.generated = "" // once
	return err
}

func openPGPLock(a *app, key string) (vaultfile.Recipient, error) {
	r, k, err := a.keys.NewOpenPGPLock(key)
	if err != nil {
		return r, openPGPError(err)
	}
	a.say("OpenPGP key %s (%s)", k.Fingerprint, k.UserID)
	return r, nil
}

func openPGPError(err error) error {
	var key *openpgp.KeyError
	switch {
	case errors.Is(err, openpgp.ErrNoProgram):
		return &plainError{text: "an OpenPGP lock needs gpg, which is not installed", code: exitOther, hint: "install GnuPG"}
	case errors.As(err, &key):
		return &plainError{text: err.Error(), code: exitNotFound, hint: "to list your keys: gpg --list-keys"}
	case errors.Is(err, vaultfile.ErrLock):
		return &plainError{text: "gpg wrote a message that can't be a lock", code: exitOther, hint: "use gpg 2.2 or 2.4"}
	}
	return err
}

// ageLock locks an identity, or with nil a new one, for the recipients.
func ageLock(a *app, f *file, name string, id vaultfile.Identity, texts []string) (vaultfile.Recipient, error) {
	recipients := make([]string, len(texts))
	for i, text := range texts {
		_, recipient, err := readRecipient(a, name+"="+text)
		if err != nil {
			return vaultfile.Recipient{}, err
		}
		recipients[i] = recipient.String
	}
	return a.keys.NewAgeLock(f.File, id, recipients...)
}
