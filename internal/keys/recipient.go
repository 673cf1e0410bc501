package keys

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// ReadRecipient parses the only recipient in a text: a .pub file of age or OpenSSH. It
// ignores empty lines, lines that begin with #, and the comment of an SSH key.
func ReadRecipient(text []byte) (string, error) {
	if len(text) > maxFile {
		return "", errors.New("is larger than 1 MiB")
	}
	one := ""
	for line := range strings.Lines(string(plainText(text))) {
		line = strings.TrimSpace(line)
		if reason := unusable(line); reason != "" {
			return "", errors.New(reason)
		}
		switch {
		case line == "" || line[0] == '#':
		case LooksSecret(line):
			return "", ErrSecret
		case one != "":
			return "", errors.New("contains several recipients; add each under its own name")
		default:
			one = TrimComment(line)
		}
	}
	if one == "" {
		return "", errors.New("contains no recipient")
	}
	return one, nil
}

// ErrSecret reports that an identity was given in place of a recipient.
var ErrSecret = errors.New("that is an identity, which is secret")

// LooksSecret reports whether s contains an identity.
func LooksSecret(s string) bool {
	s = strings.ToUpper(s)
	return strings.Contains(s, "AGE-SECRET-KEY-") || strings.Contains(s, "AGE-PLUGIN-") || strings.Contains(s, "PRIVATE KEY-----")
}

// TrimComment removes the comment of an SSH key, which is not part of the key.
func TrimComment(recipient string) string {
	if fields := strings.Fields(recipient); len(fields) > 2 && strings.HasPrefix(recipient, "ssh-") {
		return fields[0] + " " + fields[1]
	}
	return recipient
}

// GivenRecipient reads what the user gave as a recipient: the text itself, @FILE, or - for
// stdin.
func GivenRecipient(text string, stdin io.Reader) (string, error) {
	file, isFile := strings.CutPrefix(text, "@")
	b := []byte(text)
	var err error
	switch {
	case isFile:
		if b, err = readFile(file); err != nil {
			return "", fmt.Errorf("%s: %w", file, err)
		}
	case text == "-":
		if b, err = io.ReadAll(io.LimitReader(stdin, maxFile+1)); err != nil {
			return "", err
		}
	}
	r, err := ReadRecipient(b)
	if err != nil && isFile {
		err = fmt.Errorf("%s: %w", file, err)
	}
	return r, err
}
