package format

import (
	"fmt"
	"strings"
)

const intro = "credfile/1 "

// maxFields is the length of the longest record: a writer with an SSH key and
// a lock, which the grammar then refuses for another reason.
const maxFields = 7

// Parse reads a whole credfile. Its error is a [*SyntaxError]: the first
// violation from the top.
func Parse(b []byte) (*File, error) {
	if len(b) > MaxFile {
		return nil, &SyntaxError{Reason: "the file is larger than 16 MiB", Class: ErrLimit}
	}
	p := &parser{rest: string(b), f: &File{}}
	if err := p.file(); err != nil {
		return nil, err
	}
	return p.f, nil
}

// parser walks over the file once, a line at a time.
type parser struct {
	f           *File
	rest        string // not yet read
	line        string // the current line, without its LF
	n           int    // its number
	fields      []string
	passphrases map[string]bool // messages of passphrase locks, as written
}

func (p *parser) errorf(format string, args ...any) error {
	return &SyntaxError{Line: p.n, Reason: fmt.Sprintf(format, args...), Class: ErrSyntax}
}

func (p *parser) limitf(format string, args ...any) error {
	return &SyntaxError{Line: p.n, Reason: fmt.Sprintf(format, args...), Class: ErrLimit}
}

// next reads a line and splits it. The line is empty only where an empty line
// stands; nothing but printable ASCII gets past it.
func (p *parser) next() error {
	p.n++
	if p.rest == "" {
		return p.errorf("the file ends here, in the middle of a section")
	}
	line, rest, found := strings.Cut(p.rest, "\n")
	for i := 0; i < len(line); i++ {
		if c := line[i]; c == '\r' {
			return p.errorf("a carriage return")
		} else if c < ' ' || c > '~' {
			return p.errorf("a character that is not printable ASCII")
		}
	}
	if !found {
		return p.errorf("the last line does not end in a line feed")
	}
	p.line, p.rest = line, rest
	p.fields = p.fields[:0]
	for more := line != ""; more; {
		var field string
		field, line, more = strings.Cut(line, " ")
		if field == "" {
			return p.errorf("fields are separated by exactly one space")
		}
		if len(p.fields) == maxFields {
			return p.errorf("more fields than any record has")
		}
		p.fields = append(p.fields, field)
	}
	return nil
}

// at reports whether the next line starts a record of that name.
func (p *parser) at(record string) bool {
	return strings.HasPrefix(p.rest, record) && strings.HasPrefix(p.rest[len(record):], " ")
}

// record reads the next line as a record that was seen by at.
func (p *parser) record(least, most int) error {
	if err := p.next(); err != nil {
		return err
	}
	if n := len(p.fields) - 1; n < least || n > most {
		return p.errorf("a %s record has %s fields, not %d", p.fields[0], span(least, most), n)
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
			return p.errorf("an empty line is missing, or this record does not belong here")
		}
		var err error
		switch {
		case p.at("profile") && len(p.f.Removed) == 0:
			err = p.profile()
		case p.at("profile"):
			p.n++
			err = p.errorf("profiles stand before removed profiles")
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
		return p.errorf("a file has at least one profile")
	}
	return nil
}

func (p *parser) intro() error {
	if !strings.HasPrefix(p.rest, intro) {
		p.n = 1
		e := &SyntaxError{Line: 1, Reason: "the file does not begin with “credfile/1”", Class: ErrSyntax}
		if strings.HasPrefix(p.rest, "credfile/") {
			e.Reason, e.Class = "another version of the format", ErrVersion
		}
		return e
	}
	if err := p.record(1, 1); err != nil {
		return err
	}
	if !decode(p.f.ID[:], p.fields[1]) {
		return p.errorf("the file's id is not 16 bytes of canonical base64")
	}
	return nil
}

func (p *parser) profile() error {
	s, err := p.profileLine()
	if err != nil {
		return err
	}
	p.f.Profiles = append(p.f.Profiles, s)
	if s.Vouched, err = p.vouched(s.Key); err != nil {
		return err
	}
	seen := map[string]bool{}
	writer := false
	for p.at("writer") || p.at("reader") {
		if err := p.recipient(s, seen); err != nil {
			return err
		}
		writer = writer || s.Recipients[len(s.Recipients)-1].Writer
	}
	if !writer {
		p.n++
		return p.errorf("a profile has at least one writer, before this line")
	}
	for p.at("former") {
		if err := p.former(s); err != nil {
			return err
		}
	}
	names := map[string]bool{}
	for !p.at("seal") {
		if err := p.entry(s, names); err != nil {
			return err
		}
	}
	return p.seal(s)
}

