package editdoc

import (
	"bytes"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/BurntSushi/toml"
)

// MaxDocument limits how much is read: twice the largest file.
const MaxDocument = 32 << 20

// Mistake is the reason why a document can't be used. It quotes no value.
type Mistake struct {
	Line   int // 1-based; 0 if unknown
	Reason string
}

func (m *Mistake) Error() string {
	if m.Line == 0 {
		return m.Reason
	}
	return fmt.Sprintf("line %d: %s", m.Line, m.Reason)
}

// Parse parses a document. BurntSushi/toml decides whether it is valid and what its strings
// are. Another parser supplies positions and comments. Both must see the same keys. Errors:
// [*Mistake].
func Parse(text []byte) ([]Profile, error) {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")) // as some editors save
	if len(text) > MaxDocument {
		return nil, &Mistake{Reason: "the document is larger than 32 MiB"}
	}
	if !utf8.Valid(text) || bytes.IndexByte(text, 0) >= 0 {
		return nil, &Mistake{Reason: "the document is not UTF-8 text"}
	}
	if at := bytes.IndexByte(text, '\r'); at >= 0 { // TOML allows no lone CR, but not every parser minds
		return nil, &Mistake{bytes.Count(text[:at], []byte("\n")) + 1, "there is a carriage return without a line feed; in a string, write \\r"}
	}
	p := &parser{text: text}
	if err := p.scan(); err != nil {
		return nil, err
	}
	doc, err := decode(string(text))
	if err != nil {
		return nil, err
	}
	if err := p.values(doc); err != nil {
		return nil, err
	}
	return p.profiles, nil
}

// decode decodes text with the library. The library's messages quote the input, so decode
// takes only the line from them.
func decode(text string) (doc map[string]map[string]any, err error) {
	defer func() {
		if recover() != nil {
			doc, err = nil, &Mistake{Reason: "this is not valid TOML"}
		}
	}()
	_, err = toml.Decode(text, &doc)
	var parse toml.ParseError
	if errors.As(err, &parse) {
		return nil, &Mistake{parse.Position.Line, "this is not valid TOML; is a quote missing, or does a backslash need single quotes ('…')?"}
	} else if err != nil {
		return nil, &Mistake{Reason: "this is not TOML of the form [profile] and NAME = \"value\""}
	}
	return doc, nil
}

type parser struct {
	text     []byte
	profiles []Profile
	raws     [][]raw  // the source of each value, by profile and entry
	pending  []string // lines that belong to what follows
	line     int      // the next unseen line, 0-based
	lines    []string
	names    map[string]bool // of the profile being read

	counted, lineFeeds int // how far lines have been counted
}

// raw is a value as written.
type raw struct {
	text   string
	inline map[string]raw
}
