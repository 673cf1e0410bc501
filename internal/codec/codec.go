// Package codec reads the files in which other tools keep credentials and
// gives their names and values.
//
// A reader takes what it is sure of. Everything else is a [Problem] that says
// which line and why, in words of this package only: a line that can't be read
// may hold a secret all the same, so nothing of it is ever repeated, except
// names. Values are never evaluated: no variable is put in and no command is
// run, whatever the format would allow.
//
// A format is one file here and one line in [All].
package codec

import (
	"slices"
	"strings"
)

// All is every format that can be read. Where two could claim a file,
// [Detect] takes the earlier one.
var All = []Codec{
	tomlFile, // by its name, and the others may know its content
	dotenv,
	aws,
}

// Pair is one name and value as another tool's file gives it.
type Pair struct {
	Section string // profile that the file itself names, "" if the format has none
	Name    string // not always one that a credential can have
	Value   []byte
	Line    int // 1-based line on which it starts
}

// Problem is a line that can't be taken. Reason never quotes the line or any
// part of a value; Section and Name are the file's own words, and empty where
// these are not plain names, since a secret may have slipped into their place.
type Problem struct {
	Line          int // 1-based; 0 if it is about the whole input
	Section, Name string
	Reason        string
	Dialect       bool // the format's dialects differ here: naming one would settle it
}

// Options say how to read what the input leaves open.
type Options struct {
	Dialect string // one of Codec.Dialects; "" takes only what the usual ones agree on
}

// Codec is one format. Read gives pairs and problems in the order of their
// lines. An input with problems can still have pairs; it is the caller who
// decides whether to go on without the rest.
type Codec struct {
	Name     string
	Dialects []string // values that Options.Dialect takes besides ""
	Detect   func(name string, b []byte) bool
	Read     func(b []byte, o Options) ([]Pair, []Problem)
}

// Lookup finds a format by its name.
func Lookup(name string) (Codec, bool) {
	i := slices.IndexFunc(All, func(c Codec) bool { return c.Name == name })
	if i < 0 {
		return Codec{}, false
	}
	return All[i], true
}

// Detect finds the format of a file by its base name and content. Content
// alone is enough for the sure signs of a format, so that a pipe works too.
func Detect(name string, b []byte) (Codec, bool) {
	i := slices.IndexFunc(All, func(c Codec) bool { return c.Detect(name, b) })
	if i < 0 {
		return Codec{}, false
	}
	return All[i], true
}

// maxInput bounds time and memory. Files of credentials are a few KiB; what is
// larger than 1 MiB is some other file, given by mistake.
const maxInput = 1 << 20

// reason is the type of every text that may become Problem.Reason. That it is
// a type, and its values constants, is what keeps input out of them: a test
// compares each reason that fuzzing provokes with the list of constants.
type reason string

const (
	whyTooLarge reason = "is larger than 1 MiB"
	whyDialect  reason = "has no such dialect"
	whyNUL      reason = "contains a NUL byte"
	whyUTF8     reason = "is not valid UTF-8"
	whyCR       reason = "contains a carriage return"
	whyBlank    reason = "contains an unusual space or a control character; quote the value, or remove that character"
	whyDoubt    reason = "may be set again by a line that can't be imported"
	whyTwice    reason = "is set more than once, to different values"
)

// unreadable is what every Read asks first.
func unreadable(b []byte, o Options, dialects []string) []Problem {
	switch {
	case len(b) > maxInput:
		return []Problem{{Reason: string(whyTooLarge)}}
	case o.Dialect != "" && !slices.Contains(dialects, o.Dialect):
		return []Problem{{Reason: string(whyDialect)}}
	}
	return nil
}

// key is what may stand once.
type key struct{ section, name string }

// settle leaves one pair for each name. Tools let the last of several values
// win, or refuse the file; which one was meant is for the user to say, so a
// name with two values has none. That holds too if one of its lines is a
// problem already, or if it is doubtful whether skipped lines set it again:
// else an older value would come in unnoticed.
func settle(pairs []Pair, problems []Problem, doubtful map[key]bool) ([]Pair, []Problem) {
	pairs, problems = withoutCiphertext(pairs, problems)
	first := make(map[key]int, len(pairs))
	unclear := map[key]bool{}
	for _, p := range problems {
		if p.Name != "" {
			unclear[key{p.Section, p.Name}] = true
		}
	}
	for i, p := range pairs {
		k := key{p.Section, p.Name}
		if j, ok := first[k]; !ok {
			first[k] = i
		} else if string(pairs[j].Value) != string(p.Value) {
			unclear[k] = true
		}
	}
	var kept []Pair
	for i, p := range pairs {
		k := key{p.Section, p.Name}
		switch {
		case doubtful[k] && !unclear[k]:
			problems = append(problems, Problem{Line: p.Line, Section: p.Section, Name: p.Name, Reason: string(whyDoubt)})
		case unclear[k]:
			problems = append(problems, Problem{Line: p.Line, Section: p.Section, Name: p.Name, Reason: string(whyTwice)})
		case first[k] == i:
			kept = append(kept, p)
		}
	}
	slices.SortStableFunc(problems, func(a, b Problem) int { return a.Line - b.Line })
	return kept, problems
}

// isName tells whether s consists of letters, digits, underscores and the
// characters in extra only.
func isName(s, extra string) bool {
	for i := range len(s) {
		if !nameByte(s[i]) && strings.IndexByte(extra, s[i]) < 0 {
			return false
		}
	}
	return s != ""
}

func nameByte(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z'
}