func (p *parser) profileLine() (*Profile, error) {
	if err := p.record(4, 5); err != nil {
		return nil, err
	}
	s := &Profile{Line: p.n, Name: p.fields[1]}
	if len(p.f.Profiles) == MaxProfiles {
		return nil, p.limitf("more than %d profiles", MaxProfiles)
	}
	if !ValidName(s.Name) {
		return nil, p.errorf("not a valid name of a profile")
	}
	if n := len(p.f.Profiles); n > 0 && p.f.Profiles[n-1].Name >= s.Name {
		return nil, p.errorf("profiles stand in byte order of their names, each once")
	}
	if !decode(s.ID[:], p.fields[2]) {
		return nil, p.errorf("the profile's id is not 16 bytes of canonical base64")
	}
	for _, other := range p.f.Profiles {
		if other.ID == s.ID {
			return nil, p.errorf("two profiles have the same id")
		}
	}
	if !decode(s.Check[:], p.fields[3]) {
		return nil, p.errorf("the check field is not 32 bytes of canonical base64")
	}
	if !decode(s.Key[:], p.fields[4]) {
		return nil, p.errorf("the verifying key is not 32 bytes of canonical base64")
	}
	if len(p.fields) == 6 {
		if p.fields[5] != "hidden" {
			return nil, p.errorf("the last field of a profile is “hidden” or absent")
		}
		s.Hidden = true
	}
	return s, nil
}

// vouched reads the vouched lines under a profile or a removed profile whose
// verifying key is current.
func (p *parser) vouched(current Key) ([]Vouched, error) {
	var vs []Vouched
	for p.at("vouched") {
		if err := p.record(3, 3); err != nil {
			return nil, err
		}
		if len(vs) == MaxVouched {
			return nil, p.limitf("more than %d vouched records", MaxVouched)
		}
		var v Vouched
		if !decode(v.Key[:], p.fields[1]) || !decode(v.For[:], p.fields[2]) {
			return nil, p.errorf("a key of a vouched record is not 32 bytes of canonical base64")
		}
		if !decode(v.Signature[:], p.fields[3]) {
			return nil, p.errorf("a signature is not 64 bytes of canonical base64")
		}
		known := v.For == current
		repeated := v.Key == current
		for i := range vs {
			known = known || v.For == vs[i].Key
			repeated = repeated || v.Key == vs[i].Key
		}
		if repeated {
			return nil, p.errorf("a key vouches twice, or for itself")
		}
		if !known {
			return nil, p.errorf("a key is vouched for that is neither the current one nor stands above")
		}
		vs = append(vs, v)
	}
	return vs, nil
}

// recipient reads a writer or a reader; seen has the recipient strings above.
func (p *parser) recipient(s *Profile, seen map[string]bool) error {
	if err := p.record(3, 6); err != nil {
		return err
	}
	if len(s.Recipients) == MaxRecipients {
		return p.limitf("more than %d recipients", MaxRecipients)
	}
	r := Recipient{Writer: p.fields[0] == "writer", Name: p.fields[1], String: p.fields[2]}
	if !ValidName(r.Name) {
		return p.errorf("not a valid name of a recipient")
	}
	if n := len(s.Recipients); n > 0 && s.Recipients[n-1].Name >= r.Name {
		return p.errorf("recipients stand in byte order of their names, each once")
	}
	rest := p.fields[3:]
	if strings.HasPrefix(r.String, "ssh-") {
		r.String += " " + rest[0]
		rest = rest[1:]
	}
	if len(r.String) > MaxRecipient {
		return p.limitf("a recipient is longer than %d bytes", MaxRecipient)
	}
	kind := KindOf(r.String)
	if kind == Invalid {
		return p.errorf("not a valid recipient")
	}
	if seen[r.String] {
		return p.errorf("the same recipient stands under two names")
	}
	seen[r.String] = true
	switch {
	case len(rest) == 3 && kind != X25519 && kind != Hybrid:
		return p.errorf("this kind of recipient can't have a lock")
	case len(rest) == 3:
		if err := p.lock(&r, rest[0], rest[1]); err != nil {
			return err
		}
	case len(rest) != 1:
		return p.errorf("a recipient has a wrap, or a lock, its message and a wrap")
	}
	var err error
	if r.Wrap, err = p.message("wrap", rest[len(rest)-1]); err != nil {
		return err
	}
	s.Recipients = append(s.Recipients, r)
	return nil
}

func (p *parser) lock(r *Recipient, lock, message string) error {
	if !ValidLock(lock) {
		return p.errorf("an unknown kind of lock")
	}
	var err error
	if r.Message, err = p.message("lock's message", message); err != nil {
		return err
	}
	r.Lock = lock
	if lock != "scrypt" && lock != "argon2id" {
		return nil
	}
	if p.passphrases == nil {
		p.passphrases = map[string]bool{}
	}
	p.passphrases[message] = true
	if len(p.passphrases) > MaxPassphrase {
		return p.limitf("more than %d passphrase locks", MaxPassphrase)
	}
	return nil
}

// message decodes a wrap or a lock's message.
func (p *parser) message(what, s string) ([]byte, error) {
	if len(s) > b64.EncodedLen(MaxWrap) {
		return nil, p.limitf("a %s is longer than %d bytes", what, MaxWrap)
	}
	b, err := b64.DecodeString(s)
	if err != nil {
		return nil, p.errorf("a %s is not canonical base64", what)
	}
	return b, nil
}

