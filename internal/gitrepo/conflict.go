package gitrepo

import (
	"os"
	"path/filepath"
	"strings"
)

// Conflict has the versions of a file that git could not merge. A version that is unknown is
// nil.
type Conflict struct {
	Base, Ours, Theirs []byte
	Objects            Stages // git's objects with these versions
}

// ReadConflict finds out whether a merge left conflict markers in a file, or several
// versions of it in git's index; in the latter case, the file may be one side only. content
// is what the file has, and limit the most that a version may have. Without a path, it looks
// for markers alone.
func ReadConflict(path, content string, limit int64, env []string) (*Conflict, bool) {
	ours, theirs, marked := split(content)
	if path == "" {
		return &Conflict{Ours: ours, Theirs: theirs}, marked
	}
	real, err := filepath.EvalSymlinks(path)
	if err != nil || !marked && !operation(real) {
		return nil, false
	}
	return Versions(real, content, limit, env)
}

// Versions is [ReadConflict] for a path without links, and asks git's index in any case.
func Versions(path, content string, limit int64, env []string) (*Conflict, bool) {
	c := &Conflict{}
	var marked, indexed bool
	c.Ours, c.Theirs, marked = split(content)
	if c.Objects, indexed = unmerged(path, env, "--unmerged"); !indexed && marked {
		c.Objects, indexed = unmerged(path, env, "--resolve-undo") // git add, with the markers in the file
	}
	if !indexed {
		return c, marked
	}
	version := func(object string) []byte {
		if object == "" {
			return nil
		}
		b, err := blob(filepath.Dir(path), object, limit, env)
		if err != nil {
			return nil
		}
		return b
	}
	c.Base, c.Ours, c.Theirs = version(c.Objects.Base), version(c.Objects.Ours), version(c.Objects.Theirs)
	return c, true
}

// Stages are the versions of a file that a merge could not join, by object name; "" for a
// side without the file.
type Stages struct{ Base, Ours, Theirs string }

// unmerged returns the versions of a file that has a conflict in git's index.
func unmerged(path string, env []string, which string) (s Stages, ok bool) {
	out, err := git(filepath.Dir(path), env, maxList, "ls-files", which, "-z", "--", ":(literal)"+filepath.Base(path))
	if err != nil {
		return s, false
	}
	for _, line := range strings.Split(string(out), "\x00") {
		fields := strings.Fields(line) // MODE OBJECT STAGE\tPATH
		if len(fields) < 3 {
			continue
		}
		switch fields[2] {
		case "1":
			s.Base = fields[1]
		case "2":
			s.Ours = fields[1]
		case "3":
			s.Theirs = fields[1]
		}
		ok = true
	}
	return s, ok
}

// blob returns the content of an object, at most limit bytes.
func blob(dir, object string, limit int64, env []string) ([]byte, error) {
	return git(dir, env, limit, "cat-file", "blob", object)
}

// operation reports whether git is in the middle of an operation that leaves conflicts: a
// merge, a rebase, a cherry-pick or a revert. It starts no program.
func operation(path string) bool {
	dir := stateDir(path)
	if dir == "" {
		return false
	}
	for _, name := range []string{"MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge", "rebase-apply"} {
		if _, err := os.Lstat(filepath.Join(dir, name)); err == nil {
			return true
		}
	}
	return false
}

// split returns the two versions in a file with conflict markers, as far as they can be
// recovered: what git merged by itself is in both. ok is false if there are no markers.
func split(text string) (ours, theirs []byte, ok bool) {
	const none, inOurs, inBase, inTheirs = 0, 1, 2, 3
	if !strings.Contains(text, "<<<<<<<") {
		return nil, nil, false // every file that is read comes here
	}
	in := none
	for line := range strings.Lines(text) {
		switch {
		case marker(line, '<') && in == none:
			in, ok = inOurs, true
		case marker(line, '|') && in == inOurs:
			in = inBase
		case marker(line, '=') && (in == inOurs || in == inBase):
			in = inTheirs
		case marker(line, '>') && in == inTheirs:
			in = none
		default:
			if in == none || in == inOurs {
				ours = append(ours, line...)
			}
			if in == none || in == inTheirs {
				theirs = append(theirs, line...)
			}
		}
	}
	return ours, theirs, ok
}

// marker reports whether a line is a conflict marker: the character seven times, then the
// end or a space (gitattributes(5), conflict-marker-size).
func marker(line string, c byte) bool {
	line = strings.TrimRight(line, "\r\n")
	rest := strings.TrimLeft(line, string(c))
	return len(line)-len(rest) >= 7 && (len(rest) == 0 || rest[0] == ' ')
}
