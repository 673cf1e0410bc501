package format

import (
	"fmt"
	"strings"
)

const intro = "credfile/1 "

// maxFields is the number of fields in the longest record: a writer with an SSH key and a
// lock, which the grammar then rejects for another reason.
const maxFields = 7

// Parse parses a whole credfile. It returns a [*SyntaxError] for the first violation from
// the top.
func Parse(b []byte) (*File, error) {
	return parse(string(b), nil)
}

// Skim reads a file as [Parse] does, but leaves the entries of a section unread if known
// reports that the same section, byte for byte, was in a file with the same id that Parse
// accepted. In a file with many profiles, most of the work is with those that nobody asked
// for. [Profile.Read] reads them.
func Skim(text string, known func(ID, *Profile) bool) (*File, error) {
	return parse(text, known)
}

func parse(text string, known func(ID, *Profile) bool) (*File, error) {
	if len(text) > MaxFile {
		return nil, &SyntaxError{Reason: "the file is larger than 16 MiB", Class: ErrLimit}
	}
	p := &parser{rest: text, f: &File{}, known: known}
	if err := p.file(); err != nil {
		return nil, err
	}
	return p.f, nil
}

// parser reads the file once, line by line.
type parser struct {
	f           *File
	rest        string // not yet read
	line        string // the current line, without its LF
	n           int    // its number
	fields      []string
	passphrases map[string]bool         // messages of passphrase locks, as written
	known       func(ID, *Profile) bool // see Skim; nil if all is read

	encoded, decoded []byte // scratch, of canonical
}

func (p *parser) errorf(format string, args ...any) error {
	return &SyntaxError{Line: p.n, Reason: fmt.Sprintf(format, args...), Class: ErrSyntax}
}

func (p *parser) limitf(format string, args ...any) error {
	return &SyntaxError{Line: p.n, Reason: fmt.Sprintf(format, args...), Class: ErrLimit}
}

// next reads a line and splits it into fields. It yields an empty line only for an empty
// line in the file. It rejects anything but printable ASCII, except in the last field: in every
// record that is base64, a time or a word, and its own check is stricter.
func (p *parser) next() error {
	p.n++
	if p.rest == "" {
		return p.errorf("the file ends in the middle of a section")
	}
	line, rest, found := strings.Cut(p.rest, "\n")
	if strings.IndexByte(line, '\r') >= 0 {
		return p.errorf("unexpected carriage return")
	}
	if !found {
		return p.errorf("missing line feed at the end of the file")
	}
	p.line, p.rest = line, rest
	p.fields = p.fields[:0]
	for more := line != ""; more; {
		var field string
		field, line, more = strings.Cut(line, " ")
		if more && !printable(field) {
			return p.errorf("unexpected character outside printable ASCII")
		}
		if field == "" {
			return p.errorf("fields must be separated by exactly one space")
		}
		if len(p.fields) == maxFields {
			return p.errorf("too many fields for any record")
		}
		p.fields = append(p.fields, field)
	}
	return nil
}

func printable(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// at reports whether the next line starts the named record.
func (p *parser) at(record string) bool {
	return strings.HasPrefix(p.rest, record) && strings.HasPrefix(p.rest[len(record):], " ")
}

// record reads the record found by at.
func (p *parser) record(least, most int) error {
	if err := p.next(); err != nil {
		return err
	}
	if n := len(p.fields) - 1; n < least || n > most {
		return p.errorf("a %s record must have %s fields, but has %d", p.fields[0], span(least, most), n)
	}
	return nil
}

func span(least, most int) string {
	if least == most {
		return fmt.Sprint(least)
	}
	return fmt.Sprintf("%d to %d", least, most)
}

func (p *parser) file() error {
	if err := p.intro(); err != nil {
		return err
	}
	for p.rest != "" {
		if err := p.next(); err != nil {
			return err
		}
		if p.line != "" {
			return p.errorf("missing empty line, or a record in the wrong place")
		}
		var err error
		switch {
		case p.at("profile") && len(p.f.Removed) == 0:
			err = p.profile()
		case p.at("profile"):
			p.n++
			err = p.errorf("profiles must come before removed profiles")
		case p.at("removed"):
			err = p.removed()
		default:
			p.n++
			err = p.errorf("expected a profile")
		}
		if err != nil {
			return err
		}
	}
	if len(p.f.Profiles) == 0 {
		p.n++
		return p.errorf("a file must have at least one profile")
	}
	return nil
}

func (p *parser) intro() error {
	if !strings.HasPrefix(p.rest, intro) {
		e := &SyntaxError{Line: 1, Reason: "the file must begin with “credfile/1”", Class: ErrSyntax}
		if strings.HasPrefix(p.rest, "credfile/") {
			e.Reason, e.Class = "the file uses a different version of the format", ErrVersion
		}
		return e
	}
	if err := p.record(1, 1); err != nil {
		return err
	}
	if !Decode(p.f.ID[:], p.fields[1]) {
		return p.errorf("the id of the file must be 16 bytes of canonical base64")
	}
	return nil
}

func (p *parser) removed() error {
	if err := p.record(4, 4); err != nil {
		return err
	}
	if len(p.f.Removed) == MaxRemoved {
		return p.limitf("more than %d removed profiles", MaxRemoved)
	}
	r := Removed{Line: p.n, Name: p.fields[1]}
	if !ValidName(r.Name) {
		return p.errorf("invalid profile name")
	}
	if !Decode(r.ID[:], p.fields[2]) {
		return p.errorf("the id of a profile must be 16 bytes of canonical base64")
	}
	// Compare the text: the base64 alphabet is not in byte order.
	if n := len(p.f.Removed); n > 0 {
		last := p.f.Removed[n-1].ID
		if Base64.EncodeToString(last[:]) >= p.fields[2] {
			return p.errorf("removed profiles must be in byte order of their ids, each once")
		}
	}
	for _, s := range p.f.Profiles {
		if s.ID == r.ID {
			return p.errorf("a removed profile has the id of an existing one")
		}
	}
	if !Decode(r.Key[:], p.fields[3]) {
		return p.errorf("the verifying key must be 32 bytes of canonical base64")
	}
	if !Decode(r.Signature[:], p.fields[4]) {
		return p.errorf("a signature must be 64 bytes of canonical base64")
	}
	var err error
	if r.Vouched, err = p.vouched(r.Key); err != nil {
		return err
	}
	p.f.Removed = append(p.f.Removed, r)
	return nil
}

// Decode fills dst from s, which must be [Base64] of exactly its length. It reports whether
// it is.
func Decode(dst []byte, s string) bool {
	if len(s) != Base64.EncodedLen(len(dst)) {
		return false
	}
	n, err := Base64.Decode(dst, []byte(s))
	return err == nil && n == len(dst)
}
