//go:build unix

package term

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

const device = "/dev/tty"

// tick is the longest time until a signal is seen.
const tick = 100 * time.Millisecond

// Terminal is the controlling terminal.
type Terminal struct{ fd int }

// Open opens the terminal, whatever the standard streams are.
func Open() (*Terminal, error) {
	// Not an os.File, whose poller can't use this device on macOS. Non-blocking, because a
	// terminal stopped by ^S would keep us from handling signals.
	fd, err := unix.Open(device, unix.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrNoTerminal, device, err)
	}
	t := &Terminal{fd}
	switch {
	case !term.IsTerminal(fd):
		err = fmt.Errorf("%w: %s is not a terminal", ErrNoTerminal, device)
	case fd >= unix.FD_SETSIZE: // which select(2) can't take
		err = fmt.Errorf("%s: %w", device, unix.EMFILE)
	default:
		return t, nil
	}
	t.Close()
	return nil, err
}

// Close closes the terminal.
func (t *Terminal) Close() error { return unix.Close(t.fd) }

// prompt is one question.
type prompt struct {
	fd      int
	text    string
	kind    kind
	signals chan os.Signal
	saved   *unix.Termios // the terminal's former settings, while they are changed
	asked   bool          // the question was printed, perhaps before we were stopped
	shown   bool          // the question is on the screen, and the echo is right
	line    line
}

// asking guards the only terminal and its signal handler.
var asking sync.Mutex

func (t *Terminal) ask(text string, k kind) ([]byte, error) {
	b, h, err := t.askAndHold(text, k, nil)
	if h != nil {
		err = h.Release(false)
	}
	if err != nil {
		clear(b)
		return nil, err
	}
	return b, nil
}

// askAndHold asks and, if there is an answer, keeps the terminal's settings for the
// question. saved has the former settings if the terminal is already held.
func (t *Terminal) askAndHold(text string, k kind, saved *unix.Termios) ([]byte, *Hold, error) {
	asking.Lock()
	defer asking.Unlock()
	p := &prompt{fd: t.fd, text: text, kind: k, signals: make(chan os.Signal, 16), saved: saved}
	p.catch()
	err := p.run()
	more := false
	if k != shown && err == nil {
		more, _ = p.readyWithin(0, false) // before the line end, which tells people to go on
	}
	if (k != shown || err != nil) && foreground(p.fd) {
		unix.Write(p.fd, []byte("\n"))
	}
	if err == nil {
		h, err := newHold(p, more)
		if err == nil {
			return p.line.buf, h, nil
		}
	}
	p.restore()
	if s := p.release(); s != nil {
		err = &Interrupted{s}
	}
	if errno, ok := err.(unix.Errno); ok {
		err = fmt.Errorf("%s: %w", device, errno)
	}
	p.line.cut(0)
	return nil, nil, err
}

// patience is how often we wait in the background to be continued. A process that no one
// could continue is not stopped either.
const patience = 20

func (p *prompt) run() error {
	for refused := 0; refused < patience; {
		if err := p.signalled(0); err != nil {
			return err
		}
		if !p.shown && !foreground(p.fd) {
			if err := p.wait(); err != nil {
				return err
			}
			refused++
			continue
		}
		refused = 0
		if !p.shown {
			if err := p.show(); err != nil {
				return err
			}
			continue
		}
		if done, err := p.read(); err != nil {
			return err
		} else if done && (p.kind != hiddenValue || !p.more()) {
			return nil
		}
	}
	return unix.EIO
}

// pause is the longest time between the lines of a paste, if the terminal does not mark it.
const pause = tick / 2

// more reports whether more lines of a paste follow. If so, it keeps the line end.
func (p *prompt) more() bool {
	if ok, err := p.readyWithin(pause, false); err != nil || !ok {
		return false
	}
	p.line.add('\n')
	return true
}

// wait does what a read in the background would do, but such a read could not be ended.
func (p *prompt) wait() error {
	// SIGCONT may have been sent after a signal that ends us (kill %1), which the runtime
	// is about to deliver.
	time.Sleep(tick)
	for len(p.signals) > 0 {
		if err := p.signalled(0); err != nil {
			return err
		}
	}
	if !foreground(p.fd) {
		unix.Kill(unix.Getpid(), unix.SIGTTIN)
		time.Sleep(tick) // for the stop to take effect, perhaps in another thread
	}
	return nil
}

