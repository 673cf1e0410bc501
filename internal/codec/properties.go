package codec

import (
	"bytes"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	whyPropBytes  reason = "has a character that is not ASCII, which tools read as Latin-1 or UTF-8"
	whyPropBare   reason = "has no = or : after its name"
	whyPropEscape reason = `has a \u without four hexadecimal digits, or half a character`
)

var propertyDialects = []string{"latin1", "utf8"}

func isProperties(name string, _ []byte) bool { return hasSuffix(name, ".properties") }

// readProperties reads as java.util.Properties.load does.
func readProperties(b []byte, o Options) ([]Pair, []Problem) {
	if p := unreadable(b, o, propertyDialects); p != nil {
		return nil, p
	}
	if o.Dialect != "latin1" {
		b = withoutBOM(b)
	}
	if loneCR(b) || o.Dialect == "utf8" && !utf8.Valid(b) {
		why := whyCR
		if !loneCR(b) {
			why = whyUTF8
		}
		return nil, []Problem{{Reason: string(why)}}
	}
	var t result
	bare := false
	for pos, line := 0, 1; pos < len(b); {
		text, next, n := logicalLine(b, pos)
		switch {
		case len(text) == 0:
		case bytes.Contains(text, []byte("-----BEGIN ")) && !bytes.Contains(text, []byte("-----END ")):
			eol, _ := lineAt(b, next-1)
			_, next = lineAt(b, endOfPEM(b, eol))
			n = bytes.Count(b[pos:next], []byte("\n"))
			t.refuse("", line, whyBlock)
		default:
			bare = t.property(text, line, o.Dialect, bare)
		}
		pos, line = next, line+n
	}
	return t.settled()
}

const propertyBlanks = " \t\f"

// logicalLine joins the lines that end in a backslash. A comment is empty.
func logicalLine(b []byte, pos int) (text []byte, next, lines int) {
	for next = pos; next < len(b); {
		eol, after := lineAt(b, next)
		part := bytes.TrimLeft(b[next:eol], propertyBlanks)
		next = after
		lines++
		if lines == 1 && (len(part) == 0 || part[0] == '#' || part[0] == '!') {
			return nil, next, 1
		}
		slashes := len(part) - len(bytes.TrimRight(part, `\`))
		if slashes%2 == 0 {
			return append(text, part...), next, lines
		}
		text = append(text, part[:len(part)-1]...)
	}
	return text, next, lines
}

// property takes a line, and reports whether it has no separator. Java takes a line without one as a
// name. It may be a secret pasted into the file, and others could read it as a name; so could they
// the end of such a block, whose base64 ends in =.
func (t *result) property(text []byte, line int, dialect string, bare bool) bool {
	if dialect == "latin1" {
		var b []byte
		for _, c := range text {
			b = utf8.AppendRune(b, rune(c))
		}
		text = b
	}
	end := 0
	for end < len(text) && strings.IndexByte(" \t\f=:", text[end]) < 0 {
		if text[end] == '\\' {
			end++
		}
		end++
	}
	end = min(end, len(text))
	rest := bytes.TrimLeft(text[end:], propertyBlanks)
	if len(rest) == 0 || rest[0] != '=' && rest[0] != ':' {
		t.refuse("", line, whyPropBare)
		return true
	}
	if rest = bytes.TrimLeft(rest[1:], propertyBlanks); string(rest) == "=" || len(rest) == 0 && bare {
		t.refuse("", line, whyBase64)
		return true
	}
	name, ok := unescape(text[:end])
	value, fine := unescape(rest)
	switch {
	case !ok:
		t.refuse("", line, whyPropEscape)
	case !fine:
		t.refuse(string(name), line, whyPropEscape)
	case dialect == "" && bytes.ContainsFunc(text, func(r rune) bool { return r >= utf8.RuneSelf }):
		t.refuse(string(name), line, whyPropBytes)
		t.problems[len(t.problems)-1].Dialect = true
	default:
		t.add(string(name), value, line)
	}
	return false
}

func unescape(b []byte) (text []byte, ok bool) {
	text = []byte{}
	for i := 0; i < len(b); i++ {
		if b[i] != '\\' || i+1 == len(b) {
			text = append(text, b[i])
			continue
		}
		i++
		if n := strings.IndexByte("nrtf", b[i]); n >= 0 {
			text = append(text, "\n\r\t\f"[n])
			continue
		}
		if b[i] != 'u' {
			text = append(text, b[i])
			continue
		}
		u := escaped(b, i-1)
		i += 4
		if utf16.IsSurrogate(u) {
			u = utf16.DecodeRune(u, escaped(b, i+1))
			i += 6
			if u == utf8.RuneError {
				return nil, false
			}
		}
		if u < 0 {
			return nil, false
		}
		text = utf8.AppendRune(text, u)
	}
	return text, true
}
