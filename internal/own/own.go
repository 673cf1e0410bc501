// Package own knows the user themselves: the name that others see, the recipient that they
// give access to, and the file that keeps their identities.
package own

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"time"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/keys"
	"github.com/credfile/credfile/vaultfile"
)

// Name returns the name that others know the user by: git's user.email, or the login.
func Name() string {
	git := exec.Command("git", "config", "user.email")
	if out, err := git.Output(); err == nil {
		if name := strings.TrimSpace(string(out)); format.ValidName(name) {
			return name
		}
	}
	if u, err := user.Current(); err == nil && u.Uid != "0" && format.ValidName(u.Username) {
		return u.Username
	}
	return "me"
}

// FileName returns a name as part of a file's name.
func FileName(name string) string { return strings.ReplaceAll(name, "/", "_") }

// SourceError reports that a source may have the user's identity, but can't be read: a new
// identity would be a surprise.
type SourceError struct {
	Source string
	Err    error
}

func (e *SourceError) Error() string { return e.Source + ": " + e.Err.Error() }
func (e *SourceError) Unwrap() error { return e.Err }

// ErrUnknown reports that a source's identities do not show their recipients.
var ErrUnknown = errors.New("contains no identity with a known recipient")

// Recipient returns the recipient of the first identity in sources, or "" if there is none.
// SSH keys have another purpose, and are used only where a writer names them.
//
// Errors: [*SourceError].
func Recipient(sources []*keys.Source) (string, error) {
	for _, source := range sources {
		if source.SSH {
			continue
		}
		ids, err := source.Identities()
		for _, id := range ids {
			if r := keys.Recipient(id); r != "" {
				return r, nil
			}
		}
		switch {
		case errors.Is(err, keys.ErrEmpty):
		case err == nil:
			return "", &SourceError{source.Name, ErrUnknown}
		case !errors.Is(err, fs.ErrNotExist) || strings.HasPrefix(source.Name, "--identity"):
			return "", &SourceError{source.Name, err}
		}
	}
	return "", nil
}

// Store is a file that keeps identities, with their recipients beside it.
type Store struct {
	Path string
	Name string // of the files with the recipients
	New  bool   // the file must not exist; otherwise identities are added to it
	// Encrypt encrypts the text of a new file; nil for none.
	Encrypt func(text []byte) ([]byte, error)
}

// ErrExists reports that a file exists. An identity is never overwritten.
var ErrExists = errors.New("already exists")

// Save writes the identities, except those that are already in a file that is not new.
//
// Errors: [ErrExists], [keys.ErrNotLines], those of Encrypt.
func (s *Store) Save(ids []keys.Identity, now time.Time) error {
	have := map[string]bool{}
	if !s.New {
		for _, r := range keys.Recipients(s.Path) {
			have[r] = true
		}
	}
	var text []byte
	for _, id := range ids {
		if !have[id.Recipient] {
			text = append(text, id.Text(now)...)
		}
	}
	if len(text) == 0 {
		return nil
	}
	if s.Encrypt != nil {
		var err error
		if text, err = s.Encrypt(text); err != nil {
			return err
		}
	}
	if !s.New {
		return keys.Add(s.Path, text)
	}
	err := keys.Create(s.Path, text, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return ErrExists
	}
	return err
}

// Publish writes a recipient beside the file, and returns its path.
func (s *Store) Publish(recipient string) (string, error) {
	return keys.WritePublic(filepath.Dir(s.Path), s.Name, recipient, vaultfile.Fingerprint(recipient))
}

// Elsewhere returns other programs' files with identities, in the directory of programs'
// configurations that the file is in.
func (s *Store) Elsewhere() (paths []string) {
	for _, other := range []string{"sops", ""} {
		path := filepath.Join(filepath.Dir(filepath.Dir(s.Path)), other, "age", "keys.txt")
		if _, err := os.Stat(path); err == nil {
			paths = append(paths, path)
		}
	}
	return paths
}
