package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/credfile/credfile/internal/gitrepo"
	"github.com/credfile/credfile/internal/leak"
	"github.com/credfile/credfile/internal/machine"
	"github.com/credfile/credfile/internal/scan"
	"github.com/credfile/credfile/internal/term"
	"github.com/credfile/credfile/vaultfile/trust"
)

// formNames are the words for documents, formTexts those for people.
var (
	formNames = map[scan.Form]string{scan.Exact: "exact", scan.JSON: "json", scan.Escaped: "escaped", scan.URL: "url", scan.Base64: "base64", scan.Hex: "hex",
		scan.Wide: "utf-16", scan.Line: "line"}
	formTexts = map[scan.Form]string{scan.Exact: "exact", scan.JSON: "JSON", scan.Escaped: "with backslashes", scan.URL: "URL-encoded", scan.Base64: "base64", scan.Hex: "hex",
		scan.Wide: "UTF-16", scan.Line: "a line of it"}
	leakKinds = map[leak.Kind]string{leak.File: "file", leak.Commit: "commit", leak.Path: "path"}
)

// leakLine says where a value is.
func leakLine(f *leak.Finding) string {
	where := f.Path
	if f.Commit != "" {
		where = strings.TrimSuffix(f.Commit[:shortHash]+":"+where, ":")
	}
	if f.Kind == leak.File {
		where = fmt.Sprintf("%s:%d", where, f.Line)
	}
	how := formTexts[f.Form]
	if f.Split {
		how += ", split"
	}
	switch f.Kind {
	case leak.Commit:
		how += ", in the commit itself"
	case leak.Path:
		how += ", in the path"
	}
	text := fmt.Sprintf("%s: %s %s (%s)", where, f.Profile.Name(), f.Shown, how)
	switch {
	case f.New < f.Places:
		text += fmt.Sprintf(", %s, of which %d known", count(f.Places, "time"), f.Places-f.New)
	case f.Places > 1:
		text += fmt.Sprintf(", %s", count(f.Places, "time"))
	}
	if f.Texts > 1 {
		text += fmt.Sprintf(", in %s", count(f.Texts, "version"))
	}
	return text
}

// summary tells what was searched for, and where. A hook that found nothing is silent.
func (r *scanRun) summary(found []leak.Finding, known int) {
	a := r.a
	if len(r.leftOut) > 0 {
		a.say("left out, since %s: %s", plural(len(r.leftOut), "it is not unlocked", "they are not unlocked"), strings.Join(r.leftOut, ", "))
	}
	if r.o.staged && len(found) == 0 && !a.verbose {
		return
	}
	paths := map[string]bool{}
	for _, f := range found {
		paths[f.Path+"\x00"+f.Commit] = true
	}
	if len(found) == 0 {
		a.say("none of %s found in %s", count(r.Values, "value"), count(r.Texts, "text"))
	} else {
		a.say("%s in %d of %s", count(len(found), "finding"), len(paths), count(r.Texts, "text"))
	}
	if n := len(r.Skipped); n > 0 {
		hint := "; to list them: -v"
		if a.verbose {
			hint = ""
		}
		a.say("%s %s too short or too common to look for%s", count(n, "value"), plural(n, "is", "are"), hint)
	}
	if a.verbose {
		for _, s := range r.Skipped {
			a.say("  %s %s: too %s", s.Profile.Name(), s.Shown, reasons[s.Reason])
		}
	}
	r.aboutBaseline(known)
}

func (r *scanRun) aboutBaseline(known int) {
	if known > 0 {
		r.a.say("%s left out, since %s knows %s", count(known, "finding"), r.o.baseline, plural(known, "it", "them"))
	}
	for _, name := range r.known.Replaced(r.profiles) {
		r.a.warn("%s knows nothing of profile %s anymore, since its keys were replaced; to write it again: --update", r.o.baseline, name)
	}
	if r.gone() {
		if n := r.known.Gone(r.profiles); n > 0 {
			r.a.say("%d %s nothing anymore in %s; to remove %s: --update", n, plural(n, "entry matches", "entries match"), r.o.baseline, plural(n, "it", "them"))
		}
	}
}

var errNothingUnlocked = &plainError{text: "no profile is unlocked, so scan knows no values to look for", code: exitNoKey, hint: "to unlock them: credfile unlock"}

// badBaseline explains why a baseline can't be read.
func badBaseline(path string, err error) error {
	update := "credfile scan --baseline " + term.Quote(path) + " --update"
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &plainError{text: path + " does not exist", code: exitNotFound, hint: "to write it: " + update}
	case errors.Is(err, leak.ErrBaseline):
		return &plainError{text: fmt.Sprintf("%s: %v", path, err), code: exitOther, hint: "delete it, and write it again: " + update}
	}
	return at(path, cause(err))
}

// refusedScan: a CI job runs on the change of someone who has no access.
func refusedScan(why string) error {
	return &plainError{text: "refusing to scan a change from outside: its author would learn from the result what your values are", code: exitOther,
		details: []string{why}, hint: "run it after the merge; see docs/scanning.md"}
}

func notAllRead(n int) error {
	return &plainError{text: fmt.Sprintf("%s can't be read, so the scan is not complete", count(n, "file")), code: exitOther, hint: "make them readable, or name what to scan"}
}

func notAllHere(n int) error {
	return &plainError{text: fmt.Sprintf("this clone lacks %s, so the scan is not complete", count(n, "object")), code: exitNotFound, hint: "to get the rest: git fetch --refetch, or git fetch --unshallow"}
}

// noTree: git has no work tree to search.
func noTree(dir string, err error) error {
	e := &plainError{text: fmt.Sprintf("%s is not in a git repository", dir), code: exitNotFound, hint: "name what to scan: credfile scan ."}
	switch {
	case errors.Is(err, gitrepo.ErrNoGit):
		e.text, e.code = "git is not installed", exitOther
	case errors.Is(err, gitrepo.ErrOwner):
		return at(dir, &historyError{filepath.Join(dir, "x"), err})
	}
	return e
}

// mayGoOn reports whether another profile may still open.
func mayGoOn(err error) bool {
	return isA[*machine.NoAccessError](err) || isA[*trust.Refusal](err)
}
