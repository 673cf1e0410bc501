package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/cli"
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
	a.pass.register(fl)
}

// names returns the names of the locks, in the order in which they are created.
func (l *lockFlags) names() ([]string, error) {
	names := slices.Clone(l.passphrase)
	for _, name := range names {
		if strings.Contains(name, "=") || keys.LooksSecret(name) { // not shown: it may be the passphrase
			return nil, &usageError{Text: "--passphrase takes only a name; never put a passphrase on the command line",
				Hint: "you will be asked for it, or use --new-passphrase-file"}
		}
	}
	for _, flag := range slices.Concat(l.openpgp, l.lock) {
		name, value, _ := strings.Cut(flag, "=")
		if keys.LooksSecret(flag) {
			return nil, &usageError{Text: "that is an identity, which is secret, and your shell's history now contains it",
				Hint: "create a new identity, and give the KEYID or RECIPIENT here"}
		}
		if value == "" {
			return nil, &usageError{Text: fmt.Sprintf("%q has no key", name), Hint: "use NAME=KEYID or NAME=RECIPIENT"}
		}
	}
	for _, flag := range l.openpgp {
		name, _, _ := strings.Cut(flag, "=")
		names = append(names, name)
	}
	for name := range cli.ByName(l.lock) { // which may have several tokens
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
			return nil, &usageError{Text: fmt.Sprintf("%s is given twice", name), Hint: "each name can have one lock"}
		}
	}
	return names, nil
}

// cost returns the cost of new passphrases.
func (l *lockFlags) cost() (kdf.Params, error) {
	params, err := kdf.Parse(l.kdf)
	if err != nil {
		return nil, &usageError{Text: fmt.Sprintf("--kdf: %v", err), Hint: "to find a cost that suits this machine: credfile keygen --calibrate 1s"}
	}
	return params, nil
}

// newLocks creates the locks, without writing them: each with a new identity, except those
// for age recipients that are to keep a name's own, if that is not nil.
func newLocks(a *app, f *file, l lockFlags, own func(name string) vaultfile.Identity) ([]vaultfile.Recipient, error) {
	if _, err := l.names(); err != nil {
		return nil, err
	}
	params, err := l.cost()
	if err != nil {
		return nil, err
	}
	locks, err := describeLocks(a, l, own)
	if err != nil {
		return nil, err
	}
	s := unlock.Maker{Keys: a.keys, File: f.File, Cost: params, Made: func(name string, p *vaultfile.Passphrase) { a.made[name] = p },
		Slowly: func(name string, do func() error) error {
			return a.dialog.Slowly("creating the lock of "+name+"…", do)
		},
		Found: func(k *openpgp.PublicKey) { a.say("OpenPGP key %s (%s)", k.Fingerprint, k.UserID) }}
	return s.Make(locks)
}

// describeLocks says which locks the flags ask for.
func describeLocks(a *app, l lockFlags, own func(string) vaultfile.Identity) (locks []unlock.NewLock, err error) {
	for _, name := range l.passphrase {
		locks = append(locks, unlock.NewLock{Name: name, Passphrase: func() (*vaultfile.Passphrase, error) {
			if name == unlock.Recovery {
				a.say("to open the lock named recovery, you need --as recovery")
			}
			return newPassphrases(a).Passphrase(name)
		}})
	}
	for _, flag := range l.openpgp {
		name, key, _ := strings.Cut(flag, "=")
		locks = append(locks, unlock.NewLock{Name: name, OpenPGP: key})
	}
	for name, texts := range cli.ByName(l.lock) {
		lock := unlock.NewLock{Name: name}
		if own != nil {
			lock.Identity = own(name)
		}
		for _, text := range texts {
			r, err := readRecipient(a, name+"="+text)
			if err != nil {
				return nil, err
			}
			lock.Recipients = append(lock.Recipients, r.String)
		}
		locks = append(locks, lock)
	}
	if l.recovery {
		locks = append(locks, unlock.NewLock{Name: unlock.Recovery, Passphrase: func() (*vaultfile.Passphrase, error) {
			a.generated = generate.Words(generate.PassphraseWords)
			return vaultfile.NewPassphrase([]byte(a.generated), a.keys.Derive)
		}})
	}
	return locks, nil
}

// showGenerated prints the passphrase of the recovery lock before the lock is written. It
// goes to standard output: it is data, and the only copy.
func showGenerated(a *app) error {
	if a.generated == "" {
		return nil
	}
	a.say("the recovery passphrase follows; write it down and keep it in a safe place, since it is not shown again")
	_, err := fmt.Fprintln(a.stdout, a.generated)
	a.generated = "" // once
	return err
}
