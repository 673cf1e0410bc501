package main

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/atomicfile"
	"github.com/credfile/credfile/internal/edit"
	"github.com/credfile/credfile/internal/front"
	"github.com/credfile/credfile/internal/machine"
	"github.com/credfile/credfile/internal/term"
	"github.com/credfile/credfile/vaultfile"
)

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
	var plain *plainError
	var closed *machine.NoAccessError
	switch {
	case errors.As(err, &usage):
		f.code, f.hint = exitUsage, usage.Hint
	case errors.As(err, &plain):
		f.text, f.code, f.hint, f.details = plain.text, plain.code, plain.hint, plain.details
	case isA[*front.MissingError](err):
		f.code = exitNoCommand
	case isA[*front.StartError](err):
		f.code = exitNotRunning
	case isA[*edit.EditorError](err):
		f.hint = "set CREDFILE_EDITOR, VISUAL or EDITOR to choose an editor"
	case isA[*edit.TextError](err): // its own words are enough
	case isA[*noFileError](err):
		f.code, f.hint = exitNotFound, "to create one here: credfile init"
	case errors.Is(err, edit.ErrUnsaved):
		f.code = exitBusy
	case errors.Is(err, edit.ErrUncorrected):
		f.code = exitUsage
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
	var missing *vaultfile.NotFoundError
	var reader *vaultfile.RoleError
	switch {
	case errors.As(err, &syntax):
		f.code, f.hint = exitDamaged, restore
		if errors.Is(err, format.ErrVersion) {
			f.text, f.hint = syntax.Error(), "a newer version of credfile may be able to read it"
		}
	case isA[*vaultfile.DamageError](err):
		f.code, f.hint = exitDamaged, restore
	case errors.As(err, &missing):
		f.code, f.hint = exitNotFound, nearest(missing)
	case isA[*vaultfile.NoMatchError](err):
		f.code = exitNoKey
	case errors.As(err, &reader):
		f.code = exitNoKey
		f.hint = fmt.Sprintf("ask %s to make the change, or to run: credfile rekey -p %s --writer %s", listed(reader.Writers, "or"), reader.Profile, reader.Reader)
	case isA[*vaultfile.NameError](err):
		f.code = exitUsage
		f.hint = "names have up to 128 characters, start with a letter, digit or _, and may also contain . @ / : + -"
	case isA[*vaultfile.ClockError](err):
		f.hint = "correct this machine's clock"
	case isA[*vaultfile.SizeError](err):
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
	for _, explain := range []func(error, *finding) bool{explainSource, explainHook, explainInject, explainAgainst, explainHistory, explainConflict, explainMerge, explainEnv, explainAccess, explainTrust, explainInput, explainImport, explainExport, explainKeys, explainOwn, explainVault, explainSystem} {
		if explain(err, &f) {
			break
		}
	}
	f.kind = f.code
	return f
}
