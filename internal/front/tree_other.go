//go:build unix && !linux

package front

import "syscall"

// signalTree: without /proc there is the process alone.
func signalTree(pid int, s syscall.Signal) { syscall.Kill(pid, s) }
