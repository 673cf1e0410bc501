//go:build unix

package front

import (
	"errors"
	"os"
	"os/exec"
	"os/signal"
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

// forwarded are the signals that a shell would leave to the command. Stopping is not
// among them: the whole group stops, and we with it.
var forwarded = []os.Signal{syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGUSR1, syscall.SIGUSR2,
	syscall.SIGALRM, syscall.SIGWINCH}

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
		// Who closes our output closes the command's, and does not end us before it.
		pipe := make(chan os.Signal, 1)
		signal.Notify(pipe, syscall.SIGPIPE)
		defer signal.Stop(pipe)
	}
	// What we were started to ignore, the command is as well, until it says otherwise: it
	// is caught when the command was started, and then sent on like the rest.
	signals := make(chan os.Signal, 32)
	var ignored []os.Signal
	for _, s := range forwarded {
		if signal.Ignored(s) {
			ignored = append(ignored, s)
		} else {
			signal.Notify(signals, s)
		}
	}
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
	if len(ignored) > 0 {
		signal.Notify(signals, ignored...)
	}
	o.begin()
	ended := make(chan syscall.WaitStatus, 1)
	go func() { ended <- reap(cmd.Process.Pid) }()
	for {
		select {
		case status := <-ended:
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

// reap waits for the command, and as the first process of a container for every
// orphan.
func reap(pid int) syscall.WaitStatus {
	var status syscall.WaitStatus
	for {
		which := pid
		if os.Getpid() == 1 {
			which = -1
		}
		got, err := syscall.Wait4(which, &status, 0, nil)
		if got == pid || err != nil && !errors.Is(err, syscall.EINTR) {
			return status
		}
	}
}

// fromKeyboard reports whether a signal came, most likely, from the terminal, which
// sends it to all of its foreground group.
func fromKeyboard(s os.Signal) bool {
	if s != syscall.SIGINT && s != syscall.SIGQUIT {
		return false
	}
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		return false
	}
	defer tty.Close()
	group, err := unix.IoctlGetInt(int(tty.Fd()), unix.TIOCGPGRP)
	return err == nil && group == syscall.Getpgrp()
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
