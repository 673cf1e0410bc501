package credentials

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/codec"
	"github.com/credfile/credfile/internal/machine"
	"github.com/credfile/credfile/internal/source"
	"github.com/credfile/credfile/vaultfile"
)

// Imported is what an import changed.
type Imported struct {
	Profiles []*Tally // in the order of the pairs
	Names    []string // of the credentials
	Needs    []Need   // what sources need, and their profiles lack: the first of each profile
	Stale    []string // profiles whose session token belongs to an access key that was replaced
}

// Need is a credential that a source uses, and that its profile lacks.
type Need struct{ Profile, Source, Credential string }

// Tally counts the changes to a profile.
type Tally struct {
	Profile                   string
	New                       bool
	Added, Changed, Unchanged int
	OnDemand                  []string // sources that give nothing unless they are asked for
}

// CollisionError lists credentials that have another value.
type CollisionError struct {
	Credentials []struct{ Profile, Name string }
}

func (e *CollisionError) Error() string {
	return fmt.Sprintf("%d credentials have another value", len(e.Credentials))
}

// BaseError reports a source that is obtained from another one, which its profile lacks.
type BaseError struct{ Profile, Source, From string }

func (e *BaseError) Error() string {
	return fmt.Sprintf("source %s is obtained from the source %s, which is not in profile %q", e.Source, e.From, e.Profile)
}

// Import sets pairs in the profiles that their sections name. A profile that is missing is
// created for the writers of the current one, whose key vouches for it.
//
// Errors: [*CollisionError] unless overwrite is set, [*BaseError], those of [machine.File.Unlock].
func Import(f *machine.File, current *vaultfile.Profile, pairs []codec.Pair, overwrite bool) (*Imported, error) {
	done := &Imported{}
	var collisions CollisionError
	var err error
	profiles := make([]*vaultfile.Profile, len(pairs))
	for i, pair := range pairs {
		if profiles[i], err = done.target(f, current, pair.Section); err != nil {
			return nil, err
		}
		p := profiles[i]
		exists, same, err := compare(p, pair)
		if err != nil {
			return nil, err
		}
		if exists && !same && !overwrite {
			collisions.Credentials = append(collisions.Credentials, struct{ Profile, Name string }{pair.Section, pair.Name})
			continue
		}
		changed, err := set(p, pair)
		if err != nil {
			return nil, err
		}
		done.count(pair, exists, changed)
		if exists && changed && pair.Name == "AWS_ACCESS_KEY_ID" && p.Has("AWS_SESSION_TOKEN") &&
			!slices.ContainsFunc(pairs, func(p codec.Pair) bool { return p.Section == pair.Section && p.Name == "AWS_SESSION_TOKEN" }) {
			done.Stale = append(done.Stale, pair.Section)
		}
	}
	if len(collisions.Credentials) > 0 {
		return nil, &collisions
	}
	return done, done.sources(profiles, pairs)
}

// sources checks that sources have what they need.
func (d *Imported) sources(profiles []*vaultfile.Profile, pairs []codec.Pair) error {
	for i, pair := range pairs {
		if pair.Source == nil {
			continue
		}
		if from, _ := pair.Source.Settings["from"].(string); from != "" && !profiles[i].Has(from) {
			return &BaseError{pair.Section, pair.Name, from}
		}
		kind := source.Find(pair.Source.Kind)
		for _, f := range kind.Fields {
			told := slices.ContainsFunc(d.Needs, func(n Need) bool { return n.Profile == pair.Section })
			if !told && kind.WantsDefault(pair.Source.Settings, f.Key) && !profiles[i].Has(f.Default) {
				d.Needs = append(d.Needs, Need{pair.Section, pair.Name, f.Default})
			}
		}
	}
	return nil
}

// compare reports whether a pair's name is taken, and whether it has the same value or definition.
func compare(p *vaultfile.Profile, pair codec.Pair) (exists, same bool, err error) {
	if pair.Source == nil {
		if !p.Has(pair.Name) {
			return false, false, nil
		}
		old, err := p.Get(pair.Name)
		return true, err == nil && bytes.Equal(old.Reveal(), pair.Value), err
	}
	old, err := p.Source(pair.Name)
	var missing *vaultfile.NotFoundError
	if errors.As(err, &missing) {
		return false, false, nil
	}
	return true, err == nil && old.Kind == pair.Source.Kind && bytes.Equal(old.Definition.Bytes(), format.Definition(pair.Source.Settings).Bytes()), err
}

// set makes a pair a credential or a source. Errors: those of [vaultfile.Profile.Set] and
// [vaultfile.Profile.SetSource].
func set(p *vaultfile.Profile, pair codec.Pair) (changed bool, err error) {
	if pair.Source == nil {
		return p.Set(pair.Name, pair.Value)
	}
	return p.SetSource(vaultfile.Source{Name: pair.Name, Kind: pair.Source.Kind, Definition: pair.Source.Settings})
}

// target returns the profile of that name.
func (d *Imported) target(f *machine.File, current *vaultfile.Profile, name string) (*vaultfile.Profile, error) {
	if name == current.Name() {
		return current, nil
	}
	p, err := f.Unlock(name, machine.Write)
	var missing *vaultfile.NotFoundError
	if !errors.As(err, &missing) {
		return p, err
	}
	writers := slices.DeleteFunc(current.Recipients(), func(r vaultfile.Recipient) bool { return !r.Writer })
	d.tally(name).New = true
	f.TellOfName(name, format.ID{})
	return f.Add(name, writers, current)
}

func (d *Imported) tally(profile string) *Tally {
	i := slices.IndexFunc(d.Profiles, func(t *Tally) bool { return t.Profile == profile })
	if i < 0 {
		i = len(d.Profiles)
		d.Profiles = append(d.Profiles, &Tally{Profile: profile})
	}
	return d.Profiles[i]
}

func (d *Imported) count(pair codec.Pair, existed, changed bool) {
	d.Names = append(d.Names, pair.Name)
	t := d.tally(pair.Section)
	if pair.Source != nil && pair.Source.Settings["on_demand"] == true {
		t.OnDemand = append(t.OnDemand, pair.Name)
	}
	switch {
	case !changed:
		t.Unchanged++
	case existed:
		t.Changed++
	default:
		t.Added++
	}
}

// Made returns the names of the new profiles.
func (d *Imported) Made() (names []string) {
	for _, t := range d.Profiles {
		if t.New {
			names = append(names, t.Profile)
		}
	}
	return names
}
