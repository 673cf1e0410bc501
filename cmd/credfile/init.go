package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/kdf"
	"github.com/credfile/credfile/vaultfile"
	"github.com/credfile/credfile/vaultfile/trust"
)

type initOptions struct {
	name, from  string
	recipients  []string
	locks       lockFlags
	hiddenNames bool
}

func newInit(a *app) *cobra.Command {
	var o initOptions
	cmd := &cobra.Command{
		Use: "init [-r NAME=RECIPIENT]… [--passphrase NAME]… [--openpgp NAME=KEYID]… [--name NAME]",
		Long: `Makes .credentials.age in the working directory, with one profile and you as
its first writer. It uses the first age identity that you have, or makes one.
With -r, --passphrase or --openpgp, exactly those are the writers, and no identity is
read or made. A passphrase, an OpenPGP key and age keys can all open the same file.
--recovery adds a lock with a generated passphrase of six words, for a safe.

With --from FILE it is a new file with the same profiles, values and people, and keys
of its own: a mere copy of a file stays bound to the first one.`,
		Example: "  credfile init\n  credfile init --recovery\n  credfile init -r alice=age1… -r bob=age1pq1… --passphrase carol",
		Args:    args(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.init(o)
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&o.name, "name", "", "your `NAME` in the file (default: git's user.email, or your login name)")
	fl.StringArrayVarP(&o.recipients, "recipient", "r", nil, "a writer, as `NAME=RECIPIENT` (repeatable)")
	fl.BoolVar(&o.hiddenNames, "hidden-names", false, "nobody without a key sees the names of credentials")
	fl.StringVar(&o.from, "from", "", "the same values as in `FILE`, in a file of its own")
	o.locks.register(a, fl)
	return cmd
}

func (a *app) init(o initOptions) error {
	path := a.newPath()
	if path == "-" {
		return &usageError{text: "standard input can't be written to", hint: "give a file with --file"}
	}
	// Before an identity is made that nobody needs.
	if _, err := os.Lstat(path); err == nil {
		return &fileError{path, &plainError{text: "is there already", code: exitOther,
			hint: "credfile set adds to it; credfile list shows what is in it"}}
	}
	if _, err := kdf.Parse(o.locks.kdf); err != nil {
		return &usageError{text: fmt.Sprintf("--kdf: %v", err), hint: "credfile keygen --calibrate 1s prints what fits this machine"}
	}
	if _, err := a.profile(); err != nil && o.from == "" {
		return err
	}
	if o.from != "" && o.name != "" {
		return &usageError{text: "--name is for a new file, and --from takes its people along", hint: "leave one of them out"}
	}
	if len(o.locks.passphrase) == 0 {
		if err := a.unusedPassphrases(); err != nil {
			return err
		}
	}
	f := a.newFile(vaultfile.New(), path)
	f.Clock, f.Plugin = a.now, a.allowPlugin
	writers, err := a.initWriters(f, o)
	if err != nil {
		return err
	}
	if o.from != "" {
		err = a.fillFrom(f, o, writers)
	} else {
		err = a.fillNew(f, o, writers)
	}
	if err != nil {
		return err
	}
	if err := a.vouchForNew(f); err != nil {
		return err
	}
	if err := a.unusedPassphrases(); err != nil {
		return err
	}
	if err := a.showGenerated(); err != nil {
		return err
	}
	if err := vaultfile.Create(path, f.File); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return &fileError{path, &plainError{text: "is there already", code: exitOther}}
		}
		return at(path, err)
	}
	a.tellMade(a.newFile(f.File, path)) // its place can be told now that it is there
	if len(o.recipients) > 0 && len(o.locks.passphrase)+len(o.locks.openpgp) == 0 && !a.own(writers) {
		a.warn("no identity of yours is among its writers: you can't open it")
	}
	return nil
}

// tellMade remembers a new file, and says for whom it is.
func (a *app) tellMade(f *file) {
	a.remember(f, trust.AllProfiles)
	for _, name := range f.Names() {
		s, _ := f.Profile(name)
		var names []string
		for i := range s.Recipients {
			names = append(names, s.Recipients[i].Name)
		}
		a.say("made %s: profile %q, for %s", f.path, name, strings.Join(names, ", "))
	}
}

