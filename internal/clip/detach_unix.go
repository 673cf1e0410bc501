//go:build unix

package clip

import (
	"os/exec"
	"syscall"
)

// detach lets a process survive the closing of the terminal.
func detach(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }
