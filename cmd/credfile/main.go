// Credfile keeps credentials in one encrypted file that is safe to commit, and
// runs commands with them.
package main

import (
	"io"
	"os"
	"strings"
	"time"

	"github.com/credfile/credfile/internal/term"
	"github.com/credfile/credfile/kdf"
)

// world holds everything that a command uses from outside the program.
type world struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	environ        []string
	getenv         func(string) string
	getwd          func() (string, error)
	now            func() time.Time

	// derive replaces the derivation of package kdf in tests that count derivations.
	derive func(p kdf.Params, passphrase, salt []byte) ([]byte, error)
}

func main() {
	harden()
	w := world{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, environ: os.Environ(), getwd: os.Getwd, now: time.Now}
	w.getenv = takeSecrets(w.environ)
	code := run(os.Args[1:], w)
	term.Drain()
	os.Exit(code)
}

// takeSecrets removes key material from our environment, which plugins, git and the user's
// key command inherit. The returned getenv still finds it.
func takeSecrets(environ []string) (getenv func(string) string) {
	taken := map[string]string{}
	for _, kv := range environ {
		if name, value, _ := strings.Cut(kv, "="); keyMaterial(name) {
			taken[name] = value
			os.Unsetenv(name)
		}
	}
	return func(name string) string {
		if value, ok := taken[name]; ok {
			return value
		}
		return os.Getenv(name)
	}
}
