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

// ReadRecipientFile is [ReadRecipient] for a file.
func ReadRecipientFile(path string) (string, error) {
	b, err := readFile(path)
	if err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	r, err := ReadRecipient(b)
	if err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}

// ReadRecipientFrom is [ReadRecipient] for a stream.
func ReadRecipientFrom(r io.Reader) (string, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return "", err
	}
	return ReadRecipient(b)
}
