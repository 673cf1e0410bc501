//go:build unix && !linux

package front

import "syscall"

// signalTree signals only the process: there is no /proc.
func signalTree(pid int, s syscall.Signal) { syscall.Kill(pid, s) }
