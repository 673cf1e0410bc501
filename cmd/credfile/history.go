package main

import (
	"errors"

	"github.com/credfile/credfile/internal/gitrepo"
	"github.com/credfile/credfile/vaultfile/trust"
)

// historyError is a refusal, with what git's log says of the file.
type historyError struct {
	err  error
	line string
}

func (e *historyError) Error() string { return e.err.Error() }
func (e *historyError) Unwrap() error { return e.err }

// withHistory adds who brought a file that is refused because of where it lies, or who
// changed it last.
func (a *app) withHistory(f *file, err error) error {
	var r *trust.Refusal
	if !errors.As(err, &r) || r.Pinned() || r.Why == trust.ErrOwner {
		return err
	}
	if line := a.history(f, r.Misfit() != nil && r.Misfit().Why == r.Why); line != "" {
		return &historyError{err, line}
	}
	return err
}

// history is a line on who added a file, or changed it last; "" outside git.
func (a *app) history(f *file, added bool) string {
	if len(f.place.At) == 0 || f.place.At[0].Repo.Root == "" {
		return ""
	}
	if m := f.sight.Misfit; m != nil && m.Why == trust.ErrOwner {
		return "" // git is not asked in another user's repository
	}
	what, who := "last changed (git log):", ""
	if added {
		what, who = "added (git log):", gitrepo.Added(absolute(f.path), a.childEnv(nil))
	} else {
		who = gitrepo.Changed(absolute(f.path), a.childEnv(nil))
	}
	if who == "" {
		return ""
	}
	return what + " " + who
}
