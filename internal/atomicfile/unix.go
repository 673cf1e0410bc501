//go:build unix

package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

const (
	nonblock = syscall.O_NONBLOCK
	nofollow = syscall.O_NOFOLLOW
)

// lock takes an exclusive lock and closes f if it can't. The kernel queues waiting
// processes; with polling, one of two hundred would starve.
func lock(f *os.File, wait time.Duration) error {
	// The goroutine closes its own descriptor: while it is blocked in flock, its number
	// must not be given to another file.
	fd, err := syscall.Dup(int(f.Fd()))
	if err != nil {
		f.Close()
		return err
	}
	done := make(chan error, 1)
	go func() {
		defer syscall.Close(fd)
		for {
			err := syscall.Flock(fd, syscall.LOCK_EX)
			if err != syscall.EINTR {
				done <- err
				return
			}
		}
	}()
	select {
	case err = <-done:
	case <-time.After(wait):
		err = holder(f)
	}
	if err != nil {
		f.Close()
	}
	return err
}

func links(info fs.FileInfo) uint64 {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return uint64(st.Nlink)
	}
	return 1
}

func mine(info fs.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(st.Uid) == os.Geteuid()
}

func keepOwner(f *os.File, old fs.FileInfo) error {
	was, ok := old.Sys().(*syscall.Stat_t)
	if !ok {
		return errors.ErrUnsupported
	}
	info, err := f.Stat()
	if err != nil {
		return err
	}
	is := info.Sys().(*syscall.Stat_t)
	if is.Uid == was.Uid && is.Gid == was.Gid {
		return nil
	}
	return f.Chown(int(was.Uid), int(was.Gid))
}

func syncDir(path string) error {
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer d.Close()
	// Some file systems can't sync a directory and return an error.
	if err := d.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	return nil
}

// claim opens the file, and locks it against other writers.
func claim(path string) (*os.File, staged, error) {
	f, err := openLocked(path)
	return f, staged{}, err
}

// openLocked opens and locks the file that is at path when the lock is held.
func openLocked(path string) (*os.File, error) {
	deadline := time.Now().Add(lockWait)
	for {
		f, err := openRegular(path, os.O_RDWR)
		if err != nil {
			return nil, readOnly(path, err)
		}
		if err := lock(f, time.Until(deadline)); err != nil {
			return nil, &fs.PathError{Op: "lock", Path: path, Err: err}
		}
		mine, err1 := f.Stat()
		there, err2 := os.Lstat(path)
		if err1 == nil && err2 == nil && os.SameFile(mine, there) {
			return f, nil
		}
		f.Close()
		if err := errors.Join(err1, err2); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
}

func openFile(path string, flags int, mode fs.FileMode) (*os.File, error) {
	return os.OpenFile(path, flags, mode)
}

// publish gives the staged file its name, unless the name is taken.
func (s staged) publish(path string) error {
	err := renameNew(s.Name(), path)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	// The file system can't do that. With a hard link, both names are there for a moment.
	err = os.Link(s.Name(), path)
	if err == nil {
		return os.Remove(s.Name())
	}
	if errors.Is(err, fs.ErrExist) {
		return err
	}
	if _, err := os.Lstat(path); err == nil {
		return &fs.PathError{Op: "create", Path: path, Err: fs.ErrExist}
	}
	return os.Rename(s.Name(), path)
}

// replace gives the staged file the name of the one that it replaces.
func (s staged) replace(path string) error { return os.Rename(s.Name(), path) }
