// Package rekey is what a user does besides [vaultfile.File.ApplyAccess] to change who can
// open the profiles of a file: unlock the profiles that change, learn what the change costs,
// find keys, and make locks.
package rekey

import (
	"errors"
	"fmt"
	"slices"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/machine"
	"github.com/credfile/credfile/vaultfile"
)

// BlockedError reports that the user can't revoke access in some of the profiles that would
// have to change.
type BlockedError struct {
	Blocked []*format.Profile
	Ours    []string // the profiles that the user can change
}

func (e *BlockedError) Error() string { return "you can't change " + e.Blocked[0].Name }

// Unlock unlocks every profile that changes. If the user can't revoke access in one of
// them, access is revoked in none.
//
// Errors: those of [machine.File.Unlock], [*BlockedError].
func Unlock(f *machine.File, steps []*vaultfile.AccessStep) error {
	var blocked BlockedError
	var me []string           // the user's names, as far as they are known
	for _, s := range steps { // first without questions, to learn who the user is
		if s.Profile = f.Quietly(s.Name); s.Profile != nil {
			me = append(me, s.Profile.OpenedBy())
		}
	}
	for _, s := range steps {
		if err := unlockStep(f, s, me); err != nil {
			return err
		}
		if s.Profile == nil {
			section, _ := f.Profile(s.Name)
			blocked.Blocked = append(blocked.Blocked, section)
			continue
		}
		blocked.Ours, me = append(blocked.Ours, s.Name), append(me, s.Profile.OpenedBy())
	}
	if len(blocked.Blocked) > 0 {
		return &blocked
	}
	return nil
}

// unlockStep unlocks one profile. It leaves it locked if someone is to lose access and only
// others can see to that.
func unlockStep(f *machine.File, s *vaultfile.AccessStep, me []string) error {
	if s.Profile == nil {
		s.Profile = f.Quietly(s.Name) // with identities unlocked since
	}
	if s.Profile != nil {
		return nil
	}
	if s.Revokes() && len(me) > 0 && !slices.ContainsFunc(me, func(name string) bool {
		has := f.Recipient(s.Name, name)
		return has != nil && has.Writer
	}) {
		return f.Trusted(s.Name, machine.Write)
	}
	p, err := f.Unlock(s.Name, machine.Write)
	var closed *machine.NoAccessError
	if s.Revokes() && (err == nil && !p.Writer() || errors.As(err, &closed) && !closed.NoTerminal) {
		return nil
	}
	s.Profile = p
	return err
}

// Loss is what a change of access would cost the user and the profiles.
type Loss struct {
	Access     []string          // profiles that the user can no longer open
	Writing    []string          // profiles that the user can no longer change
	LastWriter map[string]string // the only writer left, by profile
}

// Any reports whether there is anything to lose.
func (l *Loss) Any() bool { return len(l.Access)+len(l.Writing)+len(l.LastWriter) > 0 }

// LossOf returns what steps with unlocked profiles cost. replaced reports whether a step
// replaces the user's key by one that they lack.
//
// Errors: [*vaultfile.LastWriterError].
func LossOf(f *machine.File, steps []*vaultfile.AccessStep, replaced func(*vaultfile.AccessStep) bool) (l Loss, err error) {
	l.LastWriter = map[string]string{}
	for _, s := range steps {
		writers, me := s.Profile.Section().Writers(), s.Profile.OpenedBy()
		left := slices.DeleteFunc(slices.Clone(writers), func(name string) bool {
			return slices.Contains(s.Remove, name) || slices.Contains(s.Reader, name)
		})
		for _, n := range s.Add {
			if n.Writer {
				left = append(left, n.Name)
			}
		}
		left = append(left, s.Writer...)
		switch {
		case len(left) == 0:
			return l, &vaultfile.LastWriterError{Profile: s.Name}
		case slices.Contains(s.Remove, me) || replaced(s):
			l.Access = append(l.Access, s.Name)
		case slices.Contains(s.Reader, me):
			l.Writing = append(l.Writing, s.Name)
		case len(left) == 1 && len(writers) > 1:
			l.LastWriter[s.Name] = left[0]
		}
	}
	return l, nil
}

// CopyError reports that the key of a recipient can't be copied from another profile.
type CopyError struct {
	Name    string
	Several bool     // they have different keys
	NotOurs []string // the profiles that have one, which the user can't write
}

func (e *CopyError) Error() string { return fmt.Sprintf("can't copy the key of %s", e.Name) }

// CopyKeys completes the recipients to add that have only a name: they get the key that the
// name has in another profile.
//
// Errors: [*CopyError], those of [machine.File.Unlock].
func CopyKeys(f *machine.File, steps []*vaultfile.AccessStep) error {
	for _, s := range steps {
		for i := range s.Add {
			n := &s.Add[i]
			if n.String != "" {
				continue
			}
			// If they are here already, it depends on their role whether that is an error.
			has := s.Profile.Section().Recipient(n.Name)
			if has == nil {
				var err error
				if has, err = keyOf(f, n.Name, s.Name); err != nil {
					return err
				}
			}
			n.String, n.Lock, n.Message = has.String, has.Lock, has.Message
		}
	}
	return nil
}

// keyOf finds the key that a recipient has in another profile. The user must be a writer of
// that profile: a reader can't tell whether its recipients are genuine.
func keyOf(f *machine.File, name, except string) (*format.Recipient, error) {
	var found []*format.Recipient
	e := &CopyError{Name: name}
	for _, other := range f.Names() {
		if other == except || f.Recipient(other, name) == nil {
			continue
		}
		p, err := f.Unlock(other, machine.Lend)
		var closed *machine.NoAccessError
		if err != nil && !errors.As(err, &closed) {
			return nil, err // not approved, or an interrupted question
		}
		if err != nil || !p.Writer() {
			e.NotOurs = append(e.NotOurs, other)
			continue
		}
		has := p.Section().Recipient(name)
		if !slices.ContainsFunc(found, func(r *format.Recipient) bool { return r.String == has.String }) {
			found = append(found, has)
		}
	}
	if len(found) == 1 {
		return found[0], nil
	}
	e.Several = len(found) > 1
	return nil, e
}
