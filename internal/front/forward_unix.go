//go:build unix

package front

import (
	"errors"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"
)

// lastSignal is the highest signal of Linux and of os/signal.
const lastSignal = 64

// forwarded returns the signals to forward to the command: all that can be caught, except
// those that the kernel and Go's runtime send to us. The late ones must be caught only
// after the command has started, because it inherits our signal dispositions, and Go keeps
// ignored signals ignored.
func forwarded() (early, late []os.Signal) {
	for s := syscall.Signal(1); s <= lastSignal; s++ {
		switch s {
		case syscall.SIGKILL, syscall.SIGSTOP: // can't be caught
		case syscall.SIGCHLD: // the command has ended
		case syscall.SIGURG, syscall.SIGPROF: // Go's runtime keeps them
		case syscall.SIGTTIN, syscall.SIGTTOU: // stop the whole group, including us
		case syscall.SIGTSTP, syscall.SIGCONT:
			late = append(late, s)
		default:
			if signal.Ignored(s) {
				late = append(late, s)
			} else {
				early = append(early, s)
			}
		}
	}
	return early, late
}

// reap waits for the command and reports when it stops and when it ends. As the first
// process of a container it also waits for every orphan.
func reap(pid int, changed chan<- syscall.WaitStatus) {
	var status syscall.WaitStatus
	for {
		which := pid
		if os.Getpid() == 1 {
			which = -1
		}
		got, err := syscall.Wait4(which, &status, syscall.WUNTRACED, nil)
		if got == pid || err != nil && !errors.Is(err, syscall.EINTR) {
			changed <- status
			if err != nil || !status.Stopped() {
				return
			}
		}
	}
}

// stopWith stops us as the command stopped: if a pager stops only itself, the shell waits
// for us. Without a terminal no user can run fg.
func stopWith() {
	if tty, err := terminal(); err == nil {
		tty.Close()
		syscall.Kill(os.Getpid(), syscall.SIGSTOP)
	}
}

func terminal() (*os.File, error) { return os.OpenFile("/dev/tty", os.O_RDWR|syscall.O_NOCTTY, 0) }

// typedStop matches the two signals of one ^Z: the command's and ours. Ours may be read last,
// after bg, when the terminal is the shell's and shows no longer who sent it. Forwarded, it
// would stop the command again.
type typedStop struct{ came, due bool }

// command notes that the command stopped.
func (t *typedStop) command(status syscall.WaitStatus) {
	t.due = status.StopSignal() == syscall.SIGTSTP && !t.came && fromKeyboard(syscall.SIGTSTP)
	t.came = false
}

// ours reports whether a signal is the one that is still due.
func (t *typedStop) ours(s os.Signal) bool {
	if s != syscall.SIGTSTP {
		return false
	}
	due := t.due
	t.due = false
	t.came = !due && fromKeyboard(s)
	return due
}

// fromKeyboard reports whether a signal most likely came from the terminal, which sends it
// to its whole foreground group.
func fromKeyboard(s os.Signal) bool {
	if s != syscall.SIGINT && s != syscall.SIGQUIT && s != syscall.SIGTSTP {
		return false
	}
	tty, err := terminal()
	if err != nil {
		return false
	}
	defer tty.Close()
	group, err := unix.IoctlGetInt(int(tty.Fd()), unix.TIOCGPGRP)
	return err == nil && group == syscall.Getpgrp()
}
