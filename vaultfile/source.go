package vaultfile

import (
	"fmt"

	"github.com/credfile/credfile/format"
)

// A source says how values are obtained when they are needed. It stands among a profile's credentials,
// and no two of both have the same name.

// IsSourceError reports that a name is a source's, which has no value.
type IsSourceError struct{ Profile, Source, Kind string }

func (e *IsSourceError) Error() string {
	return fmt.Sprintf("%s is a source of kind %s, and has no value of its own", e.Source, e.Kind)
}

// IsCredentialError reports that a name is a credential's.
type IsCredentialError struct{ Profile, Credential string }

func (e *IsCredentialError) Error() string { return e.Credential + " is a credential" }

// Source is a source with its definition.
type Source struct {
	Name, Kind string
	Definition format.Definition
}

func validDefinition(b []byte) bool {
	_, err := format.ParseDefinition(b)
	return err == nil
}

func checkSource(item Item) error {
	if item.Name == "" {
		return &NameError{Kind: "source", Name: ""}
	}
	if !format.ValidKind(item.Kind) {
		return &NameError{Kind: "source kind", Name: item.Kind}
	}
	_, err := format.ParseDefinition(item.Value.Reveal())
	return err
}

// Source opens one source. Errors: [*NotFoundError], [*IsCredentialError], [*DamageError].
func (p *Profile) Source(name string) (Source, error) {
	i, err := p.mustFind(name)
	if err != nil {
		return Source{}, err
	}
	if !p.s.Entries[i].IsSource() {
		return Source{}, &IsCredentialError{p.s.Name, name}
	}
	return p.openSource(&p.s.Entries[i])
}

func (p *Profile) openSource(e *format.Entry) (s Source, err error) {
	name, text, err := p.openEntry(e)
	if err != nil {
		return s, err
	}
	d, err := format.ParseDefinition(text)
	return Source{Name: name, Kind: e.Kind, Definition: d}, err
}

// Sources opens all sources, in the user's order. Errors: [*DamageError].
func (p *Profile) Sources() (list []Source, err error) {
	for i := range p.s.Entries {
		if e := &p.s.Entries[i]; e.IsSource() {
			s, err := p.openSource(e)
			if err != nil {
				return nil, err
			}
			list = append(list, s)
		}
	}
	return list, nil
}

// SetSource adds a source or changes it, and reports whether anything changed.
//
// Errors: [*RoleError], [*NameError], [format.ErrDefinition], [*IsCredentialError], [*ClockError].
func (p *Profile) SetSource(s Source) (changed bool, err error) {
	if err := p.writable(); err != nil {
		return false, err
	}
	if err := s.Definition.Check(); err != nil {
		return false, err
	}
	if s.Kind == "" { // as a credential, it would give its definition
		return false, &NameError{Kind: "source kind", Name: ""}
	}
	text := s.Definition.Bytes()
	if err := CheckItem(Item{Name: s.Name, Kind: s.Kind, Value: newSecret(text)}); err != nil {
		return false, err
	}
	i := p.find(s.Name)
	if i >= 0 {
		old, err := p.Source(s.Name)
		if err != nil {
			return false, err
		}
		if old.Kind == s.Kind && string(old.Definition.Bytes()) == string(text) {
			return false, nil
		}
	}
	e := format.Entry{Name: p.label(s.Name), Kind: s.Kind, Sealed: p.sealValue(s.Name, s.Kind, text)}
	if e.Time, err = p.f.now(p.s); err != nil {
		return false, err
	}
	if i < 0 {
		return true, p.add(e)
	}
	p.s.Entries[i], p.dirty = e, true
	return true, nil
}

// FileID returns the id of the file that the profile is in.
func (p *Profile) FileID() format.ID { return p.f.text.ID }
