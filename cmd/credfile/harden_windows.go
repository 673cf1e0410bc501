package main

import (
	"errors"
	"os"
	"os/exec"
	"os/signal"
)

func harden() {}

func start(cmd *exec.Cmd) error { return cmd.Start() }

// become runs the command and returns its exit code: Windows can't replace a process.
func become(path string, args, env []string) error {
	signal.Ignore(os.Interrupt) // the command handles it
	cmd := &exec.Cmd{Path: path, Args: args, Env: env, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr}
	err := cmd.Run()
	var exit *exec.ExitError
	if err == nil || errors.As(err, &exit) {
		return &exitCode{cmd.ProcessState.ExitCode()}
	}
	return err
}

// closeOnExec does nothing: Windows programs don't inherit handles by number.
func closeOnExec(int) {}
