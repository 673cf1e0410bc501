package main

import (
	"errors"
	"fmt"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/gitrepo"
	"github.com/credfile/credfile/internal/sides"
)

// conflictError reports that git left a merge conflict in the file.
type conflictError struct {
	path               string
	base, ours, theirs *format.File // nil if unknown
	objects            gitrepo.Stages
}

// explainConflict lists what only one side has, and says how to merge.
func explainConflict(err error, f *finding) bool {
	var e *conflictError
	if !errors.As(err, &e) {
		return false
	}
	f.code, f.hint = exitBusy, "to merge both sides: credfile merge"
	if e.objects.Ours == "" || e.objects.Theirs == "" {
		f.hint = errNoVersions.hint
	}
	if e.ours == nil || e.theirs == nil {
		return true
	}
	f.details = append(f.details, told("only the other side", sides.Changes(e.base, e.ours, e.theirs))...)
	f.details = append(f.details, told("only this side", sides.Changes(e.base, e.theirs, e.ours))...)
	return true
}

// did says what a side did to a thing.
var did = map[sides.Kind]string{
	sides.Set: "set", sides.Unset: "unset", sides.Added: "gave access to", sides.Role: "changed the role or key of",
	sides.Removed: "removed", sides.Made: "created profile", sides.Gone: "removed profile",
}

func told(side string, list []sides.Change) (lines []string) {
	const most = 24
	for i, c := range list {
		if i == most {
			return append(lines, fmt.Sprintf("%s made %d more changes", side, len(list)-most))
		}
		line := fmt.Sprintf("%s %s %s", side, did[c.What], c.Name)
		if c.Name != c.Profile {
			line += " in profile " + c.Profile
			if c.What == sides.Added {
				line = fmt.Sprintf("%s gave %s access to profile %s", side, c.Name, c.Profile)
			}
		}
		if c.Both {
			line += ", and so did the other side"
		}
		lines = append(lines, line)
	}
	return lines
}

func (e *conflictError) Error() string {
	return "unresolved merge conflict: git can't merge two versions of this file"
}
