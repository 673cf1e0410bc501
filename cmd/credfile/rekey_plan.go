package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/cli"
	"github.com/credfile/credfile/internal/rekey"
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
	if _, err := rekey.Having(f, unlock.Recovery, r.a.profiles); err == nil && r.o.locks.recovery {
		return nil, &usageError{Text: "there is already a lock named recovery", Hint: "to change it: credfile rekey --passphrase recovery"}
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
	change := vaultfile.Access{Add: r.newcomers, Writer: r.o.names.writer, Rename: r.renamed,
		Remove: r.o.names.remove, Reader: r.o.names.reader, Replace: r.others, Everywhere: len(r.a.profiles) == 0}
	for _, name := range r.o.names.stronger {
		if made := r.stronger[name]; made != nil {
			change.Lock = append(change.Lock, made...)
			continue
		}
		sections, err := rekey.Having(f, name, r.a.profiles)
		if err != nil {
			change.Lock = append(change.Lock, vaultfile.Recipient{Name: name}) // an error, when planned
		}
		for _, s := range sections {
			change.Lock = append(change.Lock, vaultfile.Recipient{Name: name, String: s.Recipient(name).String})
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

// replacesMe reports whether the user's own key is replaced by one that they lack.
func (r *rekeying) replacesMe(f *file, s *step) bool {
	for _, n := range s.Replace {
		if n.Name != s.Profile.OpenedBy() || n.String == "" && rekey.OwnIdentity(f, n.Name, r.a.profiles) != nil {
			continue
		}
		if n.String != "" { // --replace
			return !ownsOne(r.a, []vaultfile.Recipient{n})
		}
		for name, recipients := range cli.ByName(r.o.locks.lock) {
			if name == n.Name && !r.a.keys.Has(readAll(r.a, recipients)...) {
				return true
			}
		}
	}
	return false
}

// readAll reads recipients and skips invalid ones, which are reported later.
func readAll(a *app, texts []string) (list []string) {
	for _, text := range texts {
		if text != "-" {
			if n, err := readRecipient(a, "x="+text); err == nil {
				list = append(list, n.String)
			}
		}
	}
	return list
}

// makeLocks creates the new locks, once.
func (r *rekeying) makeLocks(f *file, steps []*step) error {
	if r.made != nil {
		return nil
	}
	made, err := newLocks(r.a, f, r.o.locks, func(name string) vaultfile.Identity { return rekey.OwnIdentity(f, name, r.a.profiles) })
	if err != nil {
		return err
	}
	r.made = append([]vaultfile.Recipient{}, made...)
	if err := r.strengthen(f); err != nil {
		return err
	}
	if err := unusedPassphrases(r.a); err != nil {
		return err
	}
	return rekey.CheckPassphrases(f, steps, r.a.made)
}

// strengthen creates locks again at a higher cost.
func (r *rekeying) strengthen(f *file) error {
	params, err := r.o.locks.cost()
	if err != nil {
		return err
	}
	r.stronger = map[string][]vaultfile.Recipient{}
	for _, name := range r.o.names.stronger {
		if r.stronger[name], err = rekey.Strengthen(f, name, r.a.profiles, params); err != nil {
			return err
		}
	}
	return nil
}

type rekeyOptions struct {
	add, addReader, replace, rename []string // NAME=RECIPIENT, or OLD=NEW
	names                           rekeyNames
	locks                           lockFlags
	asReader, all                   bool
}

// rekeyNames are the names of recipients that change.
type rekeyNames struct{ writer, remove, reader, stronger []string }

// rekeying is one run of rekey.
type rekeying struct {
	a         *app
	o         rekeyOptions
	newcomers []vaultfile.Recipient // to add; String is empty to copy the key from another profile
	others    []vaultfile.Recipient // the new keys of --replace
	renamed   [][2]string
	lockNames []string
	made      []vaultfile.Recipient // new locks; nil until they are created
	stronger  map[string][]vaultfile.Recipient
	rotations rotations
}

// step is the change to one profile.
type step = vaultfile.AccessStep

// nothing reports whether no flag asks for a change.
func (o *rekeyOptions) nothing(locks int) bool {
	return len(o.add)+len(o.addReader)+len(o.replace)+len(o.rename)+locks+
		len(o.names.writer)+len(o.names.remove)+len(o.names.reader)+len(o.names.stronger) == 0
}

func (r *rekeying) parse() (err error) {
	if err := r.parseRecipients(); err != nil {
		return err
	}
	for _, pair := range r.o.rename {
		old, name, ok := strings.Cut(pair, "=")
		r.renamed = append(r.renamed, [2]string{old, name})
		if !ok {
			return &usageError{Text: "--rename needs two names", Hint: "use --rename OLD=NEW"}
		}
	}
	if r.lockNames, err = r.o.locks.names(); err != nil {
		return err
	}
	for _, name := range r.lockNames {
		if slices.Contains(r.losing(), name) {
			return &usageError{Text: fmt.Sprintf("%s can't get a new lock and lose access in one command", name), Hint: "use one of them for each name"}
		}
	}
	if r.o.asReader && len(r.lockNames) == 0 {
		return &usageError{Text: "--as-reader needs a flag that adds a lock", Hint: "to add a reader: --add-reader NAME=RECIPIENT; to make a writer a reader: --reader NAME"}
	}
	return nil
}

// parseRecipients reads the flags with recipients, and checks those with names.
func (r *rekeying) parseRecipients() error {
	if err := r.addAll(r.o.add, true); err != nil {
		return err
	}
	if err := r.addAll(r.o.addReader, false); err != nil {
		return err
	}
	for _, value := range r.o.replace {
		n, err := readRecipient(r.a, value)
		if err != nil {
			return err
		}
		if n.String == "" {
			return &usageError{Text: fmt.Sprintf("--replace needs the new key of %s", n.Name), Hint: fmt.Sprintf("use --replace %s=RECIPIENT", n.Name)}
		}
		r.others = append(r.others, n)
	}
	r.o.names.remove, r.o.names.reader, r.o.names.writer, r.o.names.stronger = unique(r.o.names.remove), unique(r.o.names.reader), unique(r.o.names.writer), unique(r.o.names.stronger)
	losing := r.losing()
	for i, name := range slices.Concat(losing, r.o.names.writer, r.o.names.stronger) {
		if !format.ValidName(name) {
			return &vaultfile.NameError{Kind: "recipient", Name: name}
		}
		if i < len(losing) && slices.Contains(losing[:i], name) {
			return &usageError{Text: fmt.Sprintf("%s is given to more than one of --remove, --replace and --reader", name), Hint: "use one of them for each name"}
		}
	}
	return nil
}

func (r *rekeying) addAll(values []string, writer bool) error {
	for _, value := range values {
		n, err := readRecipient(r.a, value)
		if err != nil {
			return err
		}
		n.Writer = writer
		r.newcomers = append(r.newcomers, n)
	}
	return nil
}

// losing returns the names of those who lose access or whose key is replaced.
func (r *rekeying) losing() []string {
	names := slices.Concat(r.o.names.remove, r.o.names.reader)
	for _, n := range r.others {
		names = append(names, n.Name)
	}
	return names
}
