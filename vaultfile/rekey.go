package vaultfile

import (
	"fmt"
	"slices"

	"github.com/credfile/credfile/format"
)

// AddRecipient gives somebody access: the same key is wrapped once more.
//
// Errors: [*RoleError], [*NameError], [*RecipientError], [*PluginError],
// [*DamageError] of any profile of the file.
func (p *Profile) AddRecipient(r Recipient) error {
	if err := p.writable(); err != nil {
		return err
	}
	if err := p.f.Verify(); err != nil {
		return err
	}
	p.dirty = true
	return p.addRecipient(r)
}

// addRecipient wraps the profile's key for one more recipient.
func (p *Profile) addRecipient(r Recipient) error {
	if !format.ValidName(r.Name) {
		return &NameError{Kind: "recipient", Name: r.Name}
	}
	if err := CheckRecipient(r.String); err != nil {
		return &RecipientError{Name: r.Name, Reason: err.Error()}
	}
	for i := range p.s.Recipients {
		if o := &p.s.Recipients[i]; o.Name == r.Name {
			return &RecipientError{Name: r.Name, Reason: fmt.Sprintf("profile %q has another recipient of that name", p.s.Name)}
		} else if o.String == r.String {
			return &RecipientError{Name: r.Name, Reason: fmt.Sprintf("the same key stands in profile %q under the name %q", p.s.Name, o.Name)}
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
	return nil
}

// secret is what is wrapped: the key and, for a writer, the seed.
func (p *Profile) secret(writer bool) []byte {
	secret := slices.Clone(p.key)
	if writer {
		secret = append(secret, p.signer.Seed()...)
	}
	return secret
}

// Recipients returns the profile's recipients in a form that another profile
// can be given.
func (p *Profile) Recipients() []Recipient {
	rs := make([]Recipient, len(p.s.Recipients))
	for i := range rs {
		r := &p.s.Recipients[i]
		rs[i] = Recipient{Name: r.Name, Writer: r.Writer, String: r.String, Lock: r.Lock, Message: r.Message}
	}
	return rs
}

func (p *Profile) recipient(name string) (*format.Recipient, error) {
	e := &NotFoundError{Profile: p.s.Name, Recipient: name}
	for i := range p.s.Recipients {
		if p.s.Recipients[i].Name == name {
			return &p.s.Recipients[i], nil
		}
		e.Known = append(e.Known, p.s.Recipients[i].Name)
	}
	return nil, e
}

// MakeWriter lets a reader write, too, and reports whether that changed
// anything. Errors: those of [Profile.AddRecipient], and [*NotFoundError].
func (p *Profile) MakeWriter(name string) (changed bool, err error) {
	if err := p.writable(); err != nil {
		return false, err
	}
	if err := p.f.Verify(); err != nil {
		return false, err
	}
	r, err := p.recipient(name)
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

// RenameRecipient gives a recipient another name.
// Errors: [*RoleError], [*NameError], [*NotFoundError], [*RecipientError].
func (p *Profile) RenameRecipient(old, name string) error {
	if err := p.writable(); err != nil {
		return err
	}
	if !format.ValidName(name) {
		return &NameError{Kind: "recipient", Name: name}
	}
	r, err := p.recipient(old)
	if err != nil {
		return err
	}
	if _, err := p.recipient(name); err == nil {
		return &RecipientError{Name: name, Reason: fmt.Sprintf("profile %q has another recipient of that name", p.s.Name)}
	}
	r.Name, p.dirty = name, true
	slices.SortFunc(p.s.Recipients, compareRecipients)
	return nil
}

// RenameProfile gives the profile another name; its id, its keys and all else
// stay. Errors: [*RoleError], [*NameError], [*ExistsError].
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

// Rotate gives the profile a new key and a new seed, seals everything again and
// lets the old key vouch for the new one. Values and their times stay.
//
// Errors: those of [Profile.AddRecipient].
func (p *Profile) Rotate() error {
	if err := p.writable(); err != nil {
		return err
	}
	if err := p.f.Verify(); err != nil {
		return err
	}
	type opened struct {
		name  string
		value []byte
	}
	plain := make([]opened, len(p.s.Entries))
	for i := range p.s.Entries {
		name, value, err := p.openEntry(&p.s.Entries[i])
		if err != nil {
			return err
		}
		plain[i] = opened{name, value}
	}
	next := &Profile{f: p.f, s: &format.Profile{ID: p.s.ID}}
	next.newKeys()
	wraps := make([][]byte, len(p.s.Recipients))
	for i := range p.s.Recipients {
		r := &p.s.Recipients[i]
		var err error
		if wraps[i], err = p.f.wrap(r.Name, r.String, next.secret(r.Writer)); err != nil {
			return err
		}
	}
	line := vouch(p.f.text.ID, p.s.ID, p.signer, next.s.Key)
	p.s.Vouched = slices.Insert(p.s.Vouched, 0, line)
	p.s.Vouched = p.s.Vouched[:min(len(p.s.Vouched), format.MaxVouched)]
	p.key, p.keys, p.signer = next.key, next.keys, next.signer
	p.s.Check, p.s.Key = next.s.Check, next.s.Key
	for i := range wraps {
		p.s.Recipients[i].Wrap = wraps[i]
	}
	for i := range plain {
		e := &p.s.Entries[i]
		if e.IsComment() {
			e.Sealed = seal(p.keys.value, plain[i].value, p.aad(""))
			continue
		}
		e.Name, e.Sealed = p.label(plain[i].name), p.sealValue(plain[i].name, plain[i].value)
	}
	p.index, p.dirty = nil, true
	return nil
}

// dropFormer takes away what exposes nothing any more.
func (p *Profile) dropFormer() {
	p.s.Former = slices.DeleteFunc(p.s.Former, func(f format.Former) bool {
		return !slices.ContainsFunc(p.s.Entries, func(e format.Entry) bool { return !e.IsComment() && !e.Time.After(f.Time) })
	})
}

// Copy gives another profile of the file a credential of this one: its value,
// its time and its expiry. Whoever left and knows the value is listed there,
// too. It reports whether anything changed.
//
// Errors: [*NotFoundError], [*RoleError], [*ExistsError] if the other profile
// has another value under that name and overwrite is false.
func (p *Profile) Copy(name string, to *Profile, overwrite bool) (changed bool, err error) {
	if err := to.writable(); err != nil {
		return false, err
	}
	secret, err := p.Get(name)
	if err != nil {
		return false, err
	}
	from := p.s.Entries[p.find(name)]
	if to.Has(name) {
		old, err := to.Get(name)
		if err != nil {
			return false, err
		}
		if string(old.Reveal()) == string(secret.Reveal()) {
			return false, nil
		}
		if !overwrite {
			return false, &ExistsError{Profile: to.s.Name, Credential: name}
		}
	}
	if _, err := to.Set(name, secret.Reveal()); err != nil {
		return false, err
	}
	e := &to.s.Entries[to.find(name)]
	e.Time, e.Expires = from.Time, from.Expires
	for _, f := range p.s.Former {
		if !from.Time.After(f.Time) && !slices.Contains(to.s.Former, f) {
			to.s.Former = append(to.s.Former, f)
		}
	}
	slices.SortFunc(to.s.Former, compareFormer)
	if len(to.s.Former) > format.MaxFormer {
		return false, fmt.Errorf("%w: more than %d former recipients", format.ErrLimit, format.MaxFormer)
	}
	return true, nil
}
