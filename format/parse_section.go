package format

import "strings"

func (p *parser) profile() error {
	text := p.rest
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
		return p.errorf("a profile must have at least one writer before this line")
	}
	for p.at("former") {
		if err := p.former(s); err != nil {
			return err
		}
	}
	if p.known != nil && p.skip(s, text) {
		return nil
	}
	if err := p.entries(s); err != nil {
		return err
	}
	return p.seal(s, text)
}

// skip leaves the entries of a section unread if they are known.
func (p *parser) skip(s *Profile, text string) bool {
	end := strings.Index(p.rest, "\nseal ") + 1
	if end == 0 || p.at("seal") {
		return false
	}
	before, section := *p, *s
	s.unread, s.unreadLine = p.rest[:end], p.n
	p.rest, p.n = p.rest[end:], p.n+strings.Count(s.unread, "\n")
	if p.seal(s, text) == nil && p.known(p.f.ID, s) {
		return true
	}
	*p, *s = before, section
	return false
}

// Read reads the entries that [Skim] left unread. Its errors are those of [Parse] for entries.
func (s *Profile) Read() error {
	if s.unread == "" {
		return nil
	}
	p := &parser{rest: s.unread, n: s.unreadLine}
	if err := p.entries(s); err != nil {
		s.Entries = nil
		return err
	}
	s.unread, s.unreadLine = "", 0
	return nil
}

// entries reads all entries of a section.
func (p *parser) entries(s *Profile) error {
	n := p.countEntries()
	s.Entries = make([]Entry, 0, n)
	names := make(map[string]bool, n)
	for p.rest != "" && !p.at("seal") {
		if err := p.entry(s, names); err != nil {
			return err
		}
	}
	return nil
}

// minEntry is less than the length of any entry: a sealed value has at least 96 bytes.
const minEntry = 128

// countEntries returns how many entries there can be up to the next seal, so that they need
// not be copied as they become more.
func (p *parser) countEntries() int {
	end := strings.Index(p.rest, "\nseal ")
	if end < 0 {
		end = len(p.rest)
	}
	return min(strings.Count(p.rest[:end], "\n")+1, end/minEntry+1, MaxEntries)
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
		return nil, p.errorf("invalid profile name")
	}
	if n := len(p.f.Profiles); n > 0 && p.f.Profiles[n-1].Name >= s.Name {
		return nil, p.errorf("profiles must be in byte order of their names, each once")
	}
	if !Decode(s.ID[:], p.fields[2]) {
		return nil, p.errorf("the id of a profile must be 16 bytes of canonical base64")
	}
	for _, other := range p.f.Profiles {
		if other.ID == s.ID {
			return nil, p.errorf("two profiles have the same id")
		}
	}
	if !Decode(s.Check[:], p.fields[3]) {
		return nil, p.errorf("the check field must be 32 bytes of canonical base64")
	}
	if !Decode(s.Key[:], p.fields[4]) {
		return nil, p.errorf("the verifying key must be 32 bytes of canonical base64")
	}
	if len(p.fields) == 6 {
		if p.fields[5] != "hidden" {
			return nil, p.errorf("the last field of a profile must be “hidden” or absent")
		}
		s.Hidden = true
	}
	return s, nil
}

// vouched reads the vouched lines of a profile or removed profile whose verifying key is
// current.
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
		if !Decode(v.Key[:], p.fields[1]) || !Decode(v.For[:], p.fields[2]) {
			return nil, p.errorf("a key in a vouched record must be 32 bytes of canonical base64")
		}
		if !Decode(v.Signature[:], p.fields[3]) {
			return nil, p.errorf("a signature must be 64 bytes of canonical base64")
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
			return nil, p.errorf("a vouched record must vouch for the current key or for a key above it")
		}
		vs = append(vs, v)
	}
	return vs, nil
}

