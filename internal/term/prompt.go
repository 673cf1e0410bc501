package term

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"unicode/utf8"
)

// ErrNoTerminal is in the error of Open where there is nobody to ask.
var ErrNoTerminal = errors.New("there is no terminal")

// Interrupted is the error of a prompt that a signal ended. The terminal is as
// it was before.
type Interrupted struct{ Signal os.Signal }

func (i *Interrupted) Error() string { return "interrupted by a signal: " + i.Signal.String() }

// MaxLine is the length of the longest answer, in bytes. Of a longer one the
// first MaxLine+1 bytes are returned: enough to refuse it, and the rest, which
// may be secret, is not left for the shell to read as a command.
const MaxLine = 1 << 20

// Hidden asks for a line that the terminal does not show. The end of the input
// in place of a line is io.EOF.
func (t *Terminal) Hidden(prompt string) ([]byte, error) {
	return t.ask(Escape(prompt)+": ", true)
}

// Line asks for a line that the terminal shows.
func (t *Terminal) Line(prompt string) (string, error) {
	b, err := t.ask(Escape(prompt)+": ", false)
	return string(b), err
}

// Confirm asks a question, to which anything but a clear yes is a no.
func (t *Terminal) Confirm(question string) (bool, error) {
	b, err := t.ask(Escape(question)+" [y/N] ", false)
	if err == io.EOF {
		return false, nil
	}
	answer := strings.TrimSpace(string(b))
	return err == nil && (strings.EqualFold(answer, "y") || strings.EqualFold(answer, "yes")), err
}

const (
	endOfInput = 'D' & 31
	backspace  = '\b'
	eraseLine  = 'U' & 31
	eraseWord  = 'W' & 31
	del        = 0x7f
)

// Terminals put these around what is pasted, if the program before us asked
// for it and did not take that back.
var pasteMarks = [][]byte{[]byte("\x1b[200~"), []byte("\x1b[201~")}

// line is an answer as it is typed. It leaves no copy of its bytes behind.
type line struct{ buf []byte }

// key takes the next byte of the input, and says whether the line is complete.
func (l *line) key(c byte) (done bool, err error) {
	switch c {
	case '\r', '\n':
		return true, nil
	case endOfInput:
		if len(l.buf) == 0 {
			return true, io.EOF
		}
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

// tooLong: the end of a line that is too long is unknown, so that nothing can
// be erased there.
func (l *line) tooLong() bool { return len(l.buf) > MaxLine }

func (l *line) add(c byte) {
	if l.tooLong() {
		return
	}
	if len(l.buf) == cap(l.buf) {
		// append would leave the old array, and its content, to the collector.
		grown := make([]byte, len(l.buf), max(256, 2*cap(l.buf)))
		copy(grown, l.buf)
		clear(l.buf)
		l.buf = grown
	}
	l.buf = append(l.buf, c)
	for _, mark := range pasteMarks {
		if bytes.HasSuffix(l.buf, mark) {
			l.cut(len(l.buf) - len(mark))
		}
	}
}

func (l *line) cut(n int) {
	clear(l.buf[n:])
	l.buf = l.buf[:n]
}
