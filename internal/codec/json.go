package codec

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	whyJSON      reason = "is not valid JSON"
	whySurrogate reason = "has an escape that is half a character"
)

func isJSON(name string, b []byte) bool {
	return hasSuffix(name, ".json") || json.Valid(b) && bytes.HasPrefix(bytes.TrimLeft(b, " \t\r\n"), []byte("{"))
}

// jsonParser keeps the lines of keys and the source of numbers, which json.Unmarshal doesn't.
type jsonParser struct {
	src   []byte
	dec   *json.Decoder
	line  int
	at    int // the offset of line
	nodes int
}

func parseJSON(b []byte) (*node, *Problem) {
	if len(bytes.TrimSpace(b)) == 0 {
		return nil, nil
	}
	fail := func(offset int, why reason) (*node, *Problem) {
		return nil, &Problem{Line: lineOf(b, offset), Reason: string(why)}
	}
	if !utf8.Valid(b) {
		return fail(0, whyUTF8)
	}
	var raw json.RawMessage
	if err := json.Unmarshal(b, &raw); err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			return fail(int(syntax.Offset)-1, whyJSON)
		}
		return fail(0, whyJSON)
	}
	if i := halfCharacter(b); i >= 0 {
		return fail(i, whySurrogate)
	}
	p := jsonParser{src: b, dec: json.NewDecoder(bytes.NewReader(b)), line: 1}
	p.dec.UseNumber()
	root, why := p.value(0)
	if why != "" {
		return nil, &Problem{Line: p.now(), Reason: string(why)}
	}
	return root, nil
}

// now returns the line on which the last token ends, which is where it begins.
func (p *jsonParser) now() int {
	to := int(p.dec.InputOffset())
	p.line += bytes.Count(p.src[p.at:to], []byte("\n"))
	p.at = to
	return p.line
}

func (p *jsonParser) value(depth int) (*node, reason) {
	token, err := p.dec.Token()
	if err != nil {
		return nil, whyJSON
	}
	n := &node{line: p.now()}
	p.nodes++
	switch {
	case depth > maxDepth:
		return nil, whyDeep
	case p.nodes > maxNodes:
		return nil, whyMany
	}
	switch v := token.(type) {
	case string:
		n.kind, n.text = isString, v
	case json.Number:
		n.kind, n.text = isBare, v.String()
	case bool:
		n.kind, n.text = isBare, strconv.FormatBool(v)
	case nil:
		n.kind = isNull
	case json.Delim:
		return p.inside(n, v, depth)
	}
	return n, ""
}

// inside reads the rest of an object or an array.
func (p *jsonParser) inside(n *node, open json.Delim, depth int) (*node, reason) {
	n.kind = isArray
	if open == '{' {
		n.kind = isObject
	}
	for p.dec.More() {
		var f field
		if n.kind == isObject {
			token, err := p.dec.Token()
			name, ok := token.(string)
			if err != nil || !ok {
				return nil, whyJSON
			}
			f = field{name: name, line: p.now()}
		}
		v, why := p.value(depth + 1)
		if why != "" {
			return nil, why
		}
		if n.kind == isObject {
			f.value = v
			n.fields = append(n.fields, f)
		} else {
			n.items = append(n.items, v)
		}
	}
	if _, err := p.dec.Token(); err != nil {
		return nil, whyJSON
	}
	n.unique()
	return n, ""
}

// halfCharacter finds a surrogate without its other half, or -1. encoding/json would replace it.
func halfCharacter(b []byte) int {
	for i := 0; i < len(b); i++ {
		if b[i] != '\\' {
			continue
		}
		if u := escaped(b, i); utf16.IsSurrogate(u) {
			if utf16.DecodeRune(u, escaped(b, i+6)) == utf8.RuneError {
				return i
			}
			i += 10
		}
		i++
	}
	return -1
}

// escaped returns the code unit of \uXXXX, or -1.
func escaped(b []byte, i int) rune {
	if i+6 > len(b) || b[i] != '\\' || b[i+1] != 'u' {
		return -1
	}
	u, err := strconv.ParseUint(string(b[i+2:i+6]), 16, 16)
	if err != nil {
		return -1
	}
	return rune(u)
}
