package vaultfile

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"iter"
	"strings"
	"time"

	"github.com/credfile/credfile/format"
)

// Profile is an unlocked profile. Changes are made in memory; [Update] or [Create] signs
// and saves them.
type Profile struct {
	f      *File
	s      *format.Profile
	as     string // the recipient that opened it
	key    []byte
	keys   keys
	signer ed25519.PrivateKey // nil for a reader
	index  map[string]int     // name or label -> entry; nil until built
	bound  []byte             // see aad
	dirty  bool               // changed since it was read or signed
	signed bool               // changed and signed since it was read
	floor  uint64             // highest revision seen

	replaced []format.Key // since the file was read, to be replaced as vouchers as well
}

// Item is a credential, a source if Kind is not empty, or a comment if Name is empty.
type Item struct {
	Name    string
	Kind    string    // of a source
	Time    time.Time // of the last change to the value
	Expires time.Time // zero for never
	File    bool      // programs get it as a file, not in the environment
	Value   Secret    // for a source, its definition; for a comment, its lines, each with its LF
}

// HasValue reports whether an item is a credential.
func (i *Item) HasValue() bool { return i.Name != "" && i.Kind == "" }

func newProfile(f *File, name string) *Profile {
	p := &Profile{f: f, s: &format.Profile{Name: name}, dirty: true}
	rand.Read(p.s.ID[:])
	p.newKeys()
	return p
}

// newKeys replaces the profile's key and seed.
func (p *Profile) newKeys() {
	p.key = make([]byte, keySize)
	rand.Read(p.key)
	_, p.signer, _ = ed25519.GenerateKey(nil)
	p.keys = deriveKeys(p.key, p.f.text.ID, p.s.ID)
	p.s.Check = p.keys.check
	p.s.Key = publicKey(p.signer)
}

// Name returns the profile's name.
func (p *Profile) Name() string { return p.s.Name }

// Section returns the profile's section of the file. The caller must not change it.
func (p *Profile) Section() *format.Profile { return p.s }

// OpenedBy returns the name of the recipient whose identity opened the profile, or "" for a
// new profile.
func (p *Profile) OpenedBy() string { return p.as }

// Writer reports whether the profile was unlocked for writing.
func (p *Profile) Writer() bool { return p.signer != nil }

// CheckWriter returns nil if the profile was unlocked for writing, and otherwise a
// [*RoleError] that names its writers.
func (p *Profile) CheckWriter() error { return p.writable() }

// Seen records a revision of the profile seen elsewhere. The next revision will be higher.
func (p *Profile) Seen(revision uint64) { p.floor = max(p.floor, revision) }

func (p *Profile) writable() error {
	if p.signer == nil {
		return &RoleError{Profile: p.s.Name, Reader: p.as, Writers: p.s.Writers()}
	}
	return nil
}

// aad binds a sealed value to its file, profile and name, and a source's definition to its kind as well.
// It is valid until the next call.
func (p *Profile) aad(label, kind string) []byte {
	if kind == "" {
		p.bound = appendPAE(p.bound[:0], []byte("credfile/1"), p.f.text.ID[:], p.s.ID[:], []byte(label))
	} else {
		p.bound = appendPAE(p.bound[:0], []byte("credfile/1 source"), p.f.text.ID[:], p.s.ID[:], []byte(label), []byte(kind))
	}
	return p.bound
}

// label returns the form of name that is written to the file.
func (p *Profile) label(name string) string {
	if !p.s.Hidden {
		return name
	}
	mac := hmac.New(sha256.New, p.keys.name)
	mac.Write([]byte(name))
	return "~" + strings.ToLower(base32.StdEncoding.EncodeToString(mac.Sum(nil)[:15]))
}

// sealValue seals a value or, with a kind, a definition.
func (p *Profile) sealValue(name, kind string, value []byte) format.Sealed {
	plain := value
	if p.s.Hidden {
		plain = binary.LittleEndian.AppendUint16(nil, uint16(len(name)))
		plain = append(append(plain, name...), value...)
	}
	return seal(p.keys.value, plain, p.aad(p.label(name), kind))
}

