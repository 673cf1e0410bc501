package main

import (
	"path/filepath"

	"github.com/credfile/credfile/internal/gitrepo"
	"github.com/credfile/credfile/vaultfile/trust"
)

// place says where a file lies, by every name that the place has: whoever can
// write to the repository can put a link, or a submodule, where a known file
// was. Near are the places of files that the search for this one passed by, or
// would have found next, had it not been there.
func (a *app) place(path string) trust.Place {
	abs, err := filepath.Abs(path)
	if err != nil {
		return trust.Place{}
	}
	names := []string{abs}
	if real, err := filepath.EvalSymlinks(abs); err == nil && real != abs {
		names = append(names, real)
	}
	var p trust.Place
	for _, name := range names {
		p.Paths = append(p.Paths, placeNames(name)...)
		if filepath.Base(name) == defaultFile {
			p.Near = append(p.Near, a.above(name)...)
		}
	}
	if a.file == "" && a.getenv("CREDFILE_FILE") == "" {
		for _, passed := range a.passed {
			p.Near = append(p.Near, placeNames(passed)...)
		}
	}
	return p
}

// placeNames are the names of one path: in its repository, and in those around
// that as long as it may be a part of them; else the path itself.
func placeNames(path string) []string {
	var names []string
	for dir := filepath.Dir(path); ; {
		r, ok := gitrepo.Find(dir)
		if !ok {
			break
		}
		if rel, err := filepath.Rel(r.Root, path); err == nil {
			names = append(names, r.Common+"//"+filepath.ToSlash(rel))
		}
		if !r.Linked || r.Root == filepath.Dir(r.Root) {
			break
		}
		dir = filepath.Dir(r.Root)
	}
	if names == nil {
		names = []string{path}
	}
	return names
}

// above are the places where the search would have gone on: to the repository's
// root, or the home directory. From a submodule it goes on to the repository
// that brought it.
func (a *app) above(path string) []string {
	var names []string
	dir := filepath.Dir(path)
	last := a.lastDir(dir)
	for {
		for dir != last && dir != filepath.Dir(dir) {
			dir = filepath.Dir(dir)
			names = append(names, placeNames(filepath.Join(dir, defaultFile))...)
		}
		r, ok := gitrepo.Find(dir)
		if !ok || !r.Linked || r.Root != dir || dir == filepath.Dir(dir) {
			return names
		}
		outer, ok := gitrepo.Find(filepath.Dir(dir))
		if !ok {
			return names
		}
		last = outer.Root
	}
}
