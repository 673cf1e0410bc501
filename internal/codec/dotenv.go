package codec

import (
	"bytes"
	"slices"
	"strings"
)

// dotenv is the family of NAME=value files. There is no standard: each tool has its own
// quotes, escapes and comments, and several tools often read the same file. So without a
// dialect a value is taken only if all the usual tools that can read the line give it the
// same value. docker is not one of them: it takes quotes literally, and would differ on
// every quoted line.
var dotenv = Codec{
	Name:     "dotenv",
	General:  true,
	Dialects: dotenvDialects,
	Detect:   isDotenv,
	Read:     readDotenv,
	Out:      &Writer{Environment: true, Dialects: dotenvDialects, Write: writeDotenv},
}

var dotenvDialects = []string{"compose", "docker", "node", "python", "ruby", "sh"}

// A dialect reads the value of a statement as its tools do.
type dialect struct {
	name string
	read func(statement) reading
}

var (
	docker        = dialect{"docker", readDocker}
	usualDialects = []dialect{{"compose", readCompose}, {"node", readNode}, {"python", readPython}, {"ruby", readRuby}, {"sh", readSh}}
)

// outcome is what a dialect's tools do with a statement.
type outcome int

const (
	taken   outcome = iota // they give it this value
	unsure                 // they give it a value that we can't tell, so no dialect's value may be taken
	refused                // they report an error or set nothing, so they have no say
)

// reading is the result of one dialect for one statement.
type reading struct {
	outcome outcome
	value   []byte
	end     int    // offset in the statement's last line
	why     reason // unless taken
	stop    bool   // the dialect's tools would not read on from here as from any line
	lost    bool   // no dialect can, since it is unclear where the next statement begins
	silent  int    // if refused, the offset up to which they have no say at all
}

// statement is a NAME= and the position of its value. If the tools disagree on this part,
// it is no statement.
type statement struct {
	src    []byte
	start  int    // of the name, or of "export"
	at     int    // after the =; 0 if there is none
	eol    int    // end of the first line
	name   string // "" if it is not a plain name
	export bool
	gap    bool   // there is a blank before the =
	why    reason // reason for having no name
}

const (
	whyNoEquals reason = "has no ="
	whyMark     reason = "follows a byte order mark, which this tool reads as part of the name"
	whyName     reason = "has no valid name before the ="
	whyBlock    reason = "starts a value of several lines without quotes"
	whyBase64   reason = "looks like base64, not like NAME=VALUE"
	whyOpen     reason = "opens a quote that is never closed; the rest of the file was not read"
	whyAfter    reason = "has text after the closing quote, which tools read differently"
	whyMore     reason = "has another quote after the closing one; the rest of the file was not read"
	whyEnds     reason = "ends on different lines in different tools; the rest of the file was not read"
	whyEscapes  reason = "has backslashes that tools read differently"
	whyComment  reason = "has a # that tools read differently"
	whyLineEnds reason = "has CR LF line ends in quotes, which tools read differently"
	whyQuotes   reason = "has quotes that tools read differently"
	whyOther    reason = "has a value that tools read differently"
	// Single quotes keep a $ in every dialect; docker would keep double quotes too.
	whyVar       reason = "contains a variable or a command; if you mean it literally, use single quotes or --dialect docker"
	whyVarQuoted reason = "contains a variable or a command; if you mean it literally, use single quotes instead of double quotes"
)

func isDotenv(name string, b []byte) bool {
	if name == ".env" || strings.HasPrefix(name, ".env.") || strings.HasSuffix(name, ".env") {
		return true
	}
	b = withoutBOM(b)
	for pos := 0; pos < len(b); {
		eol, next := lineAt(b, pos)
		if i := skipBlanks(b, pos); i < eol && b[i] != '#' {
			s := head(b, i)
			return s.name != "" && !s.gap && skipBlanks(b, s.at) == s.at && bytes.IndexByte(b, 0) < 0
		}
		if pos == 0 && bytes.HasPrefix(b, []byte("#!")) {
			return false
		}
		pos = next
	}
	return false
}

func readDotenv(b []byte, o Options) ([]Pair, []Problem) {
	if p := unreadable(b, o, dotenvDialects); p != nil {
		return nil, p
	}
	f := dotenvFile{src: withoutBOM(b), dialects: usualDialects, line: 1, doubtful: map[key]bool{}, plain: map[string]string{}}
	if o.Dialect == docker.name {
		f.dialects = []dialect{docker}
	}
	for _, d := range usualDialects {
		if d.name == o.Dialect {
			f.dialects = []dialect{d}
		}
	}
	// sh and python-dotenv take the mark as part of the first name. The others don't.
	f.marked = bytes.HasPrefix(b, []byte(mark)) && (o.Dialect == "sh" || o.Dialect == "python")
	f.lost = make([]reading, len(f.dialects))
	for f.next() {
	}
	return settle(f.pairs, f.problems, f.doubtful)
}

// dotenvFile is a file being read.
type dotenvFile struct {
	src      []byte
	dialects []dialect
	lost     []reading // the last reading of each dialect
	pos      int
	line     int
	bare     bool // the previous line was no statement
	marked   bool // a byte order mark precedes this line and belongs to it
	pairs    []Pair
	problems []Problem
	doubtful map[key]bool      // names that skipped lines may set again
	plain    map[string]string // names to values that are plain text in every context; "" if it is unclear
}

