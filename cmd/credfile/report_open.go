package main

import (
	"fmt"
	"strings"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/vaultfile"
)

// openError reports why no identity opened a profile.
type openError struct {
	profile    string
	recipients []format.Recipient
	tried      []string
	terminal   bool // a prompt was needed, but there was no terminal
	none       bool // there is no identity at all
	wrong      bool // a passphrase was wrong
	had        bool // an available identity opened it before

	others     []string // profiles that an available identity opens
	name       string   // the name of that identity there
	identities string   // where identities.txt is, or would be
}

func (e *openError) Error() string {
	switch {
	case e.terminal:
		return fmt.Sprintf("opening profile %q needs a passphrase or PIN, but there is no terminal to ask in", e.profile)
	case e.wrong:
		return fmt.Sprintf("wrong passphrase for profile %q", e.profile)
	case e.had:
		return fmt.Sprintf("you no longer have access to profile %q", e.profile)
	case len(e.others) > 0:
		return fmt.Sprintf("your identity opens %s %s, but not %s", plural(len(e.others), "profile", "profiles"), listed(e.others, "and"), e.profile)
	}
	if e.none {
		return fmt.Sprintf("you have no identity here to open profile %q", e.profile)
	}
	return fmt.Sprintf("none of your identities opens profile %q", e.profile)
}

// hint says what helps, such as the command that a writer must run to give access.
func (e *openError) hint() string {
	writer := "a writer"
	for i := range e.recipients {
		if e.recipients[i].Writer {
			writer = e.recipients[i].Name
			break
		}
	}
	ask := func(who string) string {
		return fmt.Sprintf("ask %s to run: credfile rekey -p %s --add-reader %s", writer, e.profile, who)
	}
	switch {
	case e.terminal:
		return "run it in a terminal, set CREDFILE_PASSPHRASE_FILE, or use an identity without a passphrase"
	case e.wrong:
		return "if the passphrase belongs to someone else, add --as NAME"
	case e.none:
		return fmt.Sprintf("on a new machine, restore your identities to %s; if you have no backup, create a new identity (credfile keygen) and %s", e.identities, ask("NAME=@NAME.pub"))
	case e.had:
		return "if that is a mistake, " + ask("NAME=@NAME.pub")
	case len(e.others) > 0:
		return ask(e.name)
	}
	return "pass your identity file with --identity FILE, or " + ask("NAME=@NAME.pub") + "; to see your identities: credfile whoami"
}

func (e *openError) add(source string, err error) {
	e.tried = append(e.tried, source+": "+err.Error())
}

func (e *openError) addAll(source string, reasons []string) {
	for _, r := range reasons {
		e.tried = append(e.tried, source+": "+r)
	}
}

func (e *openError) details() []string {
	var lines []string
	for i := range e.recipients {
		r := &e.recipients[i]
		lock := ""
		if r.Lock != "" {
			lock = ", " + lockName(r.Lock)
		}
		lines = append(lines, fmt.Sprintf("recipient %s (%s%s, %s)", r.Name, role(r), lock, vaultfile.Fingerprint(r.String)))
	}
	const most = 24
	for i, t := range e.tried {
		if i == most {
			lines = append(lines, fmt.Sprintf("and %d more", len(e.tried)-most))
			break
		}
		lines = append(lines, "tried "+t)
	}
	return lines
}

// lockName is what people call a lock that they unlock.
func lockName(lock string) string {
	switch {
	case format.PassphraseLock(lock):
		return "passphrase"
	case lock == vaultfile.LockOpenPGP:
		return "OpenPGP key"
	}
	return "hardware or another age key"
}

// listed joins words: "a", "a and b", "a, b and c".
func listed(words []string, last string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " " + last + " " + words[len(words)-1]
}

func role(r *format.Recipient) string {
	if r.Writer {
		return "writer"
	}
	return "reader"
}

// badLockError reports that the message of an openpgp lock is damaged.
type badLockError struct {
	recipient string
	err       error
}

func (e *badLockError) Error() string { return e.recipient + "'s OpenPGP lock is damaged" }
func (e *badLockError) Unwrap() error { return e.err }

// notInError reports that none of several profiles has a name.
type notInError struct {
	*vaultfile.NotFoundError
	among []string
}

func (e *notInError) Error() string {
	return strings.Replace(e.NotFoundError.Error(), fmt.Sprintf("profile %q", e.Profile), "profile "+listed(e.among, "or"), 1)
}

func (e *notInError) Unwrap() error { return e.NotFoundError }

func notIn(among []string, err *vaultfile.NotFoundError) error {
	if len(among) == 1 {
		return err
	}
	return &notInError{err, among}
}

// nearest suggests a similar name, or how to list the names.
func nearest(e *vaultfile.NotFoundError) string {
	want := e.Profile
	switch {
	case e.Recipient != "":
		want = e.Recipient
	case e.Credential != "":
		want = e.Credential
	}
	for _, known := range e.Known {
		if strings.EqualFold(known, want) || distance(known, want) <= min(2, len(want)/3) {
			return fmt.Sprintf("did you mean %s?", known)
		}
	}
	switch {
	case e.Recipient != "":
		return "recipients: " + strings.Join(e.Known, ", ")
	case e.Credential == "":
		return "profiles: " + strings.Join(e.Known, ", ") + "; to add one: credfile profile add NAME"
	}
	return "to list the credentials: credfile list -p " + e.Profile
}
