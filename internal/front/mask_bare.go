package front

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Shells and languages quote in many ways: \', '\'' and '"'"', $'…', a backslash before
// anything. What they have in common is that they put backslashes, quotes and dollars
// between the characters of a value. So the stream is searched once more without them,
// for values without them.

// quoting are the bytes that may be there for quoting alone.
var quoting = [256]bool{'\\': true, '\'': true, '"': true, '`': true, '$': true}

// mostQuotes is how many such bytes in a row are taken for quoting.
const mostQuotes = 16

// bares are the texts that are left of a value where it was quoted: control characters and
// what is not ASCII may stand there as escapes, too.
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

// style is how a program writes what it does not show as it is.
type style struct {
	control, foreign func(rune) string
	// broken gets a byte that is no UTF-8, as a negative number.
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

// letter is what C and most languages have for a control character, "" for none.
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

// controls are ways to write control characters, less the backslash; the first leaves them.
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

// raw are the bytes of a character, or the one that is none.
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

// foreigns are ways to write what is not ASCII; the first leaves it.
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
	func(r rune) string { // zsh, where the locale is C
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
