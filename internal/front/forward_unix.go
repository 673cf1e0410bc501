//go:build unix

package front

import (
	"errors"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"
)

// lastSignal is the highest of Linux, and of what os/signal takes.
const lastSignal = 64

// forwarded are the signals that are sent on to the command: all that can be caught but
// those with which the kernel and Go's runtime speak to us. Some are to be caught only
// when the command was started, because it starts with what we were started with: Go
// leaves alone whether these were ignored.
func forwarded() (early, late []os.Signal) {
	for s := syscall.Signal(1); s <= lastSignal; s++ {
		switch s {
		case syscall.SIGKILL, syscall.SIGSTOP: // can't be caught
		case syscall.SIGCHLD: // says that the command ended
		case syscall.SIGURG, syscall.SIGPROF: // Go's runtime keeps them
		case syscall.SIGTTIN, syscall.SIGTTOU: // stop the whole group, and us with it
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

// reap waits for the command, says when it stops and when it ended, and waits, as the
// first process of a container, for every orphan.
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

// stopWith stops us as the command stopped: a pager that stops itself alone would leave
// the shell waiting for us. Without a terminal nobody is there to say fg.
func stopWith() {
	if tty, err := terminal(); err == nil {
		tty.Close()
		syscall.Kill(os.Getpid(), syscall.SIGSTOP)
	}
}

func terminal() (*os.File, error) { return os.OpenFile("/dev/tty", os.O_RDWR|syscall.O_NOCTTY, 0) }

// fromKeyboard reports whether a signal came, most likely, from the terminal, which
// sends it to all of its foreground group.
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
