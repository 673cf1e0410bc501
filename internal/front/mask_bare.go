package front

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Shells and languages quote in many ways: \', '\'' and '"'"', $'…', a backslash before
// anything. All of them put backslashes, quotes and dollars between the characters of a
// value. So the stream is also searched without these bytes, for values without them.

// quoting has the bytes that may be there only for quoting.
var quoting = [256]bool{'\\': true, '\'': true, '"': true, '`': true, '$': true}

// mostQuotes is how many such bytes in a row count as quoting.
const mostQuotes = 16

// bares returns what is left of a quoted value. Control and non-ASCII characters may be
// escaped in it.
func bares(text string) (list []string) {
	text = strings.TrimRight(text, "\r\n")
	control, foreign := controls[:1], foreigns[:1]
	if strings.ContainsFunc(text, unicode.IsControl) {
		control = controls
	}
	if strings.ContainsFunc(text, func(r rune) bool { return r > unicode.MaxASCII }) {
		foreign = foreigns
	}
	for _, c := range control {
		for _, f := range foreign {
			list = append(list, style{c, f, f}.bare(text))
		}
	}
	if len(control) > 1 || len(foreign) > 1 {
		for _, s := range styles {
			list = append(list, s.bare(text))
		}
	}
	return list
}

// style is how a program writes characters that it does not show literally.
type style struct {
	control, foreign func(rune) string
	// broken gets a byte that is not UTF-8, as a negative number.
	broken func(rune) string
}

func (s style) bare(text string) string {
	var b strings.Builder
	for i, r := range text {
		switch {
		case r < 0x80 && quoting[r]:
		case r < ' ' || r == 0x7f:
			b.WriteString(s.control(r))
		case r == utf8.RuneError && !strings.HasPrefix(text[i:], "\uFFFD"):
			b.WriteString(s.broken(-rune(text[i])))
		case r > unicode.MaxASCII:
			b.WriteString(s.foreign(r))
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// letter returns C's and most languages' letter for a control character, or "".
func letter(r rune) string {
	if i := strings.IndexRune("\n\r\t", r); i >= 0 {
		return "nrt"[i : i+1]
	}
	return ""
}

func orElse(escape string) func(rune) string {
	return func(r rune) string {
		if s := letter(r); s != "" {
			return s
		}
		if r == 0x1b && !strings.Contains(escape, "%") {
			return escape
		}
		if !strings.Contains(escape, "%") {
			return fmt.Sprintf("x%02x", r)
		}
		return fmt.Sprintf(escape, r)
	}
}

// controls are ways to write control characters, without the backslash. The first keeps them.
var controls = []func(rune) string{
	func(r rune) string { return string(r) },
	orElse("x%02x"), orElse("x%02X"), orElse("%03o"), orElse("u%04x"), // Python and JSON, node, shells
	orElse("e"), orElse("E"), // fish, Ruby and Perl; bash
	func(r rune) string { // zsh
		if s := letter(r); s != "" {
			return s
		}
		return "C-" + string(r^0x40)
	},
}

// raw returns the bytes of a character, or the invalid byte.
func raw(r rune) []byte {
	if r < 0 {
		return []byte{byte(-r)}
	}
	return []byte(string(r))
}

func asIs(r rune) string { return string(raw(r)) }

func eachByte(format string) func(rune) string {
	return func(r rune) string {
		var b strings.Builder
		for _, c := range raw(r) {
			fmt.Fprintf(&b, format, c)
		}
		return b.String()
	}
}

// foreigns are ways to write non-ASCII characters. The first keeps them.
var foreigns = []func(rune) string{
	asIs,
	eachByte("x%02x"), eachByte("x%02X"), eachByte("%03o"),
	orRaw(func(r rune) string { // Python's ascii
		if r < 0x100 {
			return fmt.Sprintf("x%02x", r)
		}
		return unicodes(r)
	}),
	orRaw(func(r rune) string { return fmt.Sprintf("u%04x", r) }),
	orRaw(func(r rune) string { return fmt.Sprintf("u%04X", r) }),
	orRaw(func(r rune) string { return fmt.Sprintf("x{%x}", r) }), // Perl
	func(r rune) string { // zsh with locale C
		var b strings.Builder
		for _, c := range raw(r) {
			if c &= 0x7f; c < ' ' || c == 0x7f {
				fmt.Fprintf(&b, "M-C-%c", c^0x40)
			} else {
				fmt.Fprintf(&b, "M-%c", c)
			}
		}
		return b.String()
	},
}
