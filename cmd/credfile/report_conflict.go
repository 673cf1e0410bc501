package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/gitrepo"
	"github.com/credfile/credfile/internal/sides"
	"github.com/credfile/credfile/internal/term"
)

// conflictError reports that git left a merge conflict in the file.
type conflictError struct {
	path               string
	base, ours, theirs *format.File // nil if unknown
	objects            gitrepo.Stages
}

// explainConflict lists what only one side has, and the commands that keep both.
func explainConflict(err error, f *finding) bool {
	var e *conflictError
	if !errors.As(err, &e) {
		return false
	}
	f.code = exitBusy
	if e.ours == nil || e.theirs == nil {
		f.hint = "nothing was written; save each side as a file of its own, and compare them with credfile -f FILE list (see git log --merge -p -- {file})"
		return true
	}
	theirs, ours := sides.Changes(e.base, e.ours, e.theirs), sides.Changes(e.base, e.theirs, e.ours)
	f.details = append(f.details, "keeping just one side loses the changes of the other")
	f.details = append(f.details, told("only the other side", theirs)...)
	f.details = append(f.details, told("only this side", ours)...)
	if e.objects.Ours == "" || e.objects.Theirs == "" {
		f.hint = "start with one side and add the listed changes of the other; credfile -f - get NAME reads a file from standard input"
		return true
	}
	f.details = append(f.details, "to keep both:")
	start, from, list := e.objects.Ours, e.objects.Theirs, theirs
	if sides.Rotated(e.ours, e.theirs) { // a profile with the older key can still be read, but not written
		start, from, list = from, start, ours
	}
	for _, line := range e.recipe(start, from, list) {
		f.details = append(f.details, "  "+line)
	}
	f.hint = "nothing was written; run the commands above to keep both sides"
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

// recipe returns commands that keep both sides: they apply the other side's changes to a
// copy of one, then replace the file. They name git objects, which remain when the index is
// cleared, and are the same in a merge and in a rebase.
func (e *conflictError) recipe(start, from string, changes []sides.Change) []string {
	const most, digits = 24, 12
	copied := term.Quote(strings.TrimSuffix(e.path, ".age") + ".both.age")
	show := func(object string) string { return "git cat-file blob " + object[:min(digits, len(object))] }
	lines := []string{fmt.Sprintf("%s > %s", show(start), copied)}
	for i, c := range changes {
		if i == most {
			lines = append(lines, "# and so on")
			break
		}
		lines = append(lines, changeCommand(c, show(from), copied))
	}
	path := term.Quote(e.path)
	return append(lines, fmt.Sprintf("mv %s %s && git add %s", copied, path, path))
}

// changeCommand returns a shell command that applies the change to a file, or a comment if a
// person has to decide.
func changeCommand(c sides.Change, from, file string) string {
	in := ""
	if c.Profile != "default" {
		in = " -p " + c.Profile
	}
	line := ""
	switch {
	case c.Hidden:
		return fmt.Sprintf("# a credential with a hidden name; to see the names: %s | credfile -f -%s env", from, in)
	case c.What == sides.Set:
		line = fmt.Sprintf("%s | credfile -f -%s get %s | credfile -f %s%s set %s --from-file -", from, in, c.Name, file, in, c.Name)
	case c.What == sides.Unset:
		line = fmt.Sprintf("credfile -f %s%s unset %s", file, in, c.Name)
	case c.What == sides.Removed:
		line = fmt.Sprintf("credfile -f %s%s rekey --remove %s", file, in, c.Name)
	case c.What == sides.Made:
		return fmt.Sprintf("# to add profile %s: credfile -f %s profile add %s, then set its credentials", c.Name, file, c.Name)
	case c.What == sides.Gone:
		return fmt.Sprintf("# to remove profile %s: credfile -f %s profile remove %s", c.Name, file, c.Name)
	default:
		return fmt.Sprintf("# to add %s to profile %s: credfile -f %s%s rekey --add %s=@FILE (or --add-reader), with the key they sent", c.Name, c.Profile, file, in, c.Name)
	}
	if c.Both {
		line += "   # skip this line to keep yours"
	}
	return line
}
