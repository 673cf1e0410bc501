package main

import (
	"errors"

	"github.com/credfile/credfile/internal/changes"
	"github.com/credfile/credfile/internal/gitrepo"
	"github.com/credfile/credfile/vaultfile"
)

// conflictError reports that git left a merge conflict in the file.
type conflictError struct {
	op                 gitrepo.Operation
	base, ours, theirs *vaultfile.File // nil if unknown
	known              bool            // git has the versions
}

func newConflict(op gitrepo.Operation, c *gitrepo.Conflict) *conflictError {
	version := func(b []byte) *vaultfile.File {
		f, err := vaultfile.Parse(b)
		if err != nil {
			return nil
		}
		return f
	}
	return &conflictError{op, version(c.Base), version(c.Ours), version(c.Theirs), c.Objects.Ours != "" && c.Objects.Theirs != ""}
}

func (e *conflictError) Error() string { return "unresolved merge conflict" }

// explainConflict lists what each side changed, and says how to merge.
func explainConflict(err error, f *finding) bool {
	var e *conflictError
	if !errors.As(err, &e) {
		return false
	}
	f.code, f.hint = exitBusy, "to merge both sides: credfile merge"
	if !e.known {
		f.hint = errNoVersions.hint
	}
	switch {
	case e.ours == nil || e.theirs == nil:
	case e.base == nil:
		f.details = append(f.details, changedBy(e.op.Theirs+" compared with "+e.op.Ours, e.ours, e.theirs)...)
	default:
		f.details = append(f.details, changedBy(e.op.Ours, e.base, e.ours)...)
		f.details = append(f.details, changedBy(e.op.Theirs, e.base, e.theirs)...)
	}
	return true
}

// changedBy lists what a side changed, in a line for each profile.
func changedBy(side string, base, is *vaultfile.File) (lines []string) {
	var c changes.Comparer
	for _, p := range c.Compare(base, is).Profiles {
		lines = append(lines, side+": "+changeLine(&p, plainName, changesShown))
	}
	return lines
}
