//go:build unix

package main

import (
	"os/exec"
	"syscall"
)

// coreLimit is the limit on core files that we inherited. The command gets it back.
var coreLimit *syscall.Rlimit

// harden keeps this process's secrets out of core files and out of reach of the user's
// other processes.
func harden() {
	notDumpable()
	if coreLimit == nil {
		var limit syscall.Rlimit
		if syscall.Getrlimit(syscall.RLIMIT_CORE, &limit) != nil {
			return
		}
		coreLimit = &limit
	}
	// Only the soft limit can be raised again.
	syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{Cur: 0, Max: coreLimit.Max})
}

// closeOnExec keeps other programs from inheriting a file descriptor.
func closeOnExec(fd int) { syscall.CloseOnExec(fd) }

// start starts a command with the inherited limit on core files. This process stays
// non-dumpable.
func start(cmd *exec.Cmd) error {
	cmd.SysProcAttr = endsWithUs()
	if coreLimit != nil {
		syscall.Setrlimit(syscall.RLIMIT_CORE, coreLimit)
		defer harden()
	}
	return cmd.Start()
}

// become replaces this process with the command. It returns only on failure.
func become(path string, args, env []string) error {
	if coreLimit != nil {
		syscall.Setrlimit(syscall.RLIMIT_CORE, coreLimit)
	}
	err := syscall.Exec(path, args, env)
	if err == syscall.ENOEXEC {
		// A script without a #! line. execvp(3) gives it to the shell, too.
		err = syscall.Exec("/bin/sh", append([]string{"sh", path}, args[1:]...), env)
	}
	harden()
	return err
}
