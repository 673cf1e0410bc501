// Package keys turns what users type or keep into recipients and identities,
// and knows where a user's keys are found.
package keys

import (
	"bufio"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"filippo.io/age"
)

// maxFile bounds an identity file. A hybrid identity is 77 bytes long.
const maxFile = 1 << 20

// Source is a place where identities may be found. It is asked when it is
// needed, and once.
type Source struct {
	Name string // for messages: "--identity key.txt", "CREDFILE_AGE_KEY"
	load func() ([]age.Identity, error)
	done bool
	ids  []age.Identity
	err  error
}

// ErrNone says that a source is empty, or is not there.
var ErrNone = errors.New("holds no identity")

// Identities returns what the source holds.
func (s *Source) Identities() ([]age.Identity, error) {
	if !s.done {
		s.ids, s.err = s.load()
		if s.err == nil && len(s.ids) == 0 {
			s.err = ErrNone
		}
		s.done = true
	}
	return s.ids, s.err
}

// Sources lists where identities are looked for, in order: the files that the
// user names, CREDFILE_AGE_KEY, CREDFILE_AGE_KEY_FILE, CREDFILE_AGE_KEY_COMMAND,
// and identities.txt in the user's configuration.
func Sources(files []string, getenv func(string) string) []*Source {
	var ss []*Source
	add := func(name string, load func() ([]age.Identity, error)) {
		ss = append(ss, &Source{Name: name, load: load})
	}
	for _, file := range files {
		add("--identity "+file, func() ([]age.Identity, error) { return readFile(file) })
	}
	if key := getenv("CREDFILE_AGE_KEY"); key != "" {
		add("CREDFILE_AGE_KEY", func() ([]age.Identity, error) { return Parse(strings.NewReader(key)) })
	}
	if file := getenv("CREDFILE_AGE_KEY_FILE"); file != "" {
		add("CREDFILE_AGE_KEY_FILE", func() ([]age.Identity, error) { return readFile(file) })
	}
	if command := getenv("CREDFILE_AGE_KEY_COMMAND"); command != "" {
		add("CREDFILE_AGE_KEY_COMMAND", func() ([]age.Identity, error) { return runCommand(command) })
	}
	if file, err := DefaultFile(getenv); err == nil {
		add(file, func() ([]age.Identity, error) { return readFile(file) })
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

func configDir(getenv func(string) string) (string, error) {
	// The XDG specification: a relative path is to be ignored.
	if dir := getenv("XDG_CONFIG_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "credfile"), nil
	}
	if dir := getenv("AppData"); runtime.GOOS == "windows" && filepath.IsAbs(dir) {
		return filepath.Join(dir, "credfile"), nil
	}
	if home := getenv("HOME"); filepath.IsAbs(home) {
		return filepath.Join(home, ".config", "credfile"), nil
	}
	return "", errors.New("neither XDG_CONFIG_HOME nor HOME is set")
}

func readFile(path string) ([]age.Identity, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fs.ErrNotExist
	} else if err != nil {
		return nil, err
	}
	defer f.Close()
	return Parse(f)
}

// runCommand runs the user's own command line as the shell would, for a
// password manager's tool. Its standard error is the user's to see.
func runCommand(command string) ([]age.Identity, error) {
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
	return Parse(strings.NewReader(string(out)))
}

// Parse reads identities, one a line; empty lines and lines that begin with #
// do not count. Its errors name lines and never quote them.
func Parse(r io.Reader) ([]age.Identity, error) {
	var ids []age.Identity
	scanner := bufio.NewScanner(io.LimitReader(r, maxFile))
	for n := 1; scanner.Scan(); n++ {
		line := strings.TrimSpace(scanner.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		id, err := parseIdentity(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		ids = append(ids, id)
	}
	if scanner.Err() != nil {
		return nil, errors.New("not a file of identities")
	}
	return ids, nil
}

func parseIdentity(s string) (id age.Identity, err error) {
	switch {
	case strings.HasPrefix(s, "AGE-SECRET-KEY-1"):
		id, err = age.ParseX25519Identity(s)
	case strings.HasPrefix(s, "AGE-SECRET-KEY-PQ-1"):
		id, err = age.ParseHybridIdentity(s)
	case strings.HasPrefix(s, "age1"):
		return nil, errors.New("a recipient stands where an identity should (AGE-SECRET-KEY-…)")
	default:
		return nil, errors.New("not an age identity (AGE-SECRET-KEY-…)")
	}
	if err != nil {
		return nil, errors.New("a malformed identity: was it copied whole?")
	}
	return id, nil
}

// Recipient returns the recipient string of a native identity.
func Recipient(id age.Identity) string {
	switch id := id.(type) {
	case *age.X25519Identity:
		return id.Recipient().String()
	case *age.HybridIdentity:
		return id.Recipient().String()
	}
	return ""
}

// Generate makes a post-quantum identity and keeps it in a new file that only
// the user can read.
func Generate(path string, now time.Time) (*age.HybridIdentity, error) {
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	_, err = fmt.Fprintf(f, "# created: %s\n# public key: %s\n%s\n", now.UTC().Format(time.RFC3339), id.Recipient(), id)
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		os.Remove(path)
		return nil, err
	}
	return id, nil
}

// Fingerprint returns 16 characters by which people can tell recipients apart:
// base32 of the first 80 bits of SHA-256 of the recipient string.
func Fingerprint(recipient string) string {
	sum := sha256.Sum256([]byte(recipient))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:10]))
}
