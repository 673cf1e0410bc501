package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/health"
	"github.com/credfile/credfile/internal/machine"
	"github.com/credfile/credfile/vaultfile"
)

// apply changes one profile and returns a message for each change.
func (r *rekeying) apply(f *file, s *step) ([]string, error) {
	quantum := postQuantum(s.p.Section())
	var lines []string
	line := func(format string, args ...any) {
		lines = append(lines, s.profile+": "+fmt.Sprintf(format, args...))
	}
	for _, n := range s.add {
		said, err := r.addOne(f, s.p, n)
		if err != nil {
			return nil, err
		}
		lines = append(lines, said)
	}
	for _, name := range s.writer {
		changed, err := s.p.MakeWriter(name)
		if r.all && isMissing(err) {
			continue
		} else if err != nil {
			return nil, err
		}
		if changed {
			line("%s is now a writer", name)
		} else {
			line("%s is already a writer", name)
		}
	}
	for _, m := range s.lock {
		if err := s.p.SetLock(m); err != nil {
			return nil, err
		}
		line("%s has a new lock (%s); no one loses access", m.Name, m.Lock)
	}
	if s.takesAway() {
		said, err := r.takeAway(s)
		if err != nil {
			return nil, err
		}
		lines = append(lines, said...)
	}
	for _, pair := range s.rename {
		old, name, _ := strings.Cut(pair, "=")
		if err := s.p.RenameRecipient(old, name); r.all && isMissing(err) {
			continue
		} else if err != nil {
			return nil, err
		}
		line("%s renamed to %s", old, name)
	}
	if quantum && !postQuantum(s.p.Section()) {
		r.warn("profile %q is no longer post-quantum, because of %s", s.profile, strings.Join(classicNames(s.p.Section()), ", "))
	}
	return lines, nil
}

func classicNames(s *format.Profile) (names []string) {
	for _, p := range health.Classics(s) {
		names = append(names, p.Who())
	}
	return names
}

// takeAway gives the profile new keys, which those who lose access don't get.
func (r *rekeying) takeAway(s *step) ([]string, error) {
	before := map[string]vaultfile.Recipient{}
	for _, has := range s.p.Recipients() {
		before[has.Name] = has
	}
	rotation := rotation{Rotation: machine.Rotation{Profile: s.p, Old: s.p.Section().Key}}
	if err := s.p.TakeAway(s.away); err != nil {
		return nil, inProfile(s.profile, err)
	}
	var lines []string
	line := func(sign, name string, has vaultfile.Recipient) {
		lines = append(lines, fmt.Sprintf("%s: %s %s (%s)", s.profile, sign, name, describe(&has)))
	}
	for _, name := range s.away.Remove {
		line("-", name, before[name])
		rotation.lost = append(rotation.lost, name)
	}
	for _, n := range s.away.Replace {
		line("-", n.Name, before[n.Name])
		n.Writer = before[n.Name].Writer
		line("+", n.Name, n)
		rotation.lost = append(rotation.lost, n.Name)
	}
	for _, name := range s.away.Reader {
		lines = append(lines, fmt.Sprintf("%s: %s is now a reader", s.profile, name))
	}
	r.rotations.list = append(r.rotations.list, rotation)
	return lines, nil
}

// inProfile adds the profile to an error about a missing plugin.
func inProfile(profile string, err error) error {
	var missing *vaultfile.PluginError
	if errors.As(err, &missing) && errors.Is(err, vaultfile.ErrNoPlugin) {
		return &plainError{text: fmt.Sprintf("profile %q: %v; nothing changed", profile, err), code: exitNoKey,
			hint: fmt.Sprintf("install age-plugin-%s, remove %s too (--remove %s), or name the other profiles with -p", missing.Name, missing.Recipient, missing.Recipient)}
	}
	return err
}
