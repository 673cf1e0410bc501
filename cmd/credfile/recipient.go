package main

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/credfile/credfile/internal/keys"
	"github.com/credfile/credfile/internal/unlock"
	"github.com/credfile/credfile/vaultfile"
)

// readRecipient reads NAME=RECIPIENT, NAME=@FILE or NAME=- (standard input). RECIPIENT may
// be RECIPIENT:LOCK:MESSAGE, as keygen --lock prints it. NAME alone gives no recipient.
func readRecipient(a *app, flag string) (r vaultfile.Recipient, err error) {
	name, text, found := strings.Cut(flag, "=")
	if keys.LooksSecret(flag) {
		return r, secretTyped("create a new identity (credfile keygen), and give its recipient: NAME=age1…")
	}
	if name == "" || strings.HasPrefix(name, "age1") || strings.HasPrefix(name, "ssh-") {
		return r, &usageError{Text: "a recipient needs a name", Hint: "alice=age1…"}
	}
	if r.Name = name; !found {
		return r, nil
	}
	if text, err = keys.GivenRecipient(text, a.stdin); err == nil {
		r, err = unlock.ReadOffer(text)
	}
	r.Name = name
	switch {
	case err == nil:
		return r, nil
	case errors.Is(err, fs.ErrNotExist):
		return r, noRecipientFile(name, err)
	case errors.Is(err, keys.ErrSecret):
		return r, &usageError{Text: fmt.Sprintf("recipient %q: %v", name, err), Hint: "give the recipient instead, from the .pub file beside it"}
	}
	return r, &usageError{Text: fmt.Sprintf("recipient %q: %v", name, err)}
}

// parseRecipients reads NAME=RECIPIENT, NAME=@FILE and NAME=-.
func parseRecipients(a *app, flags []string) ([]vaultfile.Recipient, error) {
	var rs []vaultfile.Recipient
	for _, flag := range flags {
		r, err := readRecipient(a, flag)
		if err != nil {
			return nil, err
		}
		if r.String == "" {
			return nil, &usageError{Text: fmt.Sprintf("recipient %q has no key", r.Name), Hint: r.Name + "=RECIPIENT"}
		}
		r.Writer = true
		rs = append(rs, r)
	}
	return rs, nil
}