// recipient reads a writer or a reader; seen has the recipient strings above it.
func (p *parser) recipient(s *Profile, seen map[string]bool) error {
	if err := p.record(3, 6); err != nil {
		return err
	}
	if len(s.Recipients) == MaxRecipients {
		return p.limitf("more than %d recipients", MaxRecipients)
	}
	r := Recipient{Writer: p.fields[0] == "writer", Name: p.fields[1], String: p.fields[2]}
	if !ValidName(r.Name) {
		return p.errorf("invalid recipient name")
	}
	if n := len(s.Recipients); n > 0 && s.Recipients[n-1].Name >= r.Name {
		return p.errorf("recipients must be in byte order of their names, each once")
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
		return p.errorf("invalid recipient")
	}
	if seen[r.String] {
		return p.errorf("the same recipient appears under two names")
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
		return p.errorf("a recipient must have a wrap, or a lock, its message and a wrap")
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
		return p.errorf("unknown kind of lock")
	}
	var err error
	if r.Message, err = p.message("lock's message", message); err != nil {
		return err
	}
	r.Lock = lock
	if !PassphraseLock(lock) {
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
	if len(s) > Base64.EncodedLen(MaxWrap) {
		return nil, p.limitf("a %s is longer than %d bytes", what, MaxWrap)
	}
	b, err := Base64.DecodeString(s)
	if err != nil {
		return nil, p.errorf("a %s must be canonical base64", what)
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
		return p.errorf("invalid recipient name")
	}
	var ok bool
	if f.Time, ok = ParseTime(p.fields[2]); !ok {
		return p.errorf("invalid time")
	}
	if n := len(s.Former); n > 0 {
		last := s.Former[n-1]
		if c := last.Time.Compare(f.Time); c > 0 || c == 0 && last.Name >= f.Name {
			return p.errorf("former recipients must be in order of time, then of name, each once")
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
	case p.at("source"):
		e, err = p.source(s, names)
	case p.at("comment"):
		if err = p.record(1, 1); err == nil {
			if n := len(s.Entries); n > 0 && s.Entries[n-1].IsComment() {
				err = p.errorf("two comments must not be adjacent")
			}
		}
	default:
		if err = p.next(); err == nil {
			err = p.errorf("unknown record, or a record in the wrong place")
		}
	}
	if err != nil {
		return err
	}
	if len(s.Entries) == MaxEntries {
		return p.limitf("more than %d entries", MaxEntries)
	}
	sealed := p.fields[len(p.fields)-1]
	if len(sealed) > Base64.EncodedLen(MaxPadded+sealOverhead) {
		return p.limitf("a sealed value is larger than 1 MiB")
	}
	if !p.canonical(sealed) {
		return p.errorf("a sealed value must be canonical base64")
	}
	if !validSealedLen(Base64.DecodedLen(len(sealed))) {
		return p.errorf("a sealed value has an impossible length")
	}
	e.Sealed = Sealed(sealed)
	s.Entries = append(s.Entries, e)
	return nil
}

// canonical reports whether s is canonical base64, without keeping what it encodes.
func (p *parser) canonical(s string) bool {
	p.encoded = append(p.encoded[:0], s...)
	var err error
	p.decoded, err = Base64.AppendDecode(p.decoded[:0], p.encoded)
	return err == nil
}

// credential reads all of a credential except its sealed value.
func (p *parser) credential(s *Profile, names map[string]bool) (e Entry, err error) {
	if err := p.record(3, 5); err != nil {
		return e, err
	}
	if err := p.named(&e, s, names); err != nil {
		return e, err
	}
	options := p.fields[3 : len(p.fields)-1]
	if n := len(options); n > 0 && options[n-1] == "file" {
		e.File, options = true, options[:n-1]
	}
	if len(options) > 0 {
		date, found := strings.CutPrefix(options[0], "expires=")
		var ok bool
		if e.Expires, ok = ParseDate(date); !found || !ok || len(options) > 1 {
			return e, p.errorf("invalid expiry date")
		}
	}
	return e, nil
}

// named reads the name and the time of a credential or a source.
func (p *parser) named(e *Entry, s *Profile, names map[string]bool) error {
	e.Name = p.fields[1]
	if s.Hidden && !ValidLabel(e.Name) {
		return p.errorf("a profile with hidden names must have labels in place of names")
	}
	if !s.Hidden && !ValidName(e.Name) {
		return p.errorf("invalid credential name")
	}
	if names[e.Name] {
		return p.errorf("the same credential appears twice in a profile")
	}
	names[e.Name] = true
	var ok bool
	if e.Time, ok = ParseTime(p.fields[2]); !ok {
		return p.errorf("invalid time")
	}
	return nil
}

// source reads all of a source except its sealed definition.
func (p *parser) source(s *Profile, names map[string]bool) (e Entry, err error) {
	if err := p.record(4, 4); err != nil {
		return e, err
	}
	if err := p.named(&e, s, names); err != nil {
		return e, err
	}
	if e.Kind = p.fields[3]; !ValidKind(e.Kind) {
		return e, p.errorf("invalid kind of source")
	}
	return e, nil
}

// seal reads the last line of a section that begins with text.
func (p *parser) seal(s *Profile, text string) error {
	if err := p.record(2, 2); err != nil {
		return err
	}
	var ok bool
	if s.Revision, ok = parseRevision(p.fields[1]); !ok {
		return p.errorf("invalid revision")
	}
	if s.Revision > MaxRevision {
		return p.limitf("a revision over 2^53-1")
	}
	if !Decode(s.Signature[:], p.fields[2]) {
		return p.errorf("a signature must be 64 bytes of canonical base64")
	}
	s.text = text[:len(text)-len(p.rest)-len("\n")-len(p.fields[2])]
	return nil
}