// openEntry returns the real name and the value of a credential, or "" and the text of a
// comment.
func (p *Profile) openEntry(e *format.Entry) (name string, value []byte, err error) {
	fail := func() (string, []byte, error) {
		subject := "comment"
		if !e.IsComment() {
			subject = profileSubject(e.Record(), e.Name)
		}
		return "", nil, &DamageError{Class: ErrValue, Profile: p.s.Name, Line: p.s.Line, Subject: subject}
	}
	plain, err := open(p.keys.value, e.Sealed, p.aad(e.Name, e.Kind))
	if err != nil {
		return fail()
	}
	name, value = e.Name, plain
	if p.s.Hidden && !e.IsComment() {
		if len(plain) < 2 || len(plain)-2 < int(binary.LittleEndian.Uint16(plain)) {
			return fail()
		}
		end := 2 + int(binary.LittleEndian.Uint16(plain))
		name, value = string(plain[2:end]), plain[end:]
		if !format.ValidName(name) || p.label(name) != e.Name {
			return fail()
		}
	}
	if tooLong(value) || e.IsComment() && !validComment(value) || e.IsSource() && !validDefinition(value) {
		return fail()
	}
	return name, value, nil
}

// checkNames opens every value of a profile with hidden names, since the names are inside
// the values. Two names with the same label would be a collision of HMAC-SHA-256 truncated
// to 120 bits, so unique labels mean unique names.
func (p *Profile) checkNames() error {
	if !p.s.Hidden {
		return nil
	}
	for i := range p.s.Entries {
		if _, _, err := p.openEntry(&p.s.Entries[i]); err != nil {
			return err
		}
	}
	return nil
}

// find returns the index of a credential, or -1.
func (p *Profile) find(name string) int {
	if p.index == nil {
		p.index = make(map[string]int, len(p.s.Entries))
		for i := range p.s.Entries {
			if e := &p.s.Entries[i]; !e.IsComment() {
				p.index[e.Name] = i
			}
		}
	}
	if i, ok := p.index[p.label(name)]; ok {
		return i
	}
	return -1
}

func (p *Profile) mustFind(name string) (int, error) {
	if i := p.find(name); i >= 0 {
		return i, nil
	}
	e := &NotFoundError{Profile: p.s.Name, Credential: name}
	for i := range p.s.Entries {
		if !p.s.Hidden && !p.s.Entries[i].IsComment() {
			e.Known = append(e.Known, p.s.Entries[i].Name)
		}
	}
	return -1, e
}

// mustFindCredential is mustFind for what has a value.
func (p *Profile) mustFindCredential(name string) (int, error) {
	i, err := p.mustFind(name)
	if err == nil && p.s.Entries[i].IsSource() {
		return -1, &IsSourceError{Profile: p.s.Name, Source: name, Kind: p.s.Entries[i].Kind}
	}
	return i, err
}

// Has reports whether the profile has a credential or a source with that name.
func (p *Profile) Has(name string) bool { return p.find(name) >= 0 }

// Get opens one credential. Errors: [*NotFoundError], [*IsSourceError], [*DamageError].
func (p *Profile) Get(name string) (Secret, error) {
	i, err := p.mustFindCredential(name)
	if err != nil {
		return Secret{}, err
	}
	_, value, err := p.openEntry(&p.s.Entries[i])
	return newSecret(value), err
}

// Items opens all entries, in the user's order. Errors: [*DamageError].
func (p *Profile) Items() ([]Item, error) {
	items := make([]Item, 0, len(p.s.Entries))
	for item, err := range p.All() {
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return items, nil
}

// All yields what [Profile.Items] returns, one after the other, or an error as the last. The
// profile must not change meanwhile.
func (p *Profile) All() iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		entries := p.s.Entries
		for i := range entries {
			e := &entries[i]
			name, value, err := p.openEntry(e)
			if err != nil {
				yield(Item{}, err)
				return
			}
			if !yield(Item{Name: name, Kind: e.Kind, Time: e.Time, Expires: e.Expires, File: e.File, Value: newSecret(value)}, nil) {
				return
			}
		}
	}
}
