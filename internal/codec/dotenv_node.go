package codec

import "bytes"

const (
	whyEncrypted reason = "is still encrypted; decrypt the file first"
	whyNextLine  reason = "is empty, and the next line begins with a quote, which node would read as the value"
)

// readNode reads as the packages dotenv and dotenvx do, which find statements with the same
// regular expression: three kinds of quotes, a # anywhere in plain text for a comment, \n
// and \r as the only escapes. dotenvx also expands variables and commands outside single
// quotes, and knows \t, \' and \$. Where the two differ, nothing is taken.
func readNode(s statement) reading {
	text, i, plain := unquoted(s, "'\"`")
	if plain {
		text, _, comment := bytes.Cut(text, []byte("#"))
		text = bytes.Clone(bytes.TrimRight(text, blanks))
		if next := bytes.TrimLeft(s.src[s.eol:], " \t\r\n"); len(text) == 0 && !comment &&
			len(next) > 0 && bytes.IndexByte([]byte("'\"`"), next[0]) >= 0 {
			return reading{outcome: unsure, end: s.eol, why: whyNextLine}
		}
		return nodeExpanded(text, reading{end: s.eol}, whyVar)
	}
	quote := s.src[i]
	n := closing(s.src[i+1:], quote)
	if n < 0 || !tail(s.src, i+1+n+1) {
		return nodeFallback(s, i, n)
	}
	inner, end := s.src[i+1:i+1+n], i+1+n+1
	inner = bytes.ReplaceAll(inner, []byte("\r\n"), []byte("\n"))
	r := reading{end: end}
	switch {
	case quote == '\'' && bytes.Contains(inner, []byte(`\'`)),
		quote == '"' && bytes.Contains(inner, []byte(`\t`)):
		return reading{outcome: unsure, end: end, why: whyEscapes}
	case quote == '\'':
		r.value = inner
		return nodeSealed(r)
	case quote == '"':
		inner = bytes.ReplaceAll(inner, []byte(`\n`), []byte("\n"))
		inner = bytes.ReplaceAll(inner, []byte(`\r`), []byte("\r"))
	}
	return nodeExpanded(inner, r, whyVarQuoted)
}

// nodeFallback reads a value without a proper closing quote. The regular expression then
// tries the last escaped quote, or else takes the line, quotes included.
func nodeFallback(s statement, i, n int) reading {
	within := s.src[i+1:]
	if n < 0 && pairedClosing(within, s.src[i]) < 0 {
		return reading{outcome: unsure, end: s.eol, why: whyOpen, stop: true, lost: true}
	}
	if n >= 0 {
		within = within[:n]
	}
	r := reading{outcome: unsure, end: s.eol, why: whyAfter}
	if m := bytes.LastIndex(within, []byte{'\\', s.src[i]}); m >= 0 {
		r.why = whyEscapes
		if !sameLine(within, 0, m) {
			r.why, r.stop, r.lost = whyEnds, true, true
		}
	}
	return r
}

// nodeExpanded finds what dotenvx would replace and dotenv would not.
func nodeExpanded(b []byte, r reading, why reason) reading {
	for i, c := range b {
		switch {
		case c == '$' && dollar(b, i, "{("):
			return reading{outcome: unsure, end: r.end, why: why}
		case c == '$' && i > 0 && b[i-1] == '\\':
			return reading{outcome: unsure, end: r.end, why: whyEscapes}
		}
	}
	r.value = b
	return nodeSealed(r)
}

// nodeSealed keeps ciphertext from passing for the value.
func nodeSealed(r reading) reading {
	if bytes.HasPrefix(r.value, []byte("encrypted:")) {
		return reading{outcome: unsure, end: r.end, why: whyEncrypted}
	}
	return r
}
