package keys

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	encpem "encoding/pem"
	"errors"
	"io"
	"slices"
	"strings"

	"filippo.io/age"
	"filippo.io/age/agessh"
	"filippo.io/age/armor"
	"filippo.io/age/plugin"
	"golang.org/x/crypto/ssh"
)

// Locked is a file of identities, or an SSH key, locked with a passphrase.
type Locked struct {
	Name       string   // the path
	recipients []string // that of an SSH key which shows it without the passphrase
	// ID depends on the file's content, so another file of the same name has another one.
	ID     string
	unlock func(passphrase []byte) (plain []byte, err error)
	parse  func(plain []byte) ([]age.Identity, error)
	plain  []byte
	ids    []age.Identity
}

// ErrPassphrase reports a wrong passphrase.
var ErrPassphrase = errors.New("wrong passphrase")

// MayOpen reports whether one of the recipients may be its own.
func (l *Locked) MayOpen(recipients []string) bool {
	return len(l.recipients) == 0 || slices.ContainsFunc(recipients, func(r string) bool {
		return slices.Contains(l.recipients, r)
	})
}

// Open reports whether it was already unlocked.
func (l *Locked) Open() bool { return l.ids != nil }

// Identities unlocks it, once. Errors: [ErrPassphrase].
func (l *Locked) Identities(passphrase []byte) ([]age.Identity, error) {
	if l.ids != nil {
		return l.ids, nil
	}
	plain, err := l.unlock(passphrase)
	if err != nil {
		return nil, err
	}
	return l.ids, l.Restore(plain)
}

// Plain returns what the passphrase unlocked, for [Locked.Restore].
func (l *Locked) Plain() []byte { return l.plain }

// Restore unlocks it with what was kept when it was unlocked before.
func (l *Locked) Restore(plain []byte) (err error) {
	if l.ids, err = l.parse(plain); err == nil {
		l.plain = plain
	}
	return err
}

func contentID(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// lockedFile returns a file of identities that age encrypted with a passphrase. The file
// does not show their recipients. A file next to it might, but it might belong to another.
func lockedFile(name string, b []byte, ui *plugin.ClientUI) *Locked {
	l := &Locked{Name: name, ID: contentID(b), parse: func(plain []byte) ([]age.Identity, error) { return parseLines(plain, ui) }}
	l.unlock = func(passphrase []byte) ([]byte, error) {
		var src io.Reader = bytes.NewReader(b)
		if bytes.HasPrefix(b, []byte(armor.Header)) {
			src = armor.NewReader(src)
		}
		id, err := age.NewScryptIdentity(string(passphrase))
		if err != nil {
			return nil, ErrPassphrase
		}
		r, err := age.Decrypt(src, id)
		var none *age.NoIdentityMatchError
		if errors.As(err, &none) {
			if len(none.StanzaTypes) != 1 || none.StanzaTypes[0] != "scrypt" {
				return nil, errors.New("is encrypted, but not with a passphrase")
			}
			return nil, ErrPassphrase
		} else if err != nil {
			return nil, errors.New("is a damaged age file")
		}
		plain, err := io.ReadAll(io.LimitReader(r, maxFile))
		if err != nil {
			return nil, errors.New("is a damaged age file")
		}
		return plain, nil
	}
	return l
}

// publicFile returns the path of an identity file's recipients.
func publicFile(path string) string {
	for _, suffix := range []string{".txt", ".age", ".key"} {
		path = strings.TrimSuffix(path, suffix)
	}
	return path + ".pub"
}

// sshIdentity is an SSH key that knows its recipient string.
type sshIdentity struct {
	age.Identity
	recipient string
}

// RecipientString returns the key as profiles name it, without a comment.
func (i *sshIdentity) RecipientString() string { return i.recipient }

func parseSSH(name string, pem []byte) (found, error) {
	key, err := ssh.ParseRawPrivateKey(pem)
	var missing *ssh.PassphraseMissingError
	if errors.As(err, &missing) {
		if problem := lockedKeyProblem(pem, missing.PublicKey); problem != "" {
			return found{}, errors.New(problem)
		}
		return found{locked: []*Locked{lockedSSH(name, pem, missing.PublicKey)}}, nil
	}
	if problem := lockedKeyProblem(pem, nil); err != nil && problem != "" {
		return found{}, errors.New(problem)
	} else if err != nil {
		return found{}, errors.New("is neither an age identity nor an SSH private key")
	}
	id, err := newSSH(key)
	if err != nil {
		return found{}, err
	}
	return found{ids: []age.Identity{id}}, nil
}

// lockedSSH returns an encrypted SSH key. OpenSSH's own format includes the public key; for
// older formats it is in a file next to it.
func lockedSSH(name string, pem []byte, public ssh.PublicKey) *Locked {
	l := &Locked{Name: name, ID: contentID(pem), parse: func(plain []byte) ([]age.Identity, error) {
		found, err := parseSSH(name, plain)
		return found.ids, err
	}}
	if public == nil {
		if b, err := readFile(name + ".pub"); err == nil {
			public, _, _, _, _ = ssh.ParseAuthorizedKey(b)
		}
	}
	if public != nil {
		l.recipients = []string{sshRecipient(public)}
	}
	l.unlock = func(passphrase []byte) ([]byte, error) {
		key, err := ssh.ParseRawPrivateKeyWithPassphrase(pem, passphrase)
		if errors.Is(err, x509.IncorrectPasswordError) {
			return nil, ErrPassphrase
		} else if err != nil {
			return nil, errors.New("is an SSH key that can't be read")
		}
		plain, err := ssh.MarshalPrivateKey(key, "")
		if err != nil {
			return nil, errors.New("is an SSH key that age can't use")
		}
		return encpem.EncodeToMemory(plain), nil
	}
	return l
}

func newSSH(key any) (*sshIdentity, error) {
	if k, ok := key.(ed25519.PrivateKey); ok {
		key = &k
	}
	var id age.Identity
	var err error
	switch key := key.(type) {
	case *ed25519.PrivateKey:
		id, err = agessh.NewEd25519Identity(*key)
	case *rsa.PrivateKey:
		id, err = agessh.NewRSAIdentity(key)
	default:
		return nil, errors.New("is an SSH key that can't encrypt; only ssh-ed25519 and ssh-rsa can")
	}
	if err != nil {
		return nil, errors.New("is an SSH key that age can't use")
	}
	signer, err := ssh.NewSignerFromKey(key)
	if err != nil {
		return nil, errors.New("is an SSH key that age can't use")
	}
	return &sshIdentity{id, sshRecipient(signer.PublicKey())}, nil
}

func sshRecipient(k ssh.PublicKey) string {
	return strings.TrimSuffix(string(ssh.MarshalAuthorizedKey(k)), "\n")
}
