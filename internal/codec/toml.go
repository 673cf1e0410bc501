package codec

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/BurntSushi/toml"
)

// tomlFile reads any TOML: ~/.stripe/config.toml, .cargo/credentials.toml, secrets.toml. It
// joins the names of tables and keys with underscores.
//
// A library determines the meaning of the file, tomlScan the line numbers. Invalid TOML
// yields nothing at all, as no tool would read it.
var tomlFile = Codec{Name: "toml", Joins: true, General: true, Detect: isTOML, Read: readTOML, Out: tomlWriter}

const (
	whyTOML        reason = "is not valid TOML"
	whyTOMLControl reason = "contains a control character, which TOML allows only as an escape in quotes"
	whyTOMLDeep    reason = "is nested more than 32 deep"
	whyTOMLKey     reason = "has a key that is longer than 256 bytes with its tables"
	whyTOMLLines   reason = "is TOML that two parsers read differently"
	whyTOMLArray   reason = "is an array; a credential must be a string, an integer, true or false"
	whyTOMLTables  reason = "is an array of tables, whose keys have no unique names"
	whyTOMLFloat   reason = "is a floating-point number; write it as a string"
	whyTOMLDate    reason = "is a date or a time; write it as a string"
	whyTOMLInteger reason = "is not a plain decimal number; write it as a string"
	whyTOMLJoin    reason = "gets the same name as another key when joined with its tables"
)

// isTOML goes by the name alone: other formats have NAME="value" and [section] too.
func isTOML(name string, _ []byte) bool {
	return strings.HasSuffix(strings.ToLower(name), ".toml")
}

func readTOML(b []byte, o Options) ([]Pair, []Problem) {
	entries, problems := readEntries(b, o)
	if problems != nil {
		return nil, problems
	}
	return tomlPairs(entries)
}

func readEntries(b []byte, o Options) ([]tomlEntry, []Problem) {
	if p := unreadable(b, o, nil); p != nil {
		return nil, p
	}
	src := withoutBOM(b)
	refuse := func(line int, why reason) ([]tomlEntry, []Problem) {
		return nil, []Problem{{Line: line, Reason: string(why)}}
	}
	if line, why := badTOMLBytes(src); why != "" {
		return refuse(line, why)
	}
	// Scan first: the library is neither safe nor linear on what the scan rejects.
	s := tomlScan{src: src, line: 1}
	if !s.document() {
		return refuse(s.line, s.why)
	}
	doc, paths, pos := decodeTOML(string(src))
	switch {
	case doc == nil:
		return refuse(s.keyAbove(pos), whyTOML)
	case len(paths) != len(s.keys):
		return refuse(0, whyTOMLLines)
	}
	if o.Separator == "" {
		o.Separator = "_"
	}
	entries, lost := tomlEntries(doc, paths, s.keys, o.Separator)
	if lost > 0 {
		return refuse(lost, whyTOML)
	}
	return entries, nil
}

// decodeTOML returns the document and its keys in order. On an error it returns no document
// and the position of the error, or -1 if that is unknown. The library's messages and
// panics quote the input, so they are dropped.
func decodeTOML(src string) (doc map[string]any, paths []toml.Key, pos int) {
	defer func() {
		if recover() != nil {
			doc, paths, pos = nil, nil, -1
		}
	}()
	doc = map[string]any{}
	meta, err := toml.Decode(src, &doc)
	var parse toml.ParseError
	switch {
	case errors.As(err, &parse):
		return nil, nil, parse.Position.Start
	case err != nil:
		return nil, nil, -1
	}
	return doc, meta.Keys(), 0
}

// tomlEntry is a possible pair.
type tomlEntry struct {
	name  string
	path  toml.Key
	value []byte
	line  int
	why   reason
}

// tomlEntries returns the entry for each key. The library accepts some second values of a
// key and drops one of the two. If so, lost is the line.
func tomlEntries(doc map[string]any, paths []toml.Key, keys []tomlKey, separator string) (entries []tomlEntry, lost int) {
	last := map[string]toml.Key{}
	for i, path := range paths {
		v, where := tomlAt(doc, path)
		if where == inTOMLArray {
			continue
		}
		_, table := v.(map[string]any)
		if where == notInTOML || table != keys[i].table {
			return nil, keys[i].line
		}
		if table {
			continue
		}
		e := tomlEntry{name: strings.Join(path, separator), path: path, line: keys[i].line}
		if slices.Equal(last[e.name], path) && !keys[i].tables {
			return nil, e.line
		}
		last[e.name] = path
		e.value, e.why = tomlValue(v, keys[i])
		entries = append(entries, e)
	}
	return entries, 0
}

func tomlPairs(entries []tomlEntry) (pairs []Pair, problems []Problem) {
	owner := map[string]toml.Key{}
	clash := map[string]bool{}
	for _, e := range entries {
		if path, taken := owner[e.name]; taken && !slices.Equal(path, e.path) {
			clash[e.name] = true
		}
		owner[e.name] = e.path
	}
	for _, e := range entries {
		if e.why == "" && clash[e.name] {
			e.why = whyTOMLJoin
		}
		if e.why == "" {
			pairs = append(pairs, Pair{Name: e.name, Value: e.value, Line: e.line})
			continue
		}
		p := Problem{Line: e.line, Reason: string(e.why)}
		if isName(e.name, ".-") {
			p.Name = e.name
		}
		problems = append(problems, p)
	}
	return withoutCiphertext(withoutTokens(pairs, problems))
}

const (
	inTOML = iota
	inTOMLArray
	notInTOML
)

// tomlAt returns the value at a path. What is in an array was reported with the array.
func tomlAt(doc map[string]any, path toml.Key) (v any, where int) {
	v = doc
	for _, part := range path {
		switch t := v.(type) {
		case map[string]any:
			var ok bool
			if v, ok = t[part]; !ok {
				return nil, notInTOML
			}
		case []any, []map[string]any:
			return nil, inTOMLArray
		default:
			return nil, notInTOML
		}
	}
	return v, inTOML
}

// tomlValue returns the value as written. A number that programs would print differently
// has two spellings, and neither is certain.
func tomlValue(v any, k tomlKey) ([]byte, reason) {
	switch v := v.(type) {
	case string:
		if strings.IndexByte(v, 0) >= 0 {
			return nil, whyNUL
		}
		return []byte(v), ""
	case bool:
		return strconv.AppendBool(nil, v), ""
	case int64:
		if strconv.FormatInt(v, 10) != k.bare {
			return nil, whyTOMLInteger
		}
		return []byte(k.bare), ""
	case float64:
		return nil, whyTOMLFloat
	case time.Time:
		return nil, whyTOMLDate
	}
	if k.tables {
		return nil, whyTOMLTables
	}
	return nil, whyTOMLArray
}

// badTOMLBytes finds the first character that TOML allows nowhere.
func badTOMLBytes(b []byte) (line int, why reason) {
	line = 1
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			return line, whyUTF8
		case r == 0:
			return line, whyNUL
		case r == '\r' && (i+1 == len(b) || b[i+1] != '\n'):
			return line, whyCR
		case r < ' ' && r != '\t' && r != '\n' && r != '\r', r == 0x7F:
			return line, whyTOMLControl
		case r == '\n':
			line++
		}
		i += n
	}
	return 0, ""
}
