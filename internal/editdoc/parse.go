package editdoc

import (
	"bytes"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/BurntSushi/toml"
)

// MaxDocument bounds what is read: twice the largest file.
const MaxDocument = 32 << 20

// Mistake is why a document can't be taken as it is. It quotes no value.
type Mistake struct {
	Line   int // 1-based; 0 if that is not known
	Reason string
}

func (m *Mistake) Error() string {
	if m.Line == 0 {
		return m.Reason
	}
	return fmt.Sprintf("line %d: %s", m.Line, m.Reason)
}

// Parse reads a document. BurntSushi/toml says whether it is valid, and what its
// strings are; where things stand, and the comments, come from another parser, and
// both have to see the same keys. Errors: [*Mistake].
func Parse(text []byte) ([]Profile, error) {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")) // as some editors save
	if len(text) > MaxDocument {
		return nil, &Mistake{Reason: "the document is larger than 32 MiB"}
	}
	if !utf8.Valid(text) || bytes.IndexByte(text, 0) >= 0 {
		return nil, &Mistake{Reason: "the document is not UTF-8 text"}
	}
	if at := bytes.IndexByte(text, '\r'); at >= 0 { // TOML has none by itself, but not every parser minds
		return nil, &Mistake{bytes.Count(text[:at], []byte("\n")) + 1, "a carriage return stands alone: in a string it is written \\r"}
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

// decode is the library's word. Its messages quote the input, so only the line is
// taken from them.
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
	raws     [][]raw  // what stands for each value, by profile and entry
	pending  []string // lines that belong to what follows
	line     int      // the next line that was not seen, 0-based
	lines    []string
	names    map[string]bool // of the profile that is read

	counted, lineFeeds int // how far the lines were counted
}

// raw is a value as it is written.
type raw struct {
	text   string
	inline map[string]raw
}
