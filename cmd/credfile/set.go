package main

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/cli"
	"github.com/credfile/credfile/internal/credentials"
	"github.com/credfile/credfile/internal/generate"
	"github.com/credfile/credfile/internal/health"
	"github.com/credfile/credfile/internal/machine"
	"github.com/credfile/credfile/internal/term"
	"github.com/credfile/credfile/vaultfile"
)

func newSet(a *app) *cobra.Command {
	var fromFile, form, expires string
	var allowEmpty, keepValue, asFile bool
	cmd := &cobra.Command{
		Use: "set NAME [-]",
		Long: `Sets a credential. The value comes from a hidden prompt, from standard input (-), from a file, or from --generate, but never from the command line, where ps and your shell's history would show it. If standard input is a single line, its line break is dropped. --generate takes ` + generate.Forms + `.

RULES are letters from l, u, d and s: lower case, upper case, digits and symbols.

With --expires DAY, the credential expires at the end of DAY in UTC: env, check and status warn about it. Without the flag, an expiry date stays as it is.

With --as-file, env passes the credential as a private file, with its path in the variable, each time, and never the value itself. Without a new value, --as-file and --as-file=false change only that.

--keep-value keeps the value even though someone who lost access knows it, and ends the warnings about it.`,
		Example: "  credfile set STRIPE_API_KEY\n  pass show stripe | credfile set STRIPE_API_KEY -\n" +
			"  credfile set TLS_KEY --from-file key.pem --expires 90d",
		Args: func(cmd *cobra.Command, args []string) error {
			if keepValue && len(args) > 0 && !slices.Contains(args, "-") {
				return nil
			}
			return setArgs(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			var o credentials.Options
			if cmd.Flags().Changed("expires") {
				last, err := health.ParseDay(expires, startOfDay(a))
				if err != nil {
					return err
				}
				o.Expires = &last
			}
			if cmd.Flags().Changed("as-file") {
				o.File = &asFile
			}
			if keepValue {
				if fromFile != "" || allowEmpty || form != "" {
					return &usageError{Text: "--keep-value can't be used with a value", Hint: "usage: credfile set NAME… --keep-value"}
				}
				return keepValues(a, args, o)
			}
			if o.File != nil && len(args) == 1 && fromFile == "" && form == "" {
				if has, err := hasCredential(a, args[0]); err != nil || has {
					return runMark(a, args[0], o, err)
				}
			}
			value, err := newValue(a, args, fromFile, form)
			if err != nil {
				return err
			}
			if len(value) == 0 && !allowEmpty {
				return &usageError{Text: "the value is empty", Hint: "if you mean that: --allow-empty"}
			}
			return runSet(a, args[0], value, o)
		},
	}
	cmd.Flags().StringVar(&fromFile, "from-file", "", "read the value from `FILE`, unchanged")
	cmd.Flags().BoolVar(&allowEmpty, "allow-empty", false, "allow an empty value")
	cmd.Flags().StringVar(&form, "generate", "", "`FORM`: generate a value: password (default), words, hex, base64 or uuid")
	cmd.Flags().Lookup("generate").NoOptDefVal = "password"
	cmd.Flags().StringVar(&expires, "expires", "", "expire at the end of `DAY`: a date (2027-05-01), 90d, 12w or never")
	cmd.Flags().BoolVar(&asFile, "as-file", false, "have env pass it as a file; --as-file=false: in the environment")
	cmd.Flags().BoolVar(&keepValue, "keep-value", false, "keep a value that someone who lost access knows")
	return cmd
}

// setArgs refuses a value on the command line, and does not repeat it.
func setArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return &usageError{Text: "set needs a NAME", Hint: "usage: credfile set NAME [-] [flags]"}
	}
	if generate := cmd.Flags().Lookup("generate"); generate.Changed && len(args) == 2 && args[1] != "-" {
		return &usageError{Text: "--generate takes its form after a =", Hint: "use --generate=words, or another form (credfile help set)"}
	}
	name, _, assigned := strings.Cut(args[0], "=")
	if assigned || len(args) > 2 || len(args) == 2 && args[1] != "-" {
		if !format.ValidName(name) {
			name = "NAME"
		}
		return &usageError{
			Text: "don't put a value on the command line, where ps and your shell's history show it",
			Hint: fmt.Sprintf("to read it from standard input: credfile set %s -", name),
		}
	}
	return nil
}

func newValue(a *app, args []string, fromFile, form string) ([]byte, error) {
	if !format.ValidName(args[0]) {
		return nil, &vaultfile.NameError{Kind: "credential", Name: args[0]}
	}
	switch {
	case count1(fromFile != "", len(args) == 2, form != "") > 1:
		return nil, &usageError{Text: "the value has more than one source", Hint: "use one of -, --from-file and --generate"}
	case form != "":
		value, err := generate.Secret(form)
		if err != nil {
			return nil, &usageError{Text: fmt.Sprintf("--generate %v", err), Hint: "for example: --generate=password:24"}
		}
		return []byte(value), nil
	case fromFile != "":
		b, err := readInput(a, fromFile, format.MaxValue)
		return b, err
	case len(args) == 1:
		return askValue(a, args[0])
	}
	b, err := readInput(a, "-", format.MaxValue+2)
	return credentials.FromInput(b), err
}

