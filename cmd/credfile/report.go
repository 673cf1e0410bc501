package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/credfile/credfile/internal/cli"
	"github.com/credfile/credfile/vaultfile"
	"github.com/credfile/credfile/vaultfile/trust"
)

// The exit codes. env -- CMD adds those of coreutils' env.
const (
	exitOther       = 1
	exitUsage       = 2
	exitNoKey       = 3
	exitNotFound    = 4
	exitBusy        = 5
	exitDamaged     = 6 // or not approved
	exitNoTerminal  = 7
	exitFound       = 8 // check and status found something to fix
	exitInterrupted = 130

	exitEnv        = 125
	exitNotRunning = 126
	exitNoCommand  = 127
)

type usageError = cli.UsageError

// plainError is an error with its own message, hint and exit code.
type plainError struct {
	text, hint string
	details    []string
	code       int
}

func (e *plainError) Error() string { return e.text }

// exitCode is an exit code without a message, such as that of a command.
type exitCode struct{ code int }

func (e *exitCode) Error() string { return fmt.Sprintf("exit code %d", e.code) }

// fileError adds the path of a file to an error.
type fileError struct {
	path string
	err  error
}

func (e *fileError) Error() string { return e.path + ": " + e.err.Error() }
func (e *fileError) Unwrap() error { return e.err }

// at adds the path of a file to an error.
func at(path string, err error) error {
	if err == nil {
		return nil
	}
	return &fileError{path, err}
}

// envError is any failure of env -- CMD before the command starts.
type envError struct{ err error }

func (e *envError) Error() string { return e.err.Error() }
func (e *envError) Unwrap() error { return e.err }

type noFileError = trust.NoFileError

// finding is an error as shown to the user: message, details, next step and exit code.
type finding struct {
	text    string
	details []string
	hint    string
	code    int
	kind    int // the exit code outside env -- CMD
}

// about joins the name of a thing with what there is to say about it: as the subject of a
// sentence, or before a sentence of its own.
func about(subject, text string) string {
	switch verb, _, _ := strings.Cut(text, " "); strings.TrimSuffix(verb, ":") {
	case "already", "belongs", "contains", "has", "is", "replaces", "was":
		return subject + " " + text
	}
	return subject + ": " + text
}

// manyErrors are reported together: the first one, then the others.
type manyErrors []error

func (e manyErrors) Error() string { return e[0].Error() }

// many collects errors, with joined ones taken apart.
func many(errs ...error) error {
	var all manyErrors
	for _, err := range errs {
		if joined, ok := err.(interface{ Unwrap() []error }); ok {
			err = many(joined.Unwrap()...)
		}
		var several manyErrors
		if errors.As(err, &several) {
			all = append(all, several...)
		} else if err != nil {
			all = append(all, err)
		}
	}
	if len(all) == 0 {
		return nil
	}
	return all
}

func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// inProfile adds to an error that a plugin is missing which profile needs it for new keys.
func inProfile(err error) error {
	var missing *vaultfile.PluginError
	if errors.As(err, &missing) && errors.Is(err, vaultfile.ErrNoPlugin) && missing.Profile != "" {
		return &plainError{text: fmt.Sprintf("profile %q: %v; nothing changed", missing.Profile, err), code: exitNoKey,
			hint: fmt.Sprintf("install age-plugin-%s, remove %s too (--remove %s), or name the other profiles with -p", missing.Name, missing.Recipient, missing.Recipient)}
	}
	return err
}

// isA reports whether an error is of a type, or wraps one that is.
func isA[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// kinds maps exit codes to words, since env -- CMD turns most codes into 125.
var kinds = map[int]string{
	exitOther: "other", exitUsage: "usage", exitNoKey: "cannot-open", exitNotFound: "not-found", exitBusy: "behind",
	exitDamaged: "untrusted", exitNoTerminal: "needs-terminal", exitInterrupted: "interrupted",
	exitNotRunning: "cannot-execute", exitNoCommand: "command-not-found",
}

// inEnv gives an error the exit code for failures before the command starts.
func inEnv(err error) error {
	if err == nil || isA[*exitCode](err) {
		return err
	}
	return &envError{err}
}
