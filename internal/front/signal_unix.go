//go:build unix

package front

import (
	"os"
	"syscall"
)

var allSignals = []os.Signal{syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM, syscall.SIGHUP}

// end ends a program, and what it started.
func end(p *os.Process, s os.Signal) { signalTree(p.Pid, s.(syscall.Signal)) }

// ends: what the keyboard sends goes to the whole group, and is for the other program
// to answer.
func ends(s os.Signal) bool { return s == syscall.SIGTERM || s == syscall.SIGHUP }
