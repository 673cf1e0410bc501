package format

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Definition says how a source obtains its values: string, int64, bool and []string by key.
type Definition map[string]any

// ErrDefinition reports a text that is not a definition as [Definition.Bytes] writes it.
var ErrDefinition = errors.New("is not a valid definition of a source")

// ValidKey reports whether s can be a key of a definition: [a-z][a-z0-9_]{0,63}.
func ValidKey(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if !('a' <= c && c <= 'z' || i > 0 && ('0' <= c && c <= '9' || c == '_')) {
			return false
		}
	}
	return s != "" && len(s) <= 64
}

// ParseDefinition reads a definition. It takes only the one form that [Definition.Bytes] gives.
func ParseDefinition(b []byte) (Definition, error) {
	d := Definition{}
	for line := range strings.Lines(string(b)) {
		key, rest, ok := strings.Cut(line, " = ")
		if !ok || !ValidKey(key) {
			return nil, ErrDefinition
		}
		if d[key], ok = parseSetting(strings.TrimSuffix(rest, "\n")); !ok {
			return nil, ErrDefinition
		}
	}
	if d.Check() != nil || !bytes.Equal(d.Bytes(), b) { // one form: order, escapes, digits
		return nil, ErrDefinition
	}
	return d, nil
}

func parseSetting(s string) (value any, ok bool) {
	switch {
	case s == "true" || s == "false":
		return s == "true", true
	case strings.HasPrefix(s, `"`):
		text, rest, ok := parseString(s)
		return text, ok && rest == ""
	case strings.HasPrefix(s, "["):
		return parseList(s)
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}

func parseList(s string) (list []string, ok bool) {
	list = []string{}
	for rest := s[1:]; ; {
		if rest == "]" {
			return list, true
		}
		var text string
		if text, rest, ok = parseString(strings.TrimPrefix(rest, ", ")); !ok {
			return nil, false
		}
		list = append(list, text)
	}
}

// parseString reads a basic string of TOML at the beginning of s.
func parseString(s string) (text, rest string, ok bool) {
	if !strings.HasPrefix(s, `"`) {
		return "", "", false
	}
	var b []byte
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			return string(b), s[i+1:], true
		case c != '\\':
			b = append(b, c)
		case i+1 < len(s) && s[i+1] != 'u':
			i++
			j := strings.IndexByte(`"\nrt`, s[i])
			if j < 0 {
				return "", "", false
			}
			b = append(b, "\"\\\n\r\t"[j])
		case i+5 < len(s):
			n, err := strconv.ParseUint(s[i+2:i+6], 16, 16)
			if err != nil {
				return "", "", false
			}
			b = utf8.AppendRune(b, rune(n))
			i += 5
		default:
			return "", "", false
		}
	}
	return "", "", false
}

// NewDefinition takes what a parser of TOML or JSON gives: only what a definition can have. Errors:
// [ErrDefinition].
func NewDefinition(raw map[string]any) (Definition, error) {
	d := Definition{}
	for key, value := range raw {
		switch v := value.(type) {
		case string, int64, bool:
			d[key] = v
		case []any:
			list := []string{}
			for _, item := range v {
				text, ok := item.(string)
				if !ok {
					return nil, ErrDefinition
				}
				list = append(list, text)
			}
			d[key] = list
		default:
			return nil, ErrDefinition
		}
	}
	return d, nil
}

// Check reports what keeps a definition from being written. Errors: [ErrDefinition].
func (d Definition) Check() error {
	for key, value := range d {
		if !ValidKey(key) {
			return fmt.Errorf("%w: %q is not a key", ErrDefinition, key)
		}
		texts, _ := value.([]string)
		if text, ok := value.(string); ok {
			texts = []string{text}
		}
		for _, text := range texts {
			if !utf8.ValidString(text) {
				return fmt.Errorf("%w: %s is not UTF-8", ErrDefinition, key)
			}
		}
	}
	if len(d.Bytes()) > MaxDefinition {
		return fmt.Errorf("%w: it is longer than %d bytes", ErrDefinition, MaxDefinition)
	}
	return nil
}

// Bytes returns the one form of a definition: TOML, a key a line, in byte order.
func (d Definition) Bytes() []byte {
	var b []byte
	for _, key := range slices.Sorted(maps.Keys(d)) {
		b = append(append(b, key...), " = "...)
		switch v := d[key].(type) {
		case string:
			b = appendString(b, v)
		case int64:
			b = strconv.AppendInt(b, v, 10)
		case bool:
			b = strconv.AppendBool(b, v)
		case []string:
			b = append(b, '[')
			for i, text := range v {
				if i > 0 {
					b = append(b, ", "...)
				}
				b = appendString(b, text)
			}
			b = append(b, ']')
		}
		b = append(b, '\n')
	}
	return b
}

// appendString appends a basic string of TOML. Only what must be escaped is.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r == '\n':
			b = append(b, `\n`...)
		case r == '\r':
			b = append(b, `\r`...)
		case r == '\t':
			b = append(b, `\t`...)
		case r < ' ' || r == 0x7f:
			b = fmt.Appendf(b, `\u%04X`, r)
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return append(b, '"')
}

// UnmarshalJSON reads a definition in a message.
func (d *Definition) UnmarshalJSON(b []byte) error {
	var raw map[string]any
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	if err := dec.Decode(&raw); err != nil {
		return ErrDefinition
	}
	for key, value := range raw {
		if n, ok := value.(json.Number); ok {
			i, err := n.Int64()
			if err != nil {
				return ErrDefinition
			}
			raw[key] = i
		}
	}
	typed, err := NewDefinition(raw)
	*d = typed
	return err
}

// Text returns the string of a key, or "".
func (d Definition) Text(key string) string { s, _ := d[key].(string); return s }

// Number returns the integer of a key, or 0.
func (d Definition) Number(key string) int64 { n, _ := d[key].(int64); return n }

// Flag returns the boolean of a key, or false.
func (d Definition) Flag(key string) bool { f, _ := d[key].(bool); return f }

// List returns the strings of a key, or nil.
func (d Definition) List(key string) []string { l, _ := d[key].([]string); return l }
