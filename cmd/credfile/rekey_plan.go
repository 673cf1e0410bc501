package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/credfile/credfile/internal/machine"
	"github.com/credfile/credfile/internal/unlock"
	"github.com/credfile/credfile/vaultfile"
)

// step is the change to one profile.
type step struct {
	profile string
	p       *vaultfile.Profile
	add     []vaultfile.Recipient
	away    vaultfile.Removal
	lock    []vaultfile.Recipient // new locks for the same identities
	writer  []string
	rename  []string // OLD=NEW
}

func (s *step) takesAway() bool {
	return len(s.away.Remove)+len(s.away.Reader)+len(s.away.Replace) > 0
}

// plan returns which profiles change, and how. Until the new locks are created, it has only
// their names.
func (r *rekeying) plan(f *file) ([]*step, error) {
	var steps []*step
	at := func(profile string) *step {
		for _, s := range steps {
			if s.profile == profile {
				return s
			}
		}
		steps = append(steps, &step{profile: profile})
		return steps[len(steps)-1]
	}
	wanted, err := r.wanted(f)
	if err != nil {
		return nil, err
	}
	if len(r.newcomers)+len(r.o.writer)+len(r.o.rename) > 0 {
		for _, profile := range wanted {
			s := at(profile)
			s.add, s.writer, s.rename = slices.Clone(r.newcomers), r.o.writer, r.o.rename
		}
	}
	if err := r.planAway(f, at); err != nil {
		return nil, err
	}
	return steps, r.planLocks(f, wanted, at)
}

// planAway plans what affects an existing recipient, in every profile that has the name, or
// the recipient's key under another name.
func (r *rekeying) planAway(f *file, at func(string) *step) error {
	each := func(name string, do func(s *step, name string)) error {
		profiles, err := r.naming(f, name)
		if err != nil {
			return err
		}
		keys := map[string]bool{}
		for _, profile := range profiles {
			keys[f.Recipient(profile, name).String] = true
			do(at(profile), name)
		}
		if len(r.profiles) > 0 {
			return nil
		}
		for _, profile := range f.Names() {
			s, err := f.Profile(profile)
			if err != nil {
				return err
			}
			for i := range s.Recipients {
				if has := &s.Recipients[i]; has.Name != name && keys[has.String] {
					do(at(profile), has.Name)
				}
			}
		}
		return nil
	}
	for _, name := range r.o.remove {
		if err := each(name, func(s *step, name string) { s.away.Remove = append(s.away.Remove, name) }); err != nil {
			return err
		}
	}
	for _, name := range r.o.reader {
		err := each(name, func(s *step, name string) {
			if f.Recipient(s.profile, name).Writer {
				s.away.Reader = append(s.away.Reader, name)
			}
		})
		if err != nil {
			return err
		}
	}
	for _, other := range r.others {
		err := each(other.Name, func(s *step, name string) {
			other.Name = name
			s.away.Replace = append(s.away.Replace, other)
		})
		if err != nil {
			return err
		}
	}
	for _, name := range r.o.stronger {
		err := each(name, func(s *step, name string) { s.lock = append(s.lock, r.strongerFor(f, s.profile, name)...) })
		if err != nil {
			return err
		}
	}
	return nil
}

// planLocks plans the new locks. An existing recipient gets the lock everywhere; a new one
// is added.
func (r *rekeying) planLocks(f *file, wanted []string, at func(string) *step) error {
	for _, name := range r.lockNames {
		lock := vaultfile.Recipient{Name: name}
		if i := slices.IndexFunc(r.made, func(m vaultfile.Recipient) bool { return m.Name == name }); i >= 0 {
			lock = r.made[i]
		}
		profiles, err := r.naming(f, name)
		if err != nil && !isMissing(err) {
			return err
		}
		if len(profiles) > 0 && name == unlock.Recovery && r.o.locks.recovery {
			return &usageError{text: "there is already a lock named recovery", hint: "to change it: credfile rekey --passphrase recovery"}
		}
		for _, profile := range profiles {
			s := at(profile)
			has := f.Recipient(profile, name)
			switch {
			case lock.String != "" && has.String == lock.String: // the same identity
				s.lock = append(s.lock, lock)
			default:
				s.away.Replace = append(s.away.Replace, lock)
			}
		}
		for _, profile := range wanted {
			if len(profiles) > 0 && (len(r.profiles) == 0 && !r.all || contains(profiles, profile)) {
				continue
			}
			lock.Writer = !r.o.asReader
			s := at(profile)
			s.add = append(s.add, lock)
		}
	}
	return nil
}

