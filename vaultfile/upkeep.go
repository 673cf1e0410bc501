package vaultfile

import (
	"slices"

	"github.com/credfile/credfile/format"
)

// renewVouching keeps the vouching lines of the file current: a profile should always be
// vouched for by a present key of another one, and never by a key that someone who lost
// access may hold. It changes what [File.other] can unlock and leaves the rest to whoever
// writes it next.
func (f *File) renewVouching() error {
	for _, p := range f.changed() {
		for _, old := range p.replaced {
			if err := p.vouchInstead(old); err != nil {
				return err
			}
		}
	}
	for _, p := range f.changed() {
		if err := f.renewStale(p); err != nil {
			return err
		}
	}
	return nil
}

// vouchInstead has the new key of p vouch where the old one did.
func (p *Profile) vouchInstead(old format.Key) error {
	for _, s := range p.f.text.Profiles {
		if s == p.s || !hasLineBy(s, old) {
			continue
		}
		if other := p.f.other(s.Name); other != nil {
			if err := p.VouchFor(other, old); err != nil {
				return err
			}
		}
	}
	return nil
}

// renewStale has the new key of a voucher vouch for p if its earlier key did.
func (f *File) renewStale(p *Profile) error {
	if len(f.vouchedBy(p.s, true)) > 0 {
		return nil
	}
	if len(p.s.Vouched) == format.MaxVouched { // so many rotations pushed out the voucher's line
		return f.vouchAnew(p, format.Key{}, "")
	}
	for _, name := range f.vouchedBy(p.s, false) {
		voucher := f.other(name)
		if voucher == nil || hasLineBy(voucher.s, p.s.Key) {
			continue // otherwise the two would vouch for each other
		}
		return voucher.VouchFor(p, format.Key{})
	}
	return nil
}

// vouchAnew has any other profile vouch for p, in place of a line by the key instead, which
// belongs to the profile named gone. If there is none, p is an orphan.
func (f *File) vouchAnew(p *Profile, instead format.Key, gone string) error {
	for _, name := range f.Names() {
		if name == p.s.Name || name == gone {
			continue
		}
		if voucher := f.other(name); voucher != nil {
			return voucher.VouchFor(p, instead)
		}
	}
	f.orphan(p.s.Name, gone)
	return nil
}

func (f *File) orphan(name, gone string) {
	left := len(f.text.Profiles)
	if gone != "" {
		left--
	}
	if left > 1 && !slices.Contains(f.orphans, name) {
		f.orphans = append(f.orphans, name)
	}
}

// Orphans returns the names of profiles that lost their voucher in this change and got no
// other, because the caller can't write one. A machine that has not seen such a profile asks
// to approve it.
func (f *File) Orphans() []string { return f.orphans }

// other returns another profile unlocked for writing, or nil.
func (f *File) other(name string) *Profile {
	if p := f.unlocked[f.text.Find(name)]; p != nil && p.Writer() {
		return p
	}
	if f.Other == nil {
		return nil
	}
	if p := f.Other(name); p != nil && p.f == f && p.Writer() {
		return p
	}
	return nil
}

// replaceVoucher lets another profile vouch where the profile that is about to go does.
func (p *Profile) replaceVoucher() error {
	for _, s := range p.f.text.Profiles {
		if s == p.s || !hasLineBy(s, p.s.Key) {
			continue
		}
		other := p.f.other(s.Name)
		if other == nil {
			p.f.orphan(s.Name, p.s.Name)
			continue
		}
		if err := p.f.vouchAnew(other, p.s.Key, p.s.Name); err != nil {
			return err
		}
	}
	return nil
}

func hasLineBy(s *format.Profile, key format.Key) bool {
	return slices.ContainsFunc(s.Vouched, func(v format.Vouched) bool { return v.Key == key })
}
