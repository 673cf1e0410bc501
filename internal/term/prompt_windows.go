package term

import (
	"fmt"
	"os"
	"os/signal"
	"time"

	"golang.org/x/term"
)

// Terminal is the console of the process.
type Terminal struct{ in, out *os.File }

// Open opens the console, whatever the standard streams are.
func Open() (*Terminal, error) {
	in, err := os.OpenFile("CONIN$", os.O_RDWR, 0)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoTerminal, err)
	}
	out, err := os.OpenFile("CONOUT$", os.O_RDWR, 0)
	if err != nil {
		in.Close()
		return nil, fmt.Errorf("%w: %w", ErrNoTerminal, err)
	}
	return &Terminal{in, out}, nil
}

// Close closes the console.
func (t *Terminal) Close() error {
	t.out.Close()
	return t.in.Close()
}

type answer struct {
	text []byte
	err  error
}

func (t *Terminal) ask(text string, k kind) ([]byte, error) {
	hide := k != shown
	saved, err := term.GetState(int(t.in.Fd()))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoTerminal, err)
	}
	defer term.Restore(int(t.in.Fd()), saved)
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt)
	defer signal.Stop(interrupts)
	if _, err := t.out.WriteString(text); err != nil {
		return nil, err
	}
	answers := make(chan answer, 1)
	go func() {
		b, err := t.read(hide)
		answers <- answer{b, err}
	}()
	var a answer
	select {
	case a = <-answers:
	case s := <-interrupts:
		a.err = &Interrupted{s}
	}
	if hide || a.err != nil {
		t.out.WriteString("\r\n")
	}
	if a.err == nil {
		return a.text, nil
	}
	clear(a.text)
	// Ctrl-C ends the read too, and may be seen there first.
	select {
	case s := <-interrupts:
		return nil, &Interrupted{s}
	case <-time.After(100 * time.Millisecond):
		return nil, a.err
	}
}

func (t *Terminal) read(hide bool) ([]byte, error) {
	if hide {
		return term.ReadPassword(int(t.in.Fd()))
	}
	var l line
	for {
		var b [1]byte
		if _, err := t.in.Read(b[:]); err != nil {
			return nil, err
		}
		// The console ends lines with both, and the second is not for the next question.
		if b[0] == '\r' {
			continue
		}
		if done, err := l.key(b[0]); done || err != nil {
			return l.buf, err
		}
	}
}

// Hold is for systems where the echo can stay off.
type Hold struct{}

// Again asks once more.
func (h *Hold) Again(prompt string) ([]byte, *Hold, error) {
	t, err := Open()
	if err != nil {
		return nil, nil, err
	}
	defer t.Close()
	return t.HiddenAndHold(prompt)
}

// Release gives the terminal back.
func (*Hold) Release(bool) error { return nil }

// HiddenAndHold is [Terminal.Hidden].
func (t *Terminal) HiddenAndHold(prompt string) ([]byte, *Hold, error) {
	b, err := t.Hidden(prompt)
	return b, &Hold{}, err
}

// Drain is for systems whose shells read the same input.
func Drain() {}
