package keys

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"filippo.io/age"
	"filippo.io/age/plugin"

	"github.com/credfile/credfile/internal/shell"
	"github.com/credfile/credfile/internal/userdir"
)

// Source is a place that may have identities. It is read once, when needed.
type Source struct {
	Name  string // for messages: "--identity key.txt", "CREDFILE_AGE_KEY"
	SSH   bool   // holds an SSH key, and is read only if one is needed
	Named bool   // by the user: not a default place
	load  func() (found, error)
	done  bool
	found found
	err   error
}

// ErrNone reports that a source has no identity; ErrEmpty, that its variable is empty.
var (
	ErrNone  = errors.New("contains no identity")
	ErrEmpty = errors.New("is set but empty")
)

// Identities returns the source's usable identities; see also Locked.
func (s *Source) Identities() ([]age.Identity, error) {
	if !s.done {
		s.found, s.err = s.load()
		if s.err == nil && len(s.found.ids)+len(s.found.locked)+len(s.found.openpgp) == 0 {
			s.err = ErrNone
		}
		s.done = true
	}
	return s.found.ids, s.err
}

// Locked returns the source's identities that need a passphrase.
func (s *Source) Locked() []*Locked {
	s.Identities()
	return s.found.locked
}

// OpenPGP returns the source's exported OpenPGP private keys, which open locks.
func (s *Source) OpenPGP() [][]byte {
	s.Identities()
	return s.found.openpgp
}

// Sources lists the places to look for identities, in order: the files that the user names,
// CREDFILE_AGE_KEY, CREDFILE_AGE_KEY_FILE, CREDFILE_AGE_KEY_COMMAND, identities.txt in the
// user's configuration, and OpenSSH's default keys. ui is the dialogue with identities'
// plugins.
func Sources(files []string, lookup func(string) (string, bool), ui *plugin.ClientUI) []*Source {
	getenv := func(name string) string {
		value, _ := lookup(name)
		return value
	}
	var ss []*Source
	// what is a path, if there is one: passphrase prompts show it.
	add := func(s Source, what string, read func(string) ([]byte, error)) {
		s.load = func() (found, error) {
			if what == "" {
				return found{}, ErrEmpty // a secret missing in CI
			}
			b, err := read(what)
			if err != nil {
				return found{}, err
			}
			if s.Name == "CREDFILE_AGE_KEY" || s.Name == "CREDFILE_AGE_KEY_COMMAND" {
				return parse(s.Name, b, ui) // no path, and the secret must not become a name
			}
			return parse(what, b, ui)
		}
		ss = append(ss, &s)
	}
	for _, file := range files {
		add(Source{Name: "--identity " + file, Named: true}, file, readFile)
	}
	for _, v := range []struct {
		name string
		read func(string) ([]byte, error)
	}{
		{"CREDFILE_AGE_KEY", func(key string) ([]byte, error) { return []byte(key), nil }},
		{"CREDFILE_AGE_KEY_FILE", readFile},
		{"CREDFILE_AGE_KEY_COMMAND", RunCommand},
	} {
		if value, set := lookup(v.name); set {
			add(Source{Name: v.name, Named: true}, value, v.read)
		}
	}
	if file, err := DefaultFile(getenv); err == nil {
		add(Source{Name: file}, file, readFile)
	}
	if home := userdir.Home(getenv); filepath.IsAbs(home) {
		for _, name := range []string{"id_ed25519", "id_rsa"} {
			file := filepath.Join(home, ".ssh", name)
			add(Source{Name: file, SSH: true}, file, readFile)
		}
	}
	return ss
}

// DefaultFile returns the path of the user's identities.txt.
func DefaultFile(getenv func(string) string) (string, error) {
	dir, err := userdir.Config(getenv)
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, "identities.txt"), nil
}

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	var pathError *fs.PathError
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fs.ErrNotExist
	} else if errors.As(err, &pathError) {
		// Drop the path: people have put the identity itself in its place.
		return nil, pathError.Err
	} else if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxFile+1))
}

// RunCommand runs the user's own command line in the shell, for a password manager's tool.
// The user sees its standard error.
func RunCommand(command string) ([]byte, error) {
	cmd := shell.Command(command)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("the command failed: %w", err)
	}
	if len(bytes.TrimSpace(out)) == 0 {
		return nil, errors.New("the command printed nothing")
	}
	return out, nil
}
