//go:build unix

// Command launch runs a command and writes what it used to file descriptor 3.
//
// A process begins as a copy of the one that starts it, and on Linux its peak memory then
// includes that one's. So the benchmark doesn't start what it measures; this small program does.
package main

import (
	"log"
	"os"
	"strconv"
	"syscall"
)

// main writes the user and system time in microseconds, the peak memory in the unit of the
// system, the minor page faults and the exit code, -1 if a signal ended the command.
func main() {
	var usage syscall.Rusage
	var status syscall.WaitStatus
	syscall.CloseOnExec(3)
	pid, err := syscall.ForkExec(os.Args[1], os.Args[1:], &syscall.ProcAttr{Env: os.Environ(), Files: []uintptr{0, 1, 2}})
	if err != nil {
		log.Fatal(os.Args[1], ": ", err)
	}
	for {
		if _, err = syscall.Wait4(pid, &status, 0, &usage); err != syscall.EINTR {
			break
		}
	}
	if err != nil {
		log.Fatal(err)
	}
	var line []byte
	for _, n := range []int64{usage.Utime.Nano() / 1000, usage.Stime.Nano() / 1000, int64(usage.Maxrss), int64(usage.Minflt), int64(status.ExitStatus())} {
		line = append(strconv.AppendInt(line, n, 10), ' ')
	}
	if _, err := syscall.Write(3, line); err != nil {
		log.Fatal(err)
	}
}
