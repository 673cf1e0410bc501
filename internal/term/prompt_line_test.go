package term

import (
	"bytes"
	"io"
	"strings"
	"testing"
)

// enter types s into a line and returns the rest after the line is complete.
func enter(t *testing.T, l *line, s string) (rest string) {
	t.Helper()
	for i := range len(s) {
		if done, err := l.key(s[i]); err != nil {
			t.Fatal(err)
		} else if done {
			return s[i+1:]
		}
	}
	t.Fatalf("%.50q is not complete", s)
	return ""
}

func TestLineKeys(t *testing.T) {
	for typed, want := range map[string]string{
		"a b\n":                          "a b",
		"a\r":                            "a",
		"\x7f\b\x15\x17a\n":              "a",
		"名字\x7f\n":                       "名",
		"a\xff\x7f\n":                    "a",
		"one two  \x17three\n":           "one three",
		"one\x17two\n":                   "two",
		"one\x15two\n":                   "two",
		"a\x04b\n":                       "ab",
		"\x1b[200~a\x1b[201~b\n":         "ab",
		"x\x1b[200~\x1b[201~\n":          "x",
		"\x1b[20~\x1b[D\n":               "\x1b[20~\x1b[D",
		"tab\tand\x00nul\n":              "tab\tand\x00nul",
		strings.Repeat("é", 9999) + "\n": strings.Repeat("é", 9999),
	} {
		var l line
		if rest := enter(t, &l, typed); string(l.buf) != want || rest != "" {
			t.Errorf("%.50q: %.50q and %q, want %.50q", typed, l.buf, rest, want)
		}
	}
	if done, err := new(line).key(endOfInput); !done || err != io.EOF {
		t.Error(done, err)
	}
}

func TestLineTooLong(t *testing.T) {
	full := strings.Repeat("x", MaxLine)
	for typed, want := range map[string]int{
		full + "\n":              MaxLine,
		full + "y\n":             MaxLine + 1,
		full + "yyy\x7f\x17\n":   MaxLine + 1, // as long as before, for all we know
		full + "yyy\x15short\n":  5,
		full + "\x7f\x7fabc\n":   MaxLine + 1,
		full + "\x7f\x7fab\n":    MaxLine,
		full + full + "tail\r":   MaxLine + 1,
		full + "\x1b[201~tail\r": MaxLine + 1,

		full + "\x1b[200~a\rb\x15\x1b[201~tail\r": MaxLine + 1,
	} {
		var l line
		if rest := enter(t, &l, typed); len(l.buf) != want || rest != "" {
			t.Errorf("%d bytes and %q, want %d", len(l.buf), rest, want)
		}
	}
}

// Outgrown and erased bytes do not stay in memory.
func TestLineWipes(t *testing.T) {
	var l line
	enter(t, &l, strings.Repeat("s", 256)+"\n")
	outgrown := l.buf
	enter(t, &l, "more\n")
	if &outgrown[0] == &l.buf[0] {
		t.Fatal("it did not grow")
	}
	whole := l.buf
	enter(t, &l, "\x15\n")
	for _, old := range [][]byte{outgrown, whole} {
		if len(bytes.Trim(old, "\x00")) > 0 {
			t.Errorf("%q is still there", old)
		}
	}
}
