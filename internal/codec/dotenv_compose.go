package codec

import "bytes"

// readCompose reads as docker compose does .env and env_file (compose-go, package dotenv):
// both kinds of quotes over several lines, C escapes and $ in double quotes, and in plain
// text $ and " #" for a comment.
func readCompose(s statement) reading {
	text, i, plain := unquoted(s, `'"`)
	if plain {
		text, _, _ = bytes.Cut(text, []byte(" #"))
		return composeDollars(bytes.TrimRight(text, blanks), reading{end: s.eol}, whyVar)
	}
	quote := s.src[i]
	inner, end := composeQuoted(s.src, i)
	switch {
	case end < 0:
		return reading{outcome: refused, end: s.eol, why: whyOpen, stop: true, silent: len(s.src)}
	case !tail(s.src, end):
		return composeAfter(s.src, end)
	case quote == '\'':
		return reading{end: end, value: inner}
	}
	inner, sure := composeEscapes(inner)
	if !sure {
		return reading{outcome: unsure, end: end, why: whyEscapes}
	}
	return composeDollars(inner, reading{end: end}, whyVarQuoted)
}

// composeAfter reads text after the closing quote. To compose it begins the next statement,
// if it can be a name.
func composeAfter(b []byte, end int) reading {
	eol, _ := lineAt(b, end)
	rest := bytes.TrimLeft(b[end:eol], blanks)
	r := reading{outcome: unsure, end: end, why: whyAfter}
	switch c := rest[0]; {
	case !nameByte(c) && c < 0x80 && bytes.IndexByte([]byte(".-[]=:"), c) < 0:
		r.outcome = refused
	case bytes.ContainsAny(rest, `'"`):
		r.why, r.stop, r.lost = whyMore, true, true
	}
	return r
}

// composeQuoted returns the text between quotes, with escaped quotes undone, and the offset
// after the closing quote, or -1.
func composeQuoted(b []byte, i int) (inner []byte, end int) {
	quote := b[i]
	inner = []byte{}
	for i++; i < len(b); i++ {
		switch c := b[i]; {
		case c == quote:
			return inner, i + 1
		case c == '\\' && i+1 < len(b) && b[i+1] == quote:
			inner = append(inner, quote)
			i++
		case c == '\\' && i+1 < len(b):
			inner = append(inner, c, b[i+1])
			i++
		default:
			inner = append(inner, c)
		}
	}
	return nil, -1
}

// composeEscapes undoes the escapes of double quotes, except \$, which becomes the $$ that
// the next step expects. It is not sure of \0: compose-go's treatment of octal digits
// depends on how many there are.
func composeEscapes(b []byte) (text []byte, sure bool) {
	text = []byte{}
	for i := 0; i < len(b); i++ {
		if b[i] != '\\' || i+1 == len(b) {
			text = append(text, b[i])
			continue
		}
		i++
		switch c := b[i]; c {
		case '0':
			return nil, false
		case '$':
			text = append(text, "$$"...)
		case '"', '\\':
			text = append(text, c)
		default:
			if v, ok := cEscape(c); ok {
				text = append(text, v)
			} else {
				text = append(text, '\\', c)
			}
		}
	}
	return text, true
}

// cEscape returns the control character of a letter after a backslash.
func cEscape(c byte) (byte, bool) {
	i := bytes.IndexByte([]byte("abfnrtv"), c)
	if i < 0 {
		return 0, false
	}
	return "\a\b\f\n\r\t\v"[i], true
}

// composeDollars undoes $$ and finds what would be replaced.
func composeDollars(b []byte, r reading, why reason) reading {
	r.value = []byte{}
	for i := 0; i < len(b); i++ {
		if b[i] == '$' && i+1 < len(b) && b[i+1] == '$' {
			i++
		} else if b[i] == '$' && dollar(b, i, "{") {
			return reading{outcome: unsure, end: r.end, why: why}
		}
		r.value = append(r.value, b[i])
	}
	return r
}
