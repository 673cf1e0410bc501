package main

import (
	"errors"
	"fmt"

	"github.com/credfile/credfile/internal/gitrepo"
	"github.com/credfile/credfile/vaultfile/trust"
)

// historyError is a refusal of a file, with what git's log says of it.
type historyError struct {
	err   error
	added string
}

func (e *historyError) Error() string { return e.err.Error() }
func (e *historyError) Unwrap() error { return e.err }

// withHistory adds who brought a file that is refused because of where it lies.
func (a *app) withHistory(f *file, err error) error {
	var r *trust.Refusal
	if !errors.As(err, &r) || r.Misfit() == nil || r.Why == trust.ErrOwner {
		return err
	}
	if added := gitrepo.Added(absolute(f.path), a.childEnv(nil)); added != "" {
		return &historyError{err, fmt.Sprintf("added, by git log: %s", added)}
	}
	return err
}
