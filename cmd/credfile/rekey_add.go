package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/machine"
	"github.com/credfile/credfile/vaultfile"
)

// copyKeys completes the recipients that are to have the key that they have elsewhere.
func (r *rekeying) copyKeys(f *file, steps []*step) error {
	for _, s := range steps {
		for i := range s.Add {
			if n := &s.Add[i]; n.String == "" {
				has, err := knownKey(r.a, f, s.Profile, n.Name)
				if err != nil {
					return err
				}
				has.Writer = n.Writer
				*n = has
			}
		}
	}
	return nil
}

// knownKey finds the key that a recipient has in another profile. The user must be a writer of
// that profile: a reader can't tell whether its recipients are genuine.
func knownKey(a *app, f *file, to *vaultfile.Profile, name string) (vaultfile.Recipient, error) {
	var found []*format.Recipient
	var notOurs []string
	for _, other := range f.Names() {
		s, err := f.Profile(other)
		if err != nil || other == to.Name() || s.Recipient(name) == nil {
			continue
		}
		p, err := f.Unlock(other, lend)
		var closed *machine.NoAccessError
		if err != nil && !errors.As(err, &closed) {
			return vaultfile.Recipient{}, err // not approved, or an interrupted prompt
		}
		if err != nil || !p.Writer() {
			notOurs = append(notOurs, other)
			continue
		}
		has := p.Section().Recipient(name)
		if !slices.ContainsFunc(found, func(r *format.Recipient) bool { return r.String == has.String }) {
			found = append(found, has)
		}
	}
	switch {
	case len(found) == 1:
		return vaultfile.Recipient{Name: name, String: found[0].String, Lock: found[0].Lock, Message: found[0].Message}, nil
	case len(found) > 1:
		return vaultfile.Recipient{}, &plainError{text: fmt.Sprintf("%s has different keys in different profiles", name), code: exitUsage,
			hint: fmt.Sprintf("choose one: %s=RECIPIENT (to list them: credfile recipients)", name)}
	case len(notOurs) > 0:
		return vaultfile.Recipient{}, &plainError{
			text: fmt.Sprintf("can't copy the key of %s from %s, which you can't write", name, strings.Join(notOurs, ", ")),
			code: exitNoKey, hint: fmt.Sprintf("ask %s for the key: %s=RECIPIENT", name, name)}
	}
	return vaultfile.Recipient{}, &plainError{text: fmt.Sprintf("no other profile has a recipient named %s", name), code: exitNotFound,
		hint: fmt.Sprintf("give the recipient too: %s=@FILE or %s=RECIPIENT", name, name)}
}

// postQuantum reports whether all recipients resist a quantum computer.
func postQuantum(s *format.Profile) bool {
	for i := range s.Recipients {
		if !vaultfile.PostQuantum(&s.Recipients[i]) {
			return false
		}
	}
	return true
}
