package front

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
)

// styles are those of programs that have letters for more than \n, \r and \t, or their own
// forms of bytes that are not UTF-8.
var styles = []style{
	{lettered("abfnrtv", "x%02x"), asIs, eachByte("x%02x")}, // Go's %q
	{lettered("abfnrtv", "x%02x"), unicodes, eachByte("x%02x")},
	{lettered("abfnrtv", "x%02x"), graphic, eachByte("x%02x")},
	{lettered("abefnrtv", "x%02X"), asIs, eachByte("x%02X")}, // Ruby
	{lettered("abefnrtv", "x%02X"), ruby, eachByte("x%02X")},
	{lettered("abefnrtv", "x%02x"), asIs, eachByte("x%02x")}, // fish
	{lettered("abEfnrtv", "%03o"), asIs, eachByte("%03o")},   // bash
	{lettered("abEfnrtv", "%03o"), eachByte("%03o"), eachByte("%03o")},
	{lettered("bfnrt", "x%02X"), asIs, replaced}, // node
	{lettered("nrt", "x%02x"), asIs, surrogate},  // Python
	{lettered("nrt", "x%02x"), foreigns[4], surrogate},
	{lettered("bfnrt", "u%04x"), asIs, replaced}, // JSON
	{lettered("bfnrt", "u%04x"), separators, escaped},
	{lettered("bfnrt", "u%04x"), units, surrogate},
	{lettered("nrt", "u%04x"), separators, escaped}, // Go before 1.22
}

// lettered writes C's letters for the given control characters, and an escape for the
// others. JSON does not escape DEL.
func lettered(letters, escape string) func(rune) string {
	return func(r rune) string {
		i := strings.IndexRune("\a\b\x1b\f\n\r\t\v", r)
		switch {
		case i >= 0 && r == 0x1b && strings.Contains(letters, "E"):
			return "E"
		case i >= 0 && strings.Contains(letters, "abefnrtv"[i:i+1]):
			return "abefnrtv"[i : i+1]
		case r == 0x7f && escape == "u%04x":
			return string(r)
		}
		return fmt.Sprintf(escape, r)
	}
}

// orRaw keeps bytes that are not characters.
func orRaw(f func(rune) string) func(rune) string {
	return func(r rune) string {
		if r < 0 {
			return asIs(r)
		}
		return f(r)
	}
}

func unicodes(r rune) string {
	if r < 0x10000 {
		return fmt.Sprintf("u%04x", r)
	}
	return fmt.Sprintf("U%08x", r)
}

func graphic(r rune) string {
	if unicode.IsPrint(r) {
		return string(r)
	}
	return unicodes(r)
}

func ruby(r rune) string {
	if r < 0x10000 {
		return fmt.Sprintf("u%04X", r)
	}
	return fmt.Sprintf("u{%X}", r)
}

// separators are escaped in JSON that may also be JavaScript.
func separators(r rune) string {
	if r == 0x2028 || r == 0x2029 {
		return unicodes(r)
	}
	return string(r)
}

func units(r rune) string {
	var b strings.Builder
	for _, u := range utf16.Encode([]rune{r}) {
		fmt.Fprintf(&b, "u%04x", u)
	}
	return b.String()
}

func replaced(rune) string { return "\uFFFD" }

func escaped(rune) string { return "ufffd" }

// surrogate is Python's form of such a byte (PEP 383).
func surrogate(r rune) string { return fmt.Sprintf("udc%02x", -r) }
