package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/credfile/credfile/internal/cli"
	"github.com/credfile/credfile/internal/machine"
	"github.com/credfile/credfile/internal/unlock"
	"github.com/credfile/credfile/vaultfile"
)

// plan returns which profiles change, and how.
func (r *rekeying) plan(f *file) ([]*step, error) {
	profiles, err := wantedProfiles(r.a, f, r.o.all)
	if err != nil {
		return nil, err
	}
	if r.o.all {
		profiles = nil
	}
	change := r.access(f)
	if change.Everywhere && (change.Revokes() || len(change.Lock)+len(change.Put) > 0) {
		if err := many(f.NothingGone()); err != nil {
			return nil, err
		}
	}
	if _, err := r.naming(f, unlock.Recovery); err == nil && r.o.locks.recovery {
		return nil, &usageError{text: "there is already a lock named recovery", hint: "to change it: credfile rekey --passphrase recovery"}
	}
	steps, err := f.PlanAccess(change, profiles...)
	var missing *vaultfile.NotFoundError
	if change.Everywhere && errors.As(err, &missing) && missing.Recipient != "" {
		return nil, notIn(f.Names(), missing)
	}
	return steps, err
}

// access returns the change that the flags ask for. Until the new locks are created, it has
// only their names or, if they keep their keys, those.
func (r *rekeying) access(f *file) vaultfile.Access {
	change := vaultfile.Access{Add: r.newcomers, Writer: r.o.writer, Rename: r.renamed,
		Remove: r.o.remove, Reader: r.o.reader, Replace: r.others, Everywhere: len(r.a.profiles) == 0}
	for _, name := range r.o.stronger {
		if made := r.stronger[name]; made != nil {
			change.Lock = append(change.Lock, made...)
			continue
		}
		profiles, err := r.naming(f, name)
		if err != nil {
			change.Lock = append(change.Lock, vaultfile.Recipient{Name: name}) // an error, when planned
		}
		for _, profile := range profiles {
			change.Lock = append(change.Lock, vaultfile.Recipient{Name: name, String: f.Recipient(profile, name).String})
		}
	}
	for _, name := range r.lockNames {
		lock := vaultfile.Recipient{Name: name}
		if i := slices.IndexFunc(r.made, func(m vaultfile.Recipient) bool { return m.Name == name }); i >= 0 {
			lock = r.made[i]
		}
		lock.Writer = !r.o.asReader
		change.Put = append(change.Put, lock)
	}
	return change
}

// naming returns the profiles that have a recipient of that name, of which there must be
// one: among those that --profile names, or among all.
func (r *rekeying) naming(f *file, name string) (profiles []string, err error) {
	among := r.a.profiles
	if len(among) == 0 {
		among = f.Names()
	}
	for _, profile := range among {
		s, err := f.Profile(profile)
		if err != nil {
			return nil, err
		}
		if s.Recipient(name) != nil {
			profiles = append(profiles, profile)
		}
	}
	if len(profiles) == 0 {
		return nil, &vaultfile.NotFoundError{Profile: among[0], Recipient: name}
	}
	return profiles, nil
}

// unlockSteps unlocks every profile that changes. If the user can't remove someone from one
// of the profiles, no one is removed from any.
func (r *rekeying) unlockSteps(f *file, steps []*step) error {
	var ours, notOurs, me []string
	for _, s := range steps { // first without questions, to learn who the user is
		if s.Profile = f.Quietly(s.Name); s.Profile != nil {
			me = append(me, s.Profile.OpenedBy())
		}
	}
	for _, s := range steps {
		if err := r.unlockStep(f, s, me); err != nil {
			return err
		}
		if s.Profile == nil {
			section, _ := f.Profile(s.Name)
			notOurs = append(notOurs, fmt.Sprintf("%s (ask %s)", s.Name, strings.Join(section.Writers(), ", ")))
			continue
		}
		ours, me = append(ours, s.Name), append(me, s.Profile.OpenedBy())
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

// unlockStep unlocks one profile. It leaves it if someone is to lose access and only others
// can do that. me has the user's names, as far as they are known.
func (r *rekeying) unlockStep(f *file, s *step, me []string) error {
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
		return f.Trusted(s.Name, write)
	}
	p, err := f.Unlock(s.Name, write)
	var closed *machine.NoAccessError
	if s.Revokes() && (err == nil && !p.Writer() || errors.As(err, &closed) && !closed.NoTerminal) {
		return nil
	}
	s.Profile = p
	return err
}

// ask asks before users lock themselves out or leave a profile to one writer.
func (r *rekeying) ask(f *file, steps []*step) error {
	var yourself, reads, last []string
	for _, s := range steps {
		writers := s.Profile.Section().Writers()
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
			return &vaultfile.LastWriterError{Profile: s.Name}
		case slices.Contains(s.Remove, s.Profile.OpenedBy()) || r.replacesMe(f, s):
			yourself = append(yourself, s.Name)
		case slices.Contains(s.Reader, s.Profile.OpenedBy()):
			reads = append(reads, s.Name)
		case len(left) == 1 && len(writers) > 1:
			last = append(last, fmt.Sprintf("%s (%s)", s.Name, left[0]))
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
	return r.a.dialog.Confirm(text + ". Continue?")
}

// replacesMe reports whether the user's own key is replaced by one that they lack.
func (r *rekeying) replacesMe(f *file, s *step) bool {
	for _, n := range s.Replace {
		if n.Name != s.Profile.OpenedBy() || n.String == "" && r.ownIdentity(f, n.Name) != nil {
			continue
		}
		if n.String != "" { // --replace
			return !ownsOne(r.a, []vaultfile.Recipient{n})
		}
		for name, recipients := range cli.ByName(r.o.locks.lock) {
			if name == n.Name && !r.a.keys.Has(r.readAll(recipients)...) {
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
			if _, n, err := readRecipient(r.a, "x="+text); err == nil {
				list = append(list, n.String)
			}
		}
	}
	return list
}
