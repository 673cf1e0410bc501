//go:build unix && !linux

package main

import "syscall"

func notDumpable() {}

// endsWithUs: only Linux and FreeBSD can end a command with us.
func endsWithUs() *syscall.SysProcAttr { return nil }
