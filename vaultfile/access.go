package vaultfile

import (
	"slices"

	"github.com/credfile/credfile/format"
)

// Access is a change to who can open profiles, and with what. [Profile.ChangeAccess] makes
// it in one profile. [File.PlanAccess] works out what it means for each profile of a file,
// and [File.ApplyAccess] makes it in all of them, or in none.
//
// The fields take effect in this order. Reader, Remove and Replace revoke access: the
// profile gets new keys, which those who lose access can't open, whatever copies they kept.
// They still know the present values, so these stay exposed until they change: see
// [Profile.ExposedTo].
type Access struct {
	Add     []Recipient // recipients to add, with their roles
	Writer  []string    // readers to make writers
	Lock    []Recipient // new locks for the identities that recipients have; no one loses access
	Remove  []string    // recipients to remove
	Replace []Recipient // new keys, or locks with new keys, for recipients; their roles stay
	Reader  []string    // writers to make readers
	Rename  [][2]string // old and new names of recipients

	// Put has recipients that are added where their name is missing. Where a recipient of
	// that name has the same key, it gets the lock, as by Lock; otherwise its key is
	// replaced, as by Replace.
	Put []Recipient

	// Everywhere is for PlanAccess: it changes recipients that exist in every profile of the
	// file, and not only in those that it is given.
	Everywhere bool
}

// Revokes reports whether a profile gets new keys because someone loses access.
func (a *Access) Revokes() bool { return len(a.Remove)+len(a.Replace)+len(a.Reader) > 0 }

// put resolves one recipient of Put for a section that may have the name.
func (a *Access) put(s *format.Profile, r Recipient) {
	switch has := s.Recipient(r.Name); {
	case has == nil:
		a.Add = append(a.Add, r)
	case has.String == r.String:
		a.Lock = append(a.Lock, r)
	default:
		a.Replace = append(a.Replace, r)
	}
}

// AccessStep is the change to one profile.
type AccessStep struct {
	Name    string   // of the profile
	Profile *Profile // unlocked for writing; PlanAccess leaves it to the caller
	Access           // what changes in this profile
}

// PlanAccess returns a step for each profile that a changes, without changing anything. It
// acts on the given profiles, or on all of them if none is given. It needs no secret: before
// it passes the steps to [File.ApplyAccess], the caller unlocks their profiles, and completes
// recipients that have no String yet.
//
// If every profile may change (none is given, or a.Everywhere is set), then Remove, Reader
// and Replace also change recipients who have the same key under another name: no one
// should keep access that way. If no profile is given, Writer and Rename skip the profiles
// that lack the name.
//
// Errors: [*NotFoundError] if Lock, Remove, Replace or Reader has a name that no profile
// has, or that one of the given profiles lacks; [*DamageError].
func (f *File) PlanAccess(a Access, profiles ...string) ([]*AccessStep, error) {
	plan := &accessPlan{f: f, among: profiles, everywhere: a.Everywhere || len(profiles) == 0}
	if plan.everywhere {
		plan.among = f.Names()
	}
	if err := plan.grant(a, profiles); err != nil {
		return nil, err
	}
	if err := plan.revoke(a); err != nil {
		return nil, err
	}
	for _, lock := range a.Lock {
		if err := plan.lock(lock); err != nil {
			return nil, err
		}
	}
	for _, r := range a.Put {
		if err := plan.put(r, profiles); err != nil {
			return nil, err
		}
	}
	return plan.steps, nil
}

type accessPlan struct {
	f          *File
	among      []string // the profiles in which recipients change
	everywhere bool     // that is every profile
	steps      []*AccessStep
}

// at returns the step of a profile.
func (plan *accessPlan) at(profile string) *AccessStep {
	for _, step := range plan.steps {
		if step.Name == profile {
			return step
		}
	}
	step := &AccessStep{Name: profile}
	plan.steps = append(plan.steps, step)
	return step
}

// grant plans what revokes nothing.
func (plan *accessPlan) grant(a Access, profiles []string) error {
	if len(a.Add)+len(a.Writer)+len(a.Rename) == 0 {
		return nil
	}
	for _, name := range profiles {
		plan.at(name).grant(a)
	}
	if len(profiles) > 0 {
		return nil
	}
	for _, name := range plan.f.Names() {
		s, err := plan.f.Profile(name) // whoever damages a section must not exclude it
		if err != nil {
			return err
		}
		plan.grantWhereNamed(a, s)
	}
	return nil
}

// grant sets what revokes nothing. The lists are copied: the caller may complete them for
// each profile.
func (step *AccessStep) grant(a Access) {
	step.Add, step.Writer, step.Rename = slices.Clone(a.Add), slices.Clone(a.Writer), slices.Clone(a.Rename)
}

