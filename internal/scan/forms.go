package scan

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"iter"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// forms yields a value in all its forms. Those that several encoders share come again and again.
func forms(value []byte) iter.Seq2[Form, string] {
	value = bytes.TrimSpace(value)
	part := string(partOf(value))
	return func(yield func(Form, string) bool) {
		for _, f := range []struct {
			form  Form
			texts []string
		}{{Exact, []string{part}}, {JSON, jsonForms(part)}, {URL, urlForms(part)}, {Base64, base64Forms(part)}, {Hex, hexForms(part)}, {Line, lines(string(value))}} {
			for _, text := range f.texts {
				if !yield(f.form, text) {
					return
				}
			}
		}
	}
}

// partOf returns the part of a long value that looks most like a secret.
func partOf(value []byte) []byte {
	if len(value) <= mostBytes {
		return value
	}
	best, least := 0, 0
	for at := 0; at+partBytes <= len(value); at += 64 {
		if n := plainness(string(value[at : at+partBytes])); at == 0 || n < least {
			best, least = at, n
		}
	}
	return bytes.TrimSpace(value[best : best+partBytes])
}

// plainness is higher the more a text looks like source or prose.
func plainness(text string) (n int) {
	for i := range len(text) {
		switch c := text[i]; {
		case i > 0 && c == text[i-1]:
			n += 3
		case isLower(c) || c == '_' || c == '0' || c == ' ':
			n += 2
		case !isUpper(c):
			n++
		}
	}
	return n
}

// lines returns the lines of a value that look like a secret by themselves, such as those of a
// private key.
func lines(value string) (list []string) {
	if !strings.Contains(value, "\n") {
		return nil
	}
	for line := range strings.Lines(value) {
		line = strings.TrimSpace(line)
		// Every OpenSSH key without a passphrase begins in the same way.
		if len(list) < mostLines && isDense(line) && !strings.HasPrefix(line, "b3BlbnNzaC1rZXktdjE") {
			list = append(list, string(partOf([]byte(line))))
		}
	}
	return list
}

func isDense(line string) bool {
	var upper, lower, digit bool
	for i := range len(line) {
		switch c := line[i]; {
		case isUpper(c):
			upper = true
		case isLower(c):
			lower = true
		case isDigit(c):
			digit = true
		case strings.IndexByte("+/=-_", c) < 0:
			return false
		}
	}
	return len(line) >= minLine && upper && lower && digit
}

// base64Forms returns what base64 makes of a text at each of its three positions, without the
// characters that depend on the neighbors.
func base64Forms(text string) (list []string) {
	for before := range 3 {
		b := append(make([]byte, before, before+len(text)+3), text...)
		from, to := (8*before+5)/6, 8*len(b)/6
		b = append(b, 0, 0, 0)
		list = append(list, base64.StdEncoding.EncodeToString(b)[from:to], base64.URLEncoding.EncodeToString(b)[from:to])
	}
	return list
}

func hexForms(text string) []string {
	lower := hex.EncodeToString([]byte(text))
	return []string{lower, strings.ToUpper(lower)}
}

// urlForms returns the forms of Go, of JavaScript and of Python.
func urlForms(text string) (list []string) {
	for _, safe := range []string{"", "/", "!'()*", "$&+=:@", "$&+=:@/", "$&+=:@/!'()*,;"} {
		for _, space := range []string{"%20", "+"} {
			for _, digits := range []string{"0123456789ABCDEF", "0123456789abcdef"} {
				list = append(list, percent(text, safe, space, digits))
			}
		}
	}
	return list
}

func percent(text, safe, space, digits string) string {
	var b strings.Builder
	for i := range len(text) {
		c := text[i]
		switch {
		case isLower(c), isUpper(c), isDigit(c), strings.IndexByte("-_.~", c) >= 0, strings.IndexByte(safe, c) >= 0:
			b.WriteByte(c)
		case c == ' ':
			b.WriteString(space)
		default:
			b.Write([]byte{'%', digits[c>>4], digits[c&15]})
		}
	}
	return b.String()
}

// jsonForms returns the forms of encoders that escape characters of HTML, such as Go's, or all
// that is not ASCII, such as Python's.
func jsonForms(text string) (list []string) {
	if !utf8.ValidString(text) {
		return nil
	}
	for _, html := range []bool{false, true} {
		for _, ascii := range []bool{false, true} {
			for _, hex := range []string{`\u%04x`, `\u%04X`} {
				escaped := jsonForm(text, func(r rune) bool {
					return html && strings.ContainsRune("<>&\u2028\u2029", r) || ascii && r > 0x7e
				}, hex)
				list = append(list, escaped, strings.ReplaceAll(escaped, "/", `\/`), strings.ReplaceAll(escaped, `\n`, `\r\n`))
			}
		}
	}
	return list
}

func jsonForm(text string, escape func(rune) bool, hex string) string {
	var b strings.Builder
	for _, r := range text {
		letter := strings.IndexRune("\n\r\t\b\f\"\\", r)
		switch {
		case letter >= 0:
			b.WriteByte('\\')
			b.WriteByte("nrtbf\"\\"[letter])
		case r >= 0x10000 && escape(r):
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, hex+hex, high, low)
		case r < ' ' || escape(r):
			fmt.Fprintf(&b, hex, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
