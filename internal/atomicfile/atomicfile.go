// Package atomicfile replaces whole files atomically.
//
// The lock is on the file itself, so no lock file is left behind. A process that waited for
// the lock and finds that the file was replaced opens the new one. A replacement is written
// next to the file, synced, given the old file's mode and owner, and renamed over it. If
// that would lose something (a hard link, another owner), the replacement is refused.
package atomicfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// ErrHeld reports that another process held the file throughout.
var ErrHeld = errors.New("in use by another process")

// HeldError is [ErrHeld] with the holder: whoever can read the file can hold it.
type HeldError struct {
	PID     int
	Program string
}

func (e *HeldError) Error() string {
	return fmt.Sprintf("in use by process %d (%s)", e.PID, e.Program)
}

func (e *HeldError) Unwrap() error { return ErrHeld }

// ErrChanged reports that a program that does not lock the file kept changing it.
var ErrChanged = errors.New("another program changed it in the meantime; nothing was written")

// RefusedError reports a kind of file that is not read or replaced.
type RefusedError struct{ Path, Reason string }

func (e *RefusedError) Error() string { return e.Path + " " + e.Reason }

// lockWait limits the wait for a lock. A writer holds it for milliseconds.
const lockWait = 30 * time.Second

// Read returns the content of a regular file, at most limit+1 bytes of it.
func Read(path string, limit int64) ([]byte, error) {
	f, err := openRegular(path, os.O_RDONLY)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readAll(f, limit)
}

// ReadText is Read for what is kept as text: it makes no second copy of a large file.
func ReadText(path string, limit int64) (string, error) {
	text, _, err := ReadWatched(path, limit)
	return text, err
}

// ReadWatched is ReadText. Later, changed reports whether something else is there now.
func ReadWatched(path string, limit int64) (text string, changed func() bool, err error) {
	f, err := openRegular(path, os.O_RDONLY)
	if err != nil {
		return "", nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", nil, err
	}
	var b strings.Builder
	b.Grow(int(min(info.Size(), limit+1)))
	_, err = io.Copy(&b, io.LimitReader(f, limit+1))
	return b.String(), func() bool {
		now, err := os.Stat(path)
		return err == nil && !same(now, info)
	}, err
}

func readAll(f *os.File, limit int64) ([]byte, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	b := bytes.NewBuffer(make([]byte, 0, min(info.Size(), limit)+bytes.MinRead))
	_, err = b.ReadFrom(io.LimitReader(f, limit+1))
	return b.Bytes(), err
}

