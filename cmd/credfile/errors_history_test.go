package main

import (
	"strings"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/gitrepo"
	"github.com/credfile/credfile/vaultfile"
)

// historySamples returns every error about earlier versions of a file.
func historySamples() []sampleError {
	in := func(err error) error { return at(sampleFile, err) }
	of := func(err error) error { return in(&versionError{"main", err}) }
	none := func(err error) error { return in(&historyError{"app/" + sampleFile, err}) }
	commit := strings.Repeat("1", 40)
	return []sampleError{
		{"gitrepo.RevisionError", in(&gitrepo.RevisionError{Rev: "nope"})},
		{"gitrepo.RevisionError, in a shallow clone", in(&gitrepo.RevisionError{Rev: "nope", Shallow: true})},
		{"gitrepo.AbsentError", of(&gitrepo.AbsentError{Path: sampleFile, Rev: "main"})},
		{"gitrepo.KindError", of(&gitrepo.KindError{Path: sampleFile, Rev: "main", Kind: "a symbolic link"})},
		{"gitrepo.SizeError", of(&gitrepo.SizeError{Limit: format.MaxFile})},
		{"gitrepo.ErrMissing", of(gitrepo.ErrMissing)},
		{"gitrepo.ErrNoRepository", none(gitrepo.ErrNoRepository)},
		{"gitrepo.ErrNoGit", none(gitrepo.ErrNoGit)},
		{"gitrepo.ErrOwner", none(gitrepo.ErrOwner)},
		{"versionError, damaged", of(&vaultfile.DamageError{Class: vaultfile.ErrSignature, Profile: "prod", Line: 3})},
		{"versionError, a conflict", of(&conflictError{})},
		{"notOneBase, none", in(notOneBase("main", "side", nil, false))},
		{"notOneBase, in a shallow clone", in(notOneBase("main", "side", nil, true))},
		{"notOneBase, several", in(notOneBase("main", "side", []string{commit, commit}, false))},
	}
}
