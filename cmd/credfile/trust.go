package main

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/spf13/cobra"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/cli"
	"github.com/credfile/credfile/internal/machine"
	"github.com/credfile/credfile/vaultfile"
	"github.com/credfile/credfile/vaultfile/trust"
)

type trustOptions struct {
	print, forget bool
	plugin        string
	source        string
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
			switch n := count1(o.print && o.source == "", o.forget, o.source != "", o.plugin != "", len(o.allowNames) > 0); {
			case n > 1:
				return &usageError{Text: "use one of --print, --plugin, --source, --allow-name and --forget", Hint: "see credfile help trust"}
			case o.plugin != "":
				return trustPlugin(a, o.plugin)
			case o.source != "":
				return trustSource(a, o.source, o.print)
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
	fl.StringVar(&o.source, "source", "", "agree to use the source `NAME` as it is defined now; with --print, print what to set CREDFILE_SOURCES to")
	fl.StringSliceVar(&o.allowNames, "allow-name", nil, "allow env to pass `NAME` from this file, even though it can make programs run other code (repeatable, or NAME,NAME)")
	return cmd
}

// approval opens the file and compares it with this machine's memory only.
func approval(a *app, profiles []string) (*file, *machine.Approval, error) {
	f, err := a.open()
	if err != nil {
		return nil, nil, err
	}
	x, err := f.Approval(profiles)
	return f, x, at(f.Path, err)
}

func runTrust(a *app) error {
	f, err := a.open()
	if err != nil {
		return err
	}
	sight, err := f.Sight()
	if err != nil {
		return at(f.Path, err)
	}
	if a.machine.Memory.Dir == "" {
		return noMemory("set HOME or XDG_STATE_HOME, or say what to trust with CREDFILE_TRUST")
	}
	if sight.Misfit != nil && len(a.profiles) > 0 {
		return at(f.Path, &usageError{Text: misfitText(sight.Misfit) + "; you can only approve it as a whole", Hint: "run credfile trust without --profile"})
	}
	x, err := f.Approval(a.profiles)
	if err == nil {
		_, err = f.Judge() // the user's approval does not override CREDFILE_TRUST
	}
	if err != nil {
		return at(f.Path, err)
	}
	return approve(a, f, x)
}

// approve shows what there is to approve, and asks for it.
func approve(a *app, f *file, x *machine.Approval) error {
	if len(x.Asked) == 0 {
		showTrust(a, f, x, shown(a, x))
		if len(x.Damage) == 0 {
			a.say("nothing to approve: this machine knows everything in the file")
		}
		return at(f.Path, many(x.Damage...))
	}
	if err := x.Verify(); err != nil {
		return at(f.Path, err)
	}
	showTrust(a, f, x, x.Asked)
	if err := a.dialog.Confirm("Trust this from now on?"); err != nil {
		return err
	}
	if err := x.Approve(); err != nil {
		return err
	}
	a.say("%s: approved", f.Path)
	return at(f.Path, many(x.Damage...))
}

// shown returns the verdicts on the profiles that the user named, or on all.
func shown(a *app, x *machine.Approval) []*trust.Verdict {
	if len(a.profiles) == 0 || x.Judgement.FirstSight {
		return x.Judgement.Verdicts
	}
	var vs []*trust.Verdict
	for _, name := range a.profiles {
		vs = append(vs, x.Judgement.Of(name))
	}
	return vs
}

// trustPrint prints pins, but only for what this machine trusts.
func trustPrint(a *app) error {
	f, x, err := approval(a, nil)
	if err != nil {
		return err
	}
	names := a.profiles
	if len(names) == 0 {
		names = f.Names()
	}
	pins, err := x.Pins(names)
	if err != nil {
		return at(f.Path, err)
	}
	if x.Judgement.FirstSight {
		if a.strict {
			return at(f.Path, notSeen())
		}
		if _, err := f.Judge(); err != nil {
			return at(f.Path, err)
		}
		f.TellFirstUse()
	}
	if _, err = fmt.Fprintln(a.stdout, strings.Join(pins, ",")); err != nil {
		return err
	}
	if allowed := x.AllowedNames(names); len(allowed) > 0 {
		a.say("you allowed env to pass these names; where you set CREDFILE_TRUST, also set CREDFILE_ALLOW_NAMES=%s", strings.Join(allowed, ","))
	}
	return nil
}

func trustForget(a *app) error {
	if len(a.profiles) > 0 {
		return &usageError{Text: "--forget works on the whole file, not on one profile", Hint: "run credfile trust --forget without --profile"}
	}
	f, err := a.open()
	if err != nil {
		return err
	}
	if err := a.dialog.Confirm(fmt.Sprintf("Forget what this machine knows about %s?", f.Path)); err != nil {
		return err
	}
	if err := a.machine.Memory.Forget(f.ID(), f.Place); err != nil {
		return err
	}
	a.say("%s: forgotten; the next use is a first use", f.Path)
	return nil
}

func trustPlugin(a *app, name string) error {
	if !format.ValidName(name) || strings.ContainsAny(name, "/:@") {
		return &usageError{Text: fmt.Sprintf("%q is not a valid name of a plugin", name), Hint: "for age-plugin-yubikey, use yubikey"}
	}
	err := a.machine.Memory.AllowPlugin(name)
	if errors.Is(err, fs.ErrNotExist) {
		return noMemory("set CREDFILE_PLUGINS=" + name)
	} else if err != nil {
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
	f, x, err := approval(a, nil)
	if err != nil {
		return err
	}
	if a.machine.Memory.Dir == "" {
		return noMemory("set CREDFILE_ALLOW_NAMES=" + strings.Join(names, ","))
	}
	if err := x.AllowNames(names); err != nil {
		return at(f.Path, err)
	}
	a.say("%s: env may pass %s on this machine", f.Path, strings.Join(names, ", "))
	return nil
}
