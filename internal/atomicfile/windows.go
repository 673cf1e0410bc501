//go:build windows

package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

const (
	nonblock = 0
	nofollow = 0
)

// lock takes an exclusive lock and closes f if it can't. The lock is on a byte that no file
// has: nobody could read what is locked.
func lock(f *os.File, wait time.Duration) error {
	deadline := time.Now().Add(wait)
	for {
		err := windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0,
			&windows.Overlapped{OffsetHigh: 0x7fffffff})
		if err == nil {
			return nil
		}
		if !errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
			f.Close()
			return err
		}
		if time.Now().After(deadline) {
			f.Close()
			return ErrHeld
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func links(fs.FileInfo) uint64              { return 1 }
func mine(fs.FileInfo) bool                 { return true }
func keepOwner(*os.File, fs.FileInfo) error { return nil }
func syncDir(string) error                  { return nil }

// claim opens the file, and locks the staged one against other writers: the file itself can't
// be open when it is replaced.
func claim(path string) (*os.File, staged, error) {
	info, err := os.Stat(path)
	if err == nil {
		err = errors.Join(refuse(path, info), replaceable(path, info))
	}
	if err != nil {
		return nil, staged{}, err
	}
	tmp, err := stage(path, 0o600)
	if err != nil {
		return nil, staged{}, err
	}
	f, err := openRegular(path, os.O_RDONLY)
	if err != nil {
		tmp.discard()
	}
	return f, tmp, err
}

// patience is how long to wait for a program, such as a virus scanner, that has a file open.
const patience = 2 * time.Second

// again repeats a call as long as a program may have the file open. To replace an open file is
// an access denied, as it is to open one that is being deleted.
func again(call func() error) error {
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		err := call()
		if !inUse(err) || time.Now().After(deadline) {
			return err
		}
	}
}

func inUse(err error) bool {
	return errors.Is(err, windows.ERROR_SHARING_VIOLATION) || errors.Is(err, windows.ERROR_LOCK_VIOLATION) || errors.Is(err, windows.ERROR_ACCESS_DENIED)
}

// openFile opens a file, and lets other processes replace it meanwhile.
func openFile(path string, flags int, _ fs.FileMode) (*os.File, error) {
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	access, how := uint32(windows.GENERIC_READ), uint32(windows.OPEN_EXISTING)
	if flags&os.O_RDWR != 0 {
		access |= windows.GENERIC_WRITE
	}
	if flags&os.O_CREATE != 0 { // it will be renamed
		access, how = access|windows.DELETE, windows.OPEN_ALWAYS
	}
	var h windows.Handle
	err = again(func() (err error) {
		h, err = windows.CreateFile(name, access, windows.FILE_SHARE_READ|windows.FILE_SHARE_WRITE|windows.FILE_SHARE_DELETE, nil, how, windows.FILE_ATTRIBUTE_NORMAL, 0)
		return err
	})
	if errors.Is(err, windows.ERROR_SHARING_VIOLATION) {
		return nil, &RefusedError{path, "is open in another program"}
	} else if err != nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	return os.NewFile(uintptr(h), path), nil
}

func (s staged) publish(path string) error { return s.rename(path, 0) }

func (s staged) replace(path string) error {
	return s.rename(path, windows.FILE_RENAME_REPLACE_IF_EXISTS)
}

// rename gives the staged file a name while it stays open and locked, so that no other process
// takes it. With POSIX semantics it replaces a file that we, and others who allow that, have
// open. Some file systems don't have them.
func (s staged) rename(path string, flags uint32) error {
	to, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	err = again(func() error {
		err := s.renameAs(to, flags|windows.FILE_RENAME_POSIX_SEMANTICS, windows.FileRenameInfoEx)
		for _, none := range []error{windows.ERROR_INVALID_PARAMETER, windows.ERROR_INVALID_FUNCTION, windows.ERROR_NOT_SUPPORTED, windows.ERROR_INVALID_LEVEL, windows.ERROR_CALL_NOT_IMPLEMENTED} {
			if errors.Is(err, none) {
				return s.renameAs(to, flags, windows.FileRenameInfo)
			}
		}
		return err
	})
	if inUse(err) {
		return &RefusedError{path, "can't be replaced; is it open in another program?"}
	} else if err != nil {
		return &os.LinkError{Op: "rename", Old: s.Name(), New: path, Err: err}
	}
	return nil
}

// renameAs passes a FILE_RENAME_INFO, which ends in the name.
func (s staged) renameAs(to string, flags, class uint32) error {
	name, err := windows.UTF16FromString(to)
	if err != nil {
		return err
	}
	type renameInfo struct {
		flags  uint32 // of the older class, a boolean
		root   windows.Handle
		length uint32 // in bytes, without the NUL
		name   [1]uint16
	}
	buf := make([]uint64, (unsafe.Sizeof(renameInfo{})+uintptr(2*len(name)))/8+1)
	info := (*renameInfo)(unsafe.Pointer(&buf[0]))
	info.flags, info.length = flags, uint32(2*(len(name)-1))
	copy(unsafe.Slice(&info.name[0], len(name)), name)
	return windows.SetFileInformationByHandle(windows.Handle(s.Fd()), class, (*byte)(unsafe.Pointer(&buf[0])), uint32(8*len(buf)))
}
