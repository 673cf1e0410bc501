package keys

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// ReadRecipient reads the one recipient of a text: a .pub file of age's or
// OpenSSH's. Empty lines and lines that begin with # do not count; the comment
// of an SSH key is left out.
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

// ErrSecret says that an identity was given where a recipient should be.
var ErrSecret = errors.New("that is an identity, which is secret")

// LooksSecret reports whether an identity stands where something else should.
func LooksSecret(s string) bool {
	s = strings.ToUpper(s)
	return strings.Contains(s, "AGE-SECRET-KEY-") || strings.Contains(s, "AGE-PLUGIN-") || strings.Contains(s, "PRIVATE KEY-----")
}

// TrimComment leaves the comment of an SSH key out; it is not part of the key.
func TrimComment(recipient string) string {
	if fields := strings.Fields(recipient); len(fields) > 2 && strings.HasPrefix(recipient, "ssh-") {
		return fields[0] + " " + fields[1]
	}
	return recipient
}

// ReadRecipientFile is [ReadRecipient] of a file.
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

// ReadRecipientFrom is [ReadRecipient] of a stream.
func ReadRecipientFrom(r io.Reader) (string, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return "", err
	}
	return ReadRecipient(b)
}
