package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/credfile/credfile/internal/own"
	"github.com/credfile/credfile/internal/unlock"
	"github.com/credfile/credfile/kdf"
	"github.com/credfile/credfile/vaultfile"
)

// keygenLock prints RECIPIENT:LOCK:MESSAGE, which rekey --add accepts.
func keygenLock(a *app, o keygenOptions) error {
	if o.out != "" || o.importFrom != "" || o.passphrase || o.classic {
		return &usageError{Text: "--lock can only be used with --kdf and --name", Hint: "see credfile help keygen"}
	}
	name := o.name
	if name == "" {
		name = own.Name()
	}
	locks := o.locks
	switch kind, key, _ := strings.Cut(o.lock, "="); {
	case o.lock == "passphrase":
		locks.passphrase = []string{name}
	case kind == "openpgp" && key != "":
		locks.openpgp = []string{name + "=" + key}
	default:
		return &usageError{Text: "--lock must be passphrase or openpgp=KEYID", Hint: "for example: credfile keygen --lock passphrase"}
	}
	made, err := newLocks(a, a.machine.At("-", vaultfile.New()), locks, nil)
	if err != nil {
		return err
	}
	if err := unusedPassphrases(a); err != nil {
		return err
	}
	r := made[0]
	if err := r.CheckLock(); err != nil {
		return err
	}
	if _, err := fmt.Fprintln(a.stdout, unlock.Offer(&r)); err != nil {
		return err
	}
	a.say("fingerprint: %s", vaultfile.Fingerprint(r.String))
	a.say("send that line to a writer in a file; they run: credfile rekey --add %s=@FILE", name)
	return nil
}

// runCalibrate measures the cost of a passphrase on this machine.
func runCalibrate(a *app, o keygenOptions) error {
	want, err := kdf.Parse(o.locks.kdf)
	if err != nil {
		return &usageError{Text: fmt.Sprintf("--kdf: %v", err), Hint: "use --kdf argon2id or --kdf scrypt"}
	}
	if o.calibrate <= 0 || o.calibrate > time.Minute {
		return &usageError{Text: "--calibrate needs a time of up to one minute", Hint: "for example: credfile keygen --calibrate 1s"}
	}
	best, err := unlock.Calibrate(want, o.calibrate, a.keys.Derive, func(p kdf.Params, took time.Duration) {
		a.say("%s: %v", p, took.Round(time.Millisecond))
	})
	if err == nil {
		_, err = fmt.Fprintln(a.stdout, best)
	}
	return err
}

type keygenOptions struct {
	out, name, importFrom string
	classic, passphrase   bool

	show      bool
	lock      string
	calibrate time.Duration
	locks     lockFlags
}
