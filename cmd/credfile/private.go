package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"

	"github.com/credfile/credfile/internal/atomicfile"
	"github.com/credfile/credfile/internal/gitrepo"
	"github.com/credfile/credfile/internal/machine"
)

// notForGit returns an error if git tracks a file, or the next git add would add it.
func notForGit(a *app, path string) error {
	if _, _, exposed := gitrepo.Exposed(machine.Absolute(path), a.childEnv(nil)); exposed {
		return at(path, &plainError{text: "git tracks this file, or would add it", code: exitOther, hint: "add it to .gitignore, or write it elsewhere; if you mean it: --force"})
	}
	return nil
}

// replacePrivate writes a file that only its owner can read, in place of any earlier one, but not of a
// source of the data, nor of a credfile.
func replacePrivate(path string, data []byte, sources ...string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return atomicfile.Create(path, 0o600, data)
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return errNotRegular
	}
	old, err := atomicfile.Read(path, int64(len("credfile/")))
	if err != nil {
		return err
	} else if bytes.HasPrefix(old, []byte("credfile/")) {
		return notReplaced("a credentials file")
	}
	for _, source := range sources {
		if from, err := os.Stat(source); err == nil && os.SameFile(from, info) {
			return notReplaced("read here")
		}
	}
	return atomicfile.Replace(path, data)
}

func notReplaced(what string) error {
	return &plainError{text: "it is " + what + ", and won't be replaced", code: exitOther, hint: "to write another file: -o FILE"}
}

var errNotRegular = errors.New("it is a link or not a regular file, and won't be replaced")
