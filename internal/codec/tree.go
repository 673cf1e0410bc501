package codec

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"slices"
	"strings"
)

// node is a value in a JSON or YAML document.
type node struct {
	kind   nodeKind
	line   int
	text   string // a scalar's: a number's is as it stands in the source
	fields []field
	items  []*node
	why    reason // why nothing of it can be taken
}

type nodeKind int

const (
	_ nodeKind = iota // what is refused
	isObject
	isArray
	isString // a string
	isBare   // a number or a truth value
	isNull
)

type field struct {
	name  string
	line  int
	value *node
	why   reason // why the field can't be taken, whatever its value is
}

// Limits on documents. A name has a whole path in it, so that its length limits the memory too.
const (
	maxDepth = 32
	maxNodes = 10_000
	maxPath  = 256
)

const (
	whyDeep      reason = "is nested more than 32 deep"
	whyMany      reason = "is one of more than 10,000 values"
	whyArray     reason = "is an array; a credential is one string, number, true or false"
	whyNull      reason = "is null"
	whyObject    reason = "is an object; a credential is one string, number, true or false"
	whyNoObject  reason = "is not an object with names"
	whyAgain     reason = "is a key that its object has more than once"
	whyJoin      reason = "gets the same name as another key when joined with those around it"
	whyKeyLong   reason = "is a key that is longer than 256 bytes with those around it"
	whyNoText    reason = "is not a string"
	whyNotBase64 reason = "is not valid base64"
)

// get returns a field's value, or nil.
func (n *node) get(name string) *node {
	if n == nil {
		return nil
	}
	for _, f := range n.fields {
		if f.name == name && f.why == "" {
			return f.value
		}
	}
	return nil
}

// is reports whether a field has this text.
func (n *node) is(name, text string) bool {
	v := n.get(name)
	return v != nil && v.kind == isString && v.text == text
}

// string returns a field's text, or "".
func (n *node) string(name string) string {
	if v := n.get(name); v != nil && (v.kind == isString || v.kind == isBare) {
		return v.text
	}
	return ""
}

// unique marks the fields of an object that have the same name.
func (n *node) unique() {
	count := map[string]int{}
	for _, f := range n.fields {
		count[f.name]++
	}
	for i := range n.fields {
		if n.fields[i].why == "" && count[n.fields[i].name] > 1 {
			n.fields[i].why = whyAgain
		}
	}
}

// result is what was read of a file so far.
type result struct {
	pairs    []Pair
	problems []Problem
}

func (t *result) add(name string, value []byte, line int) {
	t.pairs = append(t.pairs, Pair{Name: name, Value: value, Line: line})
}

// refuse reports what can't be taken. The name is said if it can be nothing else.
func (t *result) refuse(name string, line int, why reason) {
	t.problems = append(t.problems, Problem{Line: line, Name: plainName(name), Reason: string(why)})
}

// scalar returns a value's text, or reports why it can't be a credential.
func (t *result) scalar(name string, line int, n *node) (text string, ok bool) {
	why := n.why
	switch n.kind {
	case isString, isBare:
		return n.text, true
	case isArray:
		why = whyArray
	case isNull:
		why = whyNull
	case isObject:
		why = whyObject
	}
	t.refuse(name, line, why)
	return "", false
}

// encoded takes a value that is in base64.
func (t *result) encoded(name string, line int, n *node) {
	if text, ok := t.scalar(name, line, n); ok {
		value, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			t.refuse(name, line, whyNotBase64)
		} else {
			t.add(name, value, line)
		}
	}
}

// settled returns everything in the order of lines.
func (t *result) settled() ([]Pair, []Problem) {
	slices.SortStableFunc(t.pairs, func(a, b Pair) int { return a.Line - b.Line })
	slices.SortStableFunc(t.problems, func(a, b Problem) int { return a.Line - b.Line })
	return settle(t.pairs, t.problems, nil)
}

// flat takes every value below an object, and joins the keys on the way to it.
func (t *result) flat(root *node, separator string) {
	type leaf struct {
		name string
		f    field
	}
	var leaves []leaf
	count := map[string]int{}
	var walk func(n *node, prefix string)
	walk = func(n *node, prefix string) {
		for _, f := range n.fields {
			if len(prefix)+len(f.name) > maxPath {
				leaves = append(leaves, leaf{"", field{line: f.line, why: whyKeyLong}})
				continue
			}
			name := prefix + f.name
			if f.why == "" && f.value.kind == isObject {
				walk(f.value, name+separator)
				continue
			}
			leaves = append(leaves, leaf{name, f})
			if f.why == "" {
				count[name]++
			}
		}
	}
	walk(root, "")
	for _, l := range leaves {
		why := l.f.why
		if why == "" && count[l.name] > 1 {
			why = whyJoin
		}
		if why != "" {
			t.refuse(l.name, l.f.line, why)
		} else if text, ok := t.scalar(l.name, l.f.line, l.f.value); ok {
			t.add(l.name, []byte(text), l.f.line)
		}
	}
}

// eachField calls take for the fields that can be taken, and reports the others.
func (t *result) eachField(n *node, take func(f field)) {
	if n == nil {
		return
	}
	if n.kind != isObject && n.kind != isNull {
		t.refuse("", n.line, cmp.Or(n.why, whyNoObject))
	}
	for _, f := range n.fields {
		if f.why != "" {
			t.refuse(f.name, f.line, f.why)
			continue
		}
		take(f)
	}
}

// parse is a parser: no document is an empty one, or a problem.
type parse = func(b []byte) (*node, *Problem)

// parseAny parses JSON if it is an object of JSON, and YAML otherwise.
func parseAny(b []byte) (*node, *Problem) {
	if bytes.HasPrefix(bytes.TrimLeft(b, " \t\r\n"), []byte("{")) && bytes.HasSuffix(bytes.TrimRight(b, " \t\r\n"), []byte("}")) {
		if root, problem := parseJSON(b); problem == nil {
			return root, nil
		}
	}
	return parseYAML(b)
}

// documents returns a reader of documents.
func documents(parse parse, take func(root *node, o Options, t *result)) func([]byte, Options) ([]Pair, []Problem) {
	return func(b []byte, o Options) ([]Pair, []Problem) {
		if p := unreadable(b, o, nil); p != nil {
			return nil, p
		}
		root, problem := parse(withoutBOM(b))
		switch {
		case problem != nil:
			return nil, []Problem{*problem}
		case root == nil || root.kind == isNull:
			return nil, nil
		case root.kind != isObject:
			return nil, []Problem{{Line: root.line, Reason: string(whyNoObject)}}
		}
		var t result
		take(root, o, &t)
		return t.settled()
	}
}

// joined reads any document.
func joined(root *node, o Options, t *result) {
	if o.Separator == "" {
		o.Separator = "_"
	}
	t.flat(root, o.Separator)
}

// shaped reports whether a text with these words is a document of a certain shape.
func shaped(b []byte, words []string, is func(root *node) bool) bool {
	if len(b) > maxInput {
		return false
	}
	for _, w := range words {
		if !bytes.Contains(b, []byte(w)) {
			return false
		}
	}
	root, problem := parseAny(withoutBOM(b))
	return problem == nil && root != nil && is(root)
}

func hasSuffix(name string, suffixes ...string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc(suffixes, func(s string) bool { return strings.HasSuffix(name, s) })
}

// lineOf returns the line of an offset.
func lineOf(b []byte, offset int) int {
	return 1 + bytes.Count(b[:min(max(offset, 0), len(b))], []byte("\n"))
}
