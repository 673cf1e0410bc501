package codec

import (
	"bytes"
	"sort"
)

// Limits on what the library gets. It recurses into values, and its work for each key grows
// with the length of the path and its number of parts.
const (
	maxTOMLDepth = 32
	maxTOMLPath  = 256
)

// tomlScan finds the line of each key, which the library does not report. It rejects what
// does not look like TOML, and leaves scalars, escapes and repeated keys to the library.
type tomlScan struct {
	src  []byte
	pos  int
	line int       // of pos
	keys []tomlKey // including headers, in the order of toml.MetaData
	why  reason    // if document failed, at line
}

type tomlKey struct {
	pos    int
	line   int
	bare   string // the value, if it has no quotes and is no array or table
	table  bool   // it is [ ], or the value is { }
	tables bool   // it is [[ ]]
}

// tomlPath is how much of the limits a key and its tables use up.
type tomlPath struct{ parts, bytes int }

func (s *tomlScan) fail(why reason) bool {
	s.why = why
	return false
}

func (s *tomlScan) document() bool {
	var table tomlPath
	for s.gap(); s.pos < len(s.src); s.gap() {
		ok := false
		if s.src[s.pos] == '[' {
			table, ok = s.header()
		} else {
			ok = s.pair(table, 0)
		}
		if !ok || !s.lineEnd() {
			return false
		}
	}
	return true
}

func (s *tomlScan) header() (tomlPath, bool) {
	k, end := tomlKey{pos: s.pos, line: s.line}, "]"
	if k.tables = s.take("[["); k.tables {
		end = "]]"
	} else {
		k.table = s.take("[")
	}
	path, ok := s.key(tomlPath{})
	if ok && !s.take(end) {
		ok = s.fail(whyTOML)
	}
	s.keys = append(s.keys, k)
	return path, ok
}

func (s *tomlScan) pair(table tomlPath, depth int) bool {
	i := len(s.keys)
	s.keys = append(s.keys, tomlKey{pos: s.pos, line: s.line})
	path, ok := s.key(table)
	if !ok {
		return false
	}
	if !s.take("=") {
		return s.fail(whyTOML)
	}
	s.pos = skipBlanks(s.src, s.pos)
	start := s.pos
	s.keys[i].table = s.at('{')
	bare, ok := s.value(path, depth)
	if bare {
		s.keys[i].bare = string(bytes.TrimRight(s.src[start:s.pos], blanks))
	}
	return ok
}

// key reads the parts of a key below a path.
func (s *tomlScan) key(path tomlPath) (tomlPath, bool) {
	start := s.pos
	for {
		s.pos = skipBlanks(s.src, s.pos)
		from := s.pos
		if from < len(s.src) && (s.src[from] == '"' || s.src[from] == '\'') {
			if !s.quoted() {
				return path, false
			}
		} else {
			for s.pos < len(s.src) && (nameByte(s.src[s.pos]) || s.src[s.pos] == '-') {
				s.pos++
			}
		}
		if s.pos == from {
			return path, s.fail(whyTOML)
		}
		path.parts++
		s.pos = skipBlanks(s.src, s.pos)
		if !s.take(".") {
			break
		}
	}
	path.bytes += s.pos - start
	switch {
	case path.parts > maxTOMLDepth:
		return path, s.fail(whyTOMLDeep)
	case path.bytes > maxTOMLPath:
		return path, s.fail(whyTOMLKey)
	}
	return path, true
}

// value skips a value and reports whether it is a bare one.
func (s *tomlScan) value(path tomlPath, depth int) (bare, ok bool) {
	switch {
	case depth > maxTOMLDepth:
		return false, s.fail(whyTOMLDeep)
	case s.take(`"""`):
		return false, s.long('"')
	case s.take(`'''`):
		return false, s.long('\'')
	case s.at('"') || s.at('\''):
		return false, s.quoted()
	case s.take("["):
		return false, s.list("]", func() bool {
			_, ok := s.value(path, depth+1)
			return ok
		})
	case s.take("{"):
		return false, s.list("}", func() bool { return s.pair(path, depth+1) })
	}
	n := bytes.IndexAny(s.src[s.pos:], ",]}#\r\n")
	if n < 0 {
		n = len(s.src) - s.pos
	}
	// All scalars end like this. For a lone sign the library reports the wrong line.
	text := bytes.TrimRight(s.src[s.pos:s.pos+n], blanks)
	if len(text) == 0 || !nameByte(text[len(text)-1]) {
		return false, s.fail(whyTOML)
	}
	s.pos += n
	return true, true
}

// list reads comma-separated elements.
func (s *tomlScan) list(end string, element func() bool) bool {
	start := s.line
	for {
		s.gap()
		if s.take(end) {
			return true
		}
		if s.pos == len(s.src) {
			s.line = start
			return s.fail(whyTOML)
		}
		if !element() {
			return false
		}
		s.gap()
		if !s.take(",") && !s.at(end[0]) {
			return s.fail(whyTOML)
		}
	}
}

// quoted skips a single-line string.
func (s *tomlScan) quoted() bool {
	quote := s.src[s.pos]
	for i := s.pos + 1; i < len(s.src) && s.src[i] != '\n'; i++ {
		switch {
		case s.src[i] == quote:
			s.pos = i + 1
			return true
		case s.src[i] == '\\' && quote == '"' && i+1 < len(s.src) && s.src[i+1] != '\n':
			i++
		}
	}
	return s.fail(whyTOML)
}

// long skips a multi-line string. Up to two quotes may precede the three that end it.
func (s *tomlScan) long(quote byte) bool {
	lines, run := 0, 0
	for i := s.pos; i < len(s.src); i++ {
		c := s.src[i]
		switch {
		case c == quote:
			run++
			if run >= 3 && (run == 5 || i+1 == len(s.src) || s.src[i+1] != quote) {
				s.pos = i + 1
				s.line += lines
				return true
			}
			continue
		case c == '\n':
			lines++
		case c == '\\' && quote == '"' && i+1 < len(s.src) && s.src[i+1] != '\n':
			i++
		}
		run = 0
	}
	return s.fail(whyTOML)
}

// gap skips blanks, line ends and comments.
func (s *tomlScan) gap() {
	for s.pos < len(s.src) {
		switch s.src[s.pos] {
		case '\n':
			s.line++
			s.pos++
		case ' ', '\t', '\r':
			s.pos++
		case '#':
			s.pos, _ = lineAt(s.src, s.pos)
		default:
			return
		}
	}
}

// lineEnd allows nothing more on the line than a comment.
func (s *tomlScan) lineEnd() bool {
	s.pos = skipBlanks(s.src, s.pos)
	if s.pos == len(s.src) || s.at('#') || s.at('\r') || s.at('\n') {
		return true
	}
	return s.fail(whyTOML)
}

func (s *tomlScan) at(c byte) bool { return s.pos < len(s.src) && s.src[s.pos] == c }

func (s *tomlScan) take(text string) bool {
	if !bytes.HasPrefix(s.src[s.pos:], []byte(text)) {
		return false
	}
	s.pos += len(text)
	return true
}

// keyAbove returns the line of the last key that begins at or before an offset. If the scan
// accepts what the library rejects, a key is at fault; the library may report the line on
// which the value ends.
func (s *tomlScan) keyAbove(pos int) int {
	i := sort.Search(len(s.keys), func(i int) bool { return s.keys[i].pos > pos })
	if i == 0 {
		return 0
	}
	return s.keys[i-1].line
}
