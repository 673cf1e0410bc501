package gitrepo

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// MarkFile is the file in a repository's common directory that identifies the repository
// wherever it is moved: 16 random bytes in base64, and a line feed. A clone does not
// include it and no commit can add it.
const MarkFile = "credfile-id"

// Mark is the content of the file.
type Mark = [16]byte

var errNoMark = errors.New("can't leave a mark there")

// HasMark reports whether anything is in the place of a repository's mark.
func HasMark(common string) bool {
	_, err := os.Lstat(filepath.Join(common, MarkFile))
	return err == nil
}

// ReadMark returns the mark of a repository that is ours. It ignores a mark that is not a
// regular file, has another form or belongs to another user.
func ReadMark(common string, ours func(fs.FileInfo) bool) (m Mark, ok bool) {
	if dir, err := os.Stat(common); err != nil || !ours(dir) {
		return m, false
	}
	path := filepath.Join(common, MarkFile)
	info, err := os.Lstat(path)
	if err != nil || !info.Mode().IsRegular() || !ours(info) {
		return m, false
	}
	f, err := os.Open(path)
	if err != nil {
		return m, false
	}
	defer f.Close()
	if opened, err := f.Stat(); err != nil || !os.SameFile(info, opened) || opened.Size() != 23 {
		return m, false
	}
	b := make([]byte, 23)
	if _, err := f.ReadAt(b, 0); err != nil || b[22] != '\n' {
		return m, false
	}
	n, err := base64.RawStdEncoding.Strict().Decode(m[:], b[:22])
	return m, err == nil && n == len(m) && m != Mark{}
}

// MakeMark leaves a mark in a repository, atomically. If another process was faster, it
// returns that mark.
func MakeMark(common string, ours func(fs.FileInfo) bool) (m Mark, err error) {
	for _, name := range []string{"HEAD", "objects", "refs"} {
		if _, err := os.Stat(filepath.Join(common, name)); err != nil {
			return m, err
		}
	}
	if info, err := os.Stat(common); err != nil || !ours(info) {
		return m, errNoMark
	}
	rand.Read(m[:])
	temp := filepath.Join(common, fmt.Sprintf("%s.%x", MarkFile, m[:4]))
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o444)
	if err != nil {
		return Mark{}, err
	}
	defer os.Remove(temp)
	_, err = f.WriteString(base64.RawStdEncoding.EncodeToString(m[:]) + "\n")
	err = errors.Join(err, f.Chmod(0o444), f.Sync(), f.Close())
	if err == nil {
		err = os.Link(temp, filepath.Join(common, MarkFile))
	}
	if err == nil {
		return m, nil
	}
	if m, ok := ReadMark(common, ours); ok {
		return m, nil
	}
	return Mark{}, err
}
