// Package keys turns what users type or keep into recipients and identities, and knows
// where to find a user's keys.
package keys

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"filippo.io/age"
	"filippo.io/age/armor"
	"filippo.io/age/plugin"
)

// maxFile limits an identity file. A hybrid identity is 77 bytes long.
const maxFile = 1 << 20

// found is the content of a source: usable identities, identities that need a passphrase
// first, and other keys.
type found struct {
	ids     []age.Identity
	locked  []*Locked
	openpgp [][]byte // exported private keys, which open locks
}

// parse parses a file of identities: age's own or plugins', one per line; an SSH private key;
// or identities that age encrypted with a passphrase. Errors name lines and never quote them.
func parse(name string, b []byte, ui *plugin.ClientUI) (found, error) {
	if len(b) > maxFile {
		return found{}, errors.New("is not an identity file: it is larger than 1 MiB")
	}
	b = plainText(b)
	switch {
	case bytes.HasPrefix(b, []byte("age-encryption.org/v1\n")), bytes.HasPrefix(b, []byte(armor.Header)):
		return found{locked: []*Locked{lockedFile(name, b, ui)}}, nil
	case bytes.HasPrefix(b, []byte("-----BEGIN PGP PRIVATE KEY BLOCK-----")):
		return found{openpgp: [][]byte{b}}, nil
	case bytes.HasPrefix(b, []byte("-----BEGIN ")):
		return parseSSH(name, b)
	case bytes.HasPrefix(b, []byte("PuTTY-User-Key-File-")):
		return found{}, errors.New("is a PuTTY key; to convert it: puttygen FILE -O private-openssh -o NEW")
	}
	ids, err := parseLines(b, ui)
	return found{ids: ids}, err
}

// parseLines parses identities, one per line. It ignores empty lines and lines that begin
// with #.
func parseLines(b []byte, ui *plugin.ClientUI) ([]age.Identity, error) {
	var ids []age.Identity
	scanner := bufio.NewScanner(bytes.NewReader(b))
	for n := 1; scanner.Scan(); n++ {
		line := strings.TrimSpace(scanner.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		id, err := parseIdentity(line, ui)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		ids = append(ids, id)
	}
	if scanner.Err() != nil {
		return nil, errors.New("is not an identity file")
	}
	return ids, nil
}

// Parse reads age's own and plugins' identities, one per line, as [Source.Identities] does.
func Parse(r io.Reader) ([]age.Identity, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxFile))
	if err != nil {
		return nil, err
	}
	return parseLines(b, nil)
}

func parseIdentity(s string, ui *plugin.ClientUI) (id age.Identity, err error) {
	switch {
	case strings.HasPrefix(s, "AGE-SECRET-KEY-1"):
		id, err = age.ParseX25519Identity(s)
	case strings.HasPrefix(s, "AGE-SECRET-KEY-PQ-1"):
		id, err = age.ParseHybridIdentity(s)
	case strings.HasPrefix(s, "AGE-PLUGIN-"):
		id, err = plugin.NewIdentity(s, ui)
	case strings.HasPrefix(s, "age1"):
		return nil, errors.New("this is a recipient, not an identity (AGE-SECRET-KEY-…)")
	default:
		return nil, errors.New("this is not an age identity (AGE-SECRET-KEY-…)")
	}
	if err != nil {
		return nil, errors.New("invalid identity; was it copied completely?")
	}
	return id, nil
}

// Recipient returns the recipient string of an identity, or "" for a plugin's, which is
// unknown.
func Recipient(id age.Identity) string {
	switch id := id.(type) {
	case *age.X25519Identity:
		return id.Recipient().String()
	case *age.HybridIdentity:
		return id.Recipient().String()
	case *sshIdentity:
		return id.recipient
	}
	return ""
}
