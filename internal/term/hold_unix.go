//go:build unix

package term

import (
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// Hold keeps the echo off after a question was answered, until the answer was checked:
// users who think that they mistyped a passphrase type it again during the check.
type Hold struct {
	p    *prompt
	mu   sync.Mutex
	last os.Signal // that would have ended the process
	over chan struct{}
	done chan struct{}
	more bool // the next answers may have been sent ahead
}

// ahead records whether input was left when the last hidden question was answered.
var ahead struct {
	sync.Mutex
	left bool
}

// newHold takes over the prompt. The terminal may be closed meanwhile. more says that input
// was left when the answer was complete.
func newHold(p *prompt, more bool) (*Hold, error) {
	fd, err := unix.FcntlInt(uintptr(p.fd), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	p.fd = fd
	h := &Hold{p: p, over: make(chan struct{}), done: make(chan struct{}), more: more}
	if p.kind != shown {
		ahead.Lock()
		ahead.left = more
		ahead.Unlock()
	}
	go h.watch()
	return h, nil
}

// watch handles signals. One that ends the process takes effect when the hold ends; a
// second one at once.
func (h *Hold) watch() {
	defer close(h.done)
	for {
		select {
		case <-h.over:
			return
		case s := <-h.p.signals:
			h.signal(s)
		}
	}
}

func (h *Hold) signal(s os.Signal) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch s {
	case unix.SIGCONT:
		if h.p.saved != nil && foreground(h.p.fd) {
			h.p.conceal()
		}
	case unix.SIGTSTP:
		if saved := h.p.saved; saved != nil {
			h.p.restore()
			stop()
			h.p.saved = saved // for SIGCONT, when the terminal is ours again
		} else {
			stop()
		}
	default:
		if h.last != nil {
			h.p.restore()
			die(s)
		}
		h.last = s
	}
}

// Release gives the terminal back. done means that no question follows. Then input typed
// meanwhile was meant for the answered question, and is dropped.
func (h *Hold) Release(done bool) error {
	h.end()
	if done && !h.more && h.p.saved != nil && foreground(h.p.fd) {
		drain(h.p.fd)
	}
	h.p.restore()
	unix.Close(h.p.fd)
	return h.interrupted()
}

func (h *Hold) end() {
	close(h.over)
	<-h.done
	if s := h.p.release(); h.last == nil {
		h.last = s
	}
}

func (h *Hold) interrupted() error {
	if h.last == nil {
		return nil
	}
	return &Interrupted{h.last}
}

// Again asks once more, without turning the echo on between the two questions. It ends the
// old Hold.
func (h *Hold) Again(prompt string) ([]byte, *Hold, error) {
	h.end()
	defer unix.Close(h.p.fd)
	if err := h.interrupted(); err != nil {
		h.p.restore()
		return nil, nil, err
	}
	return (&Terminal{h.p.fd}).hiddenAndHold(prompt, h.p.saved)
}

// HiddenAndHold is [Terminal.Hidden] but leaves the echo off. The Hold is nil on an error.
func (t *Terminal) HiddenAndHold(prompt string) ([]byte, *Hold, error) {
	return t.hiddenAndHold(prompt, nil)
}

func (t *Terminal) hiddenAndHold(prompt string, saved *unix.Termios) ([]byte, *Hold, error) {
	b, h, err := t.askAndHold(Escape(prompt)+": ", hidden, saved)
	if err != nil {
		return nil, nil, err
	}
	if b, err = oneLine(b, nil); err != nil {
		h.Release(false)
		return nil, nil, err
	}
	return b, h, nil
}

// drain reads and drops the available input.
func drain(fd int) {
	var b [256]byte
	for n, err := unix.Read(fd, b[:]); n > 0 || err == unix.EINTR; n, err = unix.Read(fd, b[:]) {
		clear(b[:])
	}
}

// Drain drops input that was left in the terminal when the last hidden question was
// answered: a shell would run it. Call it at the end of the program.
func Drain() {
	ahead.Lock()
	defer ahead.Unlock()
	if !ahead.left {
		return
	}
	ahead.left = false
	t, err := Open()
	if err != nil {
		return
	}
	defer t.Close()
	p := &prompt{fd: t.fd, kind: hidden}
	if !foreground(p.fd) || p.conceal() != nil {
		return
	}
	for {
		drain(p.fd)
		if more, err := p.readyWithin(pause, false); err != nil || !more {
			break
		}
	}
	p.restore()
}
