package vaultfile

import (
	"crypto/ed25519"
	"errors"
	"slices"

	"github.com/credfile/credfile/format"
)

// VouchFor has this profile's present key vouch for the present key of other, a profile of
// the same file or of a new one. instead is the key of an older line of this voucher, which
// the new line replaces, or zero.
//
// Errors: [*RoleError] of either.
func (p *Profile) VouchFor(other *Profile, instead format.Key) error {
	if err := errors.Join(p.writable(), other.writable()); err != nil {
		return err
	}
	vs := slices.DeleteFunc(slices.Clone(other.s.Vouched), func(v format.Vouched) bool {
		return v.Key == p.s.Key || v.Key == instead && !slices.ContainsFunc(other.s.Vouched, func(w format.Vouched) bool { return w.For == instead })
	})
	vs = slices.Insert(vs, 0, vouch(other.f.text.ID, other.s.ID, p.signer, other.s.Key))
	other.s.Vouched, other.dirty = vs[:min(len(vs), format.MaxVouched)], true
	return nil
}

// vouchedBy returns the names of the file's other profiles whose keys appear in the vouched
// lines of s: present keys if present is true, otherwise earlier ones. It is never certain
// which profile an earlier key belonged to.
func (f *File) vouchedBy(s *format.Profile, present bool) []string {
	var names []string
	for _, o := range f.text.Profiles {
		vouches := slices.ContainsFunc(s.Vouched, func(v format.Vouched) bool {
			if present {
				return v.Key == o.Key && f.Vouches(s.ID, v)
			}
			return slices.ContainsFunc(o.Vouched, func(w format.Vouched) bool { return w.Key == v.Key })
		})
		if o != s && vouches {
			names = append(names, o.Name)
		}
	}
	return names
}

// Remove removes the profile from the file and leaves a record, signed by its writer, that
// tells other machines. Another profile takes its place as a voucher. Errors: [*RoleError], [*LastProfileError].
func (p *Profile) Remove() error {
	if err := p.writable(); err != nil {
		return err
	}
	text := p.f.text
	if len(text.Profiles) == 1 {
		return &LastProfileError{Profile: p.s.Name}
	}
	if len(text.Removed) == format.MaxRemoved {
		return errRemoved
	}
	if err := p.replaceVoucher(); err != nil {
		return err
	}
	r := format.Removed{Name: p.s.Name, ID: p.s.ID, Key: p.s.Key, Vouched: p.s.Vouched}
	copy(r.Signature[:], ed25519.Sign(p.signer, removedMessage(text.ID, &r)))
	text.Profiles = slices.DeleteFunc(text.Profiles, func(s *format.Profile) bool { return s == p.s })
	text.Removed = append(text.Removed, r)
	slices.SortFunc(text.Removed, compareRemoved)
	delete(p.f.unlocked, p.s)
	p.f.dirty, p.signer = true, nil
	return nil
}

// HideNames replaces credential names with labels, in a profile that has no credentials
// yet. Errors: [*RoleError], [ErrNotEmpty].
func (p *Profile) HideNames() error {
	if err := p.writable(); err != nil {
		return err
	}
	if len(p.s.Entries) > 0 {
		return ErrNotEmpty
	}
	p.s.Hidden, p.dirty = true, true
	return nil
}
