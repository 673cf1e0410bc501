package credentials

import (
	"github.com/credfile/credfile/internal/machine"
	"github.com/credfile/credfile/vaultfile"
)

// Source finds credentials by name in profiles, for a program that asks. Of two of the same
// name, the one in the later profile counts, as for env.
type Source struct {
	Open     func() (*machine.File, error)
	Profiles []string
	At       func(path string, err error) error // adds the path to an error

	File   *machine.File     // once open
	where  map[string]string // credential names to profiles
	opened map[string]*vaultfile.Profile
}

// Names lists the credentials. It opens a profile only if its names are hidden: git asks for
// every host, and the user should not type a passphrase for a host that is not in the file.
func (s *Source) Names() (names []string, err error) {
	if s.File, err = s.Open(); err != nil {
		return nil, err
	}
	s.where, s.opened = map[string]string{}, map[string]*vaultfile.Profile{}
	for _, profile := range s.Profiles {
		found, err := s.namesOf(profile)
		if err != nil {
			return nil, s.At(s.File.Path, err)
		}
		for _, name := range found {
			if _, twice := s.where[name]; !twice {
				names = append(names, name)
			}
			s.where[name] = profile
		}
	}
	return names, nil
}

func (s *Source) namesOf(profile string) (names []string, err error) {
	section, err := s.File.Profile(profile)
	if err != nil || section.Hidden {
		p, err := s.open(profile)
		if err != nil {
			return nil, err
		}
		items, err := p.Items()
		if err != nil {
			return nil, err
		}
		for _, item := range items {
			if item.HasValue() {
				names = append(names, item.Name)
			}
		}
		return names, nil
	}
	if err := s.File.Check(profile, machine.Read); err != nil {
		return nil, err
	}
	for i := range section.Entries {
		if e := &section.Entries[i]; e.HasValue() {
			names = append(names, e.Name)
		}
	}
	return names, nil
}

// Reveal returns the value of one of the names.
func (s *Source) Reveal(name string) ([]byte, error) {
	p, err := s.open(s.where[name])
	if err != nil {
		return nil, s.At(s.File.Path, err)
	}
	secret, err := p.Get(name)
	if err != nil {
		return nil, s.At(s.File.Path, err)
	}
	return secret.Reveal(), nil
}

func (s *Source) open(profile string) (*vaultfile.Profile, error) {
	if p := s.opened[profile]; p != nil {
		return p, nil
	}
	p, err := s.File.Unlock(profile, machine.Read)
	if err == nil {
		s.opened[profile] = p
	}
	return p, err
}
