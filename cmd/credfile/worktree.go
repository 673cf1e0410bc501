package main

import (
	"path/filepath"

	"github.com/credfile/credfile/internal/gitrepo"
	"github.com/credfile/credfile/internal/machine"
	"github.com/credfile/credfile/internal/term"
)

// warnOfWorkTree warns that the next git add would add a secret.
func warnOfWorkTree(a *app, path string) {
	if root, file, exposed := gitrepo.Exposed(machine.Absolute(path), a.childEnv(nil)); exposed {
		a.warn("%s is secret, but it is in a git repository that does not ignore it; move it elsewhere, or: echo %s >> %s",
			path, term.Quote("/"+file), term.Quote(filepath.Join(root, ".gitignore")))
	}
}
