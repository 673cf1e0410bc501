package main

import (
	"errors"
	"os"
	"path/filepath"
	"slices"

	"github.com/credfile/credfile/internal/gitrepo"
	"github.com/credfile/credfile/vaultfile/trust"
)

// place describes where a file is, by every name of that place, and how it was found.
func (a *app) place(path string) trust.Place {
	abs, err := filepath.Abs(path)
	if err != nil {
		return trust.Place{}
	}
	// filepath.Abs removes ".." lexically, which is wrong after a link.
	if real, err := filepath.EvalSymlinks(path); err == nil && !sameFile(real, abs) {
		if abs, err = filepath.Abs(real); err != nil {
			return trust.Place{}
		}
	}
	b := &placer{app: a, known: map[gitrepo.Repository]*trust.Repository{}, owners: newOwners(a)}
	b.p.Meant = a.file != "" || a.getenv("CREDFILE_FILE") != ""
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
		if filepath.Base(name) == defaultFile {
			b.above(name)
		}
		if !b.p.Meant {
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

// placer collects what is known about a place.
type placer struct {
	app    *app
	known  map[gitrepo.Repository]*trust.Repository
	owners *owners
	p      trust.Place
}

func add(spots []trust.Spot, s trust.Spot) []trust.Spot {
	if slices.Contains(spots, s) {
		return spots
	}
	return append(spots, s)
}

// spots returns the path in the innermost repository, and in the ones around it that may
// have brought that repository. Outside git it returns the path alone.
func (b *placer) spots(path string) (spots []trust.Spot) {
	for _, r := range repositories(path) {
		if rel, err := filepath.Rel(r.Root, path); err == nil {
			spots = append(spots, trust.Spot{Repo: b.repository(r), Path: filepath.ToSlash(rel)})
		}
	}
	if spots == nil {
		spots = []trust.Spot{{Repo: b.repository(gitrepo.Repository{Common: path})}}
	}
	return spots
}

func (b *placer) repository(r gitrepo.Repository) *trust.Repository {
	if known := b.known[r]; known != nil {
		return known
	}
	t := &trust.Repository{Common: r.Common, Root: r.Root}
	b.known[r] = t
	if r.Root == "" {
		return t
	}
	t.Files = func() []string { return gitrepo.Files(r.Root, ".age", b.app.childEnv(nil)) }
	if r.Unclaimed {
		t.MakeMark = func() (trust.Mark, error) { return trust.Mark{}, errors.New("it belongs to another repository") }
		return t
	}
	mark, ok := gitrepo.ReadMark(r.Common, b.owners.readable)
	t.Mark, t.Unusable = trust.Mark(mark), !ok && gitrepo.HasMark(r.Common)
	t.MakeMark = func() (trust.Mark, error) {
		m, err := gitrepo.MakeMark(r.Common, b.owners.ours)
		return trust.Mark(m), err
	}
	return t
}

// repositories returns the repository that contains the path, and the ones around it as
// long as they may have brought it, by a submodule or a link on the way. They did not bring
// a separate clone inside them.
func repositories(path string) []gitrepo.Repository {
	var rs []gitrepo.Repository
	for dir := filepath.Dir(path); ; {
		r, ok := gitrepo.Find(dir)
		if !ok || len(rs) > 0 && !brought(rs[len(rs)-1], r) {
			return rs
		}
		rs = append(rs, r)
		if dir = filepath.Dir(r.Root); dir == r.Root {
			return rs
		}
	}
}

// brought reports whether a commit of the outer repository could have put the inner one
// where it is.
func brought(inner, outer gitrepo.Repository) bool {
	if inner.Within(outer) {
		return true
	}
	rel, err := filepath.Rel(outer.Root, inner.Root)
	here, err1 := filepath.EvalSymlinks(inner.Root)
	root, err2 := filepath.EvalSymlinks(outer.Root)
	return err != nil || err1 != nil || err2 != nil || here != filepath.Join(root, rel)
}

// above collects where the search would have continued: up to the repository's root or the
// home directory and, from a submodule, to the repository that brought it.
func (b *placer) above(path string) {
	dir := filepath.Dir(path)
	last := b.app.lastDir(dir)
	if rs := repositories(path); len(rs) > 0 {
		last = rs[len(rs)-1].Root
	}
	for dir != last && dir != filepath.Dir(dir) {
		dir = filepath.Dir(dir)
		for _, spot := range b.spots(filepath.Join(dir, defaultFile)) {
			b.p.Above = add(b.p.Above, spot)
		}
	}
}

// passed collects where the search looked before it found the file.
func (b *placer) passed(path string) {
	from, err := b.app.getwd()
	if err != nil {
		return
	}
	real, err := filepath.EvalSymlinks(from)
	if err != nil {
		return
	}
	for _, dir := range []string{from, real} {
		if rel, err := filepath.Rel(filepath.Dir(path), dir); err != nil || !filepath.IsLocal(rel) {
			continue
		}
		for ; dir != filepath.Dir(path); dir = filepath.Dir(dir) {
			for _, spot := range b.spots(filepath.Join(dir, defaultFile)) {
				b.p.Passed = add(b.p.Passed, spot)
			}
		}
	}
}

// others collects the parts of the place that belong to another user.
func (b *placer) others(path string) {
	look := func(path string, file bool) {
		if o, ok := b.owners.other(path); ok {
			o.File = file
			b.p.Others = append(b.p.Others, o)
		}
	}
	var asked []string
	for _, spot := range b.p.At {
		if root := spot.Repo.Root; root != "" && !slices.Contains(asked, root) {
			asked = append(asked, root)
			look(filepath.Join(root, ".git"), false)
			look(spot.Repo.Common, false)
		}
	}
	look(path, true)
}
