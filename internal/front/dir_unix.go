//go:build unix

package front

import (
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

func mine(info fs.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(st.Uid) == os.Geteuid()
}

func private(info fs.FileInfo) bool { return info.Mode().Perm()&0o077 == 0 }

// shared reports whether a directory is a system one, in which users can't touch each
// other's files.
func shared(info fs.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && st.Uid == 0 && info.Mode()&os.ModeSticky != 0
}

// holdDir locks a directory. It returns nil if another process holds it or it is gone. The
// descriptor is closed on exec.
func holdDir(path string) *os.File {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil
	}
	f := os.NewFile(uintptr(fd), path)
	if err := unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close()
		return nil
	}
	is, err := f.Stat()
	there, err2 := os.Lstat(path)
	if err != nil || err2 != nil || !os.SameFile(is, there) {
		f.Close()
		return nil
	}
	return f
}

func letGo(hold *os.File) { hold.Close() }