// openRegular never blocks: it opens a FIFO without waiting, and refuses it.
func openRegular(path string, flags int) (*os.File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if err := refuse(path, info); err != nil {
		return nil, err
	}
	f, err := openFile(path, flags|nonblock, 0)
	if err != nil {
		return nil, err
	}
	info, err = f.Stat()
	if err == nil {
		err = refuse(path, info)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func refuse(path string, info fs.FileInfo) error {
	if info.IsDir() {
		return &RefusedError{path, "is a directory"}
	}
	if !info.Mode().IsRegular() {
		return &RefusedError{path, "is not a regular file"}
	}
	return nil
}

// Create writes a new file. It does not touch an existing one and returns fs.ErrExist.
func Create(path string, mode fs.FileMode, data []byte) error {
	if _, err := os.Lstat(path); err == nil {
		return &fs.PathError{Op: "create", Path: path, Err: fs.ErrExist}
	}
	tmp, err := stage(path, mode)
	if err != nil {
		return err
	}
	defer tmp.discard()
	if err := tmp.write(data); err != nil {
		return err
	}
	if err := tmp.publish(path); err != nil {
		return err
	}
	return syncDir(path)
}

// Update replaces the file with the result of edit on its content. If edit returns nil or
// an error, the file stays the same. If a program that does not lock the file changes it
// meanwhile, edit is called again on the new content.
func Update(path string, limit int64, edit func(old []byte) ([]byte, error)) error {
	// Replace the target of a link, never the link.
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	for range 10 {
		done, err := update(path, limit, edit)
		if done || err != nil {
			return err
		}
	}
	return &fs.PathError{Op: "replace", Path: path, Err: ErrChanged}
}

func update(path string, limit int64, edit func([]byte) ([]byte, error)) (done bool, err error) {
	f, tmp, err := claim(path)
	if err != nil {
		return false, err
	}
	defer tmp.discard()
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return false, err
	}
	if err := replaceable(path, info); err != nil {
		return false, err
	}
	old, err := readAll(f, limit)
	if err != nil {
		return false, err
	}
	if tmp.File != nil {
		f.Close() // nobody can replace it while it is open
	}
	data, err := edit(old)
	if err != nil || data == nil {
		return err == nil, err
	}
	if tmp.File == nil {
		if tmp, err = stage(path, 0o600); err != nil {
			return false, err
		}
		defer tmp.discard()
	}
	if err := tmp.write(data); err != nil {
		return false, err
	}
	if err := tmp.take(info, info.Mode().Perm()); err != nil {
		return false, err
	}
	if now, err := os.Lstat(path); err != nil || !same(now, info) {
		return false, err // once more, on the new file
	}
	if err := tmp.replace(path); err != nil {
		return false, err
	}
	return true, syncDir(path)
}

// Replaceable returns the error that Update would return for the file and its directory
// now, before the caller does work that could not be saved.
func Replaceable(path string) error {
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	f, err := openRegular(path, os.O_RDWR)
	if err != nil {
		return readOnly(path, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err == nil {
		err = replaceable(path, info)
	}
	if err != nil {
		return err
	}
	tmp, err := stage(path, 0o600)
	if err != nil {
		return err
	}
	defer tmp.discard()
	return tmp.take(info, info.Mode().Perm())
}

func same(a, b fs.FileInfo) bool {
	return os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}

func readOnly(path string, err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return &RefusedError{path, "is not writable by you"}
	}
	return err
}

// replaceable refuses a file that a rename would change silently.
func replaceable(path string, info fs.FileInfo) error {
	if info.Mode().Perm()&0o200 == 0 {
		return &RefusedError{path, "is read-only"}
	}
	if links(info) > 1 {
		return &RefusedError{path, "has hard links, which replacing it would break"}
	}
	return nil
}

// A staged file is next to its target, under one name shared by all writers. It is locked
// while in use, so the next writer takes over what a killed writer left, and two writers
// never share it.
type staged struct{ *os.File }

func stage(target string, mode fs.FileMode) (staged, error) {
	name := filepath.Join(filepath.Dir(target), "."+filepath.Base(target)+".new")
	for range 1000 {
		f, err := openFile(name, os.O_RDWR|os.O_CREATE|nofollow|nonblock, mode)
		if errors.Is(err, fs.ErrPermission) {
			return staged{}, &RefusedError{filepath.Dir(target), "is a directory that you can't write to"}
		} else if err != nil {
			return staged{}, err
		}
		if err := lock(f, lockWait); err != nil {
			return staged{}, &fs.PathError{Op: "lock", Path: name, Err: err}
		}
		info, err := f.Stat()
		there, err2 := os.Lstat(name)
		if err != nil || err2 != nil || !os.SameFile(info, there) {
			f.Close()
			continue // its holder is done with it
		}
		if err := refuse(name, info); err != nil || links(info) > 1 || !mine(info) {
			f.Close()
			return staged{}, &RefusedError{name, "is in the way of the new file and was not created by credfile"}
		}
		if info.Mode().Perm()&^mode != 0 { // a killed writer had given it more already
			err = f.Chmod(mode)
		}
		tmp := staged{f}
		if err := errors.Join(err, f.Truncate(0)); err != nil {
			tmp.discard()
			return staged{}, err
		}
		return tmp, nil
	}
	return staged{}, &fs.PathError{Op: "write", Path: name, Err: ErrChanged}
}

func (s staged) write(data []byte) error {
	if _, err := s.WriteAt(data, 0); err != nil {
		return err
	}
	return s.Sync()
}

// take gives the staged file its mode, and the owner of the file it replaces.
func (s staged) take(info fs.FileInfo, mode fs.FileMode) error {
	if err := keepOwner(s.File, info); err != nil {
		return &RefusedError{s.Name(), "can't keep the owner of the file it replaces"}
	}
	if err := s.Chmod(mode); err != nil {
		return err
	}
	return s.Sync()
}

// discard removes the staged file, if it still has its name, and closes it.
func (s staged) discard() {
	if s.File == nil {
		return
	}
	if info, err := s.Stat(); err == nil {
		if there, err := os.Lstat(s.Name()); err == nil && os.SameFile(info, there) {
			os.Remove(s.Name())
		}
	}
	s.Close()
}

// Lock takes a lock that is on nothing but a file of its own, which stays. It waits for as long
// as wait. The lock goes with the process.
//
// Errors: [ErrHeld] or [*HeldError].
func Lock(path string, wait time.Duration) (release func(), err error) {
	f, err := openFile(path, os.O_RDWR|os.O_CREATE|nofollow, 0o600)
	if err != nil {
		return nil, err
	}
	if err := lock(f, wait); err != nil {
		return nil, &fs.PathError{Op: "lock", Path: path, Err: err}
	}
	return func() { f.Close() }, nil
}
