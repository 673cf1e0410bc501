package editdoc

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/BurntSushi/toml"
	"github.com/pelletier/go-toml/v2/unstable"
)

// MaxDocument bounds what is read: twice the largest file.
const MaxDocument = 32 << 20

// Mistake is why a document can't be taken as it is. It quotes no value.
type Mistake struct {
	Line   int // 1-based; 0 if that is not known
	Reason string
}

func (m *Mistake) Error() string {
	if m.Line == 0 {
		return m.Reason
	}
	return fmt.Sprintf("line %d: %s", m.Line, m.Reason)
}

// Parse reads a document. BurntSushi/toml says whether it is valid, and what its
// strings are; where things stand, and the comments, come from another parser, and
// both have to see the same keys. Errors: [*Mistake].
func Parse(text []byte) ([]Profile, error) {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")) // as some editors save
	if len(text) > MaxDocument {
		return nil, &Mistake{Reason: "the document is larger than 32 MiB"}
	}
	if !utf8.Valid(text) || bytes.IndexByte(text, 0) >= 0 {
		return nil, &Mistake{Reason: "the document is not text in UTF-8"}
	}
	p := &parser{text: text}
	if err := p.scan(); err != nil {
		return nil, err
	}
	doc, err := decode(string(text))
	if err != nil {
		return nil, err
	}
	if err := p.values(doc); err != nil {
		return nil, err
	}
	return p.profiles, nil
}

// decode is the library's word. Its messages quote the input, so only the line is
// taken from them.
func decode(text string) (doc map[string]map[string]any, err error) {
	defer func() {
		if recover() != nil {
			doc, err = nil, &Mistake{Reason: "this is not TOML"}
		}
	}()
	_, err = toml.Decode(text, &doc)
	var parse toml.ParseError
	if errors.As(err, &parse) {
		return nil, &Mistake{parse.Position.Line, "this is not TOML: is a quote missing, or is it a number or a backslash that needs single quotes ('…')?"}
	} else if err != nil {
		return nil, &Mistake{Reason: "this is not TOML of the form [profile] and NAME = \"value\""}
	}
	return doc, nil
}

type parser struct {
	text     []byte
	profiles []Profile
	raws     [][]raw  // what stands for each value, by profile and entry
	pending  []string // lines that belong to what follows
	line     int      // the next line that was not seen, 0-based
	lines    []string
	names    map[string]bool // of the profile that is read

	counted, lineFeeds int // how far the lines were counted
}

// raw is a value as it is written.
type raw struct {
	text   string
	inline map[string]raw
}

// scan walks over the expressions, and takes the lines between them for comments.
func (p *parser) scan() error {
	p.lines = strings.SplitAfter(string(p.text), "\n")
	var u unstable.Parser
	u.Reset(p.text)
	for u.NextExpression() {
		e := u.Expression()
		switch e.Kind {
		case unstable.Table:
			if err := p.table(e); err != nil {
				return err
			}
		case unstable.KeyValue:
			if err := p.keyValue(&u, e); err != nil {
				return err
			}
		case unstable.ArrayTable:
			start, _ := p.span(e.Child().Raw)
			return &Mistake{start + 1, "[[ ]] has no meaning here: a profile is [NAME]"}
		}
	}
	if u.Error() != nil {
		// BurntSushi/toml knows the line.
		if _, err := decode(string(p.text)); err != nil {
			return err
		}
		return &Mistake{Reason: "this is not TOML that both parsers read alike"}
	}
	p.between(len(p.lines))
	p.end(p.pending)
	return nil
}

// span returns the first and the last line of a range, 0-based.
func (p *parser) span(r unstable.Range) (first, last int) {
	if int(r.Offset) < p.counted { // they come in order, nearly
		p.counted, p.lineFeeds = 0, 0
	}
	p.lineFeeds += bytes.Count(p.text[p.counted:r.Offset], []byte("\n"))
	p.counted, first = int(r.Offset), p.lineFeeds
	return first, first + bytes.Count(p.text[r.Offset:r.Offset+r.Length], []byte("\n"))
}