// initWriters are those that the flags name; without any, you.
func (a *app) initWriters(f *file, o initOptions) ([]vaultfile.Recipient, error) {
	named := len(o.recipients)+len(o.locks.passphrase)+len(o.locks.openpgp) > 0
	if named && o.name != "" {
		return nil, &usageError{text: "--name is for a file of your own; the other flags name its writers themselves", hint: "leave one of them out"}
	}
	writers, err := a.parseRecipients(o.recipients)
	if err != nil {
		return nil, err
	}
	if !named && o.from == "" {
		if writers, err = a.ownWriter(o.name); err != nil {
			return nil, err
		}
	}
	locks, err := a.newLocks(f, o.locks)
	for _, lock := range locks {
		lock.Writer = true
		writers = append(writers, lock)
	}
	return writers, err
}

func (a *app) fillNew(f *file, o initOptions, writers []vaultfile.Recipient) error {
	profile, err := a.profile()
	if err != nil {
		return err
	}
	p, err := f.Add(profile, writers, nil)
	if err == nil && o.hiddenNames {
		err = p.HideNames()
	}
	return err
}

// fillFrom takes over the profiles of another file, or those that --profile names:
// their values and, unless the flags name the writers, their people.
func (a *app) fillFrom(f *file, o initOptions, writers []vaultfile.Recipient) error {
	another := *a // the same user, with another file
	from := &another
	from.file = o.from
	from.cache = &cache{app: from}
	if err := from.cache.fromEnv(); err != nil {
		return err
	}
	src, err := from.open()
	if err != nil {
		return err
	}
	names := a.profiles
	if len(names) == 0 {
		names = src.Names()
	}
	recovery := o.locks.recovery && len(writers) == 1
	var voucher *vaultfile.Profile
	for _, name := range names {
		p, err := from.unlock(src, name, lend)
		if err != nil {
			return at(src.path, err)
		}
		rs := writers
		if len(writers) == 0 || recovery {
			if !p.Writer() {
				return at(src.path, &plainError{text: fmt.Sprintf("you can read profile %q, but not say who its people are", name), code: exitNoKey,
					hint: "name the writers of the new file with -r NAME=RECIPIENT"})
			}
			rs = append(p.Recipients(), writers...)
		}
		q, err := f.Add(name, rs, voucher)
		if err == nil && (o.hiddenNames || p.Section().Hidden) {
			err = q.HideNames()
		}
		if err == nil {
			err = p.CopyAll(q)
		}
		if err != nil {
			return err
		}
		a.warnOfLeavers(p.Section())
		if voucher == nil {
			voucher = q
		}
	}
	return nil
}

// warnOfLeavers says what a new file does not say any more.
func (a *app) warnOfLeavers(s *format.Profile) {
	var changed []time.Time
	for i := range s.Entries {
		if !s.Entries[i].IsComment() {
			changed = append(changed, s.Entries[i].Time)
		}
	}
	slices.SortFunc(changed, time.Time.Compare)
	for _, x := range vaultfile.LeaversOf(s) {
		known, _ := slices.BinarySearchFunc(changed, x.Time, func(t, left time.Time) int { return cmp.Or(t.Compare(left), -1) })
		if known > 0 {
			a.warn("profile %s: %s left and knows %s: the new file does not say so any more", s.Name, x.Name, count(known, "credential"))
		}
	}
}

func (a *app) newPath() string {
	if a.file != "" {
		return a.file
	}
	if file := a.getenv("CREDFILE_FILE"); file != "" {
		return file
	}
	return defaultFile
}

// parseRecipients reads NAME=RECIPIENT, NAME=@FILE and NAME=-.
func (a *app) parseRecipients(flags []string) ([]vaultfile.Recipient, error) {
	var rs []vaultfile.Recipient
	for _, flag := range flags {
		name, r, err := a.readRecipient(flag)
		if err != nil {
			return nil, err
		}
		if r.String == "" {
			return nil, &usageError{text: fmt.Sprintf("recipient %q lacks its key", name), hint: name + "=RECIPIENT"}
		}
		r.Writer = true
		rs = append(rs, r)
	}
	return rs, nil
}
