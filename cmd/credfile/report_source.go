package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/dialog"
	"github.com/credfile/credfile/internal/resolve"
	"github.com/credfile/credfile/internal/session"
	"github.com/credfile/credfile/internal/source"
	"github.com/credfile/credfile/internal/term"
	"github.com/credfile/credfile/vaultfile"
)

// explainSource explains why sources could not be defined, used or changed.
func explainSource(err error, f *finding) bool {
	var failed *session.SourceError
	var wrong *session.Wrong
	var isSource *vaultfile.IsSourceError
	var isCredential *vaultfile.IsCredentialError
	var consumed *resolve.ConsumedError
	var twice *resolve.TwiceError
	var used *usedError
	var none *noSourcesError
	var needs *needsError
	var absent *session.NoSourceError
	var field *fieldError
	switch {
	case isA[*term.Interrupted](err):
		return false // it is not the source that failed
	case errors.As(err, &failed):
		explainSourceFailure(failed, f)
	case errors.As(err, &wrong):
		f.code, f.hint = exitUsage, "see docs/sources.md" // source show would say the same, and it may not be in the file yet
	case errors.As(err, &isSource):
		f.code, f.hint = exitUsage, "to see its definition: credfile source show "+isSource.Source+" -p "+isSource.Profile
	case errors.As(err, &isCredential):
		f.code, f.hint = exitUsage, "to list sources: credfile source list -p "+isCredential.Profile
	case errors.As(err, &consumed):
		f.code, f.hint = exitUsage, "to pass what the source gives: --only "+consumed.Source
	case errors.As(err, &twice):
		f.code, f.hint = exitUsage, "to leave one of them out: --except "+twice.First
	case errors.As(err, &used):
		f.code, f.hint = exitUsage, "first change or remove the source: credfile source remove "+used.source
	case errors.As(err, &field):
		f.code, f.hint = exitUsage, "choose one: --field "+strings.Join(field.names, ", or --field ")+"; or all of them: --json"
	case errors.As(err, &needs):
		f.code, f.hint = exitUsage, "copy it, too: credfile copy "+needs.needed+" "+needs.source+" --to "+needs.profile
	case errors.As(err, &none):
		f.code, f.hint = exitNotFound, "to add one: credfile source add NAME KIND KEY=VALUE… -p "+none.profile+" (see credfile help source)"
	case errors.As(err, &absent):
		f.code, f.hint = exitNotFound, near(absent.Name, absent.Known)
		if f.hint == "" {
			f.hint = "to list its sources: credfile source list -p " + absent.Profile
		}
	case errors.Is(err, errSourcePlace):
		f.code, f.hint = exitUsage, "to leave them out: --except NAME"
	case errors.Is(err, format.ErrDefinition):
		f.code, f.hint = exitUsage, "see docs/sources.md"
	default:
		return false
	}
	return true
}

// explainSourceFailure explains why a source gave nothing.
func explainSourceFailure(e *session.SourceError, f *finding) {
	name, in := e.Node.Name, " -p "+e.Node.Profile
	var answer *source.Error
	var program *session.ProgramError
	switch {
	case errors.Is(e, session.ErrNotAgreed):
		f.code, f.text = exitNoTerminal, fmt.Sprintf("you have not agreed to the source %s on this machine", name)
		f.hint = fmt.Sprintf("to see what it does and agree: credfile trust --source %s; in CI, set CREDFILE_SOURCES (credfile trust --source %[1]s --print)", name+in)
	case errors.Is(e, session.ErrPerson), errors.Is(e, term.ErrNoTerminal):
		f.code, f.text, f.hint = exitNoTerminal, fmt.Sprintf("source %s needs you to log in, and there is no terminal", name), "in a terminal: credfile login "+name+in
	case errors.Is(e, dialog.ErrDeclined):
		f.text = fmt.Sprintf("you did not agree to the source %s, so it was not used", name)
		f.hint = fmt.Sprintf("to run a command without it: credfile env --except %s -- COMMAND", name+in)
	case errors.Is(e, io.EOF):
		f.code, f.text, f.hint = exitNoTerminal, fmt.Sprintf("source %s got no answer", name), "in a terminal: credfile login "+name+in
	case errors.As(e, &answer):
		f.text = fmt.Sprintf("source %s: %s", name, answer.Message)
		f.code, f.hint = classCodes[answer.Class], "to see its definition: credfile source show "+name+in
		switch logIn := e.Node.Kind != nil && e.Node.Kind.LogIn != ""; {
		case answer.Class == source.NeedsLogin && logIn:
			f.hint = e.Node.Kind.LogIn
		case answer.Class == source.NeedsLogin:
			f.hint = "in a terminal: credfile login " + name + in
		case answer.Class == source.Unavailable && !logIn:
			f.hint = "try again later; to run a command without what the source gives: credfile env --except " + name + in + " -- COMMAND"
		}
	case errors.As(e, &program):
		f.text = fmt.Sprintf("source %s: %s", name, program)
		f.code, f.hint = exitOther, programHints[program.Err]
		for line := range strings.Lines(program.Said) {
			f.details = append(f.details, name+": "+strings.TrimSpace(line))
		}
	default:
		f.text = e.Error()
	}
}

// classCodes are the exit codes for the classes of a source's errors.
var classCodes = map[source.Class]int{
	source.NeedsLogin: exitNoTerminal, source.Denied: exitNoKey, source.NotFound: exitNotFound, source.Unavailable: exitOther, source.Other: exitOther,
}

// programHints are the next steps for a program that did not do its part.
var programHints = map[error]string{
	session.ErrMissing: "to install credfile-connect beside credfile: go install ./cmd/...; a program for another kind belongs in a directory of PATH outside the work tree",
	session.ErrShared:  "make the program and its directory writable by you alone",
	session.ErrVersion: "install both programs from the same release",
}
