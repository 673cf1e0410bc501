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

// running reports whether a process may be there still.
func running(pid int) bool { return pid > 0 && syscall.Kill(pid, 0) != syscall.ESRCH }
