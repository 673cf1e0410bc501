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
	add, addReader, writer, rename    []string
	remove, reader, replace, stronger []string
	locks                             lockFlags
	asReader                          bool
}

func newRekey(a *app) *cobra.Command {
	var o rekeyOptions
	cmd := &cobra.Command{
		Use: "rekey FLAG…",
		Long: `Changes who and what can open a profile. RECIPIENT is an age recipient (age1…), an
SSH key (ssh-ed25519 … or ssh-rsa …), what keygen --lock printed, @FILE with one of
them, or - for standard input. NAME alone takes over the key that NAME has in another
profile of the file that you write.

Giving access changes the profiles that --profile names (or with --all every one); the
values and the profiles' keys stay as they are. Taking access away changes every
profile that names the recipient, unless --profile says which: each gets new keys, and
everything in it is encrypted anew. It ends with what the one who left knows still.

To give profiles new keys and change nobody's access: credfile rotate.`,
		Example: "  credfile rekey --add bob=@bob.pub\n  credfile rekey -p staging -p production --add-reader ci=age1…\n" +
			"  credfile rekey --remove bob\n  credfile rekey --passphrase alice",
		Args: args(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error { return a.rekey(o) },
	}
	fl := cmd.Flags()
	fl.StringArrayVar(&o.add, "add", nil, "let `NAME=RECIPIENT` read and write (repeatable)")
	fl.StringArrayVar(&o.addReader, "add-reader", nil, "let `NAME=RECIPIENT` read (repeatable)")
	fl.StringArrayVar(&o.writer, "writer", nil, "let the reader `NAME` write, too (repeatable)")
	fl.StringArrayVar(&o.rename, "rename", nil, "give the recipient OLD the name NEW: `OLD=NEW` (repeatable)")
	fl.StringArrayVar(&o.remove, "remove", nil, "take access away from `NAME` (repeatable)")
	fl.StringArrayVar(&o.reader, "reader", nil, "let the writer `NAME` read only (repeatable)")
	fl.StringArrayVar(&o.replace, "replace", nil, "give NAME another key, for one that was lost or stolen: `NAME=RECIPIENT` (repeatable)")
	fl.StringArrayVar(&o.locks.lock, "lock", nil, "keep NAME's identity in the file, for whoever holds RECIPIENT (hardware): `NAME=RECIPIENT` (repeatable)")
	fl.StringArrayVar(&o.stronger, "strengthen", nil, "the same passphrase and identity of `NAME` under a costlier --kdf: takes nothing away from anybody")
	fl.BoolVar(&o.asReader, "as-reader", false, "who is new by --passphrase, --openpgp, --lock or --recovery reads only")
	fl.BoolVar(&a.all, "all", false, "every profile of the file")
	o.locks.register(a, fl)
	return cmd
}

func (a *app) rekey(o rekeyOptions) error {
	r := &rekeying{app: a, o: o}
	if err := r.parse(); err != nil {
		return err
	}
	if r.nothing() {
		return &usageError{text: "what is to change?", hint: "credfile rekey --add NAME=RECIPIENT; credfile help rekey"}
	}
	err := a.updateFile(r.look, func(f *file) ([]string, error) { return nil, r.change(f) })
	if err != nil {
		return err
	}
	r.rotations.tell(a)
	return nil
}

// rekeying is one run of rekey.
type rekeying struct {
	*app
	o         rekeyOptions
	newcomers []vaultfile.Recipient // to add; String is empty for a key to take over
	others    []vaultfile.Recipient // new keys of --replace
	lockNames []string
	made      []vaultfile.Recipient // new locks; nil until they are made
	stronger  map[string][]vaultfile.Recipient
	rotations rotations
}

func (r *rekeying) nothing() bool {
	o := &r.o
	return len(r.newcomers)+len(r.others)+len(r.lockNames)+len(o.writer)+len(o.rename)+len(o.remove)+len(o.reader)+len(o.stronger) == 0
}

func (r *rekeying) parse() (err error) {
	for _, flags := range []struct {
		values []string
		writer bool
	}{{r.o.add, true}, {r.o.addReader, false}} {
		for _, value := range flags.values {
			_, n, err := r.readRecipient(value)
			if err != nil {
				return err
			}
			n.Writer = flags.writer
			r.newcomers = append(r.newcomers, n)
		}
	}
	for _, value := range r.o.replace {
		_, n, err := r.readRecipient(value)
		if err != nil {
			return err
		}
		if n.String == "" {
			return &usageError{text: fmt.Sprintf("which key does %s have now?", n.Name), hint: fmt.Sprintf("--replace %s=RECIPIENT", n.Name)}
		}
		r.others = append(r.others, n)
	}
	r.o.remove, r.o.reader, r.o.writer, r.o.stronger = unique(r.o.remove), unique(r.o.reader), unique(r.o.writer), unique(r.o.stronger)
	taken := slices.Concat(r.o.remove, r.o.reader)
	for _, n := range r.others {
		taken = append(taken, n.Name)
	}
	for i, name := range slices.Concat(taken, r.o.writer, r.o.stronger) {
		if !format.ValidName(name) {
			return &vaultfile.NameError{Kind: "recipient", Name: name}
		}
		if i < len(taken) && slices.Contains(taken[:i], name) {
			return &usageError{text: fmt.Sprintf("%s: --remove, --replace or --reader?", name), hint: "one of them for a name"}
		}
	}
	for _, pair := range r.o.rename {
		if _, _, ok := strings.Cut(pair, "="); !ok {
			return &usageError{text: "--rename takes two names", hint: "--rename OLD=NEW"}
		}
	}
	if r.lockNames, err = r.o.locks.names(); err != nil {
		return err
	}
	for _, name := range r.lockNames {
		if slices.Contains(taken, name) {
			return &usageError{text: fmt.Sprintf("%s: a new lock, or taken away?", name), hint: "one of them for a name"}
		}
	}
	if r.o.asReader && len(r.lockNames) == 0 {
		return &usageError{text: "--as-reader is about a new lock", hint: "--add-reader NAME=RECIPIENT lets somebody read; --reader NAME makes a writer a reader"}
	}
	return nil
}

// look unlocks what is going to change, asks what has to be asked, and makes new
// locks: all that may take its time, before the file is locked.
func (r *rekeying) look(f *file) error {
	f.Plugin = r.allowPlugin
	steps, err := r.plan(f)
	if err != nil {
		return err
	}
	if err := r.unlockSteps(f, steps); err != nil {
		return err
	}
	if err := r.ask(f, steps); err != nil {
		return err
	}
	return r.makeLocks(f, steps)
}

// change does it, on the file as it is now: all profiles, or none.
func (r *rekeying) change(f *file) error {
	steps, err := r.plan(f)
	if err != nil {
		return err
	}
	if err := r.unlockSteps(f, steps); err != nil {
		return err
	}
	var lines []string
	r.rotations = nil
	for _, s := range steps {
		said, err := r.apply(f, s)
		if err != nil {
			return err
		}
		lines = append(lines, said...)
	}
	if len(lines) == 0 {
		return &plainError{text: "no profile has a recipient of that name", code: exitNotFound, hint: "credfile recipients"}
	}
	if err := r.renewVouchers(f, r.rotations); err != nil {
		return err
	}
	for _, line := range lines { // before it is written
		r.say("%s", line)
	}
	return r.showGenerated()
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