// between takes the lines up to the one with the next expression.
func (p *parser) between(line int) {
	for ; p.line < line; p.line++ {
		text := p.lines[p.line]
		if text == "" || strings.HasPrefix(strings.TrimLeft(text, " \t"), Mark) {
			continue
		}
		if at := marked(text); at >= 0 {
			text = text[:at] + text[at+1:]
		}
		p.pending = append(p.pending, strings.TrimSuffix(text, "\n")+"\n")
	}
}

func (p *parser) table(e *unstable.Node) error {
	keys := e.Key()
	keys.Next()
	name := string(keys.Node().Data)
	line, last := p.span(keys.Node().Raw)
	end := int(keys.Node().Raw.Offset + keys.Node().Raw.Length)
	if keys.Next() {
		return &Mistake{line + 1, "a name with a dot in it needs quotes: [\"a.b\"]"}
	}
	for _, q := range p.profiles {
		if q.Name == name {
			return &Mistake{line + 1, fmt.Sprintf("profile %q stands twice", name)}
		}
	}
	p.between(line)
	// What stands directly above a header belongs to it: it would else be sealed for
	// the readers of the profile before.
	n := len(p.pending)
	for n > 0 && strings.TrimSpace(p.pending[n-1]) != "" {
		n--
	}
	above, before := p.pending[n:], p.pending[:n]
	if len(before) > 0 && len(p.profiles) > 0 || len(above) == 0 && len(before) > 0 {
		before = before[:len(before)-1] // the empty line that Render puts there
	}
	if len(p.profiles) == 0 {
		above, before = append(before[:len(before):len(before)], above...), nil
	}
	p.end(before)
	p.profiles, p.raws = append(p.profiles, Profile{Name: name, Line: line + 1}), append(p.raws, nil)
	p.names = map[string]bool{}
	p.pending = append([]string(nil), above...)
	if c := p.behind(end + bytes.IndexByte(p.text[end:], ']')); c != "" {
		p.pending = append(p.pending, c)
	}
	p.line = last + 1
	return nil
}

// behind returns a comment that stands behind an expression, on its last line, as a
// line of its own.
func (p *parser) behind(end int) string {
	rest := p.text[end:]
	if n := bytes.IndexByte(rest, '\n'); n >= 0 {
		rest = rest[:n]
	}
	at := bytes.IndexByte(rest, '#') // nothing but white space may be before it
	if at < 0 {
		return ""
	}
	return string(rest[at:]) + "\n"
}

// end closes a profile with the comment at its end.
func (p *parser) end(comment []string) {
	if len(comment) == 0 || len(p.profiles) == 0 {
		return
	}
	q := &p.profiles[len(p.profiles)-1]
	q.Entries = append(q.Entries, Entry{Comment: strings.Join(comment, "")})
	p.raws[len(p.raws)-1] = append(p.raws[len(p.raws)-1], raw{})
}

func (p *parser) keyValue(u *unstable.Parser, e *unstable.Node) error {
	keys := e.Key()
	keys.Next()
	name := string(keys.Node().Data)
	line, _ := p.span(keys.Node().Raw)
	_, last := p.span(e.Raw)
	if keys.Next() {
		return &Mistake{line + 1, "a name with a dot in it needs quotes: \"a.b\" = …"}
	}
	if len(p.profiles) == 0 {
		return &Mistake{line + 1, fmt.Sprintf("%q stands above the first profile: put it below a [profile]", name)}
	}
	q := &p.profiles[len(p.profiles)-1]
	if p.names[name] {
		return &Mistake{line + 1, fmt.Sprintf("%q stands twice in profile %q", name, q.Name)}
	}
	p.names[name] = true
	if e.Value().Kind == unstable.InlineTable && hasComment(string(u.Raw(e.Raw))) {
		return &Mistake{line + 1, fmt.Sprintf("%q: a comment stands above the line, not in braces", name)}
	}
	p.between(line)
	r := rawValue(u, e.Value())
	if c := p.behind(int(e.Raw.Offset + e.Raw.Length)); c != "" {
		p.pending = append(p.pending, c)
	}
	q.Entries = append(q.Entries, Entry{Name: name, Comment: strings.Join(p.pending, ""), Line: line + 1})
	p.raws[len(p.raws)-1] = append(p.raws[len(p.raws)-1], r)
	p.pending, p.line = nil, last+1
	return nil
}

