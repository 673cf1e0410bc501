package trust

import (
	"errors"
	"path/filepath"
	"slices"

	"github.com/credfile/credfile/internal/gitrepo"
)

// placer collects what is known about a place.
type placer struct {
	l      *Locator
	known  map[gitrepo.Repository]*Repository
	owners *owners
	p      Place
}

func add(spots []Spot, s Spot) []Spot {
	if slices.Contains(spots, s) {
		return spots
	}
	return append(spots, s)
}

// spots returns the path in the innermost repository, and in the ones around it that may
// have brought that repository. Outside git it returns the path alone.
func (b *placer) spots(path string) (spots []Spot) {
	for _, r := range repositories(path) {
		if rel, err := filepath.Rel(r.Root, path); err == nil {
			spots = append(spots, Spot{Repo: b.repository(r), Path: filepath.ToSlash(rel)})
		}
	}
	if spots == nil {
		spots = []Spot{{Repo: b.repository(gitrepo.Repository{Common: path})}}
	}
	return spots
}

func (b *placer) repository(r gitrepo.Repository) *Repository {
	if known := b.known[r]; known != nil {
		return known
	}
	t := &Repository{Common: r.Common, Root: r.Root}
	b.known[r] = t
	if r.Root == "" {
		return t
	}
	t.Files = func() []string { return gitrepo.Files(r.Root, ".age", b.l.Environ) }
	if r.Unclaimed {
		t.MakeMark = func() (Mark, error) { return Mark{}, errors.New("it belongs to another repository") }
		return t
	}
	mark, ok := gitrepo.ReadMark(r.Common, b.owners.readable)
	t.Mark, t.Unusable = Mark(mark), !ok && gitrepo.HasMark(r.Common)
	t.MakeMark = func() (Mark, error) {
		m, err := gitrepo.MakeMark(r.Common, b.owners.ours)
		return Mark(m), err
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
	last := b.l.last(dir)
	if rs := repositories(path); len(rs) > 0 {
		last = rs[len(rs)-1].Root
	}
	for dir != last && dir != filepath.Dir(dir) {
		dir = filepath.Dir(dir)
		for _, spot := range b.spots(filepath.Join(dir, b.l.Name)) {
			b.p.Above = add(b.p.Above, spot)
		}
	}
}

// passed collects where the search looked before it found the file.
func (b *placer) passed(path string) {
	real, err := filepath.EvalSymlinks(b.l.Dir)
	if err != nil || b.l.Dir == "" {
		return
	}
	for _, dir := range []string{b.l.Dir, real} {
		if rel, err := filepath.Rel(filepath.Dir(path), dir); err != nil || !filepath.IsLocal(rel) {
			continue
		}
		for ; dir != filepath.Dir(path); dir = filepath.Dir(dir) {
			for _, spot := range b.spots(filepath.Join(dir, b.l.Name)) {
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
