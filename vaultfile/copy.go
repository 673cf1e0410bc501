package vaultfile

import (
	"slices"
)

// Copy copies a credential to another profile of the file: its value, time and expiry. The
// former recipients who know the value are listed there too. It reports whether anything
// changed.
//
// Errors: [*NotFoundError], [*IsSourceError], [*RoleError], [*ExistsError] if the other profile has another
// value under that name and overwrite is false.
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
	former := slices.Clone(to.s.Former)
	for _, f := range p.s.Former {
		if !from.Time.After(f.Time) && !slices.Contains(former, f) {
			former = append(former, f)
		}
	}
	if err := formerLimit(former); err != nil {
		return false, err
	}
	if _, err := to.Set(name, secret.Reveal()); err != nil {
		return false, err
	}
	e := &to.s.Entries[to.find(name)]
	e.Time, e.Expires, e.File = from.Time, from.Expires, from.File
	slices.SortFunc(former, compareFormer)
	to.s.Former = former
	return true, nil
}

// CopyAll copies everything to a new profile of another file: values, times, expiries,
// comments, and their order. It does not copy the former recipients.
//
// Errors: [*DamageError].
func (p *Profile) CopyAll(to *Profile) error {
	if err := to.writable(); err != nil {
		return err
	}
	entries := slices.Clone(to.s.Entries)
	for i := range p.s.Entries {
		e := p.s.Entries[i]
		name, value, err := p.openEntry(&e)
		if err != nil {
			return err
		}
		if e.IsComment() {
			e.Sealed = seal(to.keys.value, value, to.aad("", ""))
		} else {
			e.Name, e.Sealed = to.label(name), to.sealValue(name, e.Kind, value)
		}
		entries = append(entries, e)
	}
	to.s.Entries, to.index, to.dirty = entries, nil, true
	return nil
}

// Confirm seals a credential's value again with the present time: the user states that it
// needs no change, although it is exposed.
//
// Errors: [*RoleError], [*NotFoundError], [*DamageError], [*ClockError].
func (p *Profile) Confirm(name string) error {
	if err := p.writable(); err != nil {
		return err
	}
	i, err := p.mustFindCredential(name)
	if err != nil {
		return err
	}
	e := &p.s.Entries[i]
	_, value, err := p.openEntry(e)
	if err != nil {
		return err
	}
	now, err := p.f.now(p.s)
	if err != nil {
		return err
	}
	e.Time, e.Sealed, p.dirty = now, p.sealValue(name, "", value), true
	return nil
}