// hasComment finds a # outside of strings.
func hasComment(s string) bool {
	for s != "" {
		switch {
		case s[0] == '#':
			return true
		case strings.HasPrefix(s, `"""`), strings.HasPrefix(s, "'''"), s[0] == '"', s[0] == '\'':
			s = s[stringEnd(s):]
		default:
			s = s[1:]
		}
	}
	return false
}

// stringEnd returns the length of the string that s begins with.
func stringEnd(s string) int {
	quote := s[:1]
	if strings.HasPrefix(s, strings.Repeat(quote, 3)) {
		quote = s[:3]
	}
	for i := len(quote); i < len(s); i++ {
		if s[i] == '\\' && s[0] == '"' {
			i++
		} else if strings.HasPrefix(s[i:], quote) {
			for len(quote) == 3 && strings.HasPrefix(s[i+1:], quote) { // quotes before the end
				i++
			}
			return i + len(quote)
		}
	}
	return len(s)
}

func rawValue(u *unstable.Parser, n *unstable.Node) raw {
	var r raw
	if n.Kind == unstable.InlineTable {
		r.inline = map[string]raw{}
		for it := n.Children(); it.Next(); {
			kv := it.Node()
			keys := kv.Key()
			keys.Next()
			r.inline[string(keys.Node().Data)] = rawValue(u, kv.Value())
		}
		return r
	}
	r.text = string(u.Raw(n.Raw))
	return r
}

// values takes the values from the library's document, which has to have the same
// keys.
func (p *parser) values(doc map[string]map[string]any) error {
	if len(doc) != len(p.profiles) {
		return &Mistake{Reason: "this is not TOML that both parsers read alike"}
	}
	for i := range p.profiles {
		q := &p.profiles[i]
		table, ok := doc[q.Name]
		named := 0
		for j := range q.Entries {
			e := &q.Entries[j]
			if e.Name == "" {
				continue
			}
			named++
			v, there := table[e.Name]
			if !ok || !there {
				return &Mistake{e.Line, "this is not TOML that both parsers read alike"}
			}
			if err := e.take(v, p.raws[i][j]); err != nil {
				return err
			}
		}
		if named != len(table) {
			return &Mistake{q.Line, "this is not TOML that both parsers read alike"}
		}
	}
	return nil
}

// take takes a value. Numbers and booleans are taken as they are written.
func (e *Entry) take(v any, r raw) error {
	wrong := func(what string) error {
		return &Mistake{e.Line, fmt.Sprintf("%q is %s: write it in quotes", e.Name, what)}
	}
	switch v := v.(type) {
	case string:
		e.Value = []byte(v)
		return nil
	case int64, bool:
		e.Value = []byte(r.text)
		return nil
	case map[string]any:
		return e.takeInline(v, r)
	case float64:
		return wrong("a floating-point number")
	case time.Time:
		return wrong("a date or a time")
	case []any, []map[string]any:
		return wrong("an array")
	}
	return wrong("of a kind that is no credential")
}

// takeInline takes { value = "…" } or { base64 = "…" }, with or without expires.
func (e *Entry) takeInline(v map[string]any, r raw) error {
	wrong := func(what string) error {
		return &Mistake{e.Line, fmt.Sprintf("%q %s: { value = \"…\", expires = 2027-05-01 }, or base64 in place of value", e.Name, what)}
	}
	n := 0
	for name, x := range v {
		text, isText := x.(string)
		switch {
		case name == "value" && isText:
			e.Value = []byte(text)
			n++
		case name == "base64" && isText:
			b, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
			if err != nil {
				return wrong("holds what is not base64")
			}
			e.Value = b
			n++
		case name == "expires":
			t, err := time.Parse(dateLayout, strings.Trim(r.inline["expires"].text, `"'`))
			if err != nil || t.Year() < 1970 {
				return wrong("has an expiry that is no day")
			}
			e.Expires = t
		default:
			return wrong("is a table of another form")
		}
	}
	if n != 1 {
		return wrong("needs one value")
	}
	return nil
}
