package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/cli"
	"github.com/credfile/credfile/vaultfile"
)

type rekeyOptions struct {
	add, addReader, writer, rename    []string
	remove, reader, replace, stronger []string
	locks                             lockFlags
	asReader, all                     bool
}

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
	fl.StringArrayVar(&o.writer, "writer", nil, "make the reader `NAME` a writer (repeatable)")
	fl.StringArrayVar(&o.rename, "rename", nil, "`OLD=NEW`: rename the recipient OLD to NEW (repeatable)")
	fl.StringArrayVar(&o.remove, "remove", nil, "remove `NAME` (repeatable)")
	fl.StringArrayVar(&o.reader, "reader", nil, "make the writer `NAME` a reader (repeatable)")
	fl.StringArrayVar(&o.replace, "replace", nil, "`NAME=RECIPIENT`: replace NAME's lost or stolen key (repeatable)")
	fl.StringArrayVar(&o.locks.lock, "lock", nil, "`NAME=RECIPIENT`: lock NAME's identity with a hardware key (repeatable)")
	fl.StringArrayVar(&o.stronger, "strengthen", nil, "`NAME`: raise the --kdf cost of NAME's passphrase")
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
	if r.nothing() {
		return &usageError{text: "rekey needs a change to make", hint: "for example: credfile rekey --add NAME=RECIPIENT (see credfile help rekey)"}
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

func (r *rekeying) nothing() bool {
	o := &r.o
	return len(r.newcomers)+len(r.others)+len(r.lockNames)+len(o.writer)+len(o.rename)+len(o.remove)+len(o.reader)+len(o.stronger) == 0
}

func (r *rekeying) parse() (err error) {
	if err := r.parseRecipients(); err != nil {
		return err
	}
	for _, pair := range r.o.rename {
		old, name, ok := strings.Cut(pair, "=")
		r.renamed = append(r.renamed, [2]string{old, name})
		if !ok {
			return &usageError{text: "--rename needs two names", hint: "use --rename OLD=NEW"}
		}
	}
	if r.lockNames, err = r.o.locks.names(); err != nil {
		return err
	}
	for _, name := range r.lockNames {
		if slices.Contains(r.losing(), name) {
			return &usageError{text: fmt.Sprintf("%s can't get a new lock and lose access in one command", name), hint: "use one of them for each name"}
		}
	}
	if r.o.asReader && len(r.lockNames) == 0 {
		return &usageError{text: "--as-reader needs a flag that adds a lock", hint: "to add a reader: --add-reader NAME=RECIPIENT; to make a writer a reader: --reader NAME"}
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
		_, n, err := readRecipient(r.a, value)
		if err != nil {
			return err
		}
		if n.String == "" {
			return &usageError{text: fmt.Sprintf("--replace needs the new key of %s", n.Name), hint: fmt.Sprintf("use --replace %s=RECIPIENT", n.Name)}
		}
		r.others = append(r.others, n)
	}
	r.o.remove, r.o.reader, r.o.writer, r.o.stronger = unique(r.o.remove), unique(r.o.reader), unique(r.o.writer), unique(r.o.stronger)
	losing := r.losing()
	for i, name := range slices.Concat(losing, r.o.writer, r.o.stronger) {
		if !format.ValidName(name) {
			return &vaultfile.NameError{Kind: "recipient", Name: name}
		}
		if i < len(losing) && slices.Contains(losing[:i], name) {
			return &usageError{text: fmt.Sprintf("%s is given to more than one of --remove, --replace and --reader", name), hint: "use one of them for each name"}
		}
	}
	return nil
}

func (r *rekeying) addAll(values []string, writer bool) error {
	for _, value := range values {
		_, n, err := readRecipient(r.a, value)
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
	names := slices.Concat(r.o.remove, r.o.reader)
	for _, n := range r.others {
		names = append(names, n.Name)
	}
	return names
}

// look does what may take time before the file is locked: it unlocks the profiles that will
// change, asks questions and creates new locks.
func (r *rekeying) look(f *file) error {
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

// change applies the plan to the file in its current state.
func (r *rekeying) change(f *file) error {
	steps, err := r.plan(f)
	if err != nil {
		return err
	}
	if err := r.unlockSteps(f, steps); err != nil {
		return err
	}
	if err := r.copyKeys(f, steps); err != nil {
		return err
	}
	lines, err := r.apply(f, steps)
	if err != nil {
		return err
	}
	if len(lines) == 0 {
		return &plainError{text: "no profile has a recipient of that name", code: exitNotFound, hint: "to list them: credfile recipients"}
	}
	if err := r.rotations.renew(f); err != nil {
		return err
	}
	for _, line := range lines { // before the file is written
		r.a.say("%s", line)
	}
	return showGenerated(r.a)
}

// step is the change to one profile.
type step = vaultfile.AccessStep
