//go:build unix

package session

import (
	"io/fs"
	"os"
	"os/exec"
	"syscall"
)

// ownGroup starts a program in a group of its own, so that everything that it started can be ended,
// and so that Ctrl-C does not end it between a refresh and its answer.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}

func endGroup(cmd *exec.Cmd) { syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }

// systemGroups end here: root, staff and the like, whose members look after the machine.
const systemGroups = 100

// shared reports whether other users can change a file. The user's own group has no other members.
func shared(info fs.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok || info.Mode()&0o002 != 0 {
		return true
	}
	uid := uint32(os.Geteuid())
	own := st.Gid == uid || st.Gid < systemGroups
	return st.Uid != 0 && st.Uid != uid || info.Mode()&0o020 != 0 && !own
}
