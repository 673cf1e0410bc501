package front

import (
	"errors"
	"os"
	"os/exec"
	"os/signal"
)

// Harden is for systems where a process can be closed to the user's other processes.
func Harden() {}

// Become runs the command: Windows can't replace a process. It returns an [Exited] error
// when the command has ended.
func Become(path string, args, env []string) error {
	signal.Ignore(os.Interrupt) // the command handles it
	cmd := &exec.Cmd{Path: path, Args: args, Env: env, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr}
	err := cmd.Run()
	var exit *exec.ExitError
	if err == nil || errors.As(err, &exit) {
		return &Exited{cmd.ProcessState.ExitCode()}
	}
	return err
}

// CloseOnExec does nothing: Windows programs don't inherit handles by number.
func CloseOnExec(int) {}
