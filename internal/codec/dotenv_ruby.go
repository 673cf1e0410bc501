package codec

import "bytes"

// readRuby reads as the gem dotenv does (lib/dotenv/parser.rb): a # anywhere in plain text
// for a comment. Outside single quotes it expands variables and commands, and drops
// backslashes, keeps them or reads them as escapes, depending on its version.
func readRuby(s statement) reading {
	if !isName(s.name, ".") {
		return reading{outcome: refused, end: s.eol, why: whyName}
	}
	text, i, plain := unquoted(s, "'\"")
	if plain {
		text, _, comment := bytes.Cut(text, []byte("#"))
		text = bytes.TrimRight(text, blanks)
		if next := bytes.TrimLeft(s.src[s.eol:], " \t\r\n"); len(text) == 0 && !comment &&
			len(next) > 0 && bytes.IndexByte([]byte("'\""), next[0]) >= 0 {
			return reading{outcome: unsure, end: s.eol, why: whyNextLine}
		}
		return rubyExpanded(text, s.eol, whyVar)
	}
	quote := s.src[i]
	n := closing(s.src[i+1:], quote)
	if n < 0 {
		return reading{outcome: unsure, end: s.eol, why: whyOpen, stop: true, lost: true}
	}
	end := i + 1 + n + 1
	inner := bytes.ReplaceAll(s.src[i+1:i+1+n], []byte("\r\n"), []byte("\n")) // the gem does so with the whole text
	if !tail(s.src, end) {
		return reading{outcome: unsure, end: s.eol, why: whyAfter}
	}
	if quote == '\'' {
		return reading{value: bytes.Clone(inner), end: end}
	}
	return rubyExpanded(inner, end, whyVarQuoted)
}

// rubyExpanded takes what versions 2 and 3 of the gem read alike.
func rubyExpanded(text []byte, end int, why reason) reading {
	for i, c := range text {
		switch {
		case c == '$' && i+1 < len(text) && (dollar(text, i, "{(") || '0' <= text[i+1] && text[i+1] <= '9'):
			return reading{outcome: unsure, end: end, why: why}
		case c == '\\':
			return reading{outcome: unsure, end: end, why: whyEscapes}
		}
	}
	return reading{value: append([]byte{}, text...), end: end}
}
