// Package term implements what the tool needs from terminals.
package term

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/term"
)

// IsTerminal reports whether f is a terminal.
func IsTerminal(f any) bool {
	file, ok := f.(interface{ Fd() uintptr })
	return ok && term.IsTerminal(int(file.Fd()))
}

// Escape makes untrusted text safe to print on one line. It writes control characters, bidi
// controls, line separators and invalid UTF-8 as Go escapes. Terminals act on the first;
// the others can deceive people.
func Escape(s string) string {
	if !strings.ContainsFunc(s, unprintable) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			b.WriteString(`\x`)
			b.WriteByte(hex[s[i]>>4])
			b.WriteByte(hex[s[i]&15])
		case !unprintable(r):
			b.WriteRune(r)
		default:
			b.WriteString(escapeRune(r))
		}
		i += n
	}
	return b.String()
}

// EscapeJSON is [Escape] for a JSON document. The values of its strings don't change (RFC
// 8259, section 7).
func EscapeJSON(document string) string {
	var b strings.Builder
	for _, r := range document {
		if r == '\n' || r == utf8.RuneError || !unprintable(r) {
			b.WriteRune(r)
			continue
		}
		for _, u := range utf16.AppendRune(nil, r) {
			fmt.Fprintf(&b, `\u%04x`, u)
		}
	}
	return b.String()
}

const hex = "0123456789abcdef"

func unprintable(r rune) bool { return !unicode.IsPrint(r) || r == utf8.RuneError }

func escapeRune(r rune) string {
	b := []byte(`\u{`)
	started := false
	for shift := 20; shift >= 0; shift -= 4 {
		if d := r >> shift & 15; d != 0 || started || shift == 0 {
			b = append(b, hex[d])
			started = true
		}
	}
	return string(append(b, '}'))
}

// HasControl reports whether a terminal would act on s: whether it contains anything but
// printable text, line feeds and tabs.
func HasControl(s []byte) bool {
	for len(s) > 0 {
		r, n := utf8.DecodeRune(s)
		if r != '\n' && r != '\t' && unprintable(r) {
			return true
		}
		s = s[n:]
	}
	return false
}