// show prepares the terminal and prints the question, the first time and after the process
// was continued.
func (p *prompt) show() error {
	if p.kind != shown {
		if err := p.conceal(); err != nil {
			return err
		}
	}
	rest := []byte(p.text)
	if p.asked {
		rest = []byte("\r" + p.text)
	}
	p.asked, p.shown = true, true
	for len(rest) > 0 && p.shown {
		n, err := unix.Write(p.fd, rest)
		switch {
		case n > 0:
			rest = rest[n:]
		case err == unix.EAGAIN || err == unix.EINTR:
			if _, err := p.ready(true); err != nil {
				return err
			}
			if err := p.signalled(0); err != nil {
				return err
			}
		case err != nil:
			return err
		}
	}
	return nil
}

// conceal turns off the echo, and line mode, in which the kernel cuts a line at 4096 bytes. It
// keeps input from before the question (TCSETS, not TCSETSF): scripts answer ahead, and the
// answer to a second question may be waiting. Nor does it wait for output, which ^S may hold.
func (p *prompt) conceal() error {
	if p.saved == nil {
		saved, err := unix.IoctlGetTermios(p.fd, ioctlGet)
		if err != nil {
			return err
		}
		p.saved = saved
	}
	mode := *p.saved
	mode.Lflag &^= unix.ECHO | unix.ECHONL | unix.ICANON | unix.IEXTEN
	mode.Cc[unix.VMIN], mode.Cc[unix.VTIME] = 1, 0
	if err := unix.IoctlSetTermios(p.fd, ioctlSet, &mode); err != nil {
		return err
	}
	if marksPastes() {
		unix.Write(p.fd, []byte(markPastes))
	}
	return nil
}

// marksPastes reports whether to use the sequence. Terminals that don't know it ignore it,
// but one that knows no sequences would print it.
func marksPastes() bool {
	name := os.Getenv("TERM")
	return name != "" && name != "dumb"
}

// restore gives the terminal back, unless it belongs to another process by now.
func (p *prompt) restore() {
	if p.saved != nil && foreground(p.fd) {
		if marksPastes() {
			unix.Write(p.fd, []byte(unmarkPastes))
		}
		unix.IoctlSetTermios(p.fd, ioctlSet, p.saved)
	}
	p.saved = nil
	p.shown = false
}

// read reads only one byte: anything after the line end is for the next question or the
// next program.
func (p *prompt) read() (done bool, err error) {
	if ok, err := p.ready(false); err != nil || !ok {
		return false, err
	}
	var b [1]byte
	n, err := unix.Read(p.fd, b[:])
	switch {
	case n > 0:
		return p.line.key(b[0])
	case err == unix.EAGAIN || err == unix.EINTR:
		return false, nil
	case err == nil:
		err = io.EOF
	}
	return true, err
}

// ready waits, for at most a tick, until the terminal has input or accepts output. It uses
// select(2) because poll(2) on macOS refuses this device.
func (p *prompt) ready(output bool) (bool, error) { return p.readyWithin(tick, output) }

func (p *prompt) readyWithin(wait time.Duration, output bool) (bool, error) {
	var fds unix.FdSet
	fds.Set(p.fd)
	in, out := &fds, (*unix.FdSet)(nil)
	if output {
		in, out = out, in
	}
	timeout := unix.NsecToTimeval(int64(wait))
	n, err := unix.Select(p.fd+1, in, out, nil, &timeout)
	if err == unix.EINTR {
		return false, nil
	}
	return n > 0, err
}

// foreground reports whether the terminal is ours to use.
func foreground(fd int) bool {
	v, err := unix.IoctlGetInt(fd, unix.TIOCGPGRP)
	// The kernel wrote 32 bits, which are the upper ones on big-endian machines.
	group := int32(v | int(int64(v)>>32))
	own, _ := unix.Getpgid(0)
	return err != nil || int(group) == own
}
