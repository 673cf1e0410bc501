// Package format converts between the text of a credfile, version 1, and structs.
//
// It implements the grammar, order, uniqueness rules and limits of spec/credfile.md, but no
// cryptography: a [File] from [Parse] is well formed, but nothing in it is authenticated.
// Package vaultfile verifies it.
//
// A file has one representation: for every b that Parse accepts, Marshal(Parse(b)) is b,
// byte for byte.
package format

import "time"

// Limits of the format; spec/credfile.md, section Limits. Parse checks each limit before it
// allocates or decodes anything that depends on it.
const (
	MaxFile       = 16 << 20 // bytes of a whole file
	MaxValue      = 1 << 20  // bytes of a value or a comment
	MaxWrap       = 16 << 10 // bytes of a wrap or of a lock's message, decoded
	MaxProfiles   = 1024     // in a file
	MaxRemoved    = 1024     // in a file
	MaxRecipients = 1024     // in a profile
	MaxFormer     = 1024     // in a profile
	MaxVouched    = 256      // in a profile or a removed block
	MaxEntries    = 65536    // credentials, sources and comments in a profile
	MaxDefinition = 16 << 10 // bytes of a source's definition
	MaxPassphrase = 256      // passphrase locks with different messages in a file
	MaxRecipient  = 4096     // bytes of a recipient string
	MaxRevision   = 1<<53 - 1
	MaxName       = 128 // bytes of a name
)

// MaxPadded is the maximum length of a padded plaintext: PADMÉ of MaxValue plus a hidden name.
const MaxPadded = 1081344

// sealOverhead is the length of the nonce (16 bytes, before) and the tag (16 bytes, after)
// of a sealed value.
const sealOverhead = 32

// ID is a random identifier of a file or a profile.
type ID [16]byte

// Key is an Ed25519 public key that verifies a profile.
type Key [32]byte

// Signature is an Ed25519 signature.
type Signature [64]byte

// File is a whole credfile.
type File struct {
	ID       ID
	Profiles []*Profile // in byte order of their names; at least one
	Removed  []Removed  // in byte order of their encoded ids
}

// Profile is one section: everything between two empty lines.
type Profile struct {
	Line       int // of its first line in the parsed file; 0 if it is new
	Name       string
	ID         ID
	Check      [32]byte // commits to the profile's key
	Key        Key
	Hidden     bool // credential names are labels
	Vouched    []Vouched
	Recipients []Recipient // in byte order of their names; at least one writer
	Former     []Former
	Entries    []Entry // in the user's order; see Read
	Revision   uint64
	Signature  Signature

	text       string // as parsed, up to the signature
	unread     string // lines of entries that Skim left out of Entries
	unreadLine int    // the number of the line before them
}

// Vouched is an earlier key's signature for a later key.
type Vouched struct {
	Key       Key
	For       Key
	Signature Signature
}

// Recipient is a person or machine that can open a profile.
type Recipient struct {
	Name    string
	Writer  bool
	String  string // an age recipient, or "ssh-ed25519 KEY" or "ssh-rsa KEY"
	Lock    string // "", or "scrypt", "argon2id", "openpgp", "age"
	Message []byte // of the lock
	Wrap    []byte // an age file
}

// Former is a recipient who lost access.
type Former struct {
	Name string
	Time time.Time
}

// Entry is a credential, a source if Kind is not empty, or a comment if Name is empty.
type Entry struct {
	Name    string    // in a hidden profile, the label
	Kind    string    // of a source
	Time    time.Time // of the last change to the value
	Expires time.Time // the day on which it expires, as midnight UTC; zero for never
	File    bool      // programs get it as a file, not in the environment
	Sealed  Sealed
}

// Sealed is a sealed value as it is written, in [Base64]. Most commands look at few of the
// values, so they stay encoded until one is opened.
type Sealed string

// NewSealed encodes a sealed value.
func NewSealed(b []byte) Sealed { return Sealed(Base64.EncodeToString(b)) }

// Bytes decodes a sealed value. It returns nil if s is not canonical base64, which does not
// occur in a parsed file.
func (s Sealed) Bytes() []byte {
	b, err := Base64.DecodeString(string(s))
	if err != nil {
		return nil
	}
	return b
}

// IsComment reports whether e is a comment record.
func (e *Entry) IsComment() bool { return e.Name == "" }

// Record returns the word that a line of its kind begins with.
func (e *Entry) Record() string {
	switch {
	case e.IsComment():
		return "comment"
	case e.IsSource():
		return "source"
	}
	return "credential"
}

// HasValue reports whether e is a credential record.
func (e *Entry) HasValue() bool { return !e.IsComment() && !e.IsSource() }

// IsSource reports whether e is a source record.
func (e *Entry) IsSource() bool { return e.Kind != "" }

// Removed is the record of a profile removed by one of its writers.
type Removed struct {
	Line      int
	Name      string
	ID        ID
	Key       Key
	Signature Signature
	Vouched   []Vouched
}

// Find returns the named profile, or nil.
func (f *File) Find(name string) *Profile {
	for _, p := range f.Profiles {
		if p.Name == name {
			return p
		}
	}
	return nil
}

// Recipient returns the recipient of that name, or nil.
func (p *Profile) Recipient(name string) *Recipient {
	for i := range p.Recipients {
		if p.Recipients[i].Name == name {
			return &p.Recipients[i]
		}
	}
	return nil
}

// Writers returns the names of the recipients that can change the profile.
func (p *Profile) Writers() []string {
	var names []string
	for i := range p.Recipients {
		if p.Recipients[i].Writer {
			names = append(names, p.Recipients[i].Name)
		}
	}
	return names
}
