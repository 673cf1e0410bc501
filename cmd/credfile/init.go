package main

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/cli"
	"github.com/credfile/credfile/internal/gitrepo"
	"github.com/credfile/credfile/internal/machine"
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
		Use: "init",
		Long: `Creates .credentials.age in the current directory, with one profile and you as its first writer. It uses your age identity, or creates one.

With -r, --passphrase or --openpgp, only the people you name become writers, and your own identity is not used. You can mix age keys, passphrases and OpenPGP keys. --recovery adds a passphrase of six words that you can keep in a safe.

With --from FILE, the new file has the same profiles, values and recipients, but its own keys; a plain copy would share the keys of FILE.`,
		Example: "  credfile init\n  credfile init --recovery\n  credfile init -r alice=age1… -r bob=age1pq1… --passphrase carol",
		Args:    cli.Args(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runInit(a, o)
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&o.name, "name", "", "your `NAME` in the file (default: git's user.email, or your login)")
	fl.StringArrayVarP(&o.recipients, "recipient", "r", nil, "`NAME=RECIPIENT`: add NAME as a writer (repeatable)")
	fl.BoolVar(&o.hiddenNames, "hidden-names", false, "hide the names of credentials from people without a key")
	fl.StringVar(&o.from, "from", "", "copy profiles, values and recipients from `FILE`")
	o.locks.register(a, fl)
	return cmd
}

func runInit(a *app, o initOptions) error {
	path := newPath(a)
	if err := checkInit(a, path, o); err != nil { // before creating an identity for nothing
		return err
	}
	f := a.machine.At(path, vaultfile.New())
	f.Clock = a.now
	writers, err := fill(a, f, o)
	if err != nil {
		return err
	}
	if err := f.VouchForNew(); err != nil {
		return err
	}
	if err := unusedPassphrases(a); err != nil {
		return err
	}
	if err := showGenerated(a); err != nil {
		return err
	}
	if err := vaultfile.Create(path, f.File); errors.Is(err, fs.ErrExist) {
		return alreadyExists(path, "")
	} else if err != nil {
		return at(path, err)
	}
	tellMade(a, a.machine.At(path, f.File)) // now that the file exists, its place can be determined
	if len(o.recipients) > 0 && len(o.locks.passphrase)+len(o.locks.openpgp) == 0 && !ownsOne(a, writers) {
		a.warn("you can't open it: none of your identities is among its writers")
	}
	if gitrepo.Tracks(machine.Absolute(path)) {
		a.say("to have git show and merge it, once in each clone: credfile git setup")
	}
	return nil
}

// checkInit refuses what can't become a file.
func checkInit(a *app, path string, o initOptions) error {
	if path == "-" {
		return machine.ErrNoPlace
	}
	if _, err := os.Lstat(path); err == nil {
		return alreadyExists(path, "to add to it: credfile set NAME; to see what is in it: credfile list")
	}
	if _, err := o.locks.cost(); err != nil {
		return err
	}
	if _, err := a.profile(); err != nil && o.from == "" {
		return err
	}
	if o.from != "" && o.name != "" {
		return &usageError{Text: "--name can't be used with --from, which keeps the names in that file", Hint: "use one of them"}
	}
	if len(o.locks.passphrase) == 0 {
		return unusedPassphrases(a)
	}
	return nil
}

// fill makes the profiles of a new file and returns the writers that the flags name.
func fill(a *app, f *file, o initOptions) (writers []vaultfile.Recipient, err error) {
	if writers, err = initWriters(a, f, o); err != nil {
		return nil, err
	}
	if o.from != "" {
		return writers, fillFrom(a, f, o, writers)
	}
	return writers, fillNew(a, f, o, writers)
}

// tellMade remembers a new file and says who can open it.
func tellMade(a *app, f *file) {
	f.Remember(trust.AllProfiles)
	for _, name := range f.Names() {
		s, _ := f.Profile(name)
		var names []string
		for i := range s.Recipients {
			names = append(names, s.Recipients[i].Name)
		}
		a.say("created %s: profile %q, for %s", f.Path, name, strings.Join(names, ", "))
	}
}

// initWriters returns the writers that the flags name, or else the user.
func initWriters(a *app, f *file, o initOptions) ([]vaultfile.Recipient, error) {
	named := len(o.recipients)+len(o.locks.passphrase)+len(o.locks.openpgp) > 0
	if named && o.name != "" {
		return nil, &usageError{Text: "--name can't be used with flags that name the writers", Hint: "use one of them"}
	}
	writers, err := parseRecipients(a, o.recipients)
	if err != nil {
		return nil, err
	}
	if !named && o.from == "" {
		if writers, err = ownWriter(a, o.name); err != nil {
			return nil, err
		}
	}
	locks, err := newLocks(a, f, o.locks, nil)
	for _, lock := range locks {
		lock.Writer = true
		writers = append(writers, lock)
	}
	return writers, err
}

func fillNew(a *app, f *file, o initOptions, writers []vaultfile.Recipient) error {
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

// fillFrom copies the profiles of another file, or those that --profile names: their values
// and, unless flags name the writers, their recipients.
func fillFrom(a *app, f *file, o initOptions, writers []vaultfile.Recipient) error {
	src, err := openAt(a, a.machine.Named(), o.from)
	if err != nil {
		return err
	}
	names := a.profiles
	if len(names) == 0 {
		names = src.Names()
	}
	theirs := len(writers) == 0 || o.locks.recovery && len(writers) == 1
	var voucher *vaultfile.Profile
	for _, name := range names {
		p, err := src.Unlock(name, lend)
		if err == nil && theirs && !p.Writer() {
			err = onlyReads(name)
		}
		if err != nil {
			return at(src.Path, err)
		}
		rs := writers
		if theirs {
			rs = append(p.Recipients(), writers...)
		}
		q, err := addCopy(f, p, rs, voucher, o.hiddenNames)
		if err != nil {
			return err
		}
		warnOfLeavers(a, p.Section())
		if voucher == nil {
			voucher = q
		}
	}
	return nil
}

// addCopy adds a profile with the values of another.
func addCopy(f *file, p *vaultfile.Profile, rs []vaultfile.Recipient, voucher *vaultfile.Profile, hidden bool) (*vaultfile.Profile, error) {
	q, err := f.Add(p.Name(), rs, voucher)
	if err == nil && (hidden || p.Section().Hidden) {
		err = q.HideNames()
	}
	if err == nil {
		err = p.CopyAll(q)
	}
	return q, err
}

// warnOfLeavers warns of exposure that the new file does not record.
func warnOfLeavers(a *app, s *format.Profile) {
	var changed []time.Time
	for i := range s.Entries {
		if !s.Entries[i].IsComment() {
			changed = append(changed, s.Entries[i].Time)
		}
	}
	slices.SortFunc(changed, time.Time.Compare)
	for _, x := range s.Leavers() {
		known, _ := slices.BinarySearchFunc(changed, x.Time, func(t, left time.Time) int { return cmp.Or(t.Compare(left), -1) })
		if known > 0 {
			a.warn("profile %s: %s lost access and still knows %s; the new file no longer says so", s.Name, x.Name, count(known, "credential"))
		}
	}
}

func newPath(a *app) string {
	if a.file != "" {
		return a.file
	}
	if file := a.getenv("CREDFILE_FILE"); file != "" {
		return file
	}
	return defaultFile
}
