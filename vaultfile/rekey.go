package vaultfile

import (
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"slices"
	"strings"

	"github.com/credfile/credfile/format"
)

// Recipient is a recipient to give access to.
type Recipient struct {
	Name    string
	Writer  bool
	String  string // as in format.Recipient
	Lock    string // with Message, the identity kept in the file
	Message []byte

	// Prove opens the message of a new lock. [File.Marshal] calls it with the bytes about
	// to be written and fails unless it returns the recipient's identity. Nil if the lock
	// can't be opened on this machine.
	Prove func(message []byte) ([]byte, error)
}

// AddRecipient gives a recipient access by wrapping the same key once more.
//
// Errors: [*RoleError], [*NameError], [*RecipientError], [*PluginError], [*DamageError] of
// the profile.
func (p *Profile) AddRecipient(r Recipient) error {
	if err := p.changeable(); err != nil {
		return err
	}
	return p.addRecipient(r)
}

// addRecipient wraps the profile's key for one more recipient.
func (p *Profile) addRecipient(r Recipient) error {
	if err := p.f.checkNew(r); err != nil {
		return err
	}
	err := freeName(p.s, r.Name)
	if err == nil {
		err = freeKey(p.s, r.String)
	}
	if err != nil {
		return &RecipientError{Name: r.Name, Reason: err.Error()}
	}
	if len(p.s.Recipients) == format.MaxRecipients {
		return fmt.Errorf("%w: more than %d recipients", format.ErrLimit, format.MaxRecipients)
	}
	wrap, err := p.f.wrap(r.Name, r.String, p.secret(r.Writer))
	if err != nil {
		return err
	}
	p.s.Recipients = append(p.s.Recipients, format.Recipient{
		Name: r.Name, Writer: r.Writer, String: r.String, Lock: r.Lock, Message: r.Message, Wrap: wrap,
	})
	slices.SortFunc(p.s.Recipients, compareRecipients)
	p.dirty = true
	p.f.willProve(r)
	return nil
}

// freeName returns an error if another recipient of the section has the name.
func freeName(s *format.Profile, name string) error {
	if s.Recipient(name) == nil {
		return nil
	}
	return fmt.Errorf("profile %q has another recipient of that name", s.Name)
}

// freeKey returns an error if another recipient of the section has the key.
func freeKey(s *format.Profile, key string) error {
	for i := range s.Recipients {
		if o := &s.Recipients[i]; o.String == key {
			return fmt.Errorf("profile %q already has this key, under the name %q", s.Name, o.Name)
		}
	}
	return nil
}

// checkNew checks a recipient from the caller.
func (f *File) checkNew(r Recipient) error {
	if !format.ValidName(r.Name) {
		return &NameError{Kind: "recipient", Name: r.Name}
	}
	if err := f.checkRecipient(r.String); err != nil {
		return &RecipientError{Name: r.Name, Reason: err.Error()}
	}
	if r.Lock != "" && !r.lockable() {
		return &RecipientError{Name: r.Name, Reason: "its lock has the wrong form"}
	}
	return nil
}

// secret returns what to wrap: the key and, for a writer, the seed.
func (p *Profile) secret(writer bool) []byte {
	secret := slices.Clone(p.key)
	if writer {
		secret = append(secret, p.signer.Seed()...)
	}
	return secret
}

// Recipients returns the profile's recipients in a form that can be added to another
// profile.
func (p *Profile) Recipients() []Recipient { return recipientsOf(p.s) }

func recipientsOf(s *format.Profile) []Recipient {
	rs := make([]Recipient, len(s.Recipients))
	for i := range rs {
		rs[i] = recipientOf(&s.Recipients[i])
	}
	return rs
}

func recipientOf(r *format.Recipient) Recipient {
	return Recipient{Name: r.Name, Writer: r.Writer, String: r.String, Lock: r.Lock, Message: r.Message}
}

func findRecipient(s *format.Profile, name string) (*format.Recipient, error) {
	if r := s.Recipient(name); r != nil {
		return r, nil
	}
	e := &NotFoundError{Profile: s.Name, Recipient: name}
	for i := range s.Recipients {
		e.Known = append(e.Known, s.Recipients[i].Name)
	}
	return nil, e
}

// RenameProfile renames the profile. Its id, its keys and everything else stay the same.
// Errors: [*RoleError], [*NameError], [*ExistsError].
func (p *Profile) RenameProfile(name string) error {
	if err := p.writable(); err != nil {
		return err
	}
	if !format.ValidName(name) {
		return &NameError{Kind: "profile", Name: name}
	}
	if p.f.text.Find(name) != nil {
		return &ExistsError{Profile: name}
	}
	p.s.Name, p.dirty = name, true
	slices.SortFunc(p.f.text.Profiles, compareProfiles)
	return nil
}

// Fingerprint returns 16 characters that people can use to tell recipients apart: the first
// 80 bits of the recipient's SHA-256 hash, in lower-case base32.
func Fingerprint(recipient string) string {
	sum := sha256.Sum256([]byte(recipient))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:10]))
}
