package codec

import "bytes"

const (
	whyBraces   reason = "contains ${, which python-dotenv expands even in single quotes"
	whyVersions reason = "has backslashes before the closing quote, which versions of python-dotenv read differently"
	whyHash     reason = "starts with a #, which versions of python-dotenv read differently"
)

// readPython reads as python-dotenv 0.21 to 1.2.4 does: two kinds of quotes over several
// lines, C escapes in double quotes, a blank and # for a comment in plain text, ${NAME}
// everywhere, $NAME nowhere.
func readPython(s statement) reading {
	text, i, plain := unquoted(s, `'"`)
	if plain {
		if len(text) > 0 && text[0] == '#' && i > s.at {
			// Before 1.2.4 the comment was the value.
			return reading{outcome: unsure, end: s.eol, why: whyHash}
		}
		for n, c := range text {
			if c == '#' && n > 0 && (text[n-1] == ' ' || text[n-1] == '\t') {
				text = text[:n]
				break
			}
		}
		text = bytes.Clone(bytes.TrimRight(text, blanks))
		return pythonBraces(text, reading{end: s.eol}, whyVar)
	}
	quote := s.src[i]
	n := closing(s.src[i+1:], quote)
	// 1.2.3 was the first to know an escaped backslash before the quote. Other versions go
	// on to the next quote, or back to the last escaped one.
	switch m := pairedClosing(s.src[i+1:], quote); {
	case n < 0 && m < 0:
		return reading{outcome: unsure, end: s.eol, why: whyOpen, stop: true, lost: true}
	case n < 0 && bytes.LastIndex(s.src[i+1:], []byte{'\\', quote}) > m, n > m && !sameLine(s.src[i+1:], m, n):
		return reading{outcome: unsure, end: s.eol, why: whyEnds, stop: true, lost: true}
	case n != m:
		return reading{outcome: unsure, end: i + 1 + m + 1, why: whyVersions}
	}
	inner, end := s.src[i+1:i+1+n], i+1+n+1
	if !tail(s.src, end) {
		return reading{outcome: refused, end: end, why: whyAfter}
	}
	inner = bytes.ReplaceAll(inner, []byte("\r\n"), []byte("\n"))
	why := whyVarQuoted
	if quote == '\'' {
		why = whyBraces
	}
	return pythonBraces(pythonEscapes(inner, quote), reading{end: end}, why)
}

func pythonEscapes(b []byte, quote byte) []byte {
	text := []byte{}
	for i := 0; i < len(b); i++ {
		c := b[i]
		if c == '\\' && i+1 < len(b) {
			next := b[i+1]
			v, letter := cEscape(next)
			switch {
			case next == '\\' || next == '\'' || next == '"' && quote == '"':
				c = next
				i++
			case letter && quote == '"':
				c = v
				i++
			}
		}
		text = append(text, c)
	}
	return text
}

// pythonBraces finds ${, which is replaced or not depending on what is in the braces.
func pythonBraces(b []byte, r reading, why reason) reading {
	if bytes.Contains(b, []byte("${")) {
		return reading{outcome: unsure, end: r.end, why: why}
	}
	r.value = b
	return r
}
