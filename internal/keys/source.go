package keys

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"filippo.io/age"
	"filippo.io/age/plugin"
)

// Source is a place where identities may be found. It is asked when it is
// needed, and once.
type Source struct {
	Name  string // for messages: "--identity key.txt", "CREDFILE_AGE_KEY"
	SSH   bool   // holds an SSH key, and is only asked where one is wanted
	Named bool   // by the user: it is no default place
	load  func() (found, error)
	done  bool
	found found
	err   error
}

// ErrNone says that a source holds nothing, ErrEmpty that its variable is set to
// nothing.
var (
	ErrNone  = errors.New("contains no identity")
	ErrEmpty = errors.New("is set but empty")
)

// Identities returns those that the source holds ready; see also Locked.
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

// Locked returns what the source holds behind a passphrase.
func (s *Source) Locked() []*Locked {
	s.Identities()
	return s.found.locked
}

// OpenPGP returns the exported OpenPGP private keys that the source holds, which
// open locks.
func (s *Source) OpenPGP() [][]byte {
	s.Identities()
	return s.found.openpgp
}

// Sources lists where identities are looked for, in order: the files that the
// user names, CREDFILE_AGE_KEY, CREDFILE_AGE_KEY_FILE, CREDFILE_AGE_KEY_COMMAND,
// identities.txt in the user's configuration, and OpenSSH's default keys. ui is
// the dialogue with the plugins that identities name.
func Sources(files []string, lookup func(string) (string, bool), ui *plugin.ClientUI) []*Source {
	getenv := func(name string) string {
		value, _ := lookup(name)
		return value
	}
	var ss []*Source
	// what is a path, where there is one: passphrases are asked for by it.
	add := func(s Source, what string, read func(string) ([]byte, error)) {
		s.load = func() (found, error) {
			if what == "" {
				return found{}, ErrEmpty // a secret that CI has lost
			}
			b, err := read(what)
			if err != nil {
				return found{}, err
			}
			if s.Name == "CREDFILE_AGE_KEY" || s.Name == "CREDFILE_AGE_KEY_COMMAND" {
				return parse(s.Name, b, ui) // no path, and no secret as its name
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
	if home := homeDir(getenv); filepath.IsAbs(home) {
		for _, name := range []string{"id_ed25519", "id_rsa"} {
			file := filepath.Join(home, ".ssh", name)
			add(Source{Name: file, SSH: true}, file, readFile)
		}
	}
	return ss
}

// DefaultFile returns the path of the user's identities.txt.
func DefaultFile(getenv func(string) string) (string, error) {
	dir, err := configDir(getenv)
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, "identities.txt"), nil
}

// goos is what the tests change.
var goos = runtime.GOOS

// homeDir is the user's, or "": on Windows, HOME is set by some shells alone.
func homeDir(getenv func(string) string) string {
	if home := getenv("HOME"); home != "" || goos != "windows" {
		return home
	}
	return getenv("USERPROFILE")
}

func configDir(getenv func(string) string) (string, error) {
	// The XDG specification: a relative path is to be ignored.
	if dir := getenv("XDG_CONFIG_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "credfile"), nil
	}
	if dir := getenv("AppData"); goos == "windows" && filepath.IsAbs(dir) {
		return filepath.Join(dir, "credfile"), nil
	}
	if home := homeDir(getenv); filepath.IsAbs(home) {
		return filepath.Join(home, ".config", "credfile"), nil
	}
	return "", errors.New("neither XDG_CONFIG_HOME nor HOME is set")
}

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	var pathError *fs.PathError
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fs.ErrNotExist
	} else if errors.As(err, &pathError) {
		// Not the path: people have put the identity itself in its place.
		return nil, pathError.Err
	} else if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxFile+1))
}

// RunCommand runs the user's own command line as the shell would, for a
// password manager's tool. Its standard error is the user's to see.
func RunCommand(command string) ([]byte, error) {
	shell, flag := "sh", "-c"
	if runtime.GOOS == "windows" {
		shell, flag = "cmd", "/C"
	}
	cmd := exec.Command(shell, flag, command)
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
