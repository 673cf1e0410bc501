package main

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/cli"
	"github.com/credfile/credfile/vaultfile"
	"github.com/credfile/credfile/vaultfile/trust"
)

type trustOptions struct {
	print, forget bool
	plugin        string
	allowNames    []string
}

func newTrust(a *app) *cobra.Command {
	var o trustOptions
	cmd := &cobra.Command{
		Use: "trust",
		Long: `Shows what this machine knows about the file and what is in it now, asks you to confirm, and remembers your answer, for all profiles or for those given with --profile. It needs no key. Compare the fingerprints with a colleague first, since anyone who can write to the repository can put any file there.

With --print, it prints what to set CREDFILE_TRUST to on machines that remember nothing, such as CI.`,
		Example: "  credfile trust -p production\n  credfile trust --print -p production",
		Args:    cli.Args(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch n := count1(o.print, o.forget, o.plugin != "", len(o.allowNames) > 0); {
			case n > 1:
				return &usageError{text: "use one of --print, --plugin, --allow-name and --forget", hint: "see credfile help trust"}
			case o.plugin != "":
				return trustPlugin(a, o.plugin)
			case o.forget:
				return trustForget(a)
			case o.print:
				return trustPrint(a)
			case len(o.allowNames) > 0:
				return trustNames(a, o.allowNames)
			}
			return runTrust(a)
		},
	}
	fl := cmd.Flags()
	fl.BoolVar(&o.print, "print", false, "print what to set CREDFILE_TRUST to")
	fl.BoolVar(&o.forget, "forget", false, "forget what this machine knows about the file")
	fl.StringVar(&o.plugin, "plugin", "", "allow the age plugin `NAME` to run when a file names it")
	fl.StringSliceVar(&o.allowNames, "allow-name", nil, "allow env to pass `NAME` from this file, even though it can make programs run other code (repeatable, or NAME,NAME)")
	return cmd
}

// judgeByMemory opens the file and compares it with this machine's memory only.
func judgeByMemory(a *app) (*file, *trust.Sight, *trust.Judgement, error) {
	f, err := a.open()
	if err != nil {
		return nil, nil, nil, err
	}
	sight, err := f.Sight()
	if err != nil {
		return nil, nil, nil, at(f.Path, err)
	}
	return f, sight, trust.Judge(sight.Known, f.File), nil
}

func runTrust(a *app) error {
	f, sight, j, err := judgeByMemory(a)
	if err != nil {
		return err
	}
	if userMemory(a).Dir == "" {
		return &plainError{text: "this machine has no state directory to remember it in", code: exitOther,
			hint: "set HOME or XDG_STATE_HOME, or say what to trust with CREDFILE_TRUST"}
	}
	if sight.Misfit != nil && len(a.profiles) > 0 {
		return at(f.Path, &usageError{text: misfitText(sight.Misfit) + "; you can only approve it as a whole", hint: "run credfile trust without --profile"})
	}
	names := a.profiles
	if j.FirstSight {
		names = nil
	}
	asked, err := toTrust(f, j, names)
	if err != nil {
		return at(f.Path, err)
	}
	if _, err := f.Judge(); err != nil {
		return at(f.Path, err) // the user's approval does not override CREDFILE_TRUST
	}
	damaged := damages(j)
	if len(asked) == 0 {
		showTrust(a, f, sight, j, shown(j, names))
		if damaged != nil {
			return at(f.Path, damaged)
		}
		a.say("nothing to approve: this machine knows everything in the file")
		return nil
	}
	for _, v := range asked {
		if v.Section != nil {
			if err := f.VerifyProfile(v.Name); err != nil {
				return at(f.Path, err) // a damaged section can't be approved
			}
		}
	}
	showTrust(a, f, sight, j, asked)
	if err := a.dialog.Confirm("Trust this from now on?"); err != nil {
		return err
	}
	take := make([]string, len(asked))
	for i, v := range asked {
		take[i] = v.Name
	}
	if sight.Misfit != nil || j.FirstSight {
		take = []string{trust.AllProfiles}
	}
	if err := sight.Trust(f.File, take...); err != nil {
		return err
	}
	a.say("%s: approved", f.Path)
	return at(f.Path, damaged)
}

// damages returns the errors of sections that do not verify. Those can't be approved.
func damages(j *trust.Judgement) error {
	var errs []error
	for _, v := range j.Verdicts {
		errs = append(errs, v.Damage)
	}
	return many(errs...)
}

