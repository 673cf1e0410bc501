//go:build unix

package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// box is a user with an empty home, in an empty directory.
type box struct {
	root, home, work, tmp string
	env                   []string
}

// newBox makes a box. The directories of programs come before the system's in its PATH.
func newBox(parent, path string) (*box, error) {
	root, err := os.MkdirTemp(parent, "box")
	if err != nil {
		return nil, err
	}
	b := &box{root: root, home: filepath.Join(root, "home"), work: filepath.Join(root, "work"), tmp: filepath.Join(root, "tmp")}
	for _, dir := range []string{b.home, b.work, b.tmp} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			return nil, err
		}
	}
	b.env = []string{"HOME=" + b.home, "TMPDIR=" + b.tmp, "PATH=" + path, "LANG=C.UTF-8", "GIT_CONFIG_NOSYSTEM=1"}
	return b, nil
}

func (b *box) path(name string) string { return filepath.Join(b.work, name) }

func (b *box) identity() string {
	return filepath.Join(b.home, ".config", "credfile", "identities.txt")
}

// recipient returns the recipient of the box's identity, from the file beside it.
func (b *box) recipient() (string, error) {
	text, err := os.ReadFile(filepath.Join(b.home, ".config", "credfile", "me.pub"))
	return strings.TrimSpace(string(text)), err
}

func (b *box) write(name, text string) error { return os.WriteFile(b.path(name), []byte(text), 0o600) }

// restorer keeps a copy of the box, and returns a function that puts it back. A command that
// writes would otherwise find another file at each run, and another memory of it.
func (b *box) restorer() (func() error, error) {
	kept := b.root + ".kept"
	dirs := []string{"home", "work"}
	for _, dir := range dirs {
		if err := copyTree(filepath.Join(b.root, dir), filepath.Join(kept, dir)); err != nil {
			return nil, err
		}
	}
	return func() error {
		for _, dir := range dirs {
			if err := os.RemoveAll(filepath.Join(b.root, dir)); err != nil {
				return err
			}
			if err := copyTree(filepath.Join(kept, dir), filepath.Join(b.root, dir)); err != nil {
				return err
			}
		}
		return nil
	}, nil
}

// copyTree keeps permissions, which os.CopyFS doesn't.
func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		if d.IsDir() {
			return os.MkdirAll(target, 0o700)
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if !info.Mode().IsRegular() {
			return fmt.Errorf("%s is not a regular file", path)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, text, info.Mode().Perm())
	})
}
