package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/kdf"
	"github.com/credfile/credfile/vaultfile"
)

// keygenLock prints RECIPIENT:LOCK:MESSAGE, which rekey --add accepts.
func keygenLock(a *app, o keygenOptions) error {
	if o.out != "" || o.importFrom != "" || o.passphrase || o.classic {
		return &usageError{text: "--lock can only be used with --kdf and --name", hint: "see credfile help keygen"}
	}
	name := o.name
	if name == "" {
		name = ownName(a)
	}
	locks := o.locks
	switch kind, key, _ := strings.Cut(o.lock, "="); {
	case o.lock == "passphrase":
		locks.passphrase = []string{name}
	case kind == "openpgp" && key != "":
		locks.openpgp = []string{name + "=" + key}
	default:
		return &usageError{text: "--lock must be passphrase or openpgp=KEYID", hint: "for example: credfile keygen --lock passphrase"}
	}
	made, err := newLocks(a, a.machine.At("-", vaultfile.New()), locks)
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
	if _, err := fmt.Fprintf(a.stdout, "%s:%s:%s\n", r.String, r.Lock, format.Base64.EncodeToString(r.Message)); err != nil {
		return err
	}
	a.say("fingerprint: %s", vaultfile.Fingerprint(r.String))
	a.say("send that line to a writer in a file; they run: credfile rekey --add %s=@FILE", name)
	return nil
}

// runCalibrate measures the cost of a passphrase on this machine. It raises the memory first
// and then the passes, as RFC 9106 advises (section 4).
func runCalibrate(a *app, o keygenOptions) error {
	want, err := kdf.Parse(o.locks.kdf)
	if err != nil {
		return &usageError{text: fmt.Sprintf("--kdf: %v", err), hint: "use --kdf argon2id or --kdf scrypt"}
	}
	if o.calibrate <= 0 || o.calibrate > time.Minute {
		return &usageError{text: "--calibrate needs a time of up to one minute", hint: "for example: credfile keygen --calibrate 1s"}
	}
	var best kdf.Params
	for _, p := range candidates(want) {
		start := time.Now()
		if _, err := a.keys.Derive(p, []byte("calibration"), make([]byte, 16)); err != nil && best == nil {
			return err
		} else if err != nil {
			break // exceeds the memory limit
		}
		took := time.Since(start)
		if took > o.calibrate && best != nil {
			break
		}
		best = p
		a.say("%s: %v", p, took.Round(time.Millisecond))
	}
	_, err = fmt.Fprintln(a.stdout, best)
	return err
}

// candidates returns parameters of the same kind, in order of cost.
func candidates(want kdf.Params) (list []kdf.Params) {
	if _, ok := want.(kdf.Scrypt); ok {
		for n := 15; n <= 20; n++ {
			list = append(list, kdf.Scrypt{LogN: n})
		}
		return list
	}
	lanes := kdf.DefaultArgon2id.Lanes
	for _, mib := range []int{64, 96, 128, 192, 256, 384, 512, 768, 1024} {
		list = append(list, kdf.Argon2id{KiB: mib << 10, Passes: 3, Lanes: lanes})
	}
	return append(list, kdf.Argon2id{KiB: 1 << 20, Passes: 4, Lanes: lanes})
}

type keygenOptions struct {
	out, name, importFrom string
	classic, passphrase   bool

	show      bool
	lock      string
	calibrate time.Duration
	locks     lockFlags
}
