package keys

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"filippo.io/age"

	"github.com/credfile/credfile/internal/agefile"
	"github.com/credfile/credfile/internal/atomicfile"
)

// Identity is an identity and its recipient, both as text.
type Identity struct{ secret, Recipient string }

// Native is one of age's own identities.
type Native interface {
	age.Identity
	fmt.Stringer
}

// NewNative makes a post-quantum identity or, if classic is set, one for X25519, whose
// recipient is 1,800 characters shorter.
func NewNative(classic bool) (Native, error) {
	if classic {
		return age.GenerateX25519Identity()
	}
	return age.GenerateHybridIdentity()
}

// Generate is [NewNative] with a result as text.
func Generate(classic bool) (Identity, error) {
	id, err := NewNative(classic)
	if err != nil {
		return Identity{}, err
	}
	return Identity{id.String(), Recipient(id)}, nil
}

// Import reads age's own identities from a file.
func Import(path string) ([]Identity, error) {
	b, err := readFile(path)
	if err != nil {
		return nil, err
	}
	f, err := parse(path, b, nil)
	if err != nil {
		return nil, err
	}
	var ids []Identity
	for _, id := range f.ids {
		if s, ok := id.(fmt.Stringer); ok && Recipient(id) != "" {
			ids = append(ids, Identity{s.String(), Recipient(id)})
		}
	}
	if len(f.locked)+len(f.openpgp) > 0 || len(ids) != len(f.ids) {
		return nil, errors.New("contains an identity that can't be copied; use it in place with --identity")
	}
	if len(ids) == 0 {
		return nil, ErrNone
	}
	return ids, nil
}

// Text returns the line that keeps an identity, with comments as in age-keygen.
func (id Identity) Text(now time.Time) []byte {
	return fmt.Appendf(nil, "# created: %s\n# public key: %s\n%s\n", now.UTC().Format(time.RFC3339), id.Recipient, id.secret)
}

// Encrypt locks the text of identities with a passphrase, as age does.
func Encrypt(text, passphrase []byte) ([]byte, error) {
	r, err := age.NewScryptRecipient(string(passphrase))
	if err != nil {
		return nil, err
	}
	return agefile.Encrypt(text, r)
}

// ErrNotLines reports that a file contains something that nothing can be appended to.
var ErrNotLines = errors.New("is not a text file of identities, so nothing can be added to it")

// Add adds text to a file of identities that only the user can read, and creates it if
// needed. The file is replaced as a whole, and what was in it stays.
func Add(path string, text []byte) error {
	err := Create(path, text, 0o600)
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return err
	}
	return atomicfile.Update(path, maxFile, func(old []byte) ([]byte, error) {
		// Text after an SSH key or an age-encrypted file would destroy it.
		has, err := parse(path, old, nil)
		if err != nil || len(has.locked)+len(has.openpgp) > 0 || bytes.Contains(old, []byte("-----BEGIN")) {
			return nil, ErrNotLines
		}
		if len(old) > 0 && !bytes.HasSuffix(old, []byte("\n")) {
			old = append(old, '\n')
		}
		return append(old, text...), nil
	})
}

// Create writes a new file with the given mode. It never overwrites one.
func Create(path string, text []byte, mode fs.FileMode) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return atomicfile.Create(path, mode, text)
}

// WritePublic writes a recipient next to its identity file, under name or, if that has
// another one, under a name with the fingerprint. It returns the path.
func WritePublic(dir, name, recipient, fingerprint string) (string, error) {
	for _, file := range []string{name + ".pub", name + "-" + fingerprint + ".pub"} {
		path := filepath.Join(dir, file)
		err := Create(path, []byte(recipient+"\n"), 0o644)
		if !errors.Is(err, fs.ErrExist) {
			return path, err
		}
		if b, err := readFile(path); err == nil && strings.TrimSpace(string(b)) == recipient {
			return path, nil
		}
	}
	return "", fs.ErrExist
}

// PublicName returns the name, without .pub, of the recipients file next to an identity file.
func PublicName(path string) string {
	return strings.TrimSuffix(filepath.Base(publicFile(path)), ".pub")
}

// Recipients returns the recipients of the identities in a file, as far as they are known.
func Recipients(path string) []string {
	b, err := readFile(path)
	if err != nil {
		return nil
	}
	f, _ := parse(path, b, nil)
	var list []string
	for _, id := range f.ids {
		if r := Recipient(id); r != "" {
			list = append(list, r)
		}
	}
	return list
}
