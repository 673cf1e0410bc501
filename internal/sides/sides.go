// Package sides compares the two sides of a merge that git could not finish, by what is
// visible without a key. It verifies nothing: its result is for people, who decide.
package sides

import (
	"github.com/credfile/credfile/format"
)

// Kind is what a side did.
type Kind int

// The kinds of changes.
const (
	Set     Kind = iota // a credential
	Unset               // a credential
	Added               // a recipient
	Role                // changed the role or key of a recipient
	Removed             // a recipient
	Made                // a profile
	Gone                // removed a profile
)

// Change is something that one side did and the other lacks.
type Change struct {
	Profile string
	Name    string // of the credential, the recipient or the profile
	What    Kind
	Both    bool // the other side changed it, too
}

// Parse reads a side without verifying its signatures. It returns nil if it is no credfile.
func Parse(b []byte) *format.File {
	f, err := format.Parse(b)
	if err != nil {
		return nil
	}
	return f
}

// Changes returns the changes of one side since the base that the other side lacks. Without
// a base, every difference counts as a change.
func Changes(base, other, side *format.File) (list []Change) {
	if base == nil {
		base = &format.File{}
	}
	for _, p := range side.Profiles {
		o := other.Find(p.Name)
		b := base.Find(p.Name)
		if o == nil {
			if b == nil {
				list = append(list, Change{Profile: p.Name, Name: p.Name, What: Made})
			}
			continue
		}
		if b == nil {
			b = &format.Profile{}
		}
		list = append(list, entryChanges(b, o, p)...)
		list = append(list, peopleChanges(b, o, p)...)
	}
	for _, b := range base.Profiles {
		if side.Find(b.Name) == nil && other.Find(b.Name) != nil {
			list = append(list, Change{Profile: b.Name, Name: b.Name, What: Gone})
		}
	}
	return list
}

func entryChanges(base, other, side *format.Profile) (list []Change) {
	was, theirs, is := entriesByName(base), entriesByName(other), entriesByName(side)
	oneKey := base.Key == other.Key && other.Key == side.Key // otherwise everything was encrypted again
	same := func(x, y *format.Entry) bool {
		return x == y || x != nil && y != nil && x.Time.Equal(y.Time) && x.Expires.Equal(y.Expires) && (!oneKey || x.Sealed == y.Sealed)
	}
	for i := range side.Entries {
		x := &side.Entries[i]
		if x.IsComment() || same(was[x.Name], x) || same(theirs[x.Name], x) {
			continue
		}
		list = append(list, Change{side.Name, x.Name, Set, !same(theirs[x.Name], was[x.Name])})
	}
	for i := range base.Entries {
		if x := &base.Entries[i]; !x.IsComment() && is[x.Name] == nil && theirs[x.Name] != nil {
			list = append(list, Change{side.Name, x.Name, Unset, !same(theirs[x.Name], x)})
		}
	}
	return list
}

func entriesByName(p *format.Profile) map[string]*format.Entry {
	m := map[string]*format.Entry{}
	for i := range p.Entries {
		m[p.Entries[i].Name] = &p.Entries[i]
	}
	return m
}

func peopleChanges(base, other, side *format.Profile) (list []Change) {
	was, theirs, is := people(base), people(other), people(side)
	same := func(x, y *format.Recipient) bool {
		return x == y || x != nil && y != nil && x.String == y.String && x.Writer == y.Writer
	}
	for i := range side.Recipients {
		x := &side.Recipients[i]
		if same(was[x.Name], x) || same(theirs[x.Name], x) {
			continue
		}
		what := Added
		if was[x.Name] != nil {
			what = Role
		}
		list = append(list, Change{side.Name, x.Name, what, !same(theirs[x.Name], was[x.Name])})
	}
	for i := range base.Recipients {
		if x := &base.Recipients[i]; is[x.Name] == nil && theirs[x.Name] != nil {
			list = append(list, Change{side.Name, x.Name, Removed, !same(theirs[x.Name], x)})
		}
	}
	return list
}

func people(p *format.Profile) map[string]*format.Recipient {
	m := map[string]*format.Recipient{}
	for i := range p.Recipients {
		m[p.Recipients[i].Name] = &p.Recipients[i]
	}
	return m
}