// naming returns the profiles that have a recipient of that name: among those that
// --profile names, or among all, in which case it is an error if a known one is missing.
func (r *rekeying) naming(f *file, name string) ([]string, error) {
	among := r.profiles
	if len(among) == 0 {
		if err := many(f.NothingGone()); err != nil {
			return nil, err
		}
		among = f.Names()
	}
	var profiles []string
	missing := &vaultfile.NotFoundError{Profile: among[0], Recipient: name}
	for _, profile := range among {
		s, err := f.Profile(profile)
		if err != nil {
			return nil, err
		}
		for i := range s.Recipients {
			missing.Known = append(missing.Known, s.Recipients[i].Name)
		}
		if f.Recipient(profile, name) != nil {
			profiles = append(profiles, profile)
		} else if len(r.profiles) > 0 && len(among) > 1 {
			return profiles, &vaultfile.NotFoundError{Profile: profile, Recipient: name, Known: missing.Known}
		}
	}
	if len(profiles) == 0 {
		slices.Sort(missing.Known)
		missing.Known = slices.Compact(missing.Known)
		return nil, notIn(among, missing)
	}
	return profiles, nil
}

// unlockSteps unlocks every profile that changes. If the user can't remove someone from one
// of the profiles, no one is removed from any.
func (r *rekeying) unlockSteps(f *file, steps []*step) error {
	var ours, notOurs, me []string
	for _, s := range steps { // first without questions, to learn who the user is
		if s.p = r.quietly(f, s.profile); s.p != nil {
			me = append(me, s.p.OpenedBy())
		}
	}
	for _, s := range steps {
		if s.p == nil {
			s.p = r.quietly(f, s.profile) // with identities unlocked since
		}
		if s.p != nil {
			ours = append(ours, s.profile)
			continue
		}
		var p *vaultfile.Profile
		var err error
		var closed *machine.NoAccessError
		others := s.takesAway() && len(me) > 0 && !slices.ContainsFunc(me, func(name string) bool {
			has := f.Recipient(s.profile, name)
			return has != nil && has.Writer
		})
		if others {
			err = r.trusted(f, s.profile, write)
		} else {
			p, err = r.unlock(f, s.profile, write)
		}
		if s.takesAway() && (err == nil && (others || !p.Writer()) || errors.As(err, &closed) && !closed.NoTerminal) {
			section, _ := f.Profile(s.profile)
			notOurs = append(notOurs, fmt.Sprintf("%s (ask %s)", s.profile, strings.Join(vaultfile.WriterNames(section), ", ")))
			continue
		}
		if err != nil {
			return err
		}
		s.p = p
		ours, me = append(ours, s.profile), append(me, p.OpenedBy())
	}
	if len(notOurs) == 0 {
		return nil
	}
	e := &plainError{text: "you can't change " + strings.Join(notOurs, "; "), code: exitNoKey,
		hint: "ask one of the writers"}
	if len(ours) > 0 {
		e.text += "; nothing changed"
		e.hint = "to change only the others: credfile rekey -p " + strings.Join(ours, " -p ") + " …"
	}
	return e
}

// ask asks before users lock themselves out or leave a profile to one writer.
func (r *rekeying) ask(f *file, steps []*step) error {
	var yourself, reads, last []string
	for _, s := range steps {
		writers := vaultfile.WriterNames(s.p.Section())
		left := slices.DeleteFunc(slices.Clone(writers), func(name string) bool {
			return contains(s.away.Remove, name) || contains(s.away.Reader, name)
		})
		for _, n := range s.add {
			if n.Writer {
				left = append(left, n.Name)
			}
		}
		left = append(left, s.writer...)
		switch {
		case len(left) == 0:
			return &vaultfile.LastWriterError{Profile: s.profile}
		case contains(s.away.Remove, s.p.OpenedBy()) || r.replacesMe(f, s):
			yourself = append(yourself, s.profile)
		case contains(s.away.Reader, s.p.OpenedBy()):
			reads = append(reads, s.profile)
		case len(left) == 1 && len(writers) > 1:
			last = append(last, fmt.Sprintf("%s (%s)", s.profile, left[0]))
		}
	}
	var what []string
	if len(yourself) > 0 {
		what = append(what, "This removes your own access to "+strings.Join(yourself, ", "))
	}
	if len(reads) > 0 {
		what = append(what, "This makes you a reader of "+strings.Join(reads, ", ")+", so you can no longer change it")
	}
	if len(last) > 0 {
		what = append(what, "This leaves one writer in "+strings.Join(last, ", "))
	}
	if len(what) == 0 {
		return nil
	}
	text := strings.Join(what, "; ")
	return r.dialog.Confirm(text + ". Continue?")
}

// replacesMe reports whether the user's own key is replaced by one that they lack.
func (r *rekeying) replacesMe(f *file, s *step) bool {
	for _, n := range s.away.Replace {
		if n.Name != s.p.OpenedBy() || n.String == "" && r.ownIdentity(f, n.Name) != nil {
			continue
		}
		if n.String != "" { // --replace
			return !r.owns([]vaultfile.Recipient{n})
		}
		for name, recipients := range byName(r.o.locks.lock) {
			if name == n.Name && !r.keys.Has(r.readAll(recipients)...) {
				return true
			}
		}
	}
	return false
}

// readAll reads recipients and skips invalid ones, which are reported later.
func (r *rekeying) readAll(texts []string) (list []string) {
	for _, text := range texts {
		if text != "-" {
			if _, n, err := r.readRecipient("x=" + text); err == nil {
				list = append(list, n.String)
			}
		}
	}
	return list
}
