//go:build unix

package main

import (
	"os/exec"
	"syscall"
)

// coreLimit is the limit that we were given, for the command that we become.
var coreLimit *syscall.Rlimit

// harden keeps what this process will know out of core files and out of reach
// of other processes of the same user.
func harden() {
	notDumpable()
	if coreLimit == nil {
		var limit syscall.Rlimit
		if syscall.Getrlimit(syscall.RLIMIT_CORE, &limit) != nil {
			return
		}
		coreLimit = &limit
	}
	// The soft limit alone can be given back.
	syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{Cur: 0, Max: coreLimit.Max})
}

// closeOnExec keeps a file descriptor from other programs.
func closeOnExec(fd int) { syscall.CloseOnExec(fd) }

// start starts a command with the limit that we were given: this process stays one
// that is not dumpable.
func start(cmd *exec.Cmd) error {
	cmd.SysProcAttr = endsWithUs()
	if coreLimit != nil {
		syscall.Setrlimit(syscall.RLIMIT_CORE, coreLimit)
		defer harden()
	}
	return cmd.Start()
}

// become replaces this process with the command. It returns only if that
// failed.
func become(path string, args, env []string) error {
	if coreLimit != nil {
		syscall.Setrlimit(syscall.RLIMIT_CORE, coreLimit)
	}
	err := syscall.Exec(path, args, env)
	if err == syscall.ENOEXEC {
		// A script without a #! line; execvp(3) gives it to the shell too.
		err = syscall.Exec("/bin/sh", append([]string{"sh", path}, args[1:]...), env)
	}
	harden()
	return err
}
