package credentials

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/credfile/credfile/internal/codec"
)

// StoreDialects are the ways to read an entry of several lines in a password store: pass -c
// copies the first line, and pass show prints all.
var StoreDialects = []string{"first-line", "all-lines"}

// maxEntries is the largest number of entries in a password store.
const maxEntries = 10_000

// Reasons why an entry of a password store is not taken.
const (
	badLink  = "is a symbolic link"
	badLines = "has more than one line"
	badOpen  = "can't be decrypted"
)

// ErrEntries reports that a directory has more entries than a password store may have.
var ErrEntries = errors.New("contains more than 10,000 entries")

// ReadStore reads a password store: a directory tree with one encrypted file for each entry, as
// pass (.gpg) and passage (.age) keep it. An entry's name is its path without the ending. It
// follows no link. With skip, an entry that open can't decrypt is a problem, otherwise it ends
// the reading.
//
// Errors: those of open and [Read], [ErrEntries].
func ReadStore(dir string, r Reading, skip bool, open func(path string, b []byte) ([]byte, error)) ([]codec.Pair, error) {
	if r.Dialect != "" && !slices.Contains(StoreDialects, r.Dialect) {
		return nil, &DialectError{StoreDialects}
	}
	if r.Separator != "" {
		return nil, ErrSeparator
	}
	var pairs []codec.Pair
	var problems []codec.Problem
	seen := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		name, entry := entryName(dir, path)
		switch {
		case err != nil:
			return err
		case path == dir:
			return nil
		case strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir(), !entry && d.Type().IsRegular(), len(r.Only) > 0 && !slices.Contains(r.Only, name):
			return nil
		}
		if seen++; seen > maxEntries {
			return ErrEntries
		}
		if !d.Type().IsRegular() {
			problems = append(problems, codec.Problem{Name: shown(name), Reason: badLink})
			return nil
		}
		value, err := readEntry(path, open)
		switch {
		case err != nil && !skip:
			return err
		case err != nil:
			problems = append(problems, codec.Problem{Name: shown(name), Reason: badOpen})
			return nil
		}
		if first, _, several := bytes.Cut(value, []byte("\n")); several && r.Dialect == "first-line" {
			value = first
		} else if several && r.Dialect == "" {
			problems = append(problems, codec.Problem{Name: shown(name), Reason: badLines, Dialect: true})
			return nil
		}
		pairs = append(pairs, codec.Pair{Name: name, Value: value})
		return nil
	})
	if err != nil {
		return nil, err
	}
	return r.chosen(pairs, problems, &LinesError{Dialects: StoreDialects, Store: true})
}

// entryName returns the name of an entry, if a path is one's.
func entryName(dir, path string) (name string, ok bool) {
	rel, err := filepath.Rel(dir, path)
	ext := filepath.Ext(path)
	return strings.TrimSuffix(filepath.ToSlash(rel), ext), err == nil && (ext == ".gpg" || ext == ".age")
}

// readEntry returns what an entry holds, without the end of its last line.
func readEntry(path string, open func(string, []byte) ([]byte, error)) ([]byte, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	b, err = open(path, b)
	return bytes.TrimSuffix(bytes.TrimSuffix(b, []byte("\n")), []byte("\r")), err
}

// shown returns a name as a problem has it.
func shown(name string) string {
	if len(name) > maxShown {
		return ""
	}
	return name
}
