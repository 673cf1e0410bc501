package trust

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/credfile/credfile/internal/gitrepo"
)

// Locator finds the nearest credfile, and says where a file is. It reads directories and,
// to list a repository's files, runs git.
type Locator struct {
	Name    string   // the file's name in a project, such as ".credentials.age"
	Dir     string   // absolute: where the search begins; "" if unknown
	Home    string   // where the search ends outside git; "" if unknown
	Sudo    string   // under sudo, the user id in SUDO_UID, whose files are ours, too
	Environ []string // for git
	// Meant reports whether the user named the file, so that no search found it.
	Meant bool
}

// NoFileError reports that the search found no file.
type NoFileError struct{ Name, Dir, Last string }

func (e *NoFileError) Error() string {
	if e.Dir == e.Last {
		return fmt.Sprintf("no %s in %s", e.Name, e.Dir)
	}
	return fmt.Sprintf("no %s in %s or above it, up to %s", e.Name, e.Dir, e.Last)
}

// Find returns the nearest file: up to the repository's root, else up to the home
// directory, else only in Dir, where it returns the name alone. Errors: [NoFileError].
func (l *Locator) Find() (string, error) {
	last := l.last(l.Dir)
	for d := l.Dir; ; d = filepath.Dir(d) {
		path := filepath.Join(d, l.Name)
		if _, err := os.Lstat(path); err == nil {
			if d == l.Dir {
				return l.Name, nil
			}
			return path, nil
		}
		if d == last || d == filepath.Dir(d) {
			return "", &NoFileError{l.Name, l.Dir, last}
		}
	}
}

// last returns the topmost directory that Find searches.
func (l *Locator) last(dir string) string {
	if r, ok := gitrepo.Find(dir); ok {
		return r.Root
	}
	home := filepath.Clean(l.Home)
	real, _ := filepath.EvalSymlinks(home)
	for _, home := range []string{home, real} {
		if rel, err := filepath.Rel(home, dir); filepath.IsAbs(home) && err == nil && filepath.IsLocal(rel) {
			return home
		}
	}
	return dir
}

// Place describes where a file is, by every name of that place. A relative path begins at
// the process's working directory; if that is unknown, the place is empty.
func (l *Locator) Place(path string) Place {
	abs, err := filepath.Abs(path)
	if err != nil {
		return Place{}
	}
	// filepath.Abs removes ".." lexically, which is wrong after a link.
	if real, err := filepath.EvalSymlinks(path); err == nil && !sameFile(real, abs) {
		if abs, err = filepath.Abs(real); err != nil {
			return Place{}
		}
	}
	b := &placer{l: l, known: map[gitrepo.Repository]*Repository{}, owners: newOwners(l), p: Place{Meant: l.Meant}}
	names := []string{abs}
	if real, err := filepath.EvalSymlinks(abs); err == nil && real != abs {
		names = append(names, real)
	}
	for _, name := range names {
		for _, spot := range b.spots(name) {
			b.p.At = add(b.p.At, spot)
		}
	}
	for _, name := range names {
		if filepath.Base(name) == l.Name {
			b.above(name)
		}
		if !l.Meant {
			b.passed(name)
		}
	}
	b.others(abs)
	return b.p
}

func sameFile(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}
