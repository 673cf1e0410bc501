package main

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/atomicfile"
	"github.com/credfile/credfile/internal/cli"
	"github.com/credfile/credfile/internal/edit"
	"github.com/credfile/credfile/internal/front"
	"github.com/credfile/credfile/internal/machine"
	"github.com/credfile/credfile/internal/term"
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

// usageError is an error in the command line.
type usageError struct{ text, hint string }

func (e *usageError) Error() string { return e.text }

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

// report prints an error and returns the exit code.
func (a *app) report(err error) int {
	var own *exitCode
	if err == nil {
		return 0
	} else if errors.As(err, &own) {
		return own.code
	}
	f := explain(err)
	if a.json {
		reportJSON(a, f)
		return f.code
	}
	a.errLine("error", f.text)
	for _, line := range f.details {
		fmt.Fprintln(a.stderr, "  "+term.Escape(line))
	}
	if f.hint != "" {
		a.errLine("hint", f.hint)
	}
	return f.code
}

func explain(err error) finding {
	var env *envError
	if errors.As(err, &env) {
		f := explain(env.err)
		if f.code != exitNotRunning && f.code != exitNoCommand && f.code != exitInterrupted {
			f.code = exitEnv
		}
		return f
	}
	var file *fileError
	if errors.As(err, &file) {
		f := explain(file.err)
		if !strings.HasPrefix(f.text, file.path+": ") && !strings.HasPrefix(f.text, file.path+" ") {
			f.text = about(file.path, f.text)
		}
		f.hint = strings.ReplaceAll(f.hint, "{file}", term.Quote(file.path))
		return f
	}
	var several manyErrors
	if errors.As(err, &several) {
		return explainAll(several)
	}
	f := finding{text: err.Error(), code: exitOther}
	for _, explain := range []func(error, *finding) bool{explainConflict, explainEnv, explainTrust, explainKeys, explainOwn, explainVault, explainSystem} {
		if explain(err, &f) {
			break
		}
	}
	f.kind = f.code
	return f
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

// explainAll explains the first of several errors and lists the others.
func explainAll(errs []error) finding {
	f := explain(errs[0])
	for _, err := range errs[1:] {
		f.details = append(f.details, "and "+explain(err).text)
	}
	return f
}

// explainOwn explains the errors of this package.
func explainOwn(err error, f *finding) bool {
	var usage *usageError
	var flags *cli.UsageError
	var plain *plainError
	var noFile *noFileError
	var closed *machine.NoAccessError
	var missing *front.MissingError
	var start *front.StartError
	var editor *edit.EditorError
	var text *edit.TextError
	switch {
	case errors.As(err, &usage):
		f.code, f.hint = exitUsage, usage.hint
	case errors.As(err, &flags):
		f.code, f.hint = exitUsage, flags.Hint
	case errors.As(err, &plain):
		f.text, f.code, f.hint, f.details = plain.text, plain.code, plain.hint, plain.details
	case errors.As(err, &missing):
		f.code = exitNoCommand
	case errors.As(err, &start):
		f.code = exitNotRunning
	case errors.As(err, &editor):
		f.hint = "set CREDFILE_EDITOR, VISUAL or EDITOR to choose an editor"
	case errors.As(err, &text): // its own words are enough
	case errors.As(err, &noFile):
		f.code, f.hint = exitNotFound, "to create one here: credfile init"
	case errors.Is(err, machine.ErrNoPlace):
		f.code, f.hint = exitUsage, "name a file with --file"
	case errors.As(err, &closed):
		f.code, f.text, f.details, f.hint = exitNoKey, noAccessText(closed), noAccessDetails(closed), noAccessHint(closed)
		if closed.NoTerminal {
			f.code = exitNoTerminal
		}
	default:
		return false
	}
	return true
}

// explainVault explains the errors of packages format and vaultfile.
func explainVault(err error, f *finding) bool {
	const restore = "don't use this file; see who changed it (git log -p -- {file}), and restore a good version: git restore --source=COMMIT -- {file}"
	var syntax *format.SyntaxError
	var damage *vaultfile.DamageError
	var missing *vaultfile.NotFoundError
	var noMatch *vaultfile.NoMatchError
	var reader *vaultfile.RoleError
	var name *vaultfile.NameError
	var size *vaultfile.SizeError
	var clock *vaultfile.ClockError
	switch {
	case errors.As(err, &syntax):
		f.code, f.hint = exitDamaged, restore
		if errors.Is(err, format.ErrVersion) {
			f.text, f.hint = syntax.Error(), "a newer version of credfile may be able to read it"
		}
	case errors.As(err, &damage):
		f.code, f.hint = exitDamaged, restore
	case errors.As(err, &missing):
		f.code, f.hint = exitNotFound, nearest(missing)
	case errors.As(err, &noMatch):
		f.code = exitNoKey
	case errors.As(err, &reader):
		f.code = exitNoKey
		f.hint = fmt.Sprintf("ask %s to make the change, or to run: credfile rekey -p %s --writer %s", listed(reader.Writers, "or"), reader.Profile, reader.Reader)
	case errors.As(err, &name):
		f.code = exitUsage
		f.hint = "names have up to 128 characters, start with a letter, digit or _, and may also contain . @ / : + -"
	case errors.As(err, &clock):
		f.hint = "correct this machine's clock"
	case errors.As(err, &size):
		f.code, f.hint = exitUsage, "keep large files elsewhere, encrypted, and only their key here"
	default:
		return false
	}
	return true
}

// explainSystem explains the errors of the operating system.
func explainSystem(err error, f *finding) bool {
	switch {
	case errors.Is(err, atomicfile.ErrHeld):
		f.code, f.hint = exitBusy, "try again when the other program has finished"
	case errors.Is(err, atomicfile.ErrChanged):
		f.code, f.hint = exitBusy, "run the command again"
	case errors.Is(err, fs.ErrNotExist):
		f.code = exitNotFound
	}
	var path *fs.PathError
	if errors.As(err, &path) {
		reason := path.Err
		if errors.Is(reason, fs.ErrNotExist) {
			reason = fs.ErrNotExist // the words of keys, on every system
		}
		f.text = strings.Replace(f.text, path.Error(), about(path.Path, reason.Error()), 1)
	}
	return true
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
