package main

import (
	"fmt"
	"strings"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/health"
	"github.com/credfile/credfile/internal/machine"
	"github.com/credfile/credfile/vaultfile"
)

// apply changes all profiles, or none, and returns a message for each change.
func (r *rekeying) apply(f *file, steps []*step) ([]string, error) {
	quantum := make([]bool, len(steps))
	for i, s := range steps {
		quantum[i] = postQuantum(s.Profile.Section())
	}
	list, err := f.ApplyAccess(steps)
	if err != nil {
		return nil, inProfile(err)
	}
	r.rotations = rotations{}
	var lines []string
	for i, done := range list {
		lines = append(lines, accessLines(done)...)
		if s := done.Profile.Section(); quantum[i] && !postQuantum(s) {
			r.a.warn("profile %q is no longer post-quantum, because of %s", s.Name, strings.Join(classicNames(s), ", "))
		}
		if done.OldKey != (format.Key{}) {
			r.rotations.list = append(r.rotations.list, rotation{machine.Rotation{Profile: done.Profile, Old: done.OldKey}, done.Lost()})
		}
	}
	return lines, nil
}

// accessLines returns what was done to one profile, in words.
func accessLines(done vaultfile.AccessDone) (lines []string) {
	line := func(format string, args ...any) {
		lines = append(lines, done.Profile.Name()+": "+fmt.Sprintf(format, args...))
	}
	signed := func(sign string, r vaultfile.Recipient) { line("%s %s (%s)", sign, r.Name, describe(&r)) }
	for _, r := range done.Added {
		signed("+", r)
	}
	for _, r := range done.HadAccess {
		line("%s already has access", r.Name)
	}
	for _, name := range done.MadeWriter {
		line("%s is now a writer", name)
	}
	for _, name := range done.WasWriter {
		line("%s is already a writer", name)
	}
	for _, r := range done.Locked {
		line("%s has a new lock (%s); no one loses access", r.Name, r.Lock)
	}
	for _, r := range done.Removed {
		signed("-", r)
	}
	for _, r := range done.Replaced {
		signed("-", r.Old)
		signed("+", r.New)
	}
	for _, name := range done.MadeReader {
		line("%s is now a reader", name)
	}
	for _, pair := range done.Renamed {
		line("%s renamed to %s", pair[0], pair[1])
	}
	return lines
}

func classicNames(s *format.Profile) (names []string) {
	for _, p := range health.Classics(s) {
		names = append(names, p.Who())
	}
	return names
}
