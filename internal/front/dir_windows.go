package front

import (
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/windows"
)

func mine(fs.FileInfo) bool    { return true } // each user has their own temporary directory
func private(fs.FileInfo) bool { return true }
func shared(fs.FileInfo) bool  { return true }

func memoryDirs(func(string) string) []string { return nil }

// holdDir locks a file in the directory. It returns nil if another process holds it.
func holdDir(path string) *os.File {
	f, err := os.OpenFile(filepath.Join(path, ".hold"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil
	}
	err = windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, new(windows.Overlapped))
	if err != nil {
		f.Close()
		return nil
	}
	return f
}

// letGo closes the file, which can't be removed before.
func letGo(hold *os.File) {
	hold.Close()
	if entries, err := os.ReadDir(filepath.Dir(hold.Name())); err == nil && len(entries) == 1 {
		os.RemoveAll(filepath.Dir(hold.Name()))
	}
}