// toTrust returns the verdicts that need the user's approval.
func toTrust(f *file, j *trust.Judgement, names []string) ([]*trust.Verdict, error) {
	for _, name := range names {
		if j.Of(name) == nil {
			_, err := f.Profile(name) // the error says that it is missing
			return nil, err
		}
	}
	var asked []*trust.Verdict
	for _, v := range j.Verdicts {
		if len(names) > 0 && !slices.Contains(names, v.Name) {
			continue
		}
		err := v.Check(trust.Options{Write: true})
		if v.State == trust.Damaged {
			if len(names) > 0 {
				return nil, err
			}
			continue
		}
		if err != nil || j.FirstSight {
			asked = append(asked, v)
		}
	}
	return asked, nil
}

// shown returns the verdicts on the named profiles, or on all.
func shown(j *trust.Judgement, names []string) []*trust.Verdict {
	if len(names) == 0 {
		return j.Verdicts
	}
	var vs []*trust.Verdict
	for _, name := range names {
		vs = append(vs, j.Of(name))
	}
	return vs
}

// trustPrint prints pins, but only for what this machine trusts.
func trustPrint(a *app) error {
	f, sight, j, err := judgeByMemory(a)
	if err != nil {
		return err
	}
	names := a.profiles
	if len(names) == 0 {
		names = f.Names()
	}
	var pins []string
	for _, name := range names {
		s, err := f.Profile(name)
		if v := j.Of(name); err == nil || v != nil && v.State == trust.Gone {
			err = v.Check(trust.Options{Write: true})
		}
		if err != nil {
			return at(f.Path, err)
		}
		pins = append(pins, trust.Pin(f.ID(), s))
	}
	if j.FirstSight {
		if a.strict {
			return at(f.Path, &plainError{text: "this machine has not seen the file before", code: exitDamaged, hint: "run credfile trust without --profile"})
		}
		if _, err := f.Judge(); err != nil {
			return at(f.Path, err)
		}
		f.TellFirstUse()
	}
	if _, err = fmt.Fprintln(a.stdout, strings.Join(pins, ",")); err != nil {
		return err
	}
	sayAllowedNames(a, f, sight, names)
	return nil
}

// sayAllowedNames says what a machine with CREDFILE_TRUST also needs.
func sayAllowedNames(a *app, f *file, sight *trust.Sight, profiles []string) {
	var names []string
	for _, profile := range profiles {
		s, err := f.Profile(profile)
		if err != nil {
			continue
		}
		for i := range s.Entries {
			if name := s.Entries[i].Name; slices.Contains(sight.AllowNames, name) {
				names = append(names, name)
			}
		}
	}
	if len(names) > 0 {
		a.say("you allowed env to pass these names; where you set CREDFILE_TRUST, also set CREDFILE_ALLOW_NAMES=%s", strings.Join(unique(names), ","))
	}
}

func trustForget(a *app) error {
	if len(a.profiles) > 0 {
		return &usageError{text: "--forget works on the whole file, not on one profile", hint: "run credfile trust --forget without --profile"}
	}
	f, err := a.open()
	if err != nil {
		return err
	}
	if err := a.dialog.Confirm(fmt.Sprintf("Forget what this machine knows about %s?", f.Path)); err != nil {
		return err
	}
	if err := userMemory(a).Forget(f.ID(), f.Place); err != nil {
		return err
	}
	a.say("%s: forgotten; the next use is a first use", f.Path)
	return nil
}

func trustPlugin(a *app, name string) error {
	if !format.ValidName(name) || strings.ContainsAny(name, "/:@") {
		return &usageError{text: fmt.Sprintf("%q is not a valid name of a plugin", name), hint: "for age-plugin-yubikey, use yubikey"}
	}
	if err := userMemory(a).AllowPlugin(name); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return &plainError{text: "this machine has no state directory to remember it in", code: exitOther, hint: "set CREDFILE_PLUGINS=" + name}
		}
		return err
	}
	a.say("age-plugin-%s may now run when a file names it", name)
	return nil
}

func trustNames(a *app, names []string) error {
	for _, name := range names {
		if !format.ValidName(name) {
			return &vaultfile.NameError{Kind: "credential", Name: name}
		}
	}
	f, sight, j, err := judgeByMemory(a)
	if err != nil {
		return err
	}
	for _, v := range j.Verdicts {
		if v.State == trust.Misplaced {
			return at(f.Path, v.Check(trust.Options{}))
		}
	}
	if userMemory(a).Dir == "" {
		return &plainError{text: "this machine has no state directory to remember it in", code: exitOther, hint: "set CREDFILE_ALLOW_NAMES=" + strings.Join(names, ",")}
	}
	if err := sight.Learn(f.File); err != nil {
		return err
	}
	for _, name := range names {
		if err := sight.AllowName(name); err != nil {
			return err
		}
	}
	a.say("%s: env may pass %s on this machine", f.Path, strings.Join(names, ", "))
	return nil
}
