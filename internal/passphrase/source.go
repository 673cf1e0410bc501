// Package passphrase gets passphrases from where the user keeps them: the one that opens
// locks, and new ones. A new one may also be typed, and must not be easy to guess. There are
// no words for people here.
package passphrase

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/credfile/credfile/internal/keys"
	"github.com/credfile/credfile/internal/unlock"
	"github.com/credfile/credfile/vaultfile"
)

// Max limits how much is read for one passphrase.
const Max = 4096

// Source is where the user keeps passphrases.
type Source struct {
	Name string // for messages
	Read func() ([]byte, error)
}

// SourceError reports that a source can't be read, or what it has is no passphrase.
type SourceError struct {
	Source string
	Err    error
}

func (e *SourceError) Error() string { return e.Source + ": " + e.Err.Error() }
func (e *SourceError) Unwrap() error { return e.Err }

// ErrLines reports that the source of one passphrase has several lines.
var ErrLines = errors.New("a passphrase is one line, and this has several")

// FromFD returns a file descriptor as a source.
func FromFD(name string, fd int) *Source {
	return &Source{name, func() ([]byte, error) {
		if fd == 0 { // stays open for the command, at end of file
			return io.ReadAll(io.LimitReader(os.Stdin, Max))
		}
		f := os.NewFile(uintptr(fd), fmt.Sprintf("file descriptor %d", fd))
		if f == nil {
			return nil, errors.New("it is not open")
		}
		defer f.Close()
		return io.ReadAll(io.LimitReader(f, Max))
	}}
}

// FromEnv returns the source that CREDFILE_PASSPHRASE, CREDFILE_PASSPHRASE_FILE or
// CREDFILE_PASSPHRASE_COMMAND names, or nil. read reads a file.
func FromEnv(lookup func(string) (string, bool), read func(path string) ([]byte, error)) *Source {
	for _, v := range []struct {
		name string
		read func(string) ([]byte, error)
	}{
		{"CREDFILE_PASSPHRASE", func(text string) ([]byte, error) { return []byte(text), nil }},
		{"CREDFILE_PASSPHRASE_FILE", read},
		{"CREDFILE_PASSPHRASE_COMMAND", keys.RunCommand},
	} {
		if value, ok := lookup(v.name); ok {
			return &Source{v.name, func() ([]byte, error) { return v.read(value) }}
		}
	}
	return nil
}

// One returns a function that reads the only passphrase of the source, once, and returns it
// with the name of the source.
//
// Errors: [*SourceError].
func (s *Source) One(derive unlock.Derive) func() (*vaultfile.Passphrase, string, error) {
	var p *vaultfile.Passphrase
	return func() (*vaultfile.Passphrase, string, error) {
		if p != nil {
			return p, s.Name, nil
		}
		lines, err := s.lines()
		if err != nil {
			return nil, s.Name, err
		}
		if len(lines) > 1 {
			return nil, s.Name, &SourceError{s.Name, ErrLines}
		}
		p, err = vaultfile.NewPassphrase(bytes.Join(lines, nil), derive)
		if err != nil {
			return nil, s.Name, &SourceError{s.Name, err}
		}
		return p, s.Name, nil
	}
}

// lines reads the source.
func (s *Source) lines() (lines [][]byte, err error) {
	b, err := s.Read()
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err // omit the path: people put the passphrase itself there
	}
	if err != nil {
		return nil, &SourceError{s.Name, err}
	}
	for line := range bytes.Lines(b) {
		lines = append(lines, trimLineEnd(line))
	}
	return lines, nil
}

// trimLineEnd removes one line ending.
func trimLineEnd(b []byte) []byte {
	if cut, ok := bytes.CutSuffix(b, []byte("\n")); ok {
		b, _ = bytes.CutSuffix(cut, []byte("\r"))
	}
	return b
}