// askValue asks for a value on the terminal. It first makes sure that the value can be
// saved, so that the user does not type it for nothing.
func askValue(a *app, name string) ([]byte, error) {
	profile, err := a.profile()
	if err != nil {
		return nil, err
	}
	if cli.Piped(a.stdin) {
		return nil, &usageError{Text: "the value has no source", Hint: fmt.Sprintf("to read it from standard input: credfile set %s -", name)}
	}
	f, err := a.open()
	if err != nil {
		return nil, err
	}
	if err := credentials.Writable(f, profile); err != nil {
		return nil, at(f.Path, err)
	}
	return typedValue(a, name, fmt.Sprintf("Value of %s, for profile %s of %s", name, profile, f.Path))
}

// typedValue asks for a value on the terminal. Pasted text may have several lines, such as
// a private key. If the user confirms, it is one value.
func typedValue(a *app, name, prompt string) ([]byte, error) {
	value, err := a.dialog.HiddenValue(prompt)
	if errors.Is(err, term.ErrNoTerminal) {
		return nil, noTerminalFor(name)
	} else if err != nil {
		return nil, err
	}
	value = credentials.FromInput(value)
	if lines := bytes.Count(value, []byte("\n")); lines > 0 {
		err = a.dialog.Confirm(fmt.Sprintf("That is %d lines. Save them as one value of %s?", lines, name))
	}
	return value, err
}

func runSet(a *app, name string, value []byte, o credentials.Options) error {
	return change(a, name, o, func(p *vaultfile.Profile) (credentials.Change, error) { return credentials.Set(p, name, value, o) })
}

// runMark changes only the options of a credential that is there.
func runMark(a *app, name string, o credentials.Options, err error) error {
	if err != nil {
		return err
	}
	return change(a, name, o, func(p *vaultfile.Profile) (credentials.Change, error) { return credentials.Mark(p, name, o) })
}

func hasCredential(a *app, name string) (bool, error) {
	profile, err := a.profile()
	if err != nil {
		return false, err
	}
	f, err := a.open()
	if err != nil {
		return false, err
	}
	p, err := f.Unlock(profile, read)
	if err != nil {
		return false, at(f.Path, err)
	}
	return p.Has(name), nil
}

func change(a *app, name string, o credentials.Options, do func(*vaultfile.Profile) (credentials.Change, error)) error {
	if a.file == "-" {
		return machine.ErrNoPlace
	}
	var done credentials.Change
	var until time.Time
	profile, err := changeProfile(a, func(p *vaultfile.Profile) (err error) {
		if done, err = do(p); err == nil {
			until, err = p.Expiry(name)
		}
		return err
	})
	if err != nil {
		return err
	}
	what := map[credentials.Change]string{credentials.Unchanged: "unchanged", credentials.Added: "added", credentials.Changed: "changed",
		credentials.OtherExpiry: "expiry changed", credentials.OtherWay: "not changed"}[done]
	if o.Expires != nil && done != credentials.Unchanged {
		what += expiresText(until)
	}
	if o.File != nil && done != credentials.Unchanged {
		what += ", " + fileText(*o.File)
	}
	a.say("%s: %s %s", profile, name, what)
	if text := expiryText(startOfDay(a), until, soonDays); text != "" && o.Expires == nil {
		a.warn("%s keeps its old expiry and %s (to change it: set --expires, or edit)", name, text)
	}
	noteNames(a, name)
	return nil
}

// keepValues confirms credentials, and sets their options: all, or none.
func keepValues(a *app, names []string, o credentials.Options) error {
	profile, exposed, err := changeEach(a, names, func(p *vaultfile.Profile, name string) error { return credentials.Confirm(p, name, o) })
	if err != nil {
		return err
	}
	for _, name := range unique(names) {
		if to := exposed[name]; len(to) > 0 {
			a.say("%s: %s kept, even though %s knows it", profile, name, strings.Join(to, ", "))
		} else {
			a.say("%s: %s kept; it was not exposed", profile, name)
		}
	}
	return nil
}

// changeEach changes each credential once: all of them, or none. It returns to whom they
// were exposed before.
func changeEach(a *app, names []string, change func(*vaultfile.Profile, string) error) (profile string, exposed map[string][]string, err error) {
	profile, err = changeProfile(a, func(p *vaultfile.Profile) (err error) {
		exposed, err = credentials.Each(p, unique(names), change)
		return err
	})
	return profile, exposed, err
}

// changeProfile changes the profile that a command works on, and returns its name.
func changeProfile(a *app, change func(*vaultfile.Profile) error) (profile string, err error) {
	if profile, err = a.profile(); err == nil {
		err = a.update(profile, func(_ *file, p *vaultfile.Profile) ([]string, error) { return nil, change(p) })
	}
	return profile, err
}
