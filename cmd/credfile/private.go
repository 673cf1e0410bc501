package main

import (
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

// replacePrivate writes a file that only its owner can read, in place of any earlier one, but not of
// source, from which the data came.
func replacePrivate(path, source string, data []byte) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return atomicfile.Create(path, 0o600, data)
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return errNotRegular
	}
	if from, err := os.Stat(source); err == nil && os.SameFile(from, info) {
		return errSource
	}
	if err := os.Chmod(path, 0o600); err != nil { // the new file gets the old one's mode
		return err
	}
	return atomicfile.Update(path, info.Size()+1<<20, func(old []byte) ([]byte, error) {
		if string(old) == string(data) {
			return nil, nil
		}
		return data, nil
	})
}

var errSource = errors.New("it is the file that the credentials are read from, and won't be replaced")

var errNotRegular = errors.New("it is a link or not a regular file, and won't be replaced")
