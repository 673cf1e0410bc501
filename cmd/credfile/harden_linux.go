package main

import (
	"syscall"

	"golang.org/x/sys/unix"
)

func notDumpable() { unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0) }

// endsWithUs lets KILL, which nobody can forward, reach the command as well.
func endsWithUs() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
