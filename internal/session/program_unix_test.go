//go:build unix

package session

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// A program that others can replace is not run, also where a link leads.
func TestUnshared(t *testing.T) {
	for _, test := range []struct {
		about                 string
		own, link, file, away os.FileMode // of the directories and the file
		want                  error
	}{
		{"mine", 0o755, 0, 0o755, 0, nil},
		{"a file of all", 0o755, 0, 0o777, 0, ErrShared},
		{"a directory of all", 0o777, 0, 0o755, 0, ErrShared},
		{"a link", 0o755, 1, 0o755, 0o755, nil},
		{"a link into a directory of all", 0o755, 1, 0o755, 0o777, ErrShared},
		{"a link in a directory of all", 0o777, 1, 0o755, 0o755, ErrShared},
	} {
		own, away := t.TempDir(), t.TempDir()
		path := filepath.Join(own, "program")
		file := path
		if test.link != 0 {
			file = filepath.Join(away, "program")
			if err := errors.Join(os.Symlink(file, path), os.Chmod(away, test.away)); err != nil {
				t.Fatal(err)
			}
		}
		if err := errors.Join(os.WriteFile(file, nil, 0o700), os.Chmod(file, test.file), os.Chmod(own, test.own)); err != nil {
			t.Fatal(err)
		}
		if _, err := unshared(path); !errors.Is(err, test.want) {
			t.Errorf("%s: %v", test.about, err)
		}
	}
}
