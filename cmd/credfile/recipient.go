package main

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/keys"
	"github.com/credfile/credfile/vaultfile"
)

// readRecipient reads NAME=RECIPIENT, NAME=@FILE or NAME=- (standard input). RECIPIENT may
// be RECIPIENT:LOCK:MESSAGE, as keygen --lock prints it. NAME alone gives no recipient.
func readRecipient(a *app, flag string) (name string, r vaultfile.Recipient, err error) {
	name, text, found := strings.Cut(flag, "=")
	if keys.LooksSecret(flag) {
		return "", r, &usageError{text: "that is an identity, which is secret, and your shell's history now contains it",
			hint: "create a new identity (credfile keygen), and give its recipient: NAME=age1…"}
	}
	if name == "" || strings.HasPrefix(name, "age1") || strings.HasPrefix(name, "ssh-") {
		return "", r, &usageError{text: "a recipient needs a name", hint: "alice=age1…"}
	}
	r.Name = name
	if !found {
		return name, r, nil
	}
	switch {
	case text == "-":
		text, err = keys.ReadRecipientFrom(a.stdin)
	case strings.HasPrefix(text, "@"):
		text, err = keys.ReadRecipientFile(text[1:])
	default:
		text, err = keys.ReadRecipient([]byte(text))
	}
	if errors.Is(err, keys.ErrSecret) {
		return "", r, &usageError{text: fmt.Sprintf("recipient %q: %v", name, err), hint: "give the recipient instead, from the .pub file beside it"}
	}
	if errors.Is(err, fs.ErrNotExist) {
		return "", r, &plainError{text: fmt.Sprintf("recipient %q: %v", name, err), code: exitNotFound,
			hint: fmt.Sprintf("give the path of the .pub file from keygen, or the recipient itself: %s=age1…", name)}
	}
	if err == nil {
		err = parseRecipient(text, &r)
	}
	if err != nil {
		return "", r, &usageError{text: fmt.Sprintf("recipient %q: %v", name, err)}
	}
	return name, r, nil
}

func parseRecipient(text string, r *vaultfile.Recipient) error {
	recipient, rest, locked := strings.Cut(text, ":")
	r.String = recipient
	if !locked {
		return vaultfile.CheckRecipient(recipient)
	}
	lock, message, _ := strings.Cut(rest, ":")
	b, err := format.Base64.DecodeString(message)
	if err != nil || strings.ContainsAny(message, "\r\n") {
		return errors.New("the lock is damaged; was it copied completely?")
	}
	r.Lock, r.Message = lock, b
	if err := vaultfile.CheckRecipient(recipient); err != nil {
		return err
	}
	return r.CheckLock()
}

// parseRecipients reads NAME=RECIPIENT, NAME=@FILE and NAME=-.
func parseRecipients(a *app, flags []string) ([]vaultfile.Recipient, error) {
	var rs []vaultfile.Recipient
	for _, flag := range flags {
		name, r, err := readRecipient(a, flag)
		if err != nil {
			return nil, err
		}
		if r.String == "" {
			return nil, &usageError{text: fmt.Sprintf("recipient %q has no key", name), hint: name + "=RECIPIENT"}
		}
		r.Writer = true
		rs = append(rs, r)
	}
	return rs, nil
}
