package vaultfile

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/credfile/credfile/format"
)

// Set sets the value of a credential and reports whether anything changed. It adds a new
// credential at the end, above a trailing comment.
//
// Errors: [*RoleError], [*NameError], [*SizeError], [*IsSourceError], [*ClockError].
func (p *Profile) Set(name string, value []byte) (changed bool, err error) {
	if err := p.writable(); err != nil {
		return false, err
	}
	if !format.ValidName(name) {
		return false, &NameError{Kind: "credential", Name: name}
	}
	if tooLong(value) {
		return false, &SizeError{Credential: name}
	}
	i := p.find(name)
	if i >= 0 {
		if _, err := p.mustFindCredential(name); err != nil {
			return false, err
		}
		_, old, err := p.openEntry(&p.s.Entries[i])
		if err != nil {
			return false, err
		}
		if bytes.Equal(old, value) {
			return false, nil
		}
	}
	now, err := p.f.now(p.s)
	if err != nil {
		return false, err
	}
	if i >= 0 {
		e := &p.s.Entries[i]
		e.Time, e.Sealed = now, p.sealValue(name, "", value)
		p.dirty = true
		return true, nil
	}
	return true, p.add(format.Entry{Name: p.label(name), Time: now, Sealed: p.sealValue(name, "", value)})
}

// add adds an entry at the end, above a trailing comment.
func (p *Profile) add(e format.Entry) error {
	at := len(p.s.Entries)
	if at > 0 && p.s.Entries[at-1].IsComment() {
		at--
	}
	return p.insert(at, e)
}

func (p *Profile) insert(at int, e format.Entry) error {
	if len(p.s.Entries) == format.MaxEntries {
		return fmt.Errorf("%w: more than %d entries", format.ErrLimit, format.MaxEntries)
	}
	p.s.Entries = slices.Insert(p.s.Entries, at, e)
	if !e.IsComment() && p.index != nil {
		p.index[e.Name] = at // only a comment can follow it
	}
	p.dirty = true
	return nil
}

// Rename renames a credential or a source. Its value and time don't change.
//
// Errors: [*RoleError], [*NameError], [*NotFoundError], [*ExistsError].
func (p *Profile) Rename(old, name string) error {
	if err := p.writable(); err != nil {
		return err
	}
	if !format.ValidName(name) {
		return &NameError{Kind: "credential", Name: name}
	}
	i, err := p.mustFind(old)
	if err != nil {
		return err
	}
	if p.find(name) >= 0 {
		return &ExistsError{Profile: p.s.Name, Credential: name}
	}
	e := &p.s.Entries[i]
	_, value, err := p.openEntry(e)
	if err != nil {
		return err
	}
	e.Name, e.Sealed = p.label(name), p.sealValue(name, e.Kind, value)
	p.index = nil
	p.dirty = true
	return nil
}

// Unset removes a credential or a source and its comment: the lines above it, up to the last empty
// line. Errors: [*RoleError], [*NotFoundError].
func (p *Profile) Unset(name string) error {
	if err := p.writable(); err != nil {
		return err
	}
	i, err := p.mustFind(name)
	if err != nil {
		return err
	}
	if i == 0 || !p.s.Entries[i-1].IsComment() {
		p.replace(i, i+1)
		return nil
	}
	_, above, err := p.openEntry(&p.s.Entries[i-1])
	if err != nil {
		return err
	}
	keep := aboveLastEmptyLine(above)
	end := i + 1
	if end < len(p.s.Entries) && p.s.Entries[end].IsComment() {
		// Comments are never adjacent: join what remains above with the comment below.
		_, below, err := p.openEntry(&p.s.Entries[end])
		if err != nil {
			return err
		}
		keep = append(keep, below...)
		end++
	}
	if tooLong(keep) {
		return &SizeError{Credential: "comment above " + name}
	}
	var stay []format.Entry
	if len(keep) > 0 {
		stay = []format.Entry{{Sealed: seal(p.keys.value, keep, p.aad("", ""))}}
	}
	p.replace(i-1, end, stay...)
	return nil
}

func (p *Profile) replace(from, to int, with ...format.Entry) {
	p.s.Entries = slices.Replace(p.s.Entries, from, to, with...)
	p.index = nil
	p.dirty = true
}
