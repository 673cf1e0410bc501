//go:build unix && !linux

package front

import "syscall"

func notDumpable() {}

// endsWithUs returns nil: only Linux and FreeBSD can end a command with its parent.
func endsWithUs() *syscall.SysProcAttr { return nil }
