package machine

import (
	"slices"

	"github.com/credfile/credfile/vaultfile/trust"
)

// Approval is what the user may approve about a file.
type Approval struct {
	Judgement *trust.Judgement // by this machine's memory only
	Sight     *trust.Sight
	Asked     []*trust.Verdict // what needs the user's approval
	Damage    []error          // of sections, which can't be approved

	file *File
}

// Approval compares the file with what this machine remembers, for the named profiles or for
// all. On first sight of a file, it is about all of it.
//
// Errors: those of [File.Sight]; that a named profile is missing or damaged.
func (f *File) Approval(profiles []string) (*Approval, error) {
	sight, err := f.Sight()
	if err != nil {
		return nil, err
	}
	x := &Approval{Sight: sight, Judgement: trust.Judge(sight.Known, f.File), file: f}
	if x.Judgement.FirstSight {
		profiles = nil
	}
	for _, name := range profiles {
		if x.Judgement.Of(name) == nil {
			_, err := f.Profile(name) // the error says that it is missing
			return nil, err
		}
	}
	for _, v := range x.Judgement.Verdicts {
		if v.Damage != nil {
			x.Damage = append(x.Damage, v.Damage)
		}
		if len(profiles) > 0 && !slices.Contains(profiles, v.Name) {
			continue
		}
		err := v.Check(trust.Options{Write: true})
		switch {
		case v.State == trust.Damaged && len(profiles) > 0:
			return nil, err
		case v.State == trust.Damaged:
		case err != nil || x.Judgement.FirstSight:
			x.Asked = append(x.Asked, v)
		}
	}
	return x, nil
}

// Verify returns an error if something that would be approved is damaged in a way that its
// signature does not show.
func (x *Approval) Verify() error {
	for _, v := range x.Asked {
		if v.Section != nil {
			if err := x.file.VerifyProfile(v.Name); err != nil {
				return err
			}
		}
	}
	return nil
}

// Approve remembers that the user approved what was asked. Errors: [*trust.MemoryError].
func (x *Approval) Approve() error {
	names := make([]string, len(x.Asked))
	for i, v := range x.Asked {
		names[i] = v.Name
	}
	if x.Sight.Misfit != nil || x.Judgement.FirstSight {
		names = []string{trust.AllProfiles}
	}
	return x.Sight.Trust(x.file.File, names...)
}

// Pins returns the pins of profiles, but only of what this machine trusts. Errors: those of
// [File.Check], and that a profile is missing.
func (x *Approval) Pins(profiles []string) (pins []string, err error) {
	for _, name := range profiles {
		s, err := x.file.Profile(name)
		if v := x.Judgement.Of(name); err == nil || v != nil && v.State == trust.Gone {
			err = v.Check(trust.Options{Write: true})
		}
		if err != nil {
			return nil, err
		}
		pins = append(pins, trust.Pin(x.file.ID(), s))
	}
	return pins, nil
}

// AllowedNames returns the names of credentials in profiles that the user allowed to be
// passed on, although they can make programs run other code.
func (x *Approval) AllowedNames(profiles []string) (names []string) {
	for _, profile := range profiles {
		s, err := x.file.Profile(profile)
		if err != nil {
			continue
		}
		for i := range s.Entries {
			if name := s.Entries[i].Name; slices.Contains(x.Sight.AllowNames, name) && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// AllowNames remembers that credentials of these names may be passed on.
//
// Errors: a [*trust.Refusal] if the file is not right at its place; [*trust.MemoryError].
func (x *Approval) AllowNames(names []string) error {
	for _, v := range x.Judgement.Verdicts {
		if v.State == trust.Misplaced {
			return v.Check(trust.Options{})
		}
	}
	if err := x.Sight.Learn(x.file.File); err != nil {
		return err
	}
	for _, name := range names {
		if err := x.Sight.AllowName(name); err != nil {
			return err
		}
	}
	return nil
}
