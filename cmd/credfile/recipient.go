package main

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/credfile/credfile/internal/keys"
	"github.com/credfile/credfile/vaultfile"
)

// readRecipient reads NAME=RECIPIENT, NAME=@FILE or NAME=- (standard input).
// NAME alone gives an empty recipient.
func (a *app) readRecipient(flag string) (name, recipient string, err error) {
	name, text, found := strings.Cut(flag, "=")
	if keys.LooksSecret(flag) {
		return "", "", &usageError{text: "that is an identity, which is secret, and it stands in your shell's history now",
			hint: "give the recipient that belongs to it (age1…), and make a new identity"}
	}
	if name == "" || strings.HasPrefix(name, "age1") || strings.HasPrefix(name, "ssh-") {
		return "", "", &usageError{text: "a recipient needs a name", hint: "alice=age1…"}
	}
	if !found {
		return name, "", nil
	}
	switch {
	case text == "-":
		recipient, err = keys.ReadRecipientFrom(a.stdin)
	case strings.HasPrefix(text, "@"):
		recipient, err = keys.ReadRecipientFile(text[1:])
	default:
		recipient = keys.TrimComment(text)
	}
	if errors.Is(err, keys.ErrSecret) {
		return "", "", &usageError{text: fmt.Sprintf("recipient %q: %v", name, err), hint: "give its recipient: the .pub file beside it"}
	}
	if errors.Is(err, fs.ErrNotExist) {
		return "", "", &plainError{text: fmt.Sprintf("recipient %q: %v", name, err), code: exitNotFound}
	}
	if err == nil {
		err = vaultfile.CheckRecipient(recipient)
	}
	if err != nil {
		return "", "", &usageError{text: fmt.Sprintf("recipient %q: %v", name, err)}
	}
	return name, recipient, nil
}
