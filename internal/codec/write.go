package codec

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"
)

// Writer is a codec's way out. It writes exactly what its tools read back, or nothing: no value is cut,
// changed or left out.
type Writer struct {
	// Write returns the text of a file, or what can't be in it. The names are those that Named takes.
	Write func([]Pair, Options) ([]byte, []Problem)
	// Dialects are the values of Options.Dialect, other than "".
	Dialects []string
	// Environment reports whether programs get the names as environment variables.
	Environment bool
	// Named reports whether the format can have a name. If it is nil, it can have those of
	// environment variables.
	Named func(name string) bool
	// Same returns what the format takes a name for, if it can't tell some apart.
	Same func(name string) string
	// Sections reports whether a file has a section for each profile.
	Sections bool
}

const (
	whyForm     reason = "can't be written so that this format's tools read it back"
	whyDialects reason = "can't be written so that all dialects read it alike"
	whyLF       reason = "contains a line feed, which this format can't have"
	whyCRValue  reason = "contains a carriage return, which this format can't have"
	whyOuter    reason = "begins or ends with a blank, which this format drops"
	whyControl  reason = "contains a control character, which this format can't have"
	whyLong     reason = "is longer than this format's lines can be"
	whyEmpty    reason = "is empty, which this format can't have"
	whyExpands  reason = "contains a placeholder that this format's tools would replace"
	whySame     reason = "has a name that this format can't tell from another one"
)

// Export writes pairs in a format. It returns the names that the format can't have, which it leaves
// out, and what can't be written; then there is no text.
func (c Codec) Export(pairs []Pair, o Options) (text []byte, left []string, problems []Problem) {
	named := c.Out.Named
	if named == nil {
		named = variable
	}
	var kept []Pair
	seen := map[key]string{}
	for _, p := range pairs {
		if !named(p.Name) {
			left = append(left, p.Name)
			continue
		}
		if !c.Out.Sections {
			p.Section = ""
		}
		same := p.Name
		if c.Out.Same != nil {
			same = c.Out.Same(p.Name)
		}
		if k := (key{p.Section, same}); seen[k] != "" {
			problems = append(problems, Problem{Section: p.Section, Name: p.Name, Reason: string(whySame)})
		} else {
			seen[k] = p.Name
		}
		kept = append(kept, p)
	}
	if len(problems) > 0 {
		return nil, left, problems
	}
	if text, problems = c.Out.Write(kept, o); len(problems) > 0 {
		return nil, left, problems
	}
	return text, left, nil
}

// variable reports whether a name is one of an environment variable.
func variable(name string) bool { return isName(name, "") && (name[0] < '0' || name[0] > '9') }

// lines writes a line, or several, for each pair. Inlined, each format would have a copy of it.
//
//go:noinline
func lines(line func(p Pair) (string, reason)) func([]Pair, Options) ([]byte, []Problem) {
	return func(pairs []Pair, _ Options) (text []byte, problems []Problem) {
		for _, p := range pairs {
			s, why := line(p)
			if why != "" {
				problems = append(problems, Problem{Section: p.Section, Name: p.Name, Reason: string(why)})
			}
			text = append(text, s...)
		}
		return text, problems
	}
}

// unfit returns the reason why a value is no text, or contains one of the characters that are given.
func unfit(value []byte, but string) reason {
	switch {
	case !utf8.Valid(value): // first: some formats can have NUL
		return whyUTF8
	case bytes.IndexByte(value, 0) >= 0:
		return whyNUL
	case strings.Contains(but, "\n") && bytes.IndexByte(value, '\n') >= 0:
		return whyLF
	case strings.Contains(but, "\r") && bytes.IndexByte(value, '\r') >= 0:
		return whyCRValue
	case strings.Contains(but, " ") && len(bytes.Trim(value, " \t\v\f\n\r\u0085\u00a0")) < len(value):
		return whyOuter
	case strings.Contains(but, "\x01") && bytes.ContainsFunc(value, func(r rune) bool { return (r < ' ' || r == 0x7f) && r != '\t' && r != '\n' && r != '\r' }):
		return whyControl
	}
	return ""
}

// readsBack reports whether a codec reads a file as exactly these pairs.
func readsBack(read func([]byte, Options) ([]Pair, []Problem), text []byte, pairs []Pair, o Options) bool {
	got, problems := read(text, o)
	return len(problems) == 0 && slices.EqualFunc(got, pairs, func(a, b Pair) bool {
		return a.Section == b.Section && a.Name == b.Name && bytes.Equal(a.Value, b.Value)
	})
}
