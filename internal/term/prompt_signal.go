//go:build unix

package term

import (
	"os"
	"os/signal"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// catch routes signals to the prompt. Those that end the process do so here too, unless
// they are ignored, as under nohup(1).
func (p *prompt) catch() {
	signal.Stop(stops())
	for _, s := range []os.Signal{unix.SIGINT, unix.SIGTERM, unix.SIGHUP, unix.SIGQUIT} {
		if !signal.Ignored(s) {
			signal.Notify(p.signals, s)
		}
	}
	signal.Notify(p.signals, unix.SIGTSTP, unix.SIGCONT)
}

// release undoes catch. It returns a signal that came too late for the prompt but would
// have ended the process.
func (p *prompt) release() (last os.Signal) {
	signal.Stop(p.signals)
	signal.Notify(stops(), unix.SIGTSTP)
	for len(p.signals) > 0 {
		switch s := <-p.signals; s {
		case unix.SIGTSTP:
			stop()
		case unix.SIGCONT:
		default:
			last = s
		}
	}
	return last
}

// signalled handles one signal, if one comes within the wait.
func (p *prompt) signalled(wait time.Duration) error {
	var s os.Signal
	select {
	case s = <-p.signals:
	default:
		if wait == 0 {
			return nil
		}
		select {
		case s = <-p.signals:
		case <-time.After(wait):
			return nil
		}
	}
	switch s {
	case unix.SIGCONT:
		// The shell may have changed the terminal in between.
		p.shown = false
	case unix.SIGTSTP:
		p.restore()
		stop()
		// The stop may take effect in another thread, a moment later. After it, both
		// SIGCONT and the end of the tick are there.
		return p.signalled(tick)
	default:
		return &Interrupted{s}
	}
	return nil
}

// stops receives SIGTSTP while there is no prompt: once the runtime has caught that signal,
// its default action can't be restored.
var stops = sync.OnceValue(func() chan os.Signal {
	c := make(chan os.Signal, 1)
	go func() {
		for range c {
			stop()
		}
	}()
	return c
})

// stop is the default action of SIGTSTP. Like the kernel, it spares the group of the
// session leader: no shell could continue it.
func stop() {
	group, _ := unix.Getpgid(0)
	if session, err := unix.Getsid(0); err == nil && session != group {
		unix.Kill(unix.Getpid(), unix.SIGSTOP)
	}
}

// die is the default action of a signal that ends a process.
func die(s os.Signal) {
	signal.Reset(s)
	unix.Kill(unix.Getpid(), s.(unix.Signal))
	time.Sleep(time.Second) // for it to take effect
}
