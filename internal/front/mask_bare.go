package front

import (
	"fmt"
	"strings"
	"unicode"
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
			var b strings.Builder
			for _, r := range text {
				switch {
				case r < 0x80 && quoting[r]:
				case r < ' ' || r == 0x7f:
					b.WriteString(c(r))
				case r > unicode.MaxASCII:
					b.WriteString(f(r))
				default:
					b.WriteRune(r)
				}
			}
			list = append(list, b.String())
		}
	}
	return list
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

func eachByte(format string) func(rune) string {
	return func(r rune) string {
		var b strings.Builder
		for _, c := range []byte(string(r)) {
			fmt.Fprintf(&b, format, c)
		}
		return b.String()
	}
}

// foreigns are ways to write what is not ASCII; the first leaves it.
var foreigns = []func(rune) string{
	func(r rune) string { return string(r) },
	eachByte("x%02x"), eachByte("x%02X"), eachByte("%03o"),
	func(r rune) string { // Python's ascii
		switch {
		case r < 0x100:
			return fmt.Sprintf("x%02x", r)
		case r < 0x10000:
			return fmt.Sprintf("u%04x", r)
		}
		return fmt.Sprintf("U%08x", r)
	},
	func(r rune) string { return fmt.Sprintf("u%04x", r) },
	func(r rune) string { return fmt.Sprintf("u%04X", r) },
	func(r rune) string { return fmt.Sprintf("x{%x}", r) }, // Perl
	func(r rune) string { // zsh, where the locale is C
		var b strings.Builder
		for _, c := range []byte(string(r)) {
			if c &= 0x7f; c < ' ' || c == 0x7f {
				fmt.Fprintf(&b, "M-C-%c", c^0x40)
			} else {
				fmt.Fprintf(&b, "M-%c", c)
			}
		}
		return b.String()
	},
}
