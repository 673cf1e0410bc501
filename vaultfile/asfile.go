package vaultfile

// AsFile reports whether programs get a credential as a file, not in their environment. Errors:
// [*NotFoundError].
func (p *Profile) AsFile(name string) (bool, error) {
	i, err := p.mustFind(name)
	if err != nil {
		return false, err
	}
	return p.s.Entries[i].File, nil
}

// SetAsFile sets whether programs get a credential as a file, with its path in the environment. It
// reports whether anything changed. The value and its time don't change.
//
// Errors: [*RoleError], [*NotFoundError].
func (p *Profile) SetAsFile(name string, file bool) (changed bool, err error) {
	if err := p.writable(); err != nil {
		return false, err
	}
	i, err := p.mustFindCredential(name)
	if err != nil || p.s.Entries[i].File == file {
		return false, err
	}
	p.s.Entries[i].File, p.dirty = file, true
	return true, nil
}
