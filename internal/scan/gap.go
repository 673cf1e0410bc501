package scan

// mostGap limits what may be between two bytes of a value that is split.
const mostGap = 1024

// reader reads a pattern from text in which there may be layout.
type reader struct {
	raw      []byte
	text     string
	at, seen int // bytes read of raw and of text

	split   bool // over lines or literals
	escaped bool // with backslashes
	wide    bool // as UTF-16
}

// read reports whether raw has the rest of the pattern.
func (r *reader) read() bool {
	for r.seen < len(r.text) {
		switch {
		case r.at < len(r.raw) && r.raw[r.at] == r.text[r.seen]:
			r.at++
			r.seen++
		case !r.gap():
			return false
		}
	}
	return true
}

// gap skips what stands between two bytes of a value: a few bytes, or all up to the next
// literal. It reports false if there is anything else.
func (r *reader) gap() bool {
	switch c := r.peek(0); {
	case c == 0 && r.at < len(r.raw) && r.at > 0 && r.raw[r.at-1] != 0:
		r.wide = true
		r.at++
		return true
	case c == '\r' && r.peek(1) == '\n' && r.text[r.seen] == '\n':
		r.at++
		return true
	case c == '\\' && r.lineEnd(1) == 0 && r.peek(1) == r.text[r.seen] && !isAlnum(r.peek(1)):
		r.escaped = true
		r.at++
		return true
	case c == '\n' || c == '\r' || c == '\\':
		return r.nextLine()
	case (c == ' ' || c == '\t') && r.indented():
		r.blanks()
		return true
	case c == '"' || c == '\'' || c == '`':
		return r.nextLiteral()
	}
	return false
}

func isAlnum(c byte) bool { return isLower(c) || isUpper(c) || isDigit(c) }

// peek returns a byte to come, or 0.
func (r *reader) peek(n int) byte {
	if r.at+n < len(r.raw) {
		return r.raw[r.at+n]
	}
	return 0
}

// lineEnd returns the length of the end of a line that is n bytes ahead, or 0.
func (r *reader) lineEnd(n int) int {
	switch {
	case r.peek(n) == '\n':
		return 1
	case r.peek(n) == '\r' && r.peek(n+1) == '\n':
		return 2
	}
	return 0
}

// nextLine skips the end of a line, with a backslash before it or not, and the indentation of
// the next. In YAML, that stands for a space. A patch has a plus there.
func (r *reader) nextLine() bool {
	backslash := 0
	if r.peek(0) == '\\' {
		backslash = 1
	}
	n := r.lineEnd(backslash)
	if n == 0 {
		return false
	}
	r.at += backslash + n
	r.split = true
	if r.peek(0) != r.text[r.seen] && r.peek(0) == '+' {
		r.at++
	}
	if backslash == 0 && r.text[r.seen] == ' ' && r.seen+1 < len(r.text) {
		r.seen++
	}
	r.blanks()
	return true
}

func (r *reader) blanks() {
	for n := 0; n < mostGap && r.peek(0) != r.text[r.seen] && (r.peek(0) == ' ' || r.peek(0) == '\t'); n++ {
		r.at++
	}
}

// indented reports whether only blanks are before this byte in its line.
func (r *reader) indented() bool {
	for i := r.at - 1; i >= 0 && r.at-i < mostGap; i-- {
		switch r.raw[i] {
		case '\n':
			return true
		case ' ', '\t', '+':
		default:
			return false
		}
	}
	return false
}

// nextLiteral skips the end of a string literal, what joins it with the next one, and the
// beginning of that.
func (r *reader) nextLiteral() bool {
	plus := false
	for i := 1; i < mostGap; i++ {
		switch r.peek(i) {
		case '"', '\'', '`':
			r.at += i + 1
			r.split = true
			return true
		case '+':
			if plus {
				return false
			}
			plus = true
		case ' ', '\t', '\n', '\r', '\\':
		default:
			return false
		}
	}
	return false
}
