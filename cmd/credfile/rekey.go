package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/vaultfile"
)

type rekeyOptions struct {
	add, addReader, writer, rename []string
}

func newRekey(a *app) *cobra.Command {
	var o rekeyOptions
	cmd := &cobra.Command{
		Use: "rekey [--add NAME=RECIPIENT] [--add-reader NAME=RECIPIENT] [--writer NAME] [--rename OLD=NEW]",
		Long: `Changes who can open a profile. RECIPIENT is an age recipient (age1…), an SSH key
(ssh-ed25519 … or ssh-rsa …), @FILE with one, or - for standard input. NAME alone
takes over the key that NAME has in another profile of the file that you write.
It changes the profiles that --profile names, or with --all every one.

The values and the profile's keys stay as they are.`,
		Example: "  credfile rekey --add bob=@bob.pub\n  credfile rekey -p staging -p production --add-reader ci=age1…\n  credfile rekey -p production --writer bob",
		Args:    args(0, 0),
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.rekey(o) },
	}
	fl := cmd.Flags()
	fl.StringArrayVar(&o.add, "add", nil, "let `NAME=RECIPIENT` read and write (repeatable)")
	fl.StringArrayVar(&o.addReader, "add-reader", nil, "let `NAME=RECIPIENT` read (repeatable)")
	fl.StringArrayVar(&o.writer, "writer", nil, "let the reader `NAME` write, too (repeatable)")
	fl.StringArrayVar(&o.rename, "rename", nil, "give the recipient OLD the name NEW: `OLD=NEW` (repeatable)")
	fl.BoolVar(&a.all, "all", false, "every profile of the file")
	return cmd
}

// newcomer is somebody to give access to; the recipient is empty if it is to be
// taken from another profile.
type newcomer struct {
	name, recipient string
	writer          bool
}

func (a *app) newcomers(o rekeyOptions) ([]newcomer, error) {
	var list []newcomer
	for _, flags := range []struct {
		values []string
		writer bool
	}{{o.add, true}, {o.addReader, false}} {
		for _, value := range flags.values {
			name, recipient, err := a.readRecipient(value)
			if err != nil {
				return nil, err
			}
			list = append(list, newcomer{name, recipient, flags.writer})
		}
	}
	return list, nil
}

