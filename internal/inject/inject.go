// Package inject fills placeholders in a text with credentials:
//
//	{{ NAME }}  {{ PROFILE NAME }}  {{ NAME | json }}
//
// It reads the text once: what was inserted is never read again. There is no other syntax. {{{{ stands for
// {{, and ${{ … }}, as in GitHub's workflows, stays as it is.
package inject

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Filters are the names of what can follow a name, after a bar. Without one, the value is inserted as
// it is.
var Filters = []string{"base64", "json", "shell"}

// Errors of a placeholder.
var (
	ErrSyntax = errors.New("not a placeholder")
	ErrFilter = errors.New("an unknown filter")
	ErrEnd    = errors.New("a placeholder without its end, }}")
	ErrUTF8   = errors.New("a value that is not valid UTF-8, which JSON can't have")
	ErrNUL    = errors.New("a value with a NUL byte, which a shell can't have")
)

// PlaceError says where in a text an error is.
type PlaceError struct {
	Line int // 1-based
	Err  error
}

func (e *PlaceError) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }
func (e *PlaceError) Unwrap() error { return e.Err }

// Value returns the value of a credential. profile is "" if the placeholder has none.
type Value func(profile, name string) ([]byte, error)

// Fill returns a text with its placeholders filled.
//
// Errors: [*PlaceError] with those above, and those of value.
func Fill(text []byte, value Value) ([]byte, error) {
	var out []byte
	rest := string(text)
	line := 1
	for {
		i := strings.Index(rest, "{{")
		if i < 0 {
			return append(out, rest...), nil
		}
		out = append(out, rest[:i]...)
		line += strings.Count(rest[:i], "\n")
		literal := i > 0 && rest[i-1] == '$'
		rest = rest[i+2:]
		if strings.HasPrefix(rest, "{{") && !literal {
			out, rest = append(out, "{{"...), rest[2:]
			continue
		}
		inside, after, ended := strings.Cut(rest, "}}")
		if literal {
			if !ended {
				return append(append(out, "{{"...), rest...), nil
			}
			out = append(out, "{{"+inside+"}}"...)
			line += strings.Count(inside, "\n")
			rest = after
			continue
		}
		if !ended || strings.Contains(inside, "\n") {
			return nil, &PlaceError{line, ErrEnd}
		}
		filled, err := fill(inside, value)
		if err != nil {
			return nil, &PlaceError{line, err}
		}
		out, rest = append(out, filled...), after
	}
}

// fill returns what stands in place of a placeholder.
func fill(inside string, value Value) ([]byte, error) {
	parts := strings.Split(inside, "|")
	words := strings.Fields(parts[0])
	for i, w := range words {
		words[i] = unquoted(w)
	}
	if len(words) < 1 || len(words) > 2 || slices.Contains(words, "") {
		return nil, ErrSyntax
	}
	profile, name := "", words[len(words)-1]
	if len(words) == 2 {
		profile = words[0]
	}
	for i, filter := range parts[1:] {
		if parts[i+1] = strings.TrimSpace(filter); !slices.Contains(Filters, parts[i+1]) {
			return nil, ErrFilter
		}
	}
	v, err := value(profile, name)
	for _, filter := range parts[1:] {
		if err == nil {
			v, err = filtered(v, filter)
		}
	}
	return v, err
}

// unquoted takes the double quotes off a name.
func unquoted(word string) string {
	if len(word) > 1 && word[0] == '"' && word[len(word)-1] == '"' {
		return word[1 : len(word)-1]
	}
	return word
}

func filtered(v []byte, filter string) ([]byte, error) {
	switch filter {
	case "json":
		if !utf8.Valid(v) {
			return nil, ErrUTF8
		}
		var b strings.Builder
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		err := e.Encode(string(v))
		return []byte(strings.TrimSuffix(b.String(), "\n")), err
	case "shell": // POSIX.1-2024, Shell Command Language, 2.2.2
		if slices.Contains(v, 0) {
			return nil, ErrNUL
		}
		return []byte("'" + strings.ReplaceAll(string(v), "'", `'\''`) + "'"), nil
	}
	return base64.StdEncoding.AppendEncode(nil, v), nil
}
