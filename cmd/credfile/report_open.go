package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/cli"
	"github.com/credfile/credfile/internal/jsondoc"
	"github.com/credfile/credfile/internal/keys"
	"github.com/credfile/credfile/internal/machine"
	"github.com/credfile/credfile/internal/unlock"
	"github.com/credfile/credfile/vaultfile"
)

// noAccessText says why nothing opened a profile.
func noAccessText(e *machine.NoAccessError) string {
	profile := e.Section.Name
	switch {
	case e.NoTerminal:
		return fmt.Sprintf("opening profile %q needs a passphrase or PIN, but there is no terminal to ask in", profile)
	case e.WrongPassphrase:
		return fmt.Sprintf("wrong passphrase for profile %q", profile)
	case e.Had:
		return fmt.Sprintf("you no longer have access to profile %q", profile)
	case len(e.Others) > 0:
		return fmt.Sprintf("your identity opens %s %s, but not %s", plural(len(e.Others), "profile", "profiles"), listed(e.Others, "and"), profile)
	}
	if e.NoIdentity {
		return fmt.Sprintf("you have no identity here to open profile %q", profile)
	}
	return fmt.Sprintf("none of your identities opens profile %q", profile)
}

// noAccessHint says what helps, such as the command that a writer must run to give access.
func noAccessHint(e *machine.NoAccessError) string {
	writer := "a writer"
	if names := e.Section.Writers(); len(names) > 0 {
		writer = names[0]
	}
	ask := func(who string) string {
		return fmt.Sprintf("ask %s to run: credfile rekey -p %s --add-reader %s", writer, e.Section.Name, who)
	}
	switch {
	case e.NoTerminal:
		return "run it in a terminal, set CREDFILE_PASSPHRASE_FILE, or use an identity without a passphrase"
	case e.WrongPassphrase:
		return "if the passphrase belongs to someone else, add --as NAME"
	case e.NoIdentity:
		return fmt.Sprintf("on a new machine, restore your identities to %s; if you have no backup, create a new identity (credfile keygen) and %s", e.DefaultFile, ask("NAME=@NAME.pub"))
	case e.Had:
		return "if that is a mistake, " + ask("NAME=@NAME.pub")
	case len(e.Others) > 0:
		return ask(e.Name)
	}
	return "pass your identity file with --identity FILE, or " + ask("NAME=@NAME.pub") + "; to see your identities: credfile whoami"
}

func noAccessDetails(e *machine.NoAccessError) []string {
	var lines []string
	for i := range e.Section.Recipients {
		r := &e.Section.Recipients[i]
		lock := ""
		if r.Lock != "" {
			lock = ", " + lockName(r.Lock)
		}
		lines = append(lines, fmt.Sprintf("recipient %s (%s%s, %s)", r.Name, jsondoc.Role(r), lock, vaultfile.Fingerprint(r.String)))
	}
	const most = 24
	var tried []string
	for i := range e.Attempts {
		tried = append(tried, attemptTexts(&e.Attempts[i])...)
	}
	for _, text := range tried[:min(len(tried), most)] {
		lines = append(lines, "tried "+text)
	}
	if n := len(tried) - most; n > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", n))
	}
	return lines
}

// attemptTexts says what was tried, and why it opened nothing.
func attemptTexts(x *unlock.Attempt) (lines []string) {
	source := x.Source
	switch {
	case x.Key != "":
		source = fmt.Sprintf("the lock of %s (OpenPGP key %s)", x.Lock, x.Key)
	case x.Kept:
		source = "the lock of " + x.Lock + ", which is unlocked"
	case x.Lock != "" && x.With != "":
		source = fmt.Sprintf("the lock of %s with %s", x.Lock, x.With)
	case x.Lock != "":
		source = "the lock of " + x.Lock
	case x.With != "":
		return []string{x.Err.Error()}
	case source == "":
		source = "passphrases"
	}
	var choice *unlock.ChoiceError
	var none *unlock.NotRecipientError
	switch {
	case errors.As(x.Err, &choice) && choice.Asked:
		return []string{fmt.Sprintf("%s: there are locks of %s, and you chose none", source, strings.Join(choice.Locks, ", "))}
	case errors.As(x.Err, &choice):
		return []string{fmt.Sprintf("%s: there are locks of %s; choose one with --as NAME", source, strings.Join(choice.Locks, ", "))}
	case errors.As(x.Err, &none):
		for _, reason := range notRecipient(none) {
			lines = append(lines, source+": "+reason)
		}
		return lines
	}
	return []string{source + ": " + x.Err.Error()}
}

// notRecipient explains why none opens, in one line for each identity or plugin.
func notRecipient(none *unlock.NotRecipientError) []string {
	var lines []string
	for _, id := range none.IDs {
		if r := keys.Recipient(id); r != "" {
			lines = append(lines, fmt.Sprintf("%s is not a recipient", vaultfile.Fingerprint(r)))
		}
	}
	const most = 3
	if len(lines) > most {
		lines = []string{fmt.Sprintf("none of its %d identities is a recipient", len(lines))}
	}
	for _, err := range none.Plugins {
		lines = append(lines, err.Error())
	}
	if len(lines) == 0 {
		lines = append(lines, "no recipient belongs to its plugin")
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

// near suggests a known name that is similar to the one that was given, or is "".
func near(given string, known []string) string {
	for _, name := range known {
		if strings.EqualFold(name, given) || cli.Distance(name, given) <= min(2, len(given)/3) {
			return fmt.Sprintf("did you mean %s?", name)
		}
	}
	return ""
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
	hint := near(want, e.Known)
	switch {
	case hint != "":
		return hint
	case e.Recipient != "":
		return "recipients: " + strings.Join(e.Known, ", ")
	case e.Credential == "":
		return "profiles: " + strings.Join(e.Known, ", ") + "; to add one: credfile profile add NAME"
	}
	return "to list the credentials: credfile list -p " + e.Profile
}

// describe returns a recipient's role, lock and fingerprint, as shown to the user.
func describe(r *vaultfile.Recipient) string {
	text := roleName(r.Writer)
	if r.Lock != "" {
		text += ", " + r.Lock + " lock"
	}
	return text + ", " + vaultfile.Fingerprint(r.String)
}

func roleName(writer bool) string {
	if writer {
		return "writer"
	}
	return "reader"
}
