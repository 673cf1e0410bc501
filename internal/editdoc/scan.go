package editdoc

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
)

// scan walks the expressions and takes the lines between them as comments.
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
			return &Mistake{start + 1, "[[ ]] is not allowed; write a profile as [NAME]"}
		}
	}
	if u.Error() != nil {
		// BurntSushi/toml knows the line.
		if _, err := decode(string(p.text)); err != nil {
			return err
		}
		return &Mistake{Reason: "this is not plain TOML; two parsers read it differently"}
	}
	p.between(len(p.lines))
	p.end(p.pending)
	return nil
}

// span returns the first and the last line of a range, 0-based.
func (p *parser) span(r unstable.Range) (first, last int) {
	if int(r.Offset) < p.counted { // ranges are nearly in order
		p.counted, p.lineFeeds = 0, 0
	}
	p.lineFeeds += bytes.Count(p.text[p.counted:r.Offset], []byte("\n"))
	p.counted, first = int(r.Offset), p.lineFeeds
	return first, first + bytes.Count(p.text[r.Offset:r.Offset+r.Length], []byte("\n"))
}

// between takes the lines up to the next expression's.
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
		return &Mistake{line + 1, "a name with a dot needs quotes: [\"a.b\"]"}
	}
	for _, q := range p.profiles {
		if q.Name == name {
			return &Mistake{line + 1, fmt.Sprintf("profile %q appears twice", name)}
		}
	}
	p.between(line)
	// Text directly above a header belongs to it. Otherwise it would be sealed for the
	// readers of the previous profile.
	n := len(p.pending)
	for n > 0 && strings.TrimSpace(p.pending[n-1]) != "" {
		n--
	}
	above, before := p.pending[n:], p.pending[:n]
	if len(before) > 0 && len(p.profiles) > 0 || len(above) == 0 && len(before) > 0 {
		before = before[:len(before)-1] // the empty line that Render writes
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

// behind returns a comment after an expression, on its last line, as a line of its own.
func (p *parser) behind(end int) string {
	rest := p.text[end:]
	if n := bytes.IndexByte(rest, '\n'); n >= 0 {
		rest = rest[:n]
	}
	at := bytes.IndexByte(rest, '#') // only white space can precede it
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
		return &Mistake{line + 1, "a name with a dot needs quotes: \"a.b\" = …"}
	}
	if len(p.profiles) == 0 {
		return &Mistake{line + 1, fmt.Sprintf("%q is above the first profile; move it below a [profile]", name)}
	}
	q := &p.profiles[len(p.profiles)-1]
	if p.names[name] {
		return &Mistake{line + 1, fmt.Sprintf("%q appears twice in profile %q", name, q.Name)}
	}
	p.names[name] = true
	if e.Value().Kind == unstable.InlineTable && hasComment(string(u.Raw(e.Raw))) {
		return &Mistake{line + 1, fmt.Sprintf("%q has a comment in braces; put the comment on the line above", name)}
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

// hasComment finds a # outside strings.
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

// stringEnd returns the length of the string at the beginning of s.
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
