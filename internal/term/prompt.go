package term

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"unicode/utf8"
)

// ErrNoTerminal is in the error of [Open] if there is no terminal to ask on.
var ErrNoTerminal = errors.New("no terminal")

// Interrupted is the error of a prompt that a signal ended. The terminal is restored.
type Interrupted struct{ Signal os.Signal }

func (i *Interrupted) Error() string { return "interrupted by a signal: " + i.Signal.String() }

// MaxLine is the maximum length of an answer in bytes. For a longer one the prompt returns
// its first MaxLine+1 bytes. That is enough to refuse it, and the rest, which may be
// secret, is not left for the shell to run.
const MaxLine = 1 << 20

// ErrLines reports that several lines were pasted in place of one. None of them is left in
// the input.
var ErrLines = errors.New("several lines were pasted, but one is expected")

// kind is the kind of answer.
type kind int

const (
	shown       kind = iota // a line that the terminal shows
	hidden                  // a line that it does not show
	hiddenValue             // the same, but a paste may have several lines
)

// Hidden asks for a line that the terminal does not show. It returns io.EOF if the input
// ends before the line.
func (t *Terminal) Hidden(prompt string) ([]byte, error) {
	b, err := t.ask(Escape(prompt)+": ", hidden)
	return oneLine(b, err)
}

func oneLine(b []byte, err error) ([]byte, error) {
	if b = bytes.TrimSuffix(b, []byte("\n")); bytes.IndexByte(b, '\n') >= 0 {
		clear(b)
		return nil, ErrLines
	}
	return b, err
}

// HiddenValue is [Terminal.Hidden], but a paste may have several lines; each then ends in a
// line feed. It takes the whole paste out of the input, so that no shell runs the second line.
func (t *Terminal) HiddenValue(prompt string) ([]byte, error) {
	b, err := t.ask(Escape(prompt)+": ", hiddenValue)
	if bytes.IndexByte(b, '\n') >= 0 && !bytes.HasSuffix(b, []byte("\n")) {
		b = append(b, '\n')
	}
	return b, err
}

// Line asks for a line that the terminal shows.
func (t *Terminal) Line(prompt string) (string, error) {
	b, err := t.ask(Escape(prompt)+": ", shown)
	return string(b), err
}

// Confirm asks a question. Anything but a clear yes is a no.
func (t *Terminal) Confirm(question string) (bool, error) {
	b, err := t.ask(Escape(question)+" [y/N] ", shown)
	if err == io.EOF {
		return false, nil
	}
	answer := strings.TrimSpace(string(b))
	return err == nil && (strings.EqualFold(answer, "y") || strings.EqualFold(answer, "yes")), err
}

const (
	endOfInput = 'D' & 31
	// Linux's form of one typed before the terminal left line mode.
	endTypedAhead = 0
	backspace     = '\b'
	eraseLine     = 'U' & 31
	eraseWord     = 'W' & 31
	del           = 0x7f
)

// Terminals put these around a paste if the program asks for it, which we do with the
// others (xterm's Control Sequences, Bracketed Paste Mode).
const (
	pasteBegins  = "\x1b[200~"
	pasteEnds    = "\x1b[201~"
	markPastes   = "\x1b[?2004h"
	unmarkPastes = "\x1b[?2004l"
)

// line is an answer being typed. It leaves no copy of its bytes behind.
type line struct {
	buf    []byte
	pasted bool // the input is a paste: none of it is a key
	last   [len(pasteBegins)]byte
}

// key takes the next byte of the input and reports whether the line is complete.
func (l *line) key(c byte) (done bool, err error) {
	if l.pasted {
		if c == '\r' {
			c = '\n'
		}
		l.add(c)
		return false, nil
	}
	switch c {
	case '\r', '\n':
		return true, nil
	case endOfInput:
		if len(l.buf) == 0 {
			return true, io.EOF
		}
		return l.afterLines(), nil
	case endTypedAhead:
		if l.afterLines() {
			return true, nil
		}
		l.add(c)
	case eraseLine:
		l.cut(0)
	case backspace, del:
		if !l.tooLong() {
			_, n := utf8.DecodeLastRune(l.buf)
			l.cut(len(l.buf) - n)
		}
	case eraseWord:
		if !l.tooLong() {
			l.cut(bytes.LastIndexByte(bytes.TrimRight(l.buf, " "), ' ') + 1)
		}
	default:
		l.add(c)
	}
	return false, nil
}

// afterLines reports whether the input ends with the lines of a paste.
func (l *line) afterLines() bool { return len(l.buf) > 0 && l.buf[len(l.buf)-1] == '\n' }

// tooLong reports whether the line is too long. The end of such a line is unknown, so
// nothing can be erased there.
func (l *line) tooLong() bool { return len(l.buf) > MaxLine }

func (l *line) add(c byte) {
	copy(l.last[:], l.last[1:])
	l.last[len(l.last)-1] = c
	if l.tooLong() {
		l.marked(string(l.last[:]))
		return
	}
	if len(l.buf) == cap(l.buf) {
		// append would leave the old array and its content to the collector.
		grown := make([]byte, len(l.buf), max(256, 2*cap(l.buf)))
		copy(grown, l.buf)
		clear(l.buf)
		l.buf = grown
	}
	l.buf = append(l.buf, c)
	if n := len(l.buf) - len(pasteBegins); n >= 0 && l.marked(string(l.buf[n:])) {
		l.cut(n)
	}
}

// marked reports whether the last bytes are a mark around a paste, and acts on it.
func (l *line) marked(last string) bool {
	if last != pasteBegins && last != pasteEnds {
		return false
	}
	l.pasted = last == pasteBegins
	return true
}

func (l *line) cut(n int) {
	clear(l.buf[n:])
	l.buf = l.buf[:n]
}
