package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/cli"
	"github.com/credfile/credfile/internal/machine"
	"github.com/credfile/credfile/internal/rekey"
	"github.com/credfile/credfile/vaultfile"
)

func newRekey(a *app) *cobra.Command {
	var o rekeyOptions
	cmd := &cobra.Command{
		Use: "rekey FLAG…",
		Long: `Changes who can open a profile, and with what. RECIPIENT is an age recipient (age1…), an SSH public key, the output of keygen --lock, @FILE with one of them, or - for standard input. NAME alone copies the key of NAME from another profile that you can write.

Adding someone changes the current profile, or those given with --profile, or every profile with --all. Removing someone changes every profile they are in, or those given with --profile: each gets new keys, everything in it is encrypted again, and you see which values they still know.

A lock is a passphrase, an OpenPGP key or a hardware key that protects someone's identity in the file. To replace keys without changing access: credfile rotate.`,
		Example: "  credfile rekey --add bob=@bob.pub\n  credfile rekey -p staging -p production --add-reader ci=age1…\n" +
			"  credfile rekey --remove bob\n  credfile rekey --passphrase alice",
		Args: cli.Args(),
		RunE: func(cmd *cobra.Command, _ []string) error { return runRekey(a, o) },
	}
	fl := cmd.Flags()
	fl.StringArrayVar(&o.add, "add", nil, "`NAME=RECIPIENT`: add NAME as a writer (repeatable)")
	fl.StringArrayVar(&o.addReader, "add-reader", nil, "`NAME=RECIPIENT`: add NAME as a reader (repeatable)")
	fl.StringArrayVar(&o.names.writer, "writer", nil, "make the reader `NAME` a writer (repeatable)")
	fl.StringArrayVar(&o.rename, "rename", nil, "`OLD=NEW`: rename the recipient OLD to NEW (repeatable)")
	fl.StringArrayVar(&o.names.remove, "remove", nil, "remove `NAME` (repeatable)")
	fl.StringArrayVar(&o.names.reader, "reader", nil, "make the writer `NAME` a reader (repeatable)")
	fl.StringArrayVar(&o.replace, "replace", nil, "`NAME=RECIPIENT`: replace NAME's lost or stolen key (repeatable)")
	fl.StringArrayVar(&o.locks.lock, "lock", nil, "`NAME=RECIPIENT`: lock NAME's identity with a hardware key (repeatable)")
	fl.StringArrayVar(&o.names.stronger, "strengthen", nil, "`NAME`: raise the --kdf cost of NAME's passphrase")
	fl.BoolVar(&o.asReader, "as-reader", false, "make the owner of a new lock a reader, not a writer")
	fl.BoolVar(&o.all, "all", false, "change every profile in the file")
	o.locks.register(a, fl)
	return cmd
}

func runRekey(a *app, o rekeyOptions) error {
	r := &rekeying{a: a, o: o}
	if err := r.parse(); err != nil {
		return err
	}
	if o.nothing(len(r.lockNames)) {
		return &usageError{Text: "rekey needs a change to make", Hint: "for example: credfile rekey --add NAME=RECIPIENT (see credfile help rekey)"}
	}
	err := a.updateFile(r.look, func(f *file) ([]string, error) { return nil, r.change(f) })
	if err != nil {
		return err
	}
	r.rotations.tell(a)
	return nil
}

// look does what may take time before the file is changed: it unlocks the profiles that will
// change, asks questions and creates new locks.
func (r *rekeying) look(f *file) error {
	steps, err := r.plan(f)
	if err != nil {
		return err
	}
	if err := rekey.Unlock(f, steps); err != nil {
		return err
	}
	loss, err := rekey.LossOf(f, steps, func(s *step) bool { return r.replacesMe(f, s) })
	if err != nil {
		return err
	}
	if loss.Any() {
		if err := r.a.dialog.Confirm(lossQuestion(&loss)); err != nil {
			return err
		}
	}
	return r.makeLocks(f, steps)
}

// change applies the plan to the file in its current state.
func (r *rekeying) change(f *file) error {
	steps, err := r.plan(f)
	if err != nil {
		return err
	}
	if err := rekey.Unlock(f, steps); err != nil {
		return err
	}
	if err := rekey.CopyKeys(f, steps); err != nil {
		return err
	}
	lines, err := r.apply(f, steps)
	if err != nil {
		return err
	}
	if len(lines) == 0 {
		return noSuchRecipient()
	}
	if err := r.rotations.renew(f); err != nil {
		return err
	}
	for _, line := range lines { // before the file is written
		r.a.say("%s", line)
	}
	return showGenerated(r.a)
}

// apply changes all profiles, or none, and returns a message for each change.
func (r *rekeying) apply(f *file, steps []*step) ([]string, error) {
	quantum := make([]bool, len(steps))
	for i, s := range steps {
		quantum[i] = postQuantum(s.Profile.Section())
	}
	kept := make([]keptSessions, len(steps))
	for i, s := range steps {
		kept[i] = r.a.voidedOf(f, s.Profile)
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
			r.rotations.list = append(r.rotations.list, rotation{machine.Rotation{Profile: done.Profile, Old: done.OldKey}, done.Lost(), kept[i]})
		}
	}
	return lines, nil
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
