// Package scan finds known values in text, however they are encoded, in one pass. It knows
// nothing of credfiles or git.
package scan

import (
	"bytes"
	"unicode/utf8"
)

// Form is how a value is written where it was found.
type Form uint8

// The forms of a value. The first that fits is reported.
const (
	Exact Form = iota
	JSON
	Escaped // with backslashes
	URL
	Base64
	Hex
	Wide // UTF-16
	Line // a line of a value of several lines
)

// MinLength is the number of characters below which a value is not looked for.
const MinLength = 8

// Reason is why a value is not looked for.
type Reason uint8

// The reasons. The zero value is none.
const (
	Short Reason = iota + 1
	Common
)

// Limits of one pattern. What is longer than most bytes is represented by a part of it, so
// that comparing has a limit, and a leak of that part is found as well.
const (
	mostBytes = 512 // of a value, taken whole
	partBytes = 384 // taken of a longer one; a multiple of 3
	mostLines = 64  // of a value, each looked for by itself
	minLine   = 24  // characters of such a line
)

// Skip returns why a value is not looked for: it would be found in text that has nothing to
// do with it.
func Skip(value []byte) Reason {
	text := bytes.TrimSpace(value)
	switch {
	case utf8.RuneCount(text) < MinLength:
		return Short
	case isCommon(string(text)):
		return Common
	}
	return 0
}

// Values is a set of values to look for. It is not changed by a scan.
type Values struct {
	patterns []pattern
	squashed index // of patterns without the bytes that may be there only for layout
	plain    index // of those that would be too short without them
}

// pattern is a form of a value.
type pattern struct {
	text  string
	key   string // text without layout
	first int    // index of the first byte of text that is in key
	value int
	form  Form
}

// NewValues prepares values, which are known by their index. Those for which [Skip] has a
// reason are left out.
func NewValues(values [][]byte) *Values {
	v := &Values{}
	for i, value := range values {
		if Skip(value) == 0 {
			v.add(i, value)
		}
	}
	v.squashed.build(v.patterns, func(p *pattern) string { return p.key })
	v.plain.build(v.patterns, func(p *pattern) string {
		if len(p.key) >= window {
			return ""
		}
		return p.text
	})
	return v
}

func (v *Values) add(value int, text []byte) {
	seen := map[string]bool{}
	for form, text := range forms(text) {
		if len(text) < MinLength || seen[text] {
			continue
		}
		seen[text] = true
		p := pattern{text: text, key: squash(text), value: value, form: form}
		for p.first < len(text)-1 && layout[text[p.first]] {
			p.first++
		}
		v.patterns = append(v.patterns, p)
	}
}

// layout has the bytes that are ignored at first: they break a value into lines, or into
// literals that a language joins. The second byte of each UTF-16 character is among them.
var layout = [256]bool{0: true, ' ': true, '\t': true, '\r': true, '\n': true, '"': true, '\'': true, '`': true, '\\': true, '+': true}

// keep is 1 for the other bytes.
var keep = func() (k [256]uint8) {
	for c := range k {
		if !layout[c] {
			k[c] = 1
		}
	}
	return k
}()

func squash(text string) string {
	plain := true
	for i := range len(text) {
		plain = plain && !layout[text[i]]
	}
	if plain {
		return text
	}
	b := make([]byte, 0, len(text))
	for i := range len(text) {
		if !layout[text[i]] {
			b = append(b, text[i])
		}
	}
	return string(b)
}
