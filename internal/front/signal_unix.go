//go:build unix

package front

import (
	"os"
	"syscall"
)

var allSignals = []os.Signal{syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM, syscall.SIGHUP}

// end ends a program and what it started.
func end(p *os.Process, s os.Signal) { signalTree(p.Pid, s.(syscall.Signal)) }

// ends reports whether a signal ends us. The whole group gets signals from the keyboard,
// and the other program answers them.
func ends(s os.Signal) bool { return s == syscall.SIGTERM || s == syscall.SIGHUP }
