package vaultfile

import (
	"fmt"
	"maps"
	"slices"

	"github.com/credfile/credfile/format"
)

// AccessDone tells what [Profile.ChangeAccess] did.
type AccessDone struct {
	Profile    *Profile
	Added      []Recipient
	HadAccess  []Recipient   // of Add: they had this access already
	MadeWriter []string      // readers before
	WasWriter  []string      // of Writer: they were writers already
	Locked     []Recipient   // they have new locks
	Removed    []Recipient   // as they were
	Replaced   []Replacement // recipients with new keys
	MadeReader []string      // writers before
	Renamed    [][2]string   // old and new names

	// OldKey is the profile's public key before it was replaced, or zero if it was not.
	OldKey format.Key
}

// Lost returns the names of those who lost access, or whose key was replaced.
func (d *AccessDone) Lost() []string {
	var names []string
	for _, r := range d.Removed {
		names = append(names, r.Name)
	}
	for _, r := range d.Replaced {
		names = append(names, r.Old.Name)
	}
	return names
}

// Replacement is a recipient whose key was replaced.
type Replacement struct{ Old, New Recipient }

// ApplyAccess makes planned changes: all of them or, after an error, none. The caller has
// set the Profile of every step. It returns what it did to each.
//
// Errors: those of [Profile.ChangeAccess]. [*RoleError] is also for a step whose Profile
// is missing, or belongs to another file.
func (f *File) ApplyAccess(steps []*AccessStep) ([]AccessDone, error) {
	var list []AccessDone
	var undo []func()
	for _, step := range steps {
		done, back, err := f.applyStep(step)
		if err != nil {
			for _, back := range slices.Backward(undo) {
				back()
			}
			return nil, err
		}
		list, undo = append(list, done), append(undo, back)
	}
	return list, nil
}

func (f *File) applyStep(step *AccessStep) (AccessDone, func(), error) {
	p := step.Profile
	if p == nil || p.f != f || p.s.Name != step.Name {
		e := &RoleError{Profile: step.Name}
		if s := f.text.Find(step.Name); s != nil {
			e.Writers = s.Writers()
		}
		return AccessDone{}, nil, e
	}
	back := p.snapshot()
	done, err := p.ChangeAccess(step.Access)
	return done, back, err
}

// ChangeAccess changes who can open the profile. After an error nothing has changed.
//
// Errors: [*RoleError], [*NameError], [*RecipientError], [*OtherRoleError],
// [*NotFoundError], [*LastWriterError], [*PluginError], [*ClockError], and [*DamageError] of
// the profile.
func (p *Profile) ChangeAccess(a Access) (AccessDone, error) {
	if err := p.changeable(); err != nil {
		return AccessDone{}, err
	}
	for _, r := range a.Put {
		a.put(p.s, r)
	}
	c := accessChange{p: p, done: AccessDone{Profile: p}}
	back := p.snapshot()
	for _, part := range []func(Access) error{c.add, c.makeWriters, c.setLocks, c.revoke, c.rename} {
		if err := part(a); err != nil {
			back()
			return AccessDone{}, err
		}
	}
	return c.done, nil
}

// changeable returns nil if the profile's access may be changed. Only the form of its own
// section counts: a writer who spoils a wrap in another profile must not be able to block
// their own removal from this one.
func (p *Profile) changeable() error {
	if err := p.writable(); err != nil {
		return err
	}
	return p.f.checkForms(p.s)
}

// snapshot returns a function that restores the profile as it is now.
func (p *Profile) snapshot() (restore func()) {
	was, s, proofs := *p, *p.s, maps.Clone(p.f.proofs)
	s.Vouched, s.Recipients = slices.Clone(s.Vouched), slices.Clone(s.Recipients)
	s.Former, s.Entries = slices.Clone(s.Former), slices.Clone(s.Entries)
	return func() { *p, *p.s, p.f.proofs = was, s, proofs }
}

// accessChange is one run of ChangeAccess.
type accessChange struct {
	p    *Profile
	done AccessDone
}

