package codec

import "bytes"

// head reads the part before the value. A name is only what all tools take in the same way,
// and only "export" may precede it.
func head(b []byte, i int) statement {
	eol, _ := lineAt(b, i)
	s := statement{src: b, start: i, eol: eol}
	if rest := b[i:eol]; bytes.HasPrefix(rest, []byte("export ")) || bytes.HasPrefix(rest, []byte("export\t")) {
		s.export = true
		i = skipBlanks(b, i+len("export "))
	}
	eq := bytes.IndexByte(b[i:max(i, eol)], '=')
	if eq < 0 {
		s.why = whyNoEquals
		return s
	}
	s.at = i + eq + 1
	name := bytes.TrimRight(b[i:i+eq], blanks)
	s.gap = len(name) < eq
	// Compose, node, python and docker accept dots and dashes too.
	if isName(string(name), ".-") && (nameByte(name[0]) && (name[0] < '0' || name[0] > '9')) {
		s.name = string(name)
	} else {
		s.why = whyName
	}
	return s
}

// block finds text pasted into the file without quotes. The tools would take a PEM header
// as the value and then fail on the rest. Base64 that ends in = would be imported as a
// name, which others can read. It returns an offset in the block's last line.
func block(s statement, bare bool) (end int, why reason) {
	from := s.start
	if s.at > 0 {
		from = skipBlanks(s.src, s.at)
	}
	line := s.src[min(from, s.eol):s.eol]
	switch {
	case bytes.HasPrefix(line, []byte("-----BEGIN ")) && !bytes.Contains(line, []byte("-----END ")):
		return endOfPEM(s.src, s.eol), whyBlock
	case s.at > 0 && !s.export && (string(line) == "=" || bare && len(line) == 0):
		return s.eol, whyBase64
	}
	return 0, ""
}

// endOfPEM takes the end of a line and returns that of the last line that can belong to the
// same PEM text.
func endOfPEM(b []byte, end int) int {
	for {
		_, start := lineAt(b, end)
		if start >= len(b) {
			return end
		}
		eol, _ := lineAt(b, start)
		line := bytes.Trim(b[start:eol], blanks)
		if bytes.HasPrefix(line, []byte("-----END ")) {
			return eol
		}
		body := bytes.TrimRight(line, "=")
		header := bytes.Contains(line, []byte(": "))
		if len(body) > 0 && !header && !isName(string(body), "+/") || bytes.IndexByte(body, '_') >= 0 {
			return end
		}
		end = eol
	}
}

// extent returns where a statement ends, and whether to stop there. If the dialects
// disagree on the last line of a value, each line after it is a statement to some and part
// of a value to others.
func extent(s statement, all []reading) (end int, why reason, stop bool) {
	stop, end = true, -1
	lost := false
	for _, r := range all {
		stop = stop && r.stop
		if r.outcome == refused {
			continue
		}
		lost = lost || r.lost
		if end >= 0 && !sameLine(s.src, end, r.end) {
			return s.eol, whyEnds, true
		}
		end = max(end, r.end)
	}
	for _, r := range all {
		if r.outcome == refused && end < 0 {
			end = r.end
		}
	}
	return end, "", stop || lost
}

// agreed returns the value that the dialects agree on, or why they don't.
func agreed(s statement, all []reading) ([]byte, reason) {
	var value *reading
	var why, doubt reason
	for i, r := range all {
		switch {
		case r.outcome == refused:
			if why == "" {
				why = r.why
			}
		case r.outcome == unsure:
			if doubt == "" || r.why == whyVar || r.why == whyVarQuoted {
				doubt = r.why
			}
		case value == nil:
			value = &all[i]
		case doubt == "" && !bytes.Equal(value.value, r.value):
			doubt = difference(s)
		}
	}
	switch {
	case doubt != "":
		return nil, doubt
	case value != nil:
		return value.value, ""
	}
	return nil, why
}

func sameLine(b []byte, i, j int) bool {
	return bytes.IndexByte(b[min(i, j):max(i, j)], '\n') < 0
}

// difference returns the likeliest reason why dialects read a value differently.
func difference(s statement) reason {
	i := skipBlanks(s.src, s.at)
	q := i < s.eol && bytes.IndexByte([]byte("'\"`"), s.src[i]) >= 0
	line := s.src[s.at:s.eol]
	switch {
	case bytes.IndexByte(line, '\\') >= 0:
		return whyEscapes
	case bytes.IndexByte(line, '#') >= 0:
		return whyComment
	case q && bytes.IndexByte(s.src[s.eol:], '\r') == 0:
		return whyLineEnds
	case bytes.ContainsAny(line, "'\"`"):
		return whyQuotes
	}
	return whyOther
}

// dollar reports whether the $ at b[i] begins a replacement: a name, or one of the
// characters in also. Bytes of other scripts count as letters, as in some regular
// expressions that ignore case.
func dollar(b []byte, i int, also string) bool {
	if i+1 >= len(b) {
		return false
	}
	c := b[i+1]
	return c >= 0x80 || nameByte(c) && (c < '0' || c > '9') || bytes.IndexByte([]byte(also), c) >= 0
}

// tail reports whether only blanks and a comment follow on the line.
func tail(b []byte, i int) bool {
	eol, _ := lineAt(b, i)
	i = skipBlanks(b, i)
	return i >= eol || b[i] == '#'
}

// unquoted returns the rest of the line if it does not start with one of quotes.
func unquoted(s statement, quotes string) (text []byte, i int, plain bool) {
	i = skipBlanks(s.src, s.at)
	if i < s.eol && bytes.IndexByte([]byte(quotes), s.src[i]) >= 0 {
		return nil, i, false
	}
	i = min(i, s.eol)
	return s.src[i:s.eol], i, true
}

// closing finds the first quote without a backslash before it. The regular expressions of
// node's dotenv and of python-dotenv know no escaped backslash.
func closing(b []byte, quote byte) int {
	for i, c := range b {
		if c == quote && (i == 0 || b[i-1] != '\\') {
			return i
		}
	}
	return -1
}

// pairedClosing finds the first unescaped quote, if backslashes can be escaped too.
func pairedClosing(b []byte, quote byte) int {
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case quote:
			return i
		}
	}
	return -1
}

// readDocker reads as docker run --env-file does: everything after the = is the value.
// (docker/cli, pkg/kvfile.)
func readDocker(s statement) reading {
	r := reading{end: s.eol, value: bytes.Clone(s.src[s.at:s.eol])}
	if s.export || s.gap {
		r.outcome, r.why = refused, whyName
	}
	return r
}
