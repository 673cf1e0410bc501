package main

import (
	"errors"
	"fmt"

	"github.com/credfile/credfile/internal/against"
	"github.com/credfile/credfile/vaultfile/trust"
)

// againstError is a finding that makes verify --against fail.
type againstError struct {
	rev string
	against.Finding
}

func (e *againstError) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("profile %q is behind", e.Profile)
	}
	return e.Err.Error()
}
func (e *againstError) Unwrap() error { return e.Err }

// copyError reports that the receiving branch has the same file at another path, which stays.
type copyError struct{ rev, path string }

func (e *copyError) Error() string { return "is a copy of " + e.path }
func (e *copyError) Unwrap() error { return against.ErrCopy }

var (
	errLink       = &plainError{text: "is a symbolic link, not a file", code: exitDamaged, hint: "commit the file itself"}
	errIncomplete = &plainError{text: "this clone has only a part of the history, so nothing can be compared", code: exitOther,
		hint: "in CI, fetch the whole history (fetch-depth: 0); here: git fetch --unshallow, or git fetch --refetch"}
)

// explainAgainst explains why a change was refused.
func explainAgainst(err error, f *finding) bool {
	var copied *copyError
	var e *againstError
	switch {
	case errors.As(err, &copied):
		f.code, f.text = exitDamaged, fmt.Sprintf("is a copy of %s in %q", copied.path, copied.rev)
		f.hint = "create a new file instead: credfile init"
	case !errors.As(err, &e):
		return false
	case e.Kind == against.Behind:
		f.code, f.text = exitBusy, fmt.Sprintf("profile %q is behind %q (revision %d, and %d there)", e.Profile, e.rev, e.Revision, e.Current)
		f.hint = "merge that branch first"
	default:
		f.code = exitDamaged
		explainRefused(e, f)
	}
	return true
}

func explainRefused(e *againstError, f *finding) {
	var refusal *trust.Refusal
	const look = "don't merge it unless you know why; see who made the change: credfile log"
	f.hint = look
	switch {
	case errors.Is(e.Err, against.ErrDeleted):
		f.text = fmt.Sprintf("is missing, and %q has it", e.rev)
	case errors.Is(e.Err, against.ErrOtherFile):
		f.text = fmt.Sprintf("is a different file from the one in %q", e.rev)
	case errors.Is(e.Err, against.ErrRecord):
		f.text = fmt.Sprintf("no key that %q knows signed the removal of profile %q", e.rev, e.Profile)
	case errors.Is(e.Err, against.ErrNoRecord):
		f.text = fmt.Sprintf("the record that profile %q was removed is missing, and %q has it", e.Profile, e.rev)
	case errors.As(e.Err, &refusal):
		f.text = refusedText(e, refusal)
		if refusal.Why == trust.ErrSuperseded {
			f.hint = "if the change is yours: merge that branch, then make the change again"
		}
		if refusal.Why == trust.ErrForeign {
			f.details = []string{fmt.Sprintf("key in %q: %s", e.rev, keyNames(refusal.Known())), "key in file: " + keyFingerprint(refusal.Verdict.Section.Key)}
		}
	default:
		*f = explain(e.Err)
	}
}

func refusedText(e *againstError, r *trust.Refusal) string {
	switch r.Why {
	case trust.ErrNewFile:
		return fmt.Sprintf("is new, and no other file in %q vouches for profile %q", e.rev, e.Profile)
	case trust.ErrUnvouched:
		return fmt.Sprintf("profile %q is new, and no profile that %q knows vouches for it", e.Profile, e.rev)
	case trust.ErrForeign:
		return fmt.Sprintf("profile %q has a new key, and the key in %q does not vouch for it", e.Profile, e.rev)
	case trust.ErrSuperseded:
		return fmt.Sprintf("profile %q uses a key that %q has replaced: the change was made before that, or by someone who lost access", e.Profile, e.rev)
	case trust.ErrRemoved:
		return fmt.Sprintf("profile %q was removed in %q and has been restored", e.Profile, e.rev)
	case trust.ErrGone:
		return fmt.Sprintf("profile %q is missing, and the file has no record of its removal", e.Profile)
	}
	return fmt.Sprintf("%q was replaced by a different profile of the same name", e.Profile)
}

func restoredText(rev string, f *against.Finding) string {
	return fmt.Sprintf("%s: restored to an earlier version (revision %d, and %d in %s)", f.Profile, f.Revision, f.Current, rev)
}

// provenText says what was proved.
func provenText(p *pullRequest) string {
	switch v := &p.versions; {
	case v.Now == nil:
		return fmt.Sprintf("was added to %q after this branch left it", p.rev)
	case v.Target == nil:
		return fmt.Sprintf("is new, and other files in %q vouch for it", p.rev)
	}
	return fmt.Sprintf("every change since %q is signed by a key that it knows", p.rev)
}

func stepsRefused(refused, steps int) error {
	return &plainError{text: fmt.Sprintf("%d of %s can't be trusted", refused, count(steps, "change")), code: exitDamaged,
		hint: "to check only what follows a commit that you trust: credfile verify --git COMMIT"}
}

func stepsProven(steps int) string {
	if steps == 0 {
		return "nothing changed"
	}
	return fmt.Sprintf("every change is signed by a key that the commit before knows (%s)", count(steps, "change"))
}
