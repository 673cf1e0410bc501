//go:build unix

package front

import (
	"os/exec"
	"syscall"
)

// coreLimit is the limit on core files that we inherited. The command gets it back.
var coreLimit *syscall.Rlimit

// Harden keeps this process's secrets out of core files and out of reach of the user's
// other processes.
func Harden() {
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

// CloseOnExec keeps other programs from inheriting a file descriptor.
func CloseOnExec(fd int) { syscall.CloseOnExec(fd) }

// start starts a command with the inherited limit on core files. This process stays
// non-dumpable.
func start(cmd *exec.Cmd) error {
	cmd.SysProcAttr = endsWithUs()
	if coreLimit != nil {
		syscall.Setrlimit(syscall.RLIMIT_CORE, coreLimit)
		defer Harden()
	}
	return cmd.Start()
}

// Become replaces this process with a command. It returns only on failure, or on Windows,
// where no process can be replaced, with an [Exited] error when the command has ended.
func Become(path string, args, env []string) error {
	if coreLimit != nil {
		syscall.Setrlimit(syscall.RLIMIT_CORE, coreLimit)
	}
	err := syscall.Exec(path, args, env)
	if err == syscall.ENOEXEC {
		// A script without a #! line. execvp(3) gives it to the shell, too.
		err = syscall.Exec("/bin/sh", append([]string{"sh", path}, args[1:]...), env)
	}
	Harden()
	return err
}
