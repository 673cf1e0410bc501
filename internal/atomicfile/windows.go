//go:build windows

package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"time"

	"golang.org/x/sys/windows"
)

const (
	nonblock = 0
	nofollow = 0
)

func lock(f *os.File, wait time.Duration) error {
	deadline := time.Now().Add(wait)
	for {
		err := windows.LockFileEx(windows.Handle(f.Fd()),
			windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0x7fffffff, new(windows.Overlapped))
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

// Windows renames neither an open file nor over one.
func (s staged) beforeRename()      { s.Close() }
func beforeReplace(target *os.File) { target.Close() }
