//go:build unix

package session

import (
	"io/fs"
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

// shared reports whether other users can change a file.
func shared(info fs.FileInfo) bool { return info.Mode()&0o022 != 0 }
