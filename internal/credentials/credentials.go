// Package credentials changes credentials in profiles that are open, and finds them in a
// file: what the user's verbs do, as facts and without words.
package credentials

import (
	"bytes"
	"errors"
	"time"

	"github.com/credfile/credfile/internal/atomicfile"
	"github.com/credfile/credfile/internal/machine"
	"github.com/credfile/credfile/vaultfile"
)

// Change is what became of a credential.
type Change int

// The changes.
const (
	Unchanged Change = iota
	Added
	Changed
	OtherExpiry // the value is unchanged
	OtherWay    // the value is unchanged, but programs get it another way: as a file, or in the environment
)

// Set sets a credential's value and options.
func Set(p *vaultfile.Profile, name string, value []byte, o Options) (Change, error) {
	before := len(p.Section().Entries)
	changed, err := p.Set(name, value)
	if err != nil {
		return Unchanged, err
	}
	added := len(p.Section().Entries) > before
	switch other, err := Mark(p, name, o); {
	case err != nil:
		return Unchanged, err
	case added:
		return Added, nil
	case changed:
		return Changed, nil
	default:
		return other, nil
	}
}

// Confirm keeps a value that is exposed, and sets its options.
func Confirm(p *vaultfile.Profile, name string, o Options) error {
	err := p.Confirm(name)
	if err == nil {
		_, err = Mark(p, name, o)
	}
	return err
}

// Options are what is set beside a value. What is nil stays as it is.
type Options struct {
	Expires *time.Time
	File    *bool // whether programs get it as a file
}

// Mark sets only the options of a credential.
func Mark(p *vaultfile.Profile, name string, o Options) (change Change, err error) {
	if o.Expires != nil {
		if changed, err := p.SetExpiry(name, *o.Expires); err != nil {
			return Unchanged, err
		} else if changed {
			change = OtherExpiry
		}
	}
	if o.File != nil {
		if changed, err := p.SetAsFile(name, *o.File); err != nil {
			return Unchanged, err
		} else if changed {
			change = OtherWay
		}
	}
	return change, nil
}

// Each changes credentials, and returns to whom each was exposed before.
func Each(p *vaultfile.Profile, names []string, change func(p *vaultfile.Profile, name string) error) (exposed map[string][]string, err error) {
	exposed = map[string][]string{}
	for _, name := range names {
		to, err := p.ExposedTo(name)
		if err == nil {
			err = change(p, name)
		}
		if err != nil {
			return nil, err
		}
		exposed[name] = to
	}
	return exposed, nil
}

// Between opens a profile to copy from, and one to copy to.
func Between(f *machine.File, from, to string) (src, dest *vaultfile.Profile, err error) {
	if src, err = f.Unlock(from, machine.Read); err == nil {
		dest, err = f.Unlock(to, machine.Write)
	}
	return src, dest, err
}

// Copy copies credentials between profiles, and reports for each whether that changed
// anything.
func Copy(src, dest *vaultfile.Profile, names []string, overwrite bool) (changed []bool, err error) {
	for _, name := range names {
		c, err := copyRecord(src, dest, name, overwrite)
		if err != nil {
			return nil, err
		}
		changed = append(changed, c)
	}
	return changed, nil
}

// copyRecord copies a credential or a source.
func copyRecord(src, dest *vaultfile.Profile, name string, overwrite bool) (changed bool, err error) {
	s, err := src.Source(name)
	var credential *vaultfile.IsCredentialError
	switch {
	case errors.As(err, &credential):
		return src.Copy(name, dest, overwrite)
	case err != nil:
		return false, err
	}
	if old, err := dest.Source(name); err == nil && !overwrite && (old.Kind != s.Kind || !bytes.Equal(old.Definition.Bytes(), s.Definition.Bytes())) {
		return false, &vaultfile.ExistsError{Profile: dest.Name(), Credential: name}
	}
	return dest.SetSource(s)
}

// Writable returns an error if a profile can't be changed: before the user types a value for
// nothing.
func Writable(f *machine.File, profile string) error {
	if err := atomicfile.Replaceable(f.Path); err != nil {
		return err
	}
	p, err := f.Unlock(profile, machine.Write)
	if err != nil {
		return err
	}
	return p.CheckWriter()
}

// FromInput removes the line ending that echo and other programs add to a single line. A
// value of several lines keeps it: OpenSSH rejects a PEM file without it.
func FromInput(input []byte) []byte {
	one, found := bytes.CutSuffix(input, []byte("\n"))
	if found {
		one, _ = bytes.CutSuffix(one, []byte("\r"))
	}
	if bytes.ContainsAny(one, "\r\n") {
		return input
	}
	return one
}
