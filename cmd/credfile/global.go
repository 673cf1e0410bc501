package main

import (
	"cmp"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/front"
	"github.com/credfile/credfile/internal/keys"
	"github.com/credfile/credfile/vaultfile"
)

// checkFlags refuses an identity in place of a file's name, and invalid names, and then
// hands the flags of all commands to those who act on them.
func checkFlags(a *app) error {
	a.profiles = unique(a.profiles)
	for _, fd := range []int{a.pass.fd, a.pass.newFD} {
		if fd > 2 {
			front.CloseOnExec(fd) // neither for the command nor for plugins
		}
	}
	if err := cacheFromEnv(a); err != nil {
		return err
	}
	for _, name := range a.profiles {
		if !format.ValidName(name) {
			return &vaultfile.NameError{Kind: "profile", Name: name}
		}
	}
	for flag, text := range map[string]string{"--file": a.file, "--as": a.keys.Chosen.Lock, "CREDFILE_FILE": a.getenv("CREDFILE_FILE"), "CREDFILE_AS": a.getenv("CREDFILE_AS")} {
		if keys.LooksSecret(text) {
			return &usageError{Text: flag + " is an identity, which is secret", Hint: "see credfile help"}
		}
	}
	as := cmp.Or(a.keys.Chosen.Lock, a.getenv("CREDFILE_AS"))
	if as != "" && !format.ValidName(as) {
		return &usageError{Text: "invalid name of a lock", Hint: "--as and CREDFILE_AS take a name; to list them: credfile recipients"}
	}
	for _, file := range a.identities {
		if keys.LooksSecret(file) {
			return &usageError{Text: "--identity takes a file; that is an identity, which is secret, and your shell's history now contains it",
				Hint: "create a new identity, and name its file here"}
		}
	}
	a.dialog.Silent, a.dialog.Yes = a.nonInteractive, a.yes
	a.keys.Chosen.Lock = as
	if given := givenPassphrase(a); given != nil {
		a.keys.Chosen.Passphrase = given.One(a.keys.Derive)
	}
	a.machine = newMachine(a)
	return nil
}
