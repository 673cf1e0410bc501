package editdoc

import (
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"github.com/credfile/credfile/format"
)

// values takes the values from the library's document, which must have the same keys.
func (p *parser) values(doc map[string]map[string]any) error {
	if len(doc) != len(p.profiles) {
		return &Mistake{Reason: "this is not plain TOML; two parsers read it differently"}
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
				return &Mistake{e.Line, "this is not plain TOML; two parsers read it differently"}
			}
			if err := e.take(v, p.raws[i][j]); err != nil {
				return err
			}
		}
		if named != len(table) {
			return &Mistake{q.Line, "this is not plain TOML; two parsers read it differently"}
		}
	}
	return nil
}

// take takes a value. Numbers and booleans are taken as written.
func (e *Entry) take(v any, r raw) error {
	wrong := func(what string) error {
		return &Mistake{e.Line, fmt.Sprintf("%q is %s; write it in quotes", e.Name, what)}
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
	return wrong("not a value that a credential can have")
}

// takeInline takes { value = "…" } or { base64 = "…" }, with or without expires and file.
func (e *Entry) takeInline(v map[string]any, r raw) error {
	wrong := func(what string) error {
		return &Mistake{e.Line, fmt.Sprintf("%q %s; write { value = \"…\", expires = 2027-05-01 }, or base64 in place of value", e.Name, what)}
	}
	if kind, ok := v["source"].(string); ok {
		return e.takeSource(kind, v)
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
				return wrong("has invalid base64")
			}
			e.Value = b
			n++
		case name == "expires":
			t, err := time.Parse(dateLayout, strings.Trim(r.inline["expires"].text, `"'`))
			if err != nil || t.Year() < 1970 {
				return wrong("has an expiry that is not a date")
			}
			e.Expires = t
		case name == "file":
			file, ok := x.(bool)
			if !ok {
				return wrong("has a file that is neither true nor false")
			}
			e.File = file
		default:
			return wrong("is a table of the wrong form")
		}
	}
	if n != 1 {
		return wrong("needs one value")
	}
	return nil
}

// takeSource takes { source = "KIND", KEY = … }.
func (e *Entry) takeSource(kind string, v map[string]any) error {
	delete(v, "source")
	d, err := format.NewDefinition(v)
	if err == nil {
		err = d.Check()
	}
	if err != nil || !format.ValidKind(kind) {
		return &Mistake{e.Line, fmt.Sprintf("%q is not a valid source; write { source = \"KIND\", key = \"…\" } with text, whole numbers, true, false, or lists of text", e.Name)}
	}
	e.Kind, e.Value = kind, d.Bytes()
	return nil
}
