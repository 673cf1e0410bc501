package codec

import (
	"bytes"
	"strings"
)

const (
	whyNetrc      reason = "is not what a .netrc can have here; the rest of the entry was not read"
	whyNetrcQuote reason = "has quotes, backslashes or a # that tools read differently"
	whyNetrcAll   reason = "is the entry for all other hosts, which no name can say"
	whyMacro      reason = "is a macro, with commands for ftp"
	whyAccount    reason = "has an account beside the user, which credfile doesn't keep"
	whyNoPassword reason = "has no password"
)

func isNetrc(name string, b []byte) bool {
	first := bytes.TrimLeft(withoutBOM(b), " \t\r\n")
	return name == ".netrc" || name == "_netrc" || bytes.HasPrefix(first, []byte("machine "))
}

// netrcReader reads words, as curl's and Python's readers do where they agree.
type netrcReader struct {
	result
	curl                  bool
	machine               string
	login, password, want string
	line                  int  // of the password, or else of the machine
	has                   bool // a password
	why                   reason
	open                  bool
	macro                 bool
}

func readNetrc(b []byte, o Options) ([]Pair, []Problem) {
	if p := unreadable(b, o, []string{"curl"}); p != nil {
		return nil, p
	}
	b = withoutBOM(b)
	if why, bad := badBytes(b); bad {
		return nil, []Problem{{Reason: string(why)}}
	}
	r := netrcReader{curl: o.Dialect == "curl"}
	line := 0
	for pos := 0; pos < len(b); {
		eol, next := lineAt(b, pos)
		line++
		r.take(b[pos:eol], line)
		pos = next
	}
	r.close()
	return r.settled()
}

func (r *netrcReader) take(text []byte, line int) {
	if r.macro {
		r.macro = len(bytes.Trim(text, blanks)) > 0
		return
	}
	for i := skipBlanks(text, 0); i < len(text); i = skipBlanks(text, i) {
		if text[i] == '#' && (r.want == "" || r.curl) {
			return // a comment
		}
		w, end, why := netrcToken(text, i, r.curl)
		i = end
		switch want := r.want; {
		case want != "":
			r.want = ""
			r.value(want, w, why, line)
		default:
			r.keyword(w, line)
			if r.macro {
				return
			}
		}
	}
}

// netrcToken returns a word, and why tools may read it differently.
func netrcToken(text []byte, i int, curl bool) (w string, end int, why reason) {
	if curl && text[i] == '"' {
		var b []byte
		for i++; i < len(text) && text[i] != '"'; i++ {
			c := text[i]
			if c == '\\' && i+1 < len(text) {
				i++
				c = text[i]
				if n := strings.IndexByte("nrt", c); n >= 0 {
					c = "\n\r\t"[n]
				}
			}
			b = append(b, c)
		}
		if i == len(text) || i+1 < len(text) && strings.IndexByte(blanks, text[i+1]) < 0 {
			return "", len(text), whyNetrcQuote
		}
		return string(b), i + 1, ""
	}
	end = i
	for end < len(text) && strings.IndexByte(blanks, text[end]) < 0 {
		end++
	}
	w = string(text[i:end])
	switch {
	case oddBlank(text[i:end]):
		why = whyBlank
	case !curl && strings.ContainsAny(w, "\"\\#"):
		why = whyNetrcQuote
	}
	return w, end, why
}

func (r *netrcReader) keyword(w string, line int) {
	switch {
	case w == "machine":
		r.close()
		r.open, r.line, r.want = true, line, "machine"
	case w == "default":
		r.close()
		r.open, r.line, r.why = true, line, whyNetrcAll
	case w == "macdef":
		r.close()
		r.macro = true
		r.refuse("", line, whyMacro)
	case r.open && (w == "login" || w == "password" || w == "account"):
		r.want = w
	case r.why == "":
		r.open, r.line, r.why = true, line, whyNetrc
	}
}

func (r *netrcReader) value(want, w string, why reason, line int) {
	if why != "" && r.why == "" {
		r.line, r.why = line, why
	}
	switch want {
	case "machine":
		r.machine = w
	case "login":
		r.login = w
	case "account":
		if r.why == "" {
			r.why = whyAccount
		}
	case "password":
		if r.has && r.why == "" {
			r.why = whyNetrc
		}
		r.password, r.has = w, true
		if r.why == "" {
			r.line = line
		}
	}
}

// close takes the entry, if it is whole.
func (r *netrcReader) close() {
	defer func() { *r = netrcReader{result: r.result, curl: r.curl} }()
	if !r.open {
		return
	}
	name, ok := loginAt(r.login, r.machine)
	if strings.ContainsAny(r.machine, ":/") {
		ok = false
	}
	switch {
	case r.why == whyNetrcQuote:
		r.problems = append(r.problems, Problem{Line: r.line, Reason: string(r.why), Dialect: !r.curl})
	case r.why != "":
		r.refuse("", r.line, r.why)
	case !ok:
		r.refuse("", r.line, whyHost)
	case !r.has:
		r.refuse(name, r.line, whyNoPassword)
	default:
		r.add(name, []byte(r.password), r.line)
	}
}

const (
	whyPgFields reason = "is not HOST:PORT:DATABASE:USER:PASSWORD"
	whyPgEscape reason = "has a colon or a backslash before its password, which no name can have"
	whyPgAny    reason = "is for any host, port, database or user, which no name can say"
)

// readPgpass reads as libpq does.
func readPgpass(b []byte, o Options) ([]Pair, []Problem) {
	if p := unreadable(b, o, nil); p != nil {
		return nil, p
	}
	if bytes.IndexByte(b, 0) >= 0 {
		return nil, []Problem{{Reason: string(whyNUL)}}
	}
	var t result
	line := 0
	for pos := 0; pos < len(b); {
		eol, next := lineAt(b, pos)
		line++
		text := string(b[pos:eol])
		pos = next
		if text == "" || text[0] == '#' {
			continue
		}
		fields, escaped := pgFields(text)
		switch {
		case len(fields) != 5:
			t.refuse("", line, whyPgFields)
		case escaped:
			t.refuse("", line, whyPgEscape)
		case strings.Contains(strings.Join(fields[:4], ":"), "*"):
			t.refuse("", line, whyPgAny)
		case fields[4] == "":
			t.refuse(pgpassPrefix+strings.Join(fields[:4], ":"), line, whyNoPassword)
		default:
			t.add(pgpassPrefix+strings.Join(fields[:4], ":"), []byte(fields[4]), line)
		}
	}
	return t.settled()
}

// pgFields splits at colons, and reports whether there are escapes in any but the last field.
func pgFields(text string) (fields []string, escaped bool) {
	var field []byte
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\\' && i+1 < len(text):
			i++
			field = append(field, text[i])
			escaped = escaped || len(fields) < 4
		case text[i] == ':':
			fields = append(fields, string(field))
			field = field[:0]
		default:
			field = append(field, text[i])
		}
	}
	return append(fields, string(field)), escaped
}