// next reads one line, or one statement of several lines, and reports whether to go on.
// Text that was not taken leaves all the names in it in doubt.
func (f *dotenvFile) next() bool {
	if f.pos >= len(f.src) {
		return false
	}
	from, known := f.pos, len(f.problems)
	more := f.read()
	switch {
	case len(f.problems) == known:
	case more:
		f.doubt(f.src[from:f.pos])
	default:
		f.doubt(f.src[from:])
	}
	return more
}

func (f *dotenvFile) read() bool {
	eol, _ := lineAt(f.src, f.pos)
	start := skipBlanks(f.src, f.pos)
	if start >= eol || f.src[start] == '#' {
		// UTF-16, or a file with only CRs, must not pass for one long comment.
		if line := f.src[f.pos:eol]; bytes.IndexByte(line, 0) >= 0 || loneCR(line) {
			why, _ := badBytes(line)
			f.problem("", why, false)
		}
		f.bare = false
		return f.advance(eol)
	}
	s := head(f.src, start)
	if f.marked && f.pos == 0 {
		f.problem(s.name, whyMark, false)
		return f.advance(eol)
	}
	if end, why := block(s, f.bare); why != "" {
		f.problem("", why, false) // the text before the = may be a piece of a key
		return f.advance(end)
	}
	f.bare = s.why == whyNoEquals
	if s.at == 0 {
		f.problem("", s.why, false)
		// To a shell this is a command, and the rest may depend on it.
		return !(len(f.dialects) == 1 && f.dialects[0].name == "sh") && f.advance(eol)
	}
	return f.statement(s)
}

// statement asks each dialect and takes the value if they agree.
func (f *dotenvFile) statement(s statement) bool {
	var all []reading
	for i, d := range f.dialects {
		// A tool that searches the next lines for a quote sees no statements there. To
		// search again from each of them would take quadratic time.
		if s.start >= f.lost[i].silent {
			f.lost[i] = d.read(s)
			all = append(all, f.lost[i])
		} else {
			all = append(all, reading{outcome: refused, end: s.eol, why: f.lost[i].why, stop: true})
		}
	}
	end, ends, stop := extent(s, all)
	why, bad := badBytes(f.src[s.start:end])
	if text, _, plain := unquoted(s, `'"`); !bad && plain && f.dialects[0].name != docker.name && oddBlank(text) {
		why, bad = whyBlank, true
	}
	switch {
	case bad:
		f.problem(s.name, why, false)
	case s.name == "":
		f.problem("", s.why, false)
	default:
		f.decide(s, all, ends)
	}
	return !stop && f.advance(end)
}

func (f *dotenvFile) decide(s statement, all []reading, ends reason) {
	value, why := agreed(s, all)
	if why == whyVar || why == whyVarQuoted {
		if v, ok := f.withReferences(s, all); ok {
			value, why = v, ""
		}
	}
	if ends != "" {
		why = ends
	}
	if why == "" {
		f.pairs = append(f.pairs, Pair{Name: s.name, Value: value, Line: f.line})
		if _, twice := f.plain[s.name]; twice || !isName(string(value), "-./:@%+,") {
			value = nil
		}
		f.plain[s.name] = string(value)
		return
	}
	differ := false
	if len(f.dialects) > 1 && why != whyEncrypted {
		for _, r := range append(all, readDocker(s)) {
			differ = differ || r.outcome == taken
		}
	}
	f.problem(s.name, why, differ)
}

// withReferences reads a value again with each ${NAME} replaced. NAME must be set further
// up in the file, to a value that every reader takes as plain text. It needs a named
// dialect, since they differ: node's dotenv, for one, keeps ${NAME}.
func (f *dotenvFile) withReferences(s statement, all []reading) ([]byte, bool) {
	if len(f.dialects) != 1 || f.dialects[0].name == "node" || f.dialects[0].name == docker.name {
		return nil, false
	}
	raw := s.src[s.at:max(all[0].end, s.at)]
	if bytes.IndexByte(raw, '\'') >= 0 || bytes.Contains(raw, []byte("$$")) {
		return nil, false // ${NAME} may be literal there
	}
	var text []byte
	for {
		before, rest, found := bytes.Cut(raw, []byte("${"))
		text = append(text, before...)
		if !found {
			break
		}
		name, after, closed := bytes.Cut(rest, []byte("}"))
		value := f.plain[string(name)]
		if !closed || value == "" || f.doubtful[key{name: string(name)}] || bytes.HasSuffix(text, []byte{'\\'}) {
			return nil, false
		}
		text, raw = append(text, value...), after
	}
	src := slices.Concat(s.src[s.start:s.at], text, []byte("\n"))
	at := s.at - s.start
	eol, _ := lineAt(src, at)
	r := f.dialects[0].read(statement{src: src, at: at, eol: eol, name: s.name, export: s.export, gap: s.gap})
	return r.value, r.outcome == taken
}

func (f *dotenvFile) problem(name string, why reason, dialect bool) {
	f.problems = append(f.problems, Problem{Line: f.line, Name: name, Reason: string(why), Dialect: dialect})
	f.plain[name] = ""
}

// advance moves to the line after the one that contains offset end.
func (f *dotenvFile) advance(end int) bool {
	_, next := lineAt(f.src, end)
	f.line += bytes.Count(f.src[f.pos:next], []byte("\n"))
	f.pos = next
	return true
}
