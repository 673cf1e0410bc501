//go:build unix

package front

import (
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// Command is a command to run, and what to hide in its output.
type Command struct {
	Path      string
	Args, Env []string
	Stdin     *os.File // nil for our own
	Mask      []string // values; nil passes the output on unchanged
}

// Run runs a command in our own process group, so that it shares the terminal, and returns
// its exit code: 128+n if a signal ended it. It returns an [OutputError] if the command
// succeeded but its output was lost, and any other error if the command was not started.
func Run(c Command) (code int, err error) {
	cmd := &exec.Cmd{Path: c.Path, Args: c.Args, Env: c.Env, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr}
	if c.Stdin != nil {
		cmd.Stdin = c.Stdin
	}
	o := &output{}
	if c.Mask != nil {
		if err := o.open(cmd, c.Mask); err != nil {
			return 0, err
		}
	}
	// The kernel ends the command when the thread that started it ends.
	runtime.LockOSThread()
	// They include PIPE and XFSZ: if we can't write the command's output, it gets the signal.
	signals := make(chan os.Signal, 64)
	early, late := forwarded()
	signal.Notify(signals, early...)
	defer signal.Stop(signals)
	if err := start(cmd); errors.Is(err, syscall.ENOEXEC) {
		// A script without a #! line; execvp(3) passes it to the shell too.
		cmd = &exec.Cmd{Path: "/bin/sh", Args: append([]string{"sh", c.Path}, c.Args[1:]...), Env: c.Env,
			Stdin: cmd.Stdin, Stdout: cmd.Stdout, Stderr: cmd.Stderr}
		err = start(cmd)
		if err != nil {
			o.abandon()
			return 0, err
		}
	} else if err != nil {
		o.abandon()
		return 0, err
	}
	signal.Notify(signals, late...)
	o.begin()
	changed := make(chan syscall.WaitStatus)
	go reap(cmd.Process.Pid, changed)
	var typed typedStop
	for {
		select {
		case status := <-changed:
			if status.Stopped() {
				typed.command(status)
				stopWith()
				continue
			}
			o.finish()
			code := status.ExitStatus()
			if status.Signaled() {
				code = 128 + int(status.Signal())
			}
			if err := o.failed(); err != nil && code == 0 {
				return 0, &OutputError{err}
			}
			return code, nil
		case s := <-signals:
			if s == syscall.SIGWINCH {
				o.resize()
			} else if typed.ours(s) || fromKeyboard(s) {
				continue // the terminal sent it to the command, too
			}
			cmd.Process.Signal(s)
		}
	}
}

// SecretFile returns an unnamed file that holds a value, positioned at its beginning, and
// reports whether the file is on a disk.
func SecretFile(getenv func(string) string, value []byte) (f *os.File, onDisk bool, err error) {
	dir, err := PrivateDir(getenv, Files)
	if err != nil {
		return nil, false, err
	}
	defer dir.Remove()
	path, err := WriteFile(dir.Path, "value", value)
	if err != nil {
		return nil, false, err
	}
	f, err = os.Open(path)
	return f, dir.OnDisk, err
}

// Stdin makes a file the standard input for a program that replaces this process.
func Stdin(f *os.File) error {
	fd, err := unix.Dup(int(f.Fd()))
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	return dup2(fd, 0)
}
