package main

import (
	"path/filepath"

	"github.com/credfile/credfile/internal/gitrepo"
	"github.com/credfile/credfile/internal/machine"
	"github.com/credfile/credfile/internal/term"
)

// warnOfWorkTree warns that the next git add would add a secret.
func warnOfWorkTree(a *app, path string) {
	abs := machine.Absolute(path)
	if real, err := filepath.EvalSymlinks(abs); err == nil {
		abs = real
	}
	r, ok := gitrepo.Find(filepath.Dir(abs))
	if !ok || gitrepo.Ignored(abs, a.childEnv(nil)) {
		return
	}
	rel, err := filepath.Rel(r.Root, abs)
	if err != nil {
		return
	}
	a.warn("%s is secret, but it is in a git repository that does not ignore it; move it elsewhere, or: echo %s >> %s",
		path, term.Quote("/"+filepath.ToSlash(rel)), term.Quote(filepath.Join(r.Root, ".gitignore")))
}
