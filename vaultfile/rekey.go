package vaultfile

import (
	"fmt"
	"slices"

	"github.com/credfile/credfile/format"
)

// AddRecipient gives a recipient access by wrapping the same key once more.
//
// Errors: [*RoleError], [*NameError], [*RecipientError], [*PluginError], [*DamageError] of
// the profile.
func (p *Profile) AddRecipient(r Recipient) error {
	if err := p.writable(); err != nil {
		return err
	}
	if err := p.f.checkForms(p.s); err != nil {
		return err
	}
	if err := p.addRecipient(r); err != nil {
		return err
	}
	p.dirty = true
	return nil
}

// addRecipient wraps the profile's key for one more recipient.
func (p *Profile) addRecipient(r Recipient) error {
	if err := r.check(); err != nil {
		return err
	}
	for i := range p.s.Recipients {
		if o := &p.s.Recipients[i]; o.Name == r.Name {
			return &RecipientError{Name: r.Name, Reason: fmt.Sprintf("profile %q has another recipient of that name", p.s.Name)}
		} else if o.String == r.String {
			return &RecipientError{Name: r.Name, Reason: fmt.Sprintf("profile %q already has this key, under the name %q", p.s.Name, o.Name)}
		}
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
	p.f.willProve(r)
	return nil
}

func (r *Recipient) check() error {
	if !format.ValidName(r.Name) {
		return &NameError{Kind: "recipient", Name: r.Name}
	}
	if err := CheckRecipient(r.String); err != nil {
		return &RecipientError{Name: r.Name, Reason: err.Error()}
	}
	if r.Lock != "" && CheckLock(*r) != nil {
		return &RecipientError{Name: r.Name, Reason: "its lock has the wrong form"}
	}
	return nil
}

// SetLock replaces a recipient's lock, or adds one. The recipient, its role and the
// profile's key don't change, so no one loses access. r.String must be the present
// recipient's.
//
// Errors: those of [Profile.AddRecipient], and [*NotFoundError].
func (p *Profile) SetLock(r Recipient) error {
	if err := p.writable(); err != nil {
		return err
	}
	if err := p.f.checkForms(p.s); err != nil {
		return err
	}
	if err := r.check(); err != nil {
		return err
	}
	has, err := findRecipient(p.s, r.Name)
	if err != nil {
		return err
	}
	if has.String != r.String {
		return &RecipientError{Name: r.Name, Reason: "the lock contains the identity of another recipient"}
	}
	has.Lock, has.Message, p.dirty = r.Lock, r.Message, true
	p.f.willProve(r)
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
func (p *Profile) Recipients() []Recipient {
	rs := make([]Recipient, len(p.s.Recipients))
	for i := range rs {
		r := &p.s.Recipients[i]
		rs[i] = Recipient{Name: r.Name, Writer: r.Writer, String: r.String, Lock: r.Lock, Message: r.Message}
	}
	return rs
}

func findRecipient(s *format.Profile, name string) (*format.Recipient, error) {
	e := &NotFoundError{Profile: s.Name, Recipient: name}
	for i := range s.Recipients {
		if s.Recipients[i].Name == name {
			return &s.Recipients[i], nil
		}
		e.Known = append(e.Known, s.Recipients[i].Name)
	}
	return nil, e
}

// MakeWriter gives a reader write access and reports whether anything changed. Errors:
// those of [Profile.AddRecipient], and [*NotFoundError].
func (p *Profile) MakeWriter(name string) (changed bool, err error) {
	if err := p.writable(); err != nil {
		return false, err
	}
	if err := p.f.checkForms(p.s); err != nil {
		return false, err
	}
	r, err := findRecipient(p.s, name)
	if err != nil || r.Writer {
		return false, err
	}
	wrap, err := p.f.wrap(name, r.String, p.secret(true))
	if err != nil {
		return false, err
	}
	r.Writer, r.Wrap, p.dirty = true, wrap, true
	return true, nil
}

// RenameRecipient renames a recipient. Errors: [*RoleError], [*NameError],
// [*NotFoundError], [*RecipientError].
func (p *Profile) RenameRecipient(old, name string) error {
	if err := p.writable(); err != nil {
		return err
	}
	if !format.ValidName(name) {
		return &NameError{Kind: "recipient", Name: name}
	}
	r, err := findRecipient(p.s, old)
	if err != nil {
		return err
	}
	if _, err := findRecipient(p.s, name); err == nil {
		return &RecipientError{Name: name, Reason: fmt.Sprintf("profile %q has another recipient of that name", p.s.Name)}
	}
	r.Name, p.dirty = name, true
	slices.SortFunc(p.s.Recipients, compareRecipients)
	return nil
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