func (c *accessChange) add(a Access) error {
	for _, r := range a.Add {
		has := c.p.s.Recipient(r.Name)
		switch {
		case has == nil || has.String != r.String:
			if err := c.p.addRecipient(r); err != nil {
				return err
			}
			c.done.Added = append(c.done.Added, r)
		case has.Writer != r.Writer:
			return &OtherRoleError{Profile: c.p.s.Name, Recipient: r.Name, Writer: has.Writer}
		default:
			c.done.HadAccess = append(c.done.HadAccess, r)
		}
	}
	return nil
}

func (c *accessChange) makeWriters(a Access) error {
	for _, name := range a.Writer {
		r, err := findRecipient(c.p.s, name)
		if err != nil {
			return err
		}
		if r.Writer {
			c.done.WasWriter = append(c.done.WasWriter, name)
			continue
		}
		wrap, err := c.p.f.wrap(name, r.String, c.p.secret(true))
		if err != nil {
			return err
		}
		r.Writer, r.Wrap, c.p.dirty = true, wrap, true
		c.done.MadeWriter = append(c.done.MadeWriter, name)
	}
	return nil
}

// setLocks replaces recipients' locks, or adds them. Their keys, their roles and the
// profile's key stay the same.
func (c *accessChange) setLocks(a Access) error {
	for _, r := range a.Lock {
		if err := c.p.f.checkNew(r); err != nil {
			return err
		}
		has, err := findRecipient(c.p.s, r.Name)
		if err != nil {
			return err
		}
		if has.String != r.String {
			return &RecipientError{Name: r.Name, Reason: "the lock contains the identity of another recipient"}
		}
		has.Lock, has.Message, c.p.dirty = r.Lock, r.Message, true
		c.p.f.willProve(r)
		c.done.Locked = append(c.done.Locked, r)
	}
	return nil
}

func (c *accessChange) revoke(a Access) error {
	if !a.Revokes() {
		return nil
	}
	c.done.OldKey = c.p.s.Key
	left := &format.Profile{Name: c.p.s.Name, Recipients: slices.Clone(c.p.s.Recipients)}
	for _, n := range a.Replace {
		if err := c.replace(left, n); err != nil {
			return err
		}
	}
	for _, name := range a.Reader {
		r, err := findRecipient(left, name)
		if err != nil {
			return err
		}
		if r.Writer {
			c.done.MadeReader = append(c.done.MadeReader, name)
		}
		r.Writer = false
	}
	for _, name := range a.Remove {
		r, err := findRecipient(left, name)
		if err != nil {
			return err
		}
		c.done.Removed = append(c.done.Removed, recipientOf(r))
		left.Recipients = slices.DeleteFunc(left.Recipients, func(r format.Recipient) bool { return r.Name == name })
	}
	if len(left.Writers()) == 0 {
		return &LastWriterError{Profile: c.p.s.Name}
	}
	if err := c.p.addFormer(c.done.Lost()); err != nil {
		return err
	}
	c.p.s.Recipients = left.Recipients
	return c.p.rotate()
}

// replace gives a recipient of the section another key.
func (c *accessChange) replace(s *format.Profile, n Recipient) error {
	if err := c.p.f.checkNew(n); err != nil {
		return err
	}
	has, err := findRecipient(s, n.Name)
	if err != nil {
		return err
	}
	if has.String == n.String {
		return &RecipientError{Name: n.Name, Reason: fmt.Sprintf("that is already their key in profile %q", s.Name)}
	}
	if err := freeKey(s, n.String); err != nil {
		return &RecipientError{Name: n.Name, Reason: err.Error()}
	}
	old := recipientOf(has)
	has.String, has.Lock, has.Message = n.String, n.Lock, n.Message
	n.Writer = old.Writer
	c.done.Replaced = append(c.done.Replaced, Replacement{Old: old, New: n})
	c.p.f.willProve(n)
	return nil
}

func (c *accessChange) rename(a Access) error {
	for _, pair := range a.Rename {
		old, name := pair[0], pair[1]
		if !format.ValidName(name) {
			return &NameError{Kind: "recipient", Name: name}
		}
		r, err := findRecipient(c.p.s, old)
		if err != nil {
			return err
		}
		if err := freeName(c.p.s, name); err != nil {
			return &RecipientError{Name: name, Reason: err.Error()}
		}
		r.Name, c.p.dirty = name, true
		slices.SortFunc(c.p.s.Recipients, compareRecipients)
		c.done.Renamed = append(c.done.Renamed, [2]string{old, name})
	}
	return nil
}
