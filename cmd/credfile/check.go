package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/cli"
	"github.com/credfile/credfile/internal/health"
	"github.com/credfile/credfile/internal/jsondoc"
	"github.com/credfile/credfile/vaultfile"
)

type checkOptions struct {
	health.Policy
	require  []string
	expiring string
	minKDF   []string
}

func newCheck(a *app) *cobra.Command {
	var o checkOptions
	cmd := &cobra.Command{
		Use: "check",
		Long: `Checks everything that verify checks, and then what the flags ask for. It covers every profile, or those given with --profile.

It prints one line for each finding and exits with 8 if there is one; otherwise it prints nothing and exits with 0. Without flags, it finds expired credentials, and values that people who lost access still know. It needs no key, except for --require in a profile with hidden names.`,
		Example: "  credfile check\n  credfile check -p production --require DATABASE_URL --expiring 14d\n" +
			"  credfile check --pq --min-writers 2 --min-kdf argon2id:262144:3",
		Args: cli.Args(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.parse(cmd); err != nil {
				return err
			}
			return runCheck(a, &o)
		},
	}
	fl := cmd.Flags()
	fl.StringSliceVar(&o.require, "require", nil, "require credential `NAME` in every profile (repeatable, or NAME,NAME)")
	fl.StringVar(&o.expiring, "expiring", "", "find credentials that have expired or will within `DAYS`, such as 14d or 2w")
	fl.BoolVar(&o.Exposed, "exposed", false, "find values known to people who lost access")
	fl.BoolVar(&o.Classic, "pq", false, "find recipients and locks that are not post-quantum")
	fl.IntVar(&o.Writers, "min-writers", 0, "require at least `N` writers in every profile")
	fl.BoolVar(&o.PassphraseOnly, "no-passphrase-only", false, "find profiles whose writers use only passphrases")
	fl.StringArrayVar(&o.minKDF, "min-kdf", nil, "`KDF`: require at least this cost of passphrases: argon2id:KIB:PASSES or scrypt:LOGN (repeatable; other kinds are not allowed)")
	return cmd
}

func (o *checkOptions) parse(cmd *cobra.Command) error {
	var err error
	if o.Dates = cli.Given(cmd, "expiring"); o.Dates {
		if o.Within, err = health.ParseDays(o.expiring); err != nil {
			return err
		}
	}
	if cli.Given(cmd, "require") && len(o.require) == 0 {
		return &usageError{Text: "--require needs a name", Hint: "for example: --require DATABASE_URL,STRIPE_API_KEY"}
	}
	for _, name := range o.require {
		if !format.ValidName(name) {
			return &vaultfile.NameError{Kind: "credential", Name: name}
		}
	}
	if cli.Given(cmd, "min-writers") && o.Writers < 1 {
		return &usageError{Text: "--min-writers needs a number of at least 1", Hint: "for example: --min-writers 2"}
	}
	if !cli.Given(cmd, "require", "expiring", "exposed", "pq", "min-writers", "no-passphrase-only", "min-kdf") {
		o.Dates, o.Within, o.Exposed = true, health.ExpiredOnly, true
	}
	return o.parseMinima()
}

func (o *checkOptions) parseMinima() error {
	o.Minima = health.Minima{}
	for _, text := range o.minKDF {
		const example = "for example: --min-kdf argon2id:262144:3"
		switch lock, err := o.Minima.Add(text); {
		case errors.Is(err, health.ErrMinimumTwice):
			return &usageError{Text: "--min-kdf is given twice for " + lock, Hint: "use it once for each kind"}
		case errors.Is(err, health.ErrMinimum):
			return &usageError{Text: fmt.Sprintf("--min-kdf %q must have the form argon2id:KIB:PASSES or scrypt:LOGN", text), Hint: example}
		case err != nil:
			return &usageError{Text: fmt.Sprintf("--min-kdf %s: %v", text, err), Hint: example}
		}
	}
	return nil
}

func runCheck(a *app, o *checkOptions) error {
	f, sections, err := verifiedSections(a)
	if err != nil {
		return err
	}
	var ps []health.Finding
	for _, s := range sections {
		missing, err := missingNames(a, f, s, o.require)
		if err != nil {
			return at(f.Path, err)
		}
		ps = append(append(ps, missing...), o.Check(s, startOfDay(a))...)
	}
	if a.json {
		if err := a.printJSON(jsondoc.Check{Schema: jsondoc.Schema, File: f.Path, Findings: jsondoc.NewFindings(ps, findingWords)}); err != nil {
			return err
		}
	} else {
		for _, p := range ps {
			if _, err := fmt.Fprintf(a.stdout, "%s: %s\n", p.Profile, findingText(&p)); err != nil {
				return err
			}
		}
	}
	if len(ps) > 0 {
		return &exitCode{exitFound}
	}
	return nil
}

// missingNames finds the names that a profile lacks. If the names are hidden, it opens the
// profile. Failing to open it is an error: an unchecked profile must not pass.
func missingNames(a *app, f *file, s *format.Profile, names []string) ([]health.Finding, error) {
	if len(names) == 0 {
		return nil, nil
	}
	if !s.Hidden {
		return health.Absent(s, unique(names), health.Visible(s)), nil
	}
	p, err := f.Unlock(s.Name, read)
	if err != nil {
		return nil, namesHidden(s.Name, err)
	}
	return health.Absent(s, unique(names), p.Has), nil
}
