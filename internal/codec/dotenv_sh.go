package codec

import "bytes"

const (
	whyCommand reason = "has more on the line than one assignment, which sh would run"
	whyTilde   reason = "has a ~ that sh expands to a home directory; if you mean it literally, use single quotes"
	whyShName  reason = "has a name that is not valid in sh"
	whyShCR    reason = "ends in CR LF, and sh reads the CR as part of the value"
	whyShQuote reason = "contains a quote that sh closes on another line"
)

// readSh reads what "set -a; . ./FILE" sets in a POSIX shell. It takes only a line that is
// a single assignment of literal text, since a shell would run anything else.
func readSh(s statement) reading {
	w := shWord{src: s.src, start: s.at, i: s.at, value: []byte{}}
	refuse := func(why reason) reading {
		return reading{outcome: refused, end: s.eol, why: why, stop: true, silent: w.i}
	}
	switch {
	case s.name == "" || !isName(s.name, ""):
		return refuse(whyShName)
	case s.gap:
		return refuse(whyCommand)
	}
	w.read()
	eol, _ := lineAt(s.src, w.i)
	_, next := lineAt(s.src, eol)
	switch {
	case w.open:
		return refuse(whyOpen)
	case w.why == whyShQuote:
		return refuse(whyShQuote)
	case w.why != "":
		return reading{outcome: unsure, end: max(w.i, s.eol), why: w.why, stop: w.stop}
	case bytes.IndexByte(s.src[s.start:next], '\r') >= 0:
		return refuse(whyShCR)
	}
	switch {
	case tail(s.src, w.i):
		return reading{end: w.i, value: w.value}
	case shRuns(s.src[w.i:eol], s.export):
		return reading{outcome: unsure, end: eol, why: whyCommand, stop: true}
	}
	return refuse(whyCommand)
}

// shRuns reports whether a shell runs the rest of a line without an error, and so sets the
// variable to less than the other dialects see. That is so if the rest only sets or exports
// variables. Otherwise it is text with blanks or punctuation, in a file that no shell can
// read.
func shRuns(rest []byte, export bool) bool {
	rest = bytes.TrimLeft(rest, blanks)
	if after, ok := bytes.CutPrefix(rest, []byte("&&")); ok {
		rest = bytes.TrimLeft(after, blanks)
	} else if after, ok := bytes.CutPrefix(rest, []byte(";")); ok {
		rest = bytes.TrimLeft(after, blanks)
		if len(rest) == 0 || rest[0] == '#' {
			return true
		}
	}
	if after, ok := bytes.CutPrefix(rest, []byte("export ")); ok {
		rest, export = bytes.TrimLeft(after, blanks), true
	}
	if bytes.HasSuffix(rest, []byte(`\`)) {
		return true // continues on the next line
	}
	if len(rest) > 0 && (rest[0] == '$' || export && bytes.IndexByte([]byte("'\"\\"), rest[0]) >= 0) {
		return true // a variable may be empty, and export accepts quoted names
	}
	n := 0
	for n < len(rest) && nameByte(rest[n]) {
		n++
	}
	if n == 0 {
		return false
	}
	if export && (n == len(rest) || bytes.IndexByte([]byte(" \t;&"), rest[n]) >= 0) {
		return true
	}
	return n < len(rest) && rest[n] == '='
}

// shWord is a shell word being read.
type shWord struct {
	src      []byte
	start, i int
	value    []byte
	why      reason // set if the shell would expand something
	open     bool   // a quote that is not closed
	stop     bool
}

// read reads to the end of the word.
func (w *shWord) read() {
	for w.i < len(w.src) && !w.open {
		switch c := w.src[w.i]; c {
		case ' ', '\t', '\n', ';', '&', '|', '<', '>', '(', ')':
			return
		case '\'':
			w.single()
		case '"':
			w.double()
		case '\\':
			w.backslash("")
		case '$', '`':
			w.dollar("{(0123456789@*#?$!-'\"", whyVar)
		case '~':
			if w.i == w.start || w.src[w.i-1] == ':' {
				w.why = whyTilde
			}
			w.take(c)
		default:
			w.take(c)
		}
	}
}

func (w *shWord) take(c byte) {
	w.value = append(w.value, c)
	w.i++
}

func (w *shWord) single() {
	n := bytes.IndexByte(w.src[w.i+1:], '\'')
	if n < 0 {
		w.open = true
		w.i = len(w.src)
		return
	}
	w.apostrophe(w.i, w.i+1+n)
	w.value = append(w.value, w.src[w.i+1:w.i+1+n]...)
	w.i += n + 2
}

func (w *shWord) double() {
	from := w.i
	for w.i++; w.i < len(w.src); {
		switch c := w.src[w.i]; c {
		case '"':
			w.apostrophe(from, w.i)
			w.i++
			return
		case '\\':
			w.backslash("$`\"\\\n")
		case '$', '`':
			w.dollar("{(0123456789@*#?$!-", whyVarQuoted)
		default:
			w.take(c)
		}
	}
	w.open = true
}

// apostrophe finds a quote that only a shell takes as one: in don't it opens quoted text up
// to the next such word, lines later.
func (w *shWord) apostrophe(from, to int) {
	quoted := bytes.IndexByte([]byte("'\"\\"), w.src[w.start]) >= 0
	if !quoted && bytes.IndexByte(w.src[from:to], '\n') >= 0 {
		w.why = whyShQuote
	}
}

// backslash undoes one escape. In double quotes only the characters in special can be
// escaped; a backslash before any other is literal.
func (w *shWord) backslash(special string) {
	if w.i+1 == len(w.src) {
		w.why = whyEscapes
		w.take('\\')
		return
	}
	c := w.src[w.i+1]
	switch {
	case special != "" && bytes.IndexByte([]byte(special), c) < 0:
		w.take('\\')
		return
	case c == '\n': // joins two lines
		w.i += 2
		return
	}
	w.i++
	w.take(c)
}

func (w *shWord) dollar(also string, why reason) {
	c := w.src[w.i]
	joined := bytes.HasPrefix(w.src[w.i:], []byte("$\\\n")) // the name is on the next line
	if c == '`' || joined || dollar(w.src, w.i, also) {
		if w.why != whyShQuote {
			w.why = why
		}
		// A command may contain any text, so don't look for its end.
		w.stop = w.stop || c == '`' || w.src[w.i+1] == '('
	}
	w.take(c)
}
