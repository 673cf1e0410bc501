package main

import (
	"bytes"
	"fmt"
	"io"
	"path/filepath"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/atomicfile"
	"github.com/credfile/credfile/internal/codec"
	"github.com/credfile/credfile/internal/machine"
	"github.com/credfile/credfile/vaultfile"
	"github.com/credfile/credfile/vaultfile/trust"
)

// file is a credentials file, with what is known about it.
type file = machine.File

type access = machine.Access

const (
	read  = machine.Read
	write = machine.Write
	lend  = machine.Lend
)

// locator finds the file that a command is about, and its place.
func (a *app) locator() trust.Locator {
	l := trust.Locator{Name: defaultFile, Home: a.getenv("HOME"), Sudo: a.getenv("SUDO_UID"), Environ: a.childEnv(nil),
		Meant: a.file != "" || a.getenv("CREDFILE_FILE") != ""}
	if dir, err := a.getwd(); err == nil { // otherwise the file may still have a place
		l.Dir = dir
	}
	return l
}

// path returns the file to use: the one that the user named, or the nearest.
func (a *app) path() (string, error) {
	if a.file != "" {
		return a.file, nil
	}
	if file := a.getenv("CREDFILE_FILE"); file != "" {
		return file, nil
	}
	if _, err := a.getwd(); err != nil {
		return "", err
	}
	l := a.locator()
	return l.Find()
}

// open reads the file.
func (a *app) open() (*file, error) {
	path, err := a.path()
	if err != nil {
		return nil, err
	}
	return a.openAt(a.machine, path)
}

func (a *app) openAt(m *machine.Machine, path string) (f *file, err error) {
	var b []byte
	if path == "-" {
		b, err = io.ReadAll(io.LimitReader(a.stdin, format.MaxFile+1))
	} else {
		b, err = atomicfile.Read(path, format.MaxFile)
	}
	name := path
	if path == "-" {
		name = machine.Stdin
	}
	if err == nil {
		err = a.conflict(path, b)
	}
	if err == nil {
		err = notCredfile(path, b)
	}
	if err != nil {
		return nil, at(name, err)
	}
	v, err := vaultfile.Parse(b)
	if err != nil {
		return nil, at(name, err)
	}
	return m.At(path, v), nil
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

// update changes the file under its lock. It first unlocks the profile without the lock,
// since getting a key may take time.
func (a *app) update(profile string, change func(f *file, p *vaultfile.Profile) error) error {
	return a.updateFile(func(f *file) error {
		_, err := f.Unlock(profile, write)
		return err
	}, func(f *file) ([]string, error) {
		p, err := f.Unlock(profile, write)
		if err != nil {
			return nil, err
		}
		return nil, change(f, p)
	})
}

// updateFile calls look on the file without the lock, then change with it.
func (a *app) updateFile(look func(*file) error, change machine.Change) error {
	f, err := a.open()
	if err != nil {
		return err
	}
	if !f.HasPlace() {
		return machine.ErrNoPlace
	}
	if err := look(f); err != nil {
		return at(f.Path, err)
	}
	return at(f.Path, a.dialog.Slowly("writing "+f.Path+"…", func() error { return f.Update(change) }))
}
