package main

import (
	"errors"

	"github.com/credfile/credfile/internal/gitrepo"
	"github.com/credfile/credfile/vaultfile/trust"
)

// historyError is a refusal with a line from git's log.
type historyError struct {
	err  error
	line string
}

func (e *historyError) Error() string { return e.err.Error() }
func (e *historyError) Unwrap() error { return e.err }

// withHistory adds who last changed the refused file or, if its place is the reason, who
// added it.
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

// history returns a line about who added a file or last changed it, or "" outside git.
func (a *app) history(f *file, added bool) string {
	if len(f.place.At) == 0 || f.place.At[0].Repo.Root == "" {
		return ""
	}
	if m := f.sight.Misfit; m != nil && m.Why == trust.ErrOwner {
		return "" // don't run git in another user's repository
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
