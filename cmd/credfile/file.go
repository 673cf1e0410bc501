package main

import (
	"bytes"
	"fmt"
	"io"
	"path/filepath"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/atomicfile"
	"github.com/credfile/credfile/internal/codec"
	"github.com/credfile/credfile/vaultfile"
	"github.com/credfile/credfile/vaultfile/trust"
)

// file is an open credfile, with what is known about it.
type file struct {
	*vaultfile.File
	path   string // as shown to the user: "standard input" for -
	place  trust.Place
	sight  *trust.Sight       // what this machine remembers about it, read once
	judged []*trust.Judgement // by this machine's memory, then by CREDFILE_TRUST

	told       map[string]bool // messages already shown
	remembered bool
}

// locator finds the file that a command is about, and its place.
func (a *app) locator() (*trust.Locator, error) {
	dir, err := a.getwd()
	return &trust.Locator{Name: defaultFile, Dir: dir, Home: a.getenv("HOME"), Sudo: a.getenv("SUDO_UID"), Environ: a.childEnv(nil),
		Meant: a.file != "" || a.getenv("CREDFILE_FILE") != ""}, err
}

// path returns the file to use: the one that the user named, or the nearest.
func (a *app) path() (string, error) {
	if a.file != "" {
		return a.file, nil
	}
	if file := a.getenv("CREDFILE_FILE"); file != "" {
		return file, nil
	}
	l, err := a.locator()
	if err != nil {
		return "", err
	}
	return l.Find()
}

// open reads the file.
func (a *app) open() (*file, error) {
	path, err := a.path()
	if err != nil {
		return nil, err
	}
	var b []byte
	if path == "-" {
		b, err = io.ReadAll(io.LimitReader(a.stdin, format.MaxFile+1))
	} else {
		b, err = atomicfile.Read(path, format.MaxFile)
	}
	f := a.newFile(nil, path)
	if err != nil {
		return nil, at(f.path, err)
	}
	if err := a.conflict(path, b); err != nil {
		return nil, at(f.path, err)
	}
	if err := notCredfile(path, b); err != nil {
		return nil, at(f.path, err)
	}
	if f.File, err = vaultfile.Parse(b); err != nil {
		return nil, at(f.path, err)
	}
	f.Plugin = a.allowPlugin
	return f, nil
}

// notCredfile returns an error if b is not a credfile: the wrong file, not a damaged one.
func notCredfile(path string, b []byte) error {
	if bytes.HasPrefix(b, []byte("credfile/")) || bytes.HasPrefix(b, []byte("\xef\xbb\xbfcredfile/")) {
		return nil
	}
	e := &plainError{text: "is not a credentials file", code: exitDamaged, hint: "check --file and CREDFILE_FILE; to create a file: credfile init"}
	if len(bytes.TrimSpace(b)) == 0 {
		e.text += ": it is empty"
	} else if other, ok := codec.Recognize(filepath.Base(path), b); ok {
		e.text += ": it is " + other.What
	} else if c, ok := codec.Detect(filepath.Base(path), b); ok {
		e.text += fmt.Sprintf(": it looks like %s", map[string]string{"dotenv": "environment variables", "aws": "an AWS credentials file", "toml": "TOML"}[c.Name])
		e.hint = "to import its credentials: credfile import {file}"
	}
	return e
}

func (a *app) newFile(v *vaultfile.File, path string) *file {
	if path == "-" {
		return &file{File: v, path: "standard input", told: map[string]bool{}}
	}
	l, err := a.locator()
	if err != nil {
		l.Dir = "" // the file may still have a place
	}
	return &file{File: v, path: path, place: l.Place(path), told: map[string]bool{}}
}

// access is what a profile is opened for.
type access int

const (
	read  access = iota
	write        // to change it
	lend         // to copy its recipients; judged as for writing
)

// update changes the file under its lock. It first unlocks the profile without the lock,
// since getting a key may take time.
func (a *app) update(profile string, change func(f *file, p *vaultfile.Profile) error) error {
	return a.updateFile(func(f *file) error {
		_, err := a.unlock(f, profile, write)
		return err
	}, func(f *file) ([]string, error) {
		p, err := a.unlock(f, profile, write)
		if err != nil {
			return nil, err
		}
		return nil, change(f, p)
	})
}

// updateFile calls look on the file without the lock, then change with it. change returns
// the names of profiles that it made or renamed, which are remembered whatever was known
// before.
func (a *app) updateFile(look func(*file) error, change func(*file) (made []string, err error)) error {
	f, err := a.open()
	if err != nil {
		return err
	}
	if len(f.place.At) == 0 {
		return &usageError{text: "can't write to standard input", hint: "name a file with --file"}
	}
	if err := look(f); err != nil {
		return at(f.path, err)
	}
	path := f.path
	var made []string
	write := func(v *vaultfile.File) error {
		before := f
		f = a.newFile(v, path)
		f.told = before.told // show no message twice
		if before.sight != nil && v.ID() == before.ID() {
			f.sight = before.sight
		}
		f.Clock, f.Plugin = a.now, a.allowPlugin
		f.Other = func(name string) *vaultfile.Profile { return a.quietly(f, name) }
		made, err = change(f)
		return err
	}
	if err := a.dialog.Slowly("writing "+path+"…", func() error { return vaultfile.Update(path, write) }); err != nil {
		return at(path, err)
	}
	for _, name := range f.Orphans() {
		a.warn("no profile that you can write vouches for %s anymore; machines that have not seen it will ask to approve it", name)
	}
	a.remember(f, made...)
	return nil
}

// absolute returns an absolute path, or - for standard input.
func absolute(path string) string {
	if abs, err := filepath.Abs(path); err == nil && path != "-" {
		return abs
	}
	return path
}
