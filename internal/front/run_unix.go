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

// Command is what is run, and what is hidden of its output.
type Command struct {
	Path      string
	Args, Env []string
	Stdin     *os.File // nil for our own
	Mask      []string // values; nil passes the output on as it is
	// Start starts it, with whatever holds for it and not for us.
	Start func(*exec.Cmd) error
}

// Run runs a command in our own process group, so that the terminal is its as well,
// and returns its exit code, 128+n if a signal ended it. An [OutputError] says that it
// ended well and its output did not arrive; any other error, that it was not started.
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
	// The kernel ends the command when the thread that started it does.
	runtime.LockOSThread()
	// PIPE and XFSZ are among them: if we can't write what the command wrote, it hears so.
	signals := make(chan os.Signal, 64)
	early, late := forwarded()
	signal.Notify(signals, early...)
	defer signal.Stop(signals)
	if err := c.Start(cmd); errors.Is(err, syscall.ENOEXEC) {
		// A script without a #! line; execvp(3) gives it to the shell too.
		cmd = &exec.Cmd{Path: "/bin/sh", Args: append([]string{"sh", c.Path}, c.Args[1:]...), Env: c.Env,
			Stdin: cmd.Stdin, Stdout: cmd.Stdout, Stderr: cmd.Stderr}
		err = c.Start(cmd)
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
	for {
		select {
		case status := <-changed:
			if status.Stopped() {
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
			} else if fromKeyboard(s) {
				continue // the terminal sent it to the command, too
			}
			cmd.Process.Signal(s)
		}
	}
}

// SecretFile returns a file that holds a value and has no name, at its beginning, and
// whether it lies on a disk.
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

// Stdin makes a file the standard input of what this process becomes.
func Stdin(f *os.File) error {
	fd, err := unix.Dup(int(f.Fd()))
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	return dup2(fd, 0)
}
