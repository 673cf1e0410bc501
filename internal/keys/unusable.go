package keys

import (
	"bytes"
	"encoding/binary"
	"encoding/pem"
	"strings"
	"unicode/utf16"

	"golang.org/x/crypto/ssh"
)

// plainText returns a text in UTF-8 without a byte order mark. PowerShell 5.1 writes UTF-16
// when a command's output goes to a file.
func plainText(b []byte) []byte {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(b, []byte("\xef\xbb\xbf")):
		return b[3:]
	case bytes.HasPrefix(b, []byte("\xff\xfe")):
		order = binary.LittleEndian
	case bytes.HasPrefix(b, []byte("\xfe\xff")):
		order = binary.BigEndian
	default:
		return b
	}
	units := make([]uint16, (len(b)-2)/2)
	for i := range units {
		units[i] = order.Uint16(b[2+2*i:])
	}
	return []byte(string(utf16.Decode(units)))
}

const canEncrypt = "; use an ssh-ed25519 or ssh-rsa key, or an age key (credfile keygen)"

// unusable returns the reason why a line of a file with public keys can't be used, as far
// as its kind can be recognized. The reason never quotes the line.
func unusable(line string) string {
	kind, _, _ := strings.Cut(line, " ")
	switch {
	case strings.HasPrefix(kind, "sk-"):
		return "a FIDO security key (" + sshKind(kind) + ") can sign, but not decrypt" + canEncrypt
	case strings.HasPrefix(kind, "ecdsa-sha2-"):
		return "an ECDSA key can sign, but not decrypt" + canEncrypt
	case kind == "ssh-dss":
		return "a DSA key can sign, but not decrypt" + canEncrypt
	case strings.Contains(kind, "-cert-v01@openssh.com"):
		return "an SSH certificate is not a key; use the .pub file it was made from"
	case kind == "ssh-ed448":
		return "an Ed448 key can't be used" + canEncrypt
	case strings.HasPrefix(line, "---- BEGIN SSH2 PUBLIC KEY"):
		return "a public key in RFC 4716 form (PuTTY); to convert it: ssh-keygen -i -f FILE"
	case strings.HasPrefix(line, "-----BEGIN PGP"):
		return "an OpenPGP key needs --openpgp NAME=KEYID"
	case strings.HasPrefix(line, "-----BEGIN CERTIFICATE"):
		return "an X.509 certificate can't be used" + canEncrypt
	case strings.HasPrefix(line, "-----BEGIN AGE"):
		return "an age message, not a recipient"
	case strings.HasPrefix(line, "-----BEGIN") && strings.Contains(line, "PUBLIC KEY"):
		return "a public key in PEM form; to convert it: ssh-keygen -i -m PKCS8 -f FILE"
	case strings.HasPrefix(line, "ssh-"), strings.HasPrefix(line, "age1"), LooksSecret(line):
		return ""
	}
	if _, _, options, _, err := ssh.ParseAuthorizedKey([]byte(line)); err == nil && len(options) > 0 {
		return "a line of authorized_keys with options; give only the key, from ssh-ed25519 or ssh-rsa on"
	}
	return ""
}

// sshKind returns the familiar name of a kind of SSH keys.
func sshKind(kind string) string {
	kind, _, _ = strings.Cut(kind, "@")
	return kind
}

// lockedKeyProblem returns the reason why an SSH private key with a passphrase could not be
// used even with it, so that the user isn't asked for nothing.
func lockedKeyProblem(text []byte, public ssh.PublicKey) string {
	if public != nil {
		if reason := unusable(public.Type() + " "); reason != "" {
			return reason
		}
	}
	block, _ := pem.Decode(text)
	switch {
	case block == nil:
		return ""
	case block.Type == "ENCRYPTED PRIVATE KEY":
		return "a PKCS #8 key with a passphrase can't be read; to convert it: ssh-keygen -p -f FILE"
	case block.Type != "OPENSSH PRIVATE KEY":
		return ""
	}
	// PROTOCOL.key of OpenSSH: the magic, then the name of the cipher as a string.
	rest, ok := bytes.CutPrefix(block.Bytes, []byte("openssh-key-v1\x00"))
	if !ok || len(rest) < 4 {
		return ""
	}
	n := binary.BigEndian.Uint32(rest)
	if n > 64 || int(n) > len(rest)-4 {
		return ""
	}
	switch cipher := string(rest[4 : 4+n]); cipher {
	case "none", "aes256-ctr", "aes256-cbc": // supported by golang.org/x/crypto/ssh
		return ""
	default:
		return "the key is encrypted with " + printable(cipher) + ", which can't be read; to convert it: ssh-keygen -p -Z aes256-ctr -f FILE"
	}
}

// printable removes the characters that a name can't have.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r > ' ' && r < 0x7f {
			return r
		}
		return -1
	}, s)
}
