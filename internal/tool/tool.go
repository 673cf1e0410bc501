// Package tool runs another program on text that a stranger may have written, and returns what
// the program prints. The program is none of a work tree's, starts in an empty private
// directory, gets the text on standard input, and has only the variables that it needs.
package tool

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/credfile/credfile/internal/front"
	"github.com/credfile/credfile/internal/gitrepo"
	"github.com/credfile/credfile/internal/userdir"
)

// Tool is a program that can be run.
type Tool struct {
	Path    string   // absolute
	Environ []string // all that it gets
	Getenv  func(string) string
}

// Errors of [Find] and [Tool.Run], besides [*ExitError].
var (
	ErrMissing = errors.New("is not installed")
	ErrLarge   = errors.New("printed more than is allowed")
	ErrTime    = errors.New("took too long")
)

// ExitError reports that a program failed. Said is the beginning of what it wrote on stderr, by which
// errors can be told apart; it may quote a secret, and is never shown.
type ExitError struct {
	Code int
	Said []byte
}

// maxSaid is the most bytes of stderr that are kept.
const maxSaid = 64 << 10

func (e *ExitError) Error() string { return fmt.Sprintf("ended with exit code %d", e.Code) }

// usual are the variables that every program gets: who the user is, where programs and their
// settings are, and how to reach the agents that ask for passphrases.
var usual = []string{
	"HOME", "USER", "LOGNAME", "LANG", "LC_*", "TERM", "TMPDIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR",
	"GNUPGHOME", "GPG_TTY", "DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "DBUS_SESSION_BUS_ADDRESS",
	"APPDATA", "LOCALAPPDATA", "USERPROFILE", "SYSTEMROOT", "WINDIR", "SYSTEMDRIVE", "COMSPEC", "PATHEXT", "TEMP", "TMP",
}

// paths are variables with the path of a file or directory, besides those whose names show it.
var paths = []string{
	"CLOUDSDK_CONFIG", "GOOGLE_APPLICATION_CREDENTIALS", "AZURE_CONFIG_DIR", "AWS_CA_BUNDLE",
	"VAULT_CACERT", "VAULT_CAPATH", "VAULT_CLIENT_CERT", "VAULT_CLIENT_KEY", "BAO_CACERT", "BAO_CAPATH", "BAO_CLIENT_CERT", "BAO_CLIENT_KEY",
}

// absolute returns a list of absolute paths.
func absolute(list ...string) string {
	for i, path := range list {
		if abs, err := filepath.Abs(path); err == nil && path != "" {
			list[i] = abs
		}
	}
	return strings.Join(list, string(filepath.ListSeparator))
}

// Find looks for a program in the absolute directories of PATH, but not in the work trees around
// the directories in inside. Besides the usual variables it gets those in keep, where a * at the
// end stands for any ending. Errors: [ErrMissing].
func Find(name string, environ, inside, keep []string) (*Tool, error) {
	getenv := func(name string) string { value, _ := front.LookupEnv(environ, name); return value }
	trees := workTrees(inside, userdir.Home(getenv))
	var dirs []string
	for _, dir := range filepath.SplitList(getenv("PATH")) {
		if filepath.IsAbs(dir) && !within(dir, trees) {
			dirs = append(dirs, dir)
		}
	}
	path := strings.Join(dirs, string(filepath.ListSeparator))
	found, err := front.Lookup(name, func(name string) string {
		if name == "PATH" {
			return path
		}
		return getenv(name)
	})
	if err != nil || within(found, trees) {
		return nil, ErrMissing
	}
	t := &Tool{Path: found, Environ: []string{"PATH=" + path}, Getenv: getenv}
	for _, kv := range environ {
		name, value, _ := strings.Cut(kv, "=")
		name = front.FoldName(name)
		if strings.EqualFold(name, "PATH") || !matches(name, usual) && !matches(name, keep) {
			continue // the last PATH would count
		}
		// The program starts in another directory.
		switch {
		case name == "KUBECONFIG":
			value = absolute(filepath.SplitList(value)...)
		case strings.HasSuffix(name, "HOME"), strings.HasSuffix(name, "_FILE"), slices.Contains(paths, name):
			value = absolute(value)
		}
		t.Environ = append(t.Environ, name+"="+value)
	}
	return t, nil
}

func matches(name string, patterns []string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		start, open := strings.CutSuffix(p, "*")
		return name == p || open && strings.HasPrefix(name, start)
	})
}

// workTrees returns the roots of all repositories around some directories. One that is the user's
// home holds programs that the user installed.
func workTrees(dirs []string, home string) (roots []string) {
	for _, dir := range dirs {
		for {
			r, ok := gitrepo.Find(real(dir))
			if !ok {
				break
			}
			if r.Root != real(home) {
				roots = append(roots, r.Root)
			}
			if dir = filepath.Dir(r.Root); dir == r.Root {
				break
			}
		}
	}
	return roots
}

// within reports whether a path is in one of the directories, after its links are followed.
func within(path string, dirs []string) bool {
	return slices.ContainsFunc(dirs, func(dir string) bool {
		rel, err := filepath.Rel(dir, real(path))
		return err == nil && filepath.IsLocal(rel)
	})
}

func real(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	return path
}

// Limits say how long a program may run, and how many bytes it may print.
type Limits struct {
	Wait time.Duration
	Size int64
}

// Run gives the program a text and returns what it prints. Errors: [ErrLarge], [ErrTime],
// [*ExitError], and those of starting a program.
func (t *Tool) Run(text []byte, limits Limits, args ...string) ([]byte, error) {
	dir, err := front.PrivateDir(t.Getenv, front.Files)
	if err != nil {
		return nil, err
	}
	defer dir.Remove()
	ctx, cancel := context.WithTimeout(context.Background(), limits.Wait)
	defer cancel()
	cmd := exec.CommandContext(ctx, t.Path, args...)
	out := &limited{left: limits.Size, full: cancel}
	cmd.Dir, cmd.Env, cmd.Stdin, cmd.Stdout, cmd.WaitDelay = dir.Path, t.Environ, bytes.NewReader(text), out, time.Second
	said := &limited{left: maxSaid, full: func() {}}
	cmd.Stderr = said
	err = cmd.Run()
	var exit *exec.ExitError
	switch {
	case out.left < 0:
		return nil, ErrLarge
	case ctx.Err() != nil:
		return nil, ErrTime
	case errors.As(err, &exit):
		return nil, &ExitError{exit.ExitCode(), said.kept}
	}
	return out.kept, err
}

// limited keeps what is written until it is too much, and then calls full.
type limited struct {
	kept []byte
	left int64
	full func()
}

func (l *limited) Write(b []byte) (int, error) {
	if l.left -= int64(len(b)); l.left < 0 {
		l.full()
		return len(b), nil // a program that can't write would fail for another reason
	}
	l.kept = append(l.kept, b...)
	return len(b), nil
}
