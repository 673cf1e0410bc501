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

// addOne gives a recipient access. It changes nothing if they already have the same role
// under the same key.
func (a *app) addOne(f *file, p *vaultfile.Profile, r vaultfile.Recipient) (string, error) {
	if r.String == "" {
		writer := r.Writer
		var err error
		if r, err = a.known(f, p, r.Name); err != nil {
			return "", err
		}
		r.Writer = writer
	}
	for _, has := range p.Recipients() {
		if has.Name != r.Name || has.String != r.String {
			continue
		}
		switch {
		case has.Writer == r.Writer:
			return fmt.Sprintf("%s: %s already has access", p.Name(), r.Name), nil
		case r.Writer:
			return "", &plainError{text: fmt.Sprintf("%[2]s is already a reader of profile %[1]q", p.Name(), r.Name), code: exitOther,
				hint: fmt.Sprintf("to make them a writer: credfile rekey -p %s --writer %s", p.Name(), r.Name)}
		}
		return "", &plainError{text: fmt.Sprintf("%[2]s is already a writer of profile %[1]q", p.Name(), r.Name), code: exitOther,
			hint: fmt.Sprintf("to make them a reader: credfile rekey -p %s --reader %s", p.Name(), r.Name)}
	}
	if err := p.AddRecipient(r); err != nil {
		return "", err
	}
	return fmt.Sprintf("%s: + %s (%s)", p.Name(), r.Name, describe(&r)), nil
}

// known finds the key that a recipient has in another profile. The user must be a writer of
// that profile: a reader can't tell whether its recipients are genuine.
func (a *app) known(f *file, to *vaultfile.Profile, name string) (vaultfile.Recipient, error) {
	var found []vaultfile.Recipient
	var notOurs []string
	for _, other := range f.Names() {
		s, err := f.Profile(other)
		if err != nil || other == to.Name() || !slices.ContainsFunc(s.Recipients, func(r format.Recipient) bool { return r.Name == name }) {
			continue
		}
		p, err := a.unlock(f, other, lend)
		var closed *machine.NoAccessError
		if err != nil && !errors.As(err, &closed) {
			return vaultfile.Recipient{}, err // not approved, or an interrupted prompt
		}
		if err != nil || !p.Writer() {
			notOurs = append(notOurs, other)
			continue
		}
		for _, r := range p.Recipients() {
			if r.Name == name && !slices.ContainsFunc(found, func(x vaultfile.Recipient) bool { return x.String == r.String }) {
				found = append(found, r)
			}
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
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

// describe returns a recipient's role, lock and fingerprint, as shown to the user.
func describe(r *vaultfile.Recipient) string {
	text := roleName(r.Writer)
	if r.Lock != "" {
		text += ", " + r.Lock + " lock"
	}
	return text + ", " + vaultfile.Fingerprint(r.String)
}

func roleName(writer bool) string {
	if writer {
		return "writer"
	}
	return "reader"
}
