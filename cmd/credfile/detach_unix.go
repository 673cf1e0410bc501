//go:build unix

package main

import (
	"os/exec"
	"syscall"
)

// detach lets a process go on when the terminal is closed.
func detach(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }
