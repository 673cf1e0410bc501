// Credfile keeps credentials in one encrypted file that is safe to commit, and
// runs commands with them.
package main

import (
	"io"
	"os"
	"time"

	"github.com/credfile/credfile/internal/front"
	"github.com/credfile/credfile/internal/term"
	"github.com/credfile/credfile/internal/unlock"
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
	derive unlock.Derive
}

func main() {
	front.Harden()
	w := world{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, environ: os.Environ(), getwd: os.Getwd, now: time.Now}
	w.getenv = front.TakeSecrets(w.environ)
	code := run(os.Args[1:], w)
	term.Drain()
	os.Exit(code)
}
