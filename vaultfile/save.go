package vaultfile

import (
	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/atomicfile"
)

// Open reads and parses a file, as [Parse] does.
func Open(path string) (*File, error) {
	b, err := atomicfile.Read(path, format.MaxFile)
	if err != nil {
		return nil, err
	}
	return Parse(b)
}

// Create writes f as a new file, with mode 0644 less the umask. It does not touch an
// existing file (fs.ErrExist).
func Create(path string, f *File) error {
	b, err := f.Marshal()
	if err != nil {
		return err
	}
	return atomicfile.Create(path, 0o644, b)
}

// Update locks a file, reads it, calls change, signs every changed profile, and replaces
// the whole file. If change returns an error or changes nothing, the file stays the same.
// Anything read before the lock may be out of date, so change must do all its work on its
// [File].
func Update(path string, change func(*File) error) error {
	return atomicfile.Update(path, format.MaxFile, func(old []byte) ([]byte, error) {
		f, err := Parse(old)
		if err != nil {
			return nil, err
		}
		if err := change(f); err != nil || !f.HasChanges() {
			return nil, err
		}
		return f.Marshal()
	})
}
