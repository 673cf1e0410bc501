package main

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/credfile/credfile/internal/against"
	"github.com/credfile/credfile/internal/gitrepo"
)

const noHookTree = "credfile found no git repository here, so nothing was checked"

var errLeaks = &plainError{text: "the commit would add values of your profiles in plain text", code: exitFound,
	hint: "take them out; what may stay, list with: credfile scan --baseline " + knownLeaks + " --update"}

func notScanned(why string) string { return "values in plain text were not looked for: " + why }

func unknownChanges(err error) string {
	return fmt.Sprintf("git doesn't say what changes (%v), so nothing was checked", err)
}

// hookError is an error with the next step of a hook.
type hookError struct {
	err  error
	hint string
}

func (e *hookError) Error() string { return e.err.Error() }
func (e *hookError) Unwrap() error { return e.err }

func explainHook(err error, f *finding) bool {
	var e *hookError
	if !errors.As(err, &e) {
		return false
	}
	*f = explain(e.err)
	if e.hint != "" {
		f.hint = e.hint
	}
	return true
}

func wentBack(f *against.Finding, hint string) error {
	text := fmt.Sprintf("profile %q goes back from revision %d to %d", f.Profile, f.Current, f.Revision)
	if f.Current == f.Revision {
		text = fmt.Sprintf("profile %q differs, and has the same revision as before (%d)", f.Profile, f.Revision)
		hint = cmp.Or(hint, "to keep the changes of both, merge the branch that this version is from")
	}
	return &plainError{text: text, code: exitBusy, hint: hint}
}

func deletedText(rev string) string { return fmt.Sprintf("is deleted, and %q has it", rev) }

// hintUndo says how to undo what a commit changed; "" for the one that the user has in mind.
func hintUndo(back bool, commit string) string {
	switch {
	case !back:
		return ""
	case commit == "":
		return "to undo what a commit changed, without going back: credfile merge --revert COMMIT"
	}
	return "to undo only what that commit changed: credfile merge --revert " + commit
}

func hintBack(what, rev string) string {
	return fmt.Sprintf("to go back to before %s, and keep your uncommitted work: git reset --keep %s", what, rev)
}

// keptBy says why setup does not write a hook.
func keptBy(k gitrepo.Keeper) string {
	switch k {
	case gitrepo.Husky:
		return "husky runs it"
	case gitrepo.Elsewhere:
		return "core.hooksPath is not a directory of this repository"
	case gitrepo.Tracked:
		return "core.hooksPath has files that are in your commits"
	case gitrepo.Link:
		return "it is a link"
	case gitrepo.NotRun:
		return "git does not run it until it is executable"
	}
	return "it is not a shell script"
}

// hookLines says what is left to do for hooks that setup does not write: what to add, or after an
// undo, what to remove.
func hookLines(hooks []gitrepo.Hook, undo bool) (lines []string) {
	tools := map[gitrepo.Keeper][]gitrepo.Hook{}
	for i := range hooks {
		h := &hooks[i]
		switch {
		case h.Keeper == gitrepo.Nobody || h.There != undo:
		case undo:
			lines = append(lines, fmt.Sprintf("remove from %s what runs: credfile git hook %s", h.File, h.Name))
		case h.Keeper == gitrepo.Lefthook || h.Keeper == gitrepo.PreCommit:
			tools[h.Keeper] = append(tools[h.Keeper], *h)
		default:
			lines = append(lines, fmt.Sprintf("not set: the hook %s (%s); add this line to %s: credfile git hook %[1]s \"$@\" || exit $?", h.Name, keptBy(h.Keeper), h.File))
		}
	}
	if list := tools[gitrepo.Lefthook]; len(list) > 0 {
		lines = append(lines, fmt.Sprintf("not set, since lefthook runs the hooks; add to %s:", list[0].File))
		for _, h := range list {
			lines = append(lines, "  "+h.Name+":", "    commands:", "      credfile:")
			if h.Input() {
				lines = append(lines, "        run: credfile git hook "+h.Name+" {0}", "        use_stdin: true")
			} else {
				lines = append(lines, "        run: credfile git hook "+h.Name+" {0}")
			}
		}
	}
	if list := tools[gitrepo.PreCommit]; len(list) > 0 {
		lines = append(lines, preCommitLines(list)...)
	}
	return lines
}

// preCommitLines are for the tool pre-commit. It has one entry for the hooks that can stop git.
func preCommitLines(list []gitrepo.Hook) (lines []string) {
	lines = append(lines, fmt.Sprintf("not set, since pre-commit runs the hooks; add to repos in %s:", list[0].File), "  - repo: local", "    hooks:")
	types, guards := "", false
	for _, h := range list {
		types += " -t " + h.Name
		id, entry := "credfile-verify", "pre-commit"
		if !h.Guards() {
			id, entry = "credfile-"+h.Name, h.Name
		} else if guards {
			continue
		}
		guards = guards || h.Guards()
		lines = append(lines, "    - id: "+id, "      name: credfile", "      language: system", "      entry: credfile git hook "+entry, "      always_run: true",
			"      pass_filenames: false")
		if !h.Guards() {
			lines = append(lines, "      stages: ["+h.Name+"]")
		}
	}
	return append(lines, "then run: pre-commit install"+types)
}
