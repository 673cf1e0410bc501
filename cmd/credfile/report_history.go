package main

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/credfile/credfile/internal/gitrepo"
	"github.com/credfile/credfile/internal/term"
)

// explainHistory explains why an earlier version of the file can't be read.
func explainHistory(err error, f *finding) bool {
	var version *versionError
	var none *historyError
	var absent *gitrepo.AbsentError
	var kind *gitrepo.KindError
	var revision *gitrepo.RevisionError
	switch {
	case errors.As(err, &version) && !isAbsent(err) && !isA[*gitrepo.KindError](err):
		*f = explain(version.err)
		f.text = fmt.Sprintf("revision %q: %s", version.rev, f.text)
	case errors.As(err, &revision):
		f.code, f.hint = exitNotFound, "to list the versions of the file: credfile log"
		switch {
		case revision.Shallow:
			f.hint = deepen
		case revision.Rev == "HEAD": // which every repository with a commit has
			*f = explain(neverCommitted())
		}
	case errors.As(err, &absent):
		f.code, f.text = exitNotFound, fmt.Sprintf("revision %q does not have the file", absent.Rev)
		f.hint = "to see when it was added or moved: credfile log"
	case errors.As(err, &kind):
		f.code, f.text = exitDamaged, fmt.Sprintf("in revision %q, it is %s, not a file", kind.Rev, kind.Kind)
	case isA[*gitrepo.SizeError](err):
		f.code = exitDamaged
	case errors.Is(err, gitrepo.ErrMissing):
		f.code, f.text = exitNotFound, "this clone has only a part of the history, without that version"
		f.hint = "to get the rest: git fetch --refetch, or git fetch --unshallow"
	case errors.As(err, &none):
		explainNoHistory(none, f)
	default:
		return false
	}
	return true
}

func explainNoHistory(e *historyError, f *finding) {
	switch {
	case errors.Is(e, gitrepo.ErrNoRepository):
		f.code, f.text = exitNotFound, "is not in a git repository, so it has no earlier versions"
	case errors.Is(e, gitrepo.ErrNoGit):
		f.code, f.hint = exitOther, "install git in a directory on your PATH"
	case errors.Is(e, gitrepo.ErrOwner):
		f.code, f.text = exitOther, "belongs to another user's repository, which git refuses to read"
		f.hint = fmt.Sprintf("if you trust them: git config --global --add safe.directory %s", term.Quote(filepath.Dir(e.path)))
	}
}

const deepen = "this clone has only the newest commits; to get the rest: git fetch --unshallow"

// notOneBase: two revisions have no point from which both began, or several.
func notOneBase(a, b string, bases []string, shallow bool) error {
	switch {
	case len(bases) == 0 && shallow:
		return &plainError{text: fmt.Sprintf("%q and %q have no common history in this clone", a, b), code: exitNotFound, hint: deepen}
	case len(bases) == 0:
		return &plainError{text: fmt.Sprintf("%q and %q have no common history", a, b), code: exitNotFound, hint: "to compare them anyway: credfile diff A B"}
	}
	text := ""
	for i, base := range bases[:min(len(bases), 4)] {
		if i > 0 {
			text += ", "
		}
		text += base[:shortHash]
	}
	return &plainError{text: fmt.Sprintf("%q and %q have several common ancestors: %s", a, b, text), code: exitOther, hint: "choose one, and compare with it: credfile diff A B"}
}

func neverCommitted() error {
	return &plainError{text: "is in no commit yet", code: exitNotFound, hint: "to commit it: git add {file} && git commit"}
}

func noCommit(what string) error {
	return &plainError{text: "no commit changed " + what, code: exitNotFound, hint: "to list all changes: credfile log"}
}

// commitLine describes a commit. Its author and date are its own words.
func commitLine(c *gitrepo.Commit) string {
	date := "unknown date"
	if !c.Time.IsZero() {
		date = c.Time.Format("2006-01-02 15:04 UTC")
	}
	if len(c.Parents) > 1 {
		date += ", merge"
	}
	return fmt.Sprintf("%s  %s, claimed author: %s <%s>", c.Hash[:shortHash], date, c.Author, c.Email)
}
