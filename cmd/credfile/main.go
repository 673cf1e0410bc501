// Credfile keeps credentials in one encrypted file that is safe to commit, and
// runs commands with them.
package main

import (
	"io"
	"os"
	"time"
)

// world is all that a command knows of what surrounds it.
type world struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	environ        []string
	getenv         func(string) string
	getwd          func() (string, error)
	now            func() time.Time
}

func main() {
	harden()
	os.Exit(run(os.Args[1:], world{
		stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr,
		environ: os.Environ(), getenv: os.Getenv, getwd: os.Getwd, now: time.Now,
	}))
}
