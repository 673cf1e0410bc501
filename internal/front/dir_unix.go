//go:build unix

package front

import (
	"io/fs"
	"os"
	"syscall"
)

func mine(info fs.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(st.Uid) == os.Geteuid()
}

// shared reports whether a directory is the system's, in which nobody can touch what is
// another's.
func shared(info fs.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && st.Uid == 0 && info.Mode()&os.ModeSticky != 0
}

// running reports whether a process may be there still.
func running(pid int) bool { return pid > 0 && syscall.Kill(pid, 0) != syscall.ESRCH }
