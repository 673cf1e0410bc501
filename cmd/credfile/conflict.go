package main

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/gitrepo"
	"github.com/credfile/credfile/internal/machine"
	"github.com/credfile/credfile/internal/term"
)

// conflictError reports that git left a merge conflict in the file.
type conflictError struct {
	path         string
	base, theirs *format.File // nil if unknown
	ours         *format.File
	theirObject  string // git's object with the other side
	ourObject    string
}

func (e *conflictError) Error() string {
	return "unresolved merge conflict: git can't merge two versions of this file"
}

// conflict returns an error if a merge left conflict markers in the file, or several
// versions in git's index. In the latter case, the file may be one side only.
func (a *app) conflict(path string, b []byte) error {
	ours, theirs, marked := gitrepo.Sides(b)
	if path == "-" {
		if marked {
			return &conflictError{path: path, ours: parseSide(ours), theirs: parseSide(theirs)}
		}
		return nil
	}
	real, err := filepath.EvalSymlinks(machine.Absolute(path))
	if err != nil || !marked && !gitrepo.Operation(real) {
		return nil
	}
	env := a.childEnv(nil)
	stages, unmerged := gitrepo.Unmerged(real, env)
	if !marked && !unmerged {
		return nil
	}
	e := &conflictError{path: path, ours: parseSide(ours), theirs: parseSide(theirs)}
	if !unmerged {
		return e
	}
	version := func(object string) *format.File {
		b, err := gitrepo.Blob(filepath.Dir(real), object, format.MaxFile, env)
		if object == "" || err != nil {
			return nil
		}
		return parseSide(b)
	}
	e.base, e.ours, e.theirs = version(stages.Base), version(stages.Ours), version(stages.Theirs)
	e.ourObject, e.theirObject = stages.Ours, stages.Theirs
	return e
}

// parseSide reads a side without verifying its signatures, since it is only listed.
func parseSide(b []byte) *format.File {
	f, err := format.Parse(b)
	if err != nil {
		return nil
	}
	return f
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
	theirs, ours := changes(e.base, e.ours, e.theirs), changes(e.base, e.theirs, e.ours)
	f.details = append(f.details, "keeping just one side loses the changes of the other")
	f.details = append(f.details, told("only the other side", theirs)...)
	f.details = append(f.details, told("only this side", ours)...)
	if e.ourObject == "" || e.theirObject == "" {
		f.hint = "start with one side and add the listed changes of the other; credfile -f - get NAME reads a file from standard input"
		return true
	}
	f.details = append(f.details, "to keep both:")
	start, from, list := e.ourObject, e.theirObject, theirs
	if rotated(e.ours, e.theirs) { // a profile with the older key can still be read, but not written
		start, from, list = from, start, ours
	}
	for _, line := range e.recipe(start, from, list) {
		f.details = append(f.details, "  "+line)
	}
	f.hint = "nothing was written; run the commands above to keep both sides"
	return true
}

// sideChange is a change that one side has and the other lacks.
type sideChange struct {
	profile, name, what string
	both                bool // the other side changed it, too
	hidden              bool // name is the label of a hidden name, which no command accepts
}

func told(side string, list []sideChange) (lines []string) {
	const most = 24
	for i, c := range list {
		if i == most {
			return append(lines, fmt.Sprintf("%s made %d more changes", side, len(list)-most))
		}
		line := fmt.Sprintf("%s %s %s", side, c.what, c.name)
		if c.name != c.profile {
			line += " in profile " + c.profile
			if c.what == sideAdded {
				line = fmt.Sprintf("%s gave %s access to profile %s", side, c.name, c.profile)
			}
		}
		if c.both {
			line += ", and so did the other side"
		}
		lines = append(lines, line)
	}
	return lines
}

const (
	sideSet     = "set"
	sideUnset   = "unset"
	sideAdded   = "gave access to"
	sideRole    = "changed the role or key of"
	sideRemoved = "removed"
	sideMade    = "created profile"
	sideGone    = "removed profile"
)

// changes returns the changes of one side since the base that the other side lacks. Without
// a base, every difference counts as a change.
func changes(base, other, side *format.File) (list []sideChange) {
	if base == nil {
		base = &format.File{}
	}
	for _, p := range side.Profiles {
		o := other.Find(p.Name)
		b := base.Find(p.Name)
		if o == nil {
			if b == nil {
				list = append(list, sideChange{profile: p.Name, name: p.Name, what: sideMade})
			}
			continue
		}
		if b == nil {
			b = &format.Profile{}
		}
		list = append(list, entryChanges(b, o, p)...)
		list = append(list, peopleChanges(b, o, p)...)
	}
	for _, b := range base.Profiles {
		if side.Find(b.Name) == nil && other.Find(b.Name) != nil {
			list = append(list, sideChange{profile: b.Name, name: b.Name, what: sideGone})
		}
	}
	return list
}