func (p *parser) former(s *Profile) error {
	if err := p.record(2, 2); err != nil {
		return err
	}
	if len(s.Former) == MaxFormer {
		return p.limitf("more than %d former recipients", MaxFormer)
	}
	f := Former{Name: p.fields[1]}
	if !ValidName(f.Name) {
		return p.errorf("not a valid name of a recipient")
	}
	var ok bool
	if f.Time, ok = ParseTime(p.fields[2]); !ok {
		return p.errorf("not a valid time")
	}
	if n := len(s.Former); n > 0 {
		last := s.Former[n-1]
		if c := last.Time.Compare(f.Time); c > 0 || c == 0 && last.Name >= f.Name {
			return p.errorf("former recipients stand in order of time, then of name, each once")
		}
	}
	s.Former = append(s.Former, f)
	return nil
}

func (p *parser) entry(s *Profile, names map[string]bool) error {
	var e Entry
	var err error
	switch {
	case p.at("credential"):
		e, err = p.credential(s, names)
	case p.at("comment"):
		if err = p.record(1, 1); err == nil {
			if n := len(s.Entries); n > 0 && s.Entries[n-1].IsComment() {
				err = p.errorf("two comments are never adjacent")
			}
		}
	default:
		if err = p.next(); err == nil {
			err = p.errorf("a record that is unknown or does not belong here")
		}
	}
	if err != nil {
		return err
	}
	if len(s.Entries) == MaxEntries {
		return p.limitf("more than %d entries", MaxEntries)
	}
	sealed := p.fields[len(p.fields)-1]
	if len(sealed) > b64.EncodedLen(MaxPadded+sealOverhead) {
		return p.limitf("a sealed value is longer than 1 MiB")
	}
	if e.Sealed, err = b64.DecodeString(sealed); err != nil {
		return p.errorf("a sealed value is not canonical base64")
	}
	if !validSealedLen(len(e.Sealed)) {
		return p.errorf("a sealed value has an impossible length")
	}
	s.Entries = append(s.Entries, e)
	return nil
}

// credential reads all of a credential but its sealed value.
func (p *parser) credential(s *Profile, names map[string]bool) (e Entry, err error) {
	if err := p.record(3, 4); err != nil {
		return e, err
	}
	e.Name = p.fields[1]
	if s.Hidden && !ValidLabel(e.Name) {
		return e, p.errorf("not a label, in a profile with hidden names")
	}
	if !s.Hidden && !ValidName(e.Name) {
		return e, p.errorf("not a valid name of a credential")
	}
	if names[e.Name] {
		return e, p.errorf("the same credential stands twice in a profile")
	}
	names[e.Name] = true
	var ok bool
	if e.Time, ok = ParseTime(p.fields[2]); !ok {
		return e, p.errorf("not a valid time")
	}
	if len(p.fields) == 5 {
		date, found := strings.CutPrefix(p.fields[3], "expires=")
		if e.Expires, ok = ParseDate(date); !found || !ok {
			return e, p.errorf("not a valid expiry date")
		}
	}
	return e, nil
}

func (p *parser) seal(s *Profile) error {
	if err := p.record(2, 2); err != nil {
		return err
	}
	var ok bool
	if s.Revision, ok = parseRevision(p.fields[1]); !ok {
		return p.errorf("not a valid revision")
	}
	if s.Revision > MaxRevision {
		return p.limitf("a revision beyond 2^53-1")
	}
	if !decode(s.Signature[:], p.fields[2]) {
		return p.errorf("a signature is not 64 bytes of canonical base64")
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
		return p.errorf("not a valid name of a profile")
	}
	if !decode(r.ID[:], p.fields[2]) {
		return p.errorf("the profile's id is not 16 bytes of canonical base64")
	}
	// By their text: the alphabet of base64 is not in byte order.
	if n := len(p.f.Removed); n > 0 {
		last := p.f.Removed[n-1].ID
		if b64.EncodeToString(last[:]) >= p.fields[2] {
			return p.errorf("removed profiles stand in byte order of their ids, each once")
		}
	}
	for _, s := range p.f.Profiles {
		if s.ID == r.ID {
			return p.errorf("a removed profile has the id of a living one")
		}
	}
	if !decode(r.Key[:], p.fields[3]) {
		return p.errorf("the verifying key is not 32 bytes of canonical base64")
	}
	if !decode(r.Signature[:], p.fields[4]) {
		return p.errorf("a signature is not 64 bytes of canonical base64")
	}
	var err error
	if r.Vouched, err = p.vouched(r.Key); err != nil {
		return err
	}
	p.f.Removed = append(p.f.Removed, r)
	return nil
}

// decode fills dst from s, which must have exactly its length.
func decode(dst []byte, s string) bool {
	if len(s) != b64.EncodedLen(len(dst)) {
		return false
	}
	n, err := b64.Decode(dst, []byte(s))
	return err == nil && n == len(dst)
}