func (a *app) rekey(o rekeyOptions) error {
	list, err := a.newcomers(o)
	if err != nil {
		return err
	}
	if len(list)+len(o.writer)+len(o.rename) == 0 {
		return &usageError{text: "what is to change?", hint: "credfile rekey --add NAME=RECIPIENT; credfile help rekey"}
	}
	var lines []string
	err = a.updateProfiles(func(f *file, ps []*vaultfile.Profile) error {
		lines = nil
		for _, p := range ps {
			said, err := a.rekeyOne(f, p, list, o)
			if err != nil {
				return err
			}
			lines = append(lines, said...)
		}
		if len(lines) == 0 {
			return &plainError{text: "no profile has a recipient of that name", code: exitNotFound, hint: "credfile recipients"}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, line := range lines {
		a.say("%s", line)
	}
	return nil
}

func isMissing(err error) bool {
	var missing *vaultfile.NotFoundError
	return errors.As(err, &missing)
}

// updateProfiles changes all profiles that were asked for, or none.
func (a *app) updateProfiles(change func(f *file, ps []*vaultfile.Profile) error) error {
	unlock := func(f *file) ([]*vaultfile.Profile, error) {
		names, err := a.wanted(f)
		if err != nil {
			return nil, err
		}
		var ps []*vaultfile.Profile
		for _, name := range names {
			p, err := a.unlock(f, name, write)
			if err != nil {
				return nil, err
			}
			ps = append(ps, p)
		}
		return ps, nil
	}
	return a.updateFile(func(f *file) error {
		_, err := unlock(f)
		return err
	}, func(f *file) ([]string, error) {
		ps, err := unlock(f)
		if err != nil {
			return nil, err
		}
		return nil, change(f, ps)
	})
}

// wanted returns the profiles that a command acts on: with --all, every one,
// and then none may be missing.
func (a *app) wanted(f *file) ([]string, error) {
	if !a.all {
		return a.profileNames(), nil
	}
	if len(a.profiles) > 0 {
		return nil, &usageError{text: "--all and --profile exclude each other", hint: "leave one of them out"}
	}
	return f.Names(), a.nothingGone(f)
}

// rekeyOne changes one profile and says what was done.
func (a *app) rekeyOne(f *file, p *vaultfile.Profile, list []newcomer, o rekeyOptions) ([]string, error) {
	var lines []string
	for _, n := range list {
		line, err := a.addOne(f, p, n)
		if err != nil {
			return nil, err
		}
		lines = append(lines, line)
	}
	for _, name := range o.writer {
		changed, err := p.MakeWriter(name)
		if a.all && isMissing(err) {
			continue
		} else if err != nil {
			return nil, err
		}
		if changed {
			lines = append(lines, fmt.Sprintf("%s: %s can write now, too", p.Name(), name))
		} else {
			lines = append(lines, fmt.Sprintf("%s: %s is a writer already", p.Name(), name))
		}
	}
	for _, pair := range o.rename {
		old, name, ok := strings.Cut(pair, "=")
		if !ok {
			return nil, &usageError{text: "--rename takes two names", hint: "--rename OLD=NEW"}
		}
		if err := p.RenameRecipient(old, name); a.all && isMissing(err) {
			continue // from this profile; see rekey
		} else if err != nil {
			return nil, err
		}
		lines = append(lines, fmt.Sprintf("%s: %s is called %s now", p.Name(), old, name))
	}
	return lines, nil
}

// addOne gives a newcomer access. One that is there in the same role under the
// same key is left alone.
func (a *app) addOne(f *file, p *vaultfile.Profile, n newcomer) (string, error) {
	r := vaultfile.Recipient{Name: n.name, Writer: n.writer, String: n.recipient}
	if r.String == "" {
		var err error
		if r, err = a.known(f, p, n.name); err != nil {
			return "", err
		}
		r.Writer = n.writer
	}
	for _, has := range p.Recipients() {
		if has.Name != r.Name || has.String != r.String {
			continue
		}
		switch {
		case has.Writer == r.Writer:
			return fmt.Sprintf("%s: %s is there already", p.Name(), r.Name), nil
		case r.Writer:
			return "", &plainError{text: fmt.Sprintf("profile %q has %s as a reader", p.Name(), r.Name), code: exitOther,
				hint: fmt.Sprintf("credfile rekey -p %s --writer %s", p.Name(), r.Name)}
		}
		return "", &plainError{text: fmt.Sprintf("profile %q has %s as a writer", p.Name(), r.Name), code: exitOther}
	}
	quantum := postQuantum(p.Section())
	if err := p.AddRecipient(r); err != nil {
		return "", err
	}
	if quantum && !postQuantum(p.Section()) {
		a.warn("profile %q was post-quantum throughout; the key of %s is not", p.Name(), r.Name)
	}
	return fmt.Sprintf("%s: + %s (%s, %s)", p.Name(), r.Name, roleName(r.Writer), vaultfile.Fingerprint(r.String)), nil
}

// known finds the key that somebody has in another profile. It is only taken
// from one that the user can write: whoever can't is told nothing true.
func (a *app) known(f *file, to *vaultfile.Profile, name string) (vaultfile.Recipient, error) {
	var found []vaultfile.Recipient
	var notOurs []string
	for _, other := range f.Names() {
		s, err := f.Profile(other)
		if err != nil || other == to.Name() || !slices.ContainsFunc(s.Recipients, func(r format.Recipient) bool { return r.Name == name }) {
			continue
		}
		p, err := a.unlock(f, other, lend)
		var closed *openError
		if err != nil && !errors.As(err, &closed) {
			return vaultfile.Recipient{}, err // not the one that is known, or an interrupted prompt
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
			hint: fmt.Sprintf("say which: %s=RECIPIENT (credfile recipients lists them)", name)}
	case len(notOurs) > 0:
		return vaultfile.Recipient{}, &plainError{
			text: fmt.Sprintf("%s stands in %s, which you can't write: its key can't be taken from there", name, strings.Join(notOurs, ", ")),
			code: exitNoKey, hint: fmt.Sprintf("ask %s for it, and give it: %s=RECIPIENT", name, name)}
	}
	return vaultfile.Recipient{}, &plainError{text: fmt.Sprintf("no other profile has a recipient named %s", name), code: exitNotFound,
		hint: fmt.Sprintf("give the key: %s=RECIPIENT or %s=@FILE", name, name)}
}

// postQuantum reports whether every recipient has a post-quantum key.
func postQuantum(s *format.Profile) bool {
	return !slices.ContainsFunc(s.Recipients, func(r format.Recipient) bool {
		k := format.KindOf(r.String)
		return k != format.Hybrid && k != format.TagHybrid
	})
}

func roleName(writer bool) string {
	if writer {
		return "writer"
	}
	return "reader"
}

// nothingGone refuses what would act on all profiles while one that is known is
// missing: it would be left out.
func (a *app) nothingGone(f *file) error {
	if err := a.judge(f); err != nil {
		return err
	}
	var errs []error
	for _, j := range f.judged {
		errs = append(errs, j.Gone())
	}
	return many(errs...)
}
