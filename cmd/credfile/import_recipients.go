package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/codec"
	"github.com/credfile/credfile/internal/credentials"
	"github.com/credfile/credfile/internal/term"
)

// errNoSops reports a file that has no recipients to list.
var errNoSops = errors.New("is not a file of sops")

// importRecipients lists who can open a file of sops, and offers to give each of them access to the
// profile. Nothing vouches for the list, so that only a person can take someone from it.
func importRecipients(a *app, name string) error {
	profile, err := a.profile()
	if err != nil {
		return err
	}
	b, err := readInput(a, name, credentials.MaxFile)
	if err != nil {
		return at(name, err)
	}
	s, ok := codec.ReadSops(filepath.Base(name), b)
	if !ok {
		return at(name, errNoSops)
	}
	listed := listedBy(s)
	if err := printTable(a, listed); err != nil {
		return err
	}
	f, err := a.open()
	if err != nil {
		return err
	}
	section, err := f.Profile(profile)
	if err != nil {
		return at(f.Path, err)
	}
	o := rekeyOptions{locks: lockFlags{kdf: "argon2id"}}
	for _, row := range listed {
		if err := askRecipient(a, section, row[0], row[1], &o); errors.Is(err, term.ErrNoTerminal) {
			a.say("to add one of them: credfile rekey --add NAME=RECIPIENT, or --openpgp NAME=FINGERPRINT")
			return nil
		} else if err != nil {
			return err
		}
	}
	if o.nothing(len(o.locks.openpgp)) {
		a.say("nothing changed")
		return nil
	}
	return runRekey(a, o)
}

// listedBy returns the recipients with their kinds. Services are not recipients of ours.
func listedBy(s *codec.Sops) (rows [][]string) {
	for _, r := range unique(s.Age) {
		rows = append(rows, []string{"age", r})
	}
	for _, r := range unique(s.OpenPGP) {
		rows = append(rows, []string{"openpgp", r})
	}
	for _, r := range unique(s.Remote) {
		kind, at, _ := strings.Cut(r, " ")
		rows = append(rows, []string{kind, at})
	}
	return rows
}

// askRecipient asks by what name a recipient is added, if at all.
func askRecipient(a *app, section *format.Profile, kind, recipient string, o *rekeyOptions) error {
	if i := slices.IndexFunc(section.Recipients, func(r format.Recipient) bool { return r.String == recipient }); i >= 0 {
		a.say("%s is %s already", recipient, section.Recipients[i].Name)
		return nil
	}
	if kind != "age" && kind != "openpgp" {
		return nil
	}
	name, err := a.dialog.Line(fmt.Sprintf("Name for %s, to add them to profile %s (Enter to leave them out)", recipient, section.Name))
	if name = strings.TrimSpace(name); err != nil || name == "" {
		return err
	}
	if kind == "age" {
		o.add = append(o.add, name+"="+recipient)
	} else {
		o.locks.openpgp = append(o.locks.openpgp, name+"="+recipient)
	}
	return nil
}