// grantWhereNamed is grant for a profile that need not have the names.
func (plan *accessPlan) grantWhereNamed(a Access, s *format.Profile) {
	var names []string
	for _, r := range slices.Concat(recipientsOf(s), a.Add, a.Put) {
		names = append(names, r.Name)
	}
	step := AccessStep{Access: Access{Add: a.Add}}
	for _, name := range a.Writer {
		if slices.Contains(names, name) {
			step.Writer = append(step.Writer, name)
		}
	}
	for _, pair := range a.Rename {
		if slices.Contains(names, pair[0]) {
			step.Rename = append(step.Rename, pair)
			names = append(names, pair[1])
		}
	}
	if len(step.Add)+len(step.Writer)+len(step.Rename) > 0 {
		plan.at(s.Name).grant(step.Access)
	}
}

// having returns the sections that have a recipient of that name, of which there must be
// one or, if the profiles were given, all of them.
func (plan *accessPlan) having(name string) ([]*format.Profile, error) {
	var sections []*format.Profile
	missing := &NotFoundError{Recipient: name}
	for i, profile := range plan.among {
		if i == 0 {
			missing.Profile = profile
		}
		s, err := plan.f.Profile(profile)
		if err != nil {
			return nil, err
		}
		for i := range s.Recipients {
			missing.Known = append(missing.Known, s.Recipients[i].Name)
		}
		if s.Recipient(name) != nil {
			sections = append(sections, s)
		} else if !plan.everywhere {
			missing.Profile = profile
			sections = nil
			break
		}
	}
	if len(sections) > 0 {
		return sections, nil
	}
	slices.Sort(missing.Known)
	missing.Known = slices.Compact(missing.Known)
	return nil, missing
}

// each calls do for every recipient of that name and, if every profile may change, for those
// who have the same key under another name.
func (plan *accessPlan) each(name string, do func(step *AccessStep, has *format.Recipient)) error {
	sections, err := plan.having(name)
	if err != nil {
		return err
	}
	keys := map[string]bool{}
	for _, s := range sections {
		has := s.Recipient(name)
		keys[has.String] = true
		do(plan.at(s.Name), has)
	}
	if !plan.everywhere {
		return nil
	}
	for _, profile := range plan.among {
		s, err := plan.f.Profile(profile)
		if err != nil {
			return err
		}
		for i := range s.Recipients {
			if has := &s.Recipients[i]; has.Name != name && keys[has.String] {
				do(plan.at(profile), has)
			}
		}
	}
	return nil
}

func (plan *accessPlan) revoke(a Access) error {
	once := func(list *[]string, name string) {
		if !slices.Contains(*list, name) { // two names of one key lead to each other
			*list = append(*list, name)
		}
	}
	for _, name := range a.Remove {
		err := plan.each(name, func(step *AccessStep, has *format.Recipient) { once(&step.Remove, has.Name) })
		if err != nil {
			return err
		}
	}
	for _, name := range a.Reader {
		err := plan.each(name, func(step *AccessStep, has *format.Recipient) {
			if has.Writer {
				once(&step.Reader, has.Name)
			}
		})
		if err != nil {
			return err
		}
	}
	for _, r := range a.Replace {
		err := plan.each(r.Name, func(step *AccessStep, has *format.Recipient) {
			r.Name = has.Name
			step.Replace = append(step.Replace, r)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// lock plans a new lock wherever the recipient has the key.
func (plan *accessPlan) lock(lock Recipient) error {
	sections, err := plan.having(lock.Name)
	if err != nil {
		return err
	}
	for _, s := range sections {
		if s.Recipient(lock.Name).String == lock.String {
			step := plan.at(s.Name)
			step.Lock = append(step.Lock, lock)
		}
	}
	return nil
}

// put plans a recipient that may exist. It is added to the profiles given; if it exists, and
// every profile may change, then only if no profile was given.
func (plan *accessPlan) put(r Recipient, profiles []string) error {
	found := map[string]bool{}
	for _, profile := range plan.among {
		s := plan.f.text.Find(profile)
		if s == nil {
			continue // unlocking it fails, with the reason
		}
		if _, err := plan.f.Profile(profile); err != nil {
			return err
		}
		if s.Recipient(r.Name) != nil {
			found[profile] = true
			plan.at(profile).put(s, r)
		}
	}
	if plan.everywhere && len(profiles) > 0 && len(found) > 0 {
		return nil
	}
	if len(profiles) == 0 {
		profiles = plan.among
	}
	for _, profile := range profiles {
		if !found[profile] {
			step := plan.at(profile)
			step.Add = append(step.Add, r)
		}
	}
	return nil
}