func entryChanges(base, other, side *format.Profile) (list []sideChange) {
	was, theirs, is := entriesByName(base), entriesByName(other), entriesByName(side)
	oneKey := base.Key == other.Key && other.Key == side.Key // otherwise everything was encrypted again
	same := func(x, y *format.Entry) bool {
		return x == y || x != nil && y != nil && x.Time.Equal(y.Time) && x.Expires.Equal(y.Expires) && (!oneKey || bytes.Equal(x.Sealed, y.Sealed))
	}
	for i := range side.Entries {
		x := &side.Entries[i]
		if x.IsComment() || same(was[x.Name], x) || same(theirs[x.Name], x) {
			continue
		}
		list = append(list, sideChange{side.Name, x.Name, sideSet, !same(theirs[x.Name], was[x.Name]), side.Hidden})
	}
	for i := range base.Entries {
		if x := &base.Entries[i]; !x.IsComment() && is[x.Name] == nil && theirs[x.Name] != nil {
			list = append(list, sideChange{side.Name, x.Name, sideUnset, !same(theirs[x.Name], x), side.Hidden})
		}
	}
	return list
}

func entriesByName(p *format.Profile) map[string]*format.Entry {
	m := map[string]*format.Entry{}
	for i := range p.Entries {
		m[p.Entries[i].Name] = &p.Entries[i]
	}
	return m
}

func peopleChanges(base, other, side *format.Profile) (list []sideChange) {
	was, theirs, is := people(base), people(other), people(side)
	same := func(x, y *format.Recipient) bool {
		return x == y || x != nil && y != nil && x.String == y.String && x.Writer == y.Writer
	}
	for i := range side.Recipients {
		x := &side.Recipients[i]
		if same(was[x.Name], x) || same(theirs[x.Name], x) {
			continue
		}
		what := sideAdded
		if was[x.Name] != nil {
			what = sideRole
		}
		list = append(list, sideChange{side.Name, x.Name, what, !same(theirs[x.Name], was[x.Name]), false})
	}
	for i := range base.Recipients {
		if x := &base.Recipients[i]; is[x.Name] == nil && theirs[x.Name] != nil {
			list = append(list, sideChange{side.Name, x.Name, sideRemoved, !same(theirs[x.Name], x), false})
		}
	}
	return list
}

func people(p *format.Profile) map[string]*format.Recipient {
	m := map[string]*format.Recipient{}
	for i := range p.Recipients {
		m[p.Recipients[i].Name] = &p.Recipients[i]
	}
	return m
}

// rotated reports whether the second version replaced a key that the first still has.
func rotated(first, second *format.File) bool {
	for _, p := range second.Profiles {
		if old := first.Find(p.Name); old != nil && old.Key != p.Key {
			for _, v := range p.Vouched {
				if v.Key == old.Key {
					return true
				}
			}
		}
	}
	return false
}

// recipe returns commands that keep both sides: they apply the other side's changes to a
// copy of one, then replace the file. They name git objects, which remain when the index is
// cleared, and are the same in a merge and in a rebase.
func (e *conflictError) recipe(start, from string, changes []sideChange) []string {
	const most, digits = 24, 12
	copied := term.Quote(strings.TrimSuffix(e.path, ".age") + ".both.age")
	show := func(object string) string { return "git cat-file blob " + object[:min(digits, len(object))] }
	lines := []string{fmt.Sprintf("%s > %s", show(start), copied)}
	for i, c := range changes {
		if i == most {
			lines = append(lines, "# and so on")
			break
		}
		lines = append(lines, c.command(show(from), copied))
	}
	path := term.Quote(e.path)
	return append(lines, fmt.Sprintf("mv %s %s && git add %s", copied, path, path))
}

// command returns a shell command that applies the change to a file, or a comment if a
// person has to decide.
func (c sideChange) command(from, file string) string {
	in := ""
	if c.profile != "default" {
		in = " -p " + c.profile
	}
	line := ""
	switch {
	case c.hidden:
		return fmt.Sprintf("# a credential with a hidden name; to see the names: %s | credfile -f -%s env", from, in)
	case c.what == sideSet:
		line = fmt.Sprintf("%s | credfile -f -%s get %s | credfile -f %s%s set %s --from-file -", from, in, c.name, file, in, c.name)
	case c.what == sideUnset:
		line = fmt.Sprintf("credfile -f %s%s unset %s", file, in, c.name)
	case c.what == sideRemoved:
		line = fmt.Sprintf("credfile -f %s%s rekey --remove %s", file, in, c.name)
	case c.what == sideMade:
		return fmt.Sprintf("# to add profile %s: credfile -f %s profile add %s, then set its credentials", c.name, file, c.name)
	case c.what == sideGone:
		return fmt.Sprintf("# to remove profile %s: credfile -f %s profile remove %s", c.name, file, c.name)
	default:
		return fmt.Sprintf("# to add %s to profile %s: credfile -f %s%s rekey --add %s=@FILE (or --add-reader), with the key they sent", c.name, c.profile, file, in, c.name)
	}
	if c.both {
		line += "   # skip this line to keep yours"
	}
	return line
}
