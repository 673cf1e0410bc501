package main

import (
	"path/filepath"

	"github.com/credfile/credfile/internal/gitrepo"
	"github.com/credfile/credfile/vaultfile/trust"
)

// place says where a file lies, by every name that the place has: whoever can
// write to the repository can put a link, or a submodule, where a known file
// was. Near are the places of the files that the search would have found next.
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
		for _, r := range repositories(name) {
			p.Repositories = append(p.Repositories, trust.Repository{Scope: r.Common + "//", Root: r.Root,
				Files: func() []string { return gitrepo.Files(r.Root, ".age", a.childEnv(nil)) }})
		}
		if filepath.Base(name) == defaultFile {
			p.Near = append(p.Near, a.above(name)...)
		}
	}
	return p
}

// repositories are the one that a path lies in, and those around it as long as
// it may be a part of them.
func repositories(path string) []gitrepo.Repository {
	var rs []gitrepo.Repository
	for dir := filepath.Dir(path); ; {
		r, ok := gitrepo.Find(dir)
		if !ok {
			return rs
		}
		rs = append(rs, r)
		if dir = filepath.Dir(r.Root); !r.Linked || dir == r.Root {
			return rs
		}
	}
}

// placeNames are the names of one path in its repositories, else the path.
func placeNames(path string) []string {
	var names []string
	for _, r := range repositories(path) {
		if rel, err := filepath.Rel(r.Root, path); err == nil {
			names = append(names, r.Common+"//"+filepath.ToSlash(rel))
		}
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
