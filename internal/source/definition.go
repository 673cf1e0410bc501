// Package source describes sources: how a credential is obtained when it is needed. It holds what
// credfile and credfile-connect share: definitions, the kinds that are built in, and the messages
// between the two programs. It has no network code.
package source

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

	"github.com/BurntSushi/toml"
)

// Definition says how a source obtains its values: string, int64, bool and []string by key.
type Definition map[string]any

// MaxDefinition is the most bytes that a definition may have.
const MaxDefinition = 16 << 10

// ErrDefinition reports a text that is not a definition as [Definition.Bytes] writes it.
var ErrDefinition = errors.New("is not a valid definition of a source")

// ValidKind reports whether s can be a kind: [a-z][a-z0-9-]{0,31}.
func ValidKind(s string) bool { return len(s) <= 32 && isWord(s, '-') }

// ValidKey reports whether s can be a key of a definition: [a-z][a-z0-9_]{0,63}.
func ValidKey(s string) bool { return len(s) <= 64 && isWord(s, '_') }

func isWord(s string, also byte) bool {
	for i := range len(s) {
		c := s[i]
		if !('a' <= c && c <= 'z' || i > 0 && ('0' <= c && c <= '9' || c == also)) {
			return false
		}
	}
	return s != ""
}

// Parse reads a definition. It takes only the one form that [Definition.Bytes] gives.
func Parse(b []byte) (Definition, error) {
	if len(b) > MaxDefinition || !utf8.Valid(b) {
		return nil, ErrDefinition
	}
	var raw map[string]any
	if _, err := toml.Decode(string(b), &raw); err != nil {
		return nil, ErrDefinition // the library's message quotes the text
	}
	d, err := typed(raw)
	if err != nil {
		return nil, err
	}
	if d.check() != nil || string(d.Bytes()) != string(b) {
		return nil, ErrDefinition
	}
	return d, nil
}

// typed takes only what a definition can have.
func typed(raw map[string]any) (Definition, error) {
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

// check reports what keeps a definition from being written.
func (d Definition) check() error {
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
	typed, err := typed(raw)
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

// Summary returns a definition in one line, for people.
func (d Definition) Summary() string {
	return strings.ReplaceAll(strings.TrimSuffix(string(d.Bytes()), "\n"), "\n", ", ")
}
