package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/health"
	"github.com/credfile/credfile/kdf"
	"github.com/credfile/credfile/vaultfile"
)

type checkOptions struct {
	require          []string
	expiring         string
	exposed, pq      bool
	minWriters       int
	noPassphraseOnly bool
	minKDF           []string

	dates  bool // find what has expired or will within so many days
	within int
	minima map[string]kdf.Params // by kind of lock
}

// expiredOnly is a number of days that matches only what has expired.
const expiredOnly = -1

func newCheck(a *app) *cobra.Command {
	var o checkOptions
	cmd := &cobra.Command{
		Use: "check",
		Long: `Checks everything that verify checks, and then what the flags ask for. It covers every profile, or those given with --profile.

It prints one line for each finding and exits with 8 if there is one; otherwise it prints nothing and exits with 0. Without flags, it finds expired credentials, and values that people who lost access still know. It needs no key, except for --require in a profile with hidden names.`,
		Example: "  credfile check\n  credfile check -p production --require DATABASE_URL --expiring 14d\n" +
			"  credfile check --pq --min-writers 2 --min-kdf argon2id:262144:3",
		Args: args(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.parse(cmd); err != nil {
				return err
			}
			return a.check(&o)
		},
	}
	fl := cmd.Flags()
	fl.StringSliceVar(&o.require, "require", nil, "require credential `NAME` in every profile (repeatable, or NAME,NAME)")
	fl.StringVar(&o.expiring, "expiring", "", "find credentials that have expired or will within `DAYS`, such as 14d or 2w")
	fl.BoolVar(&o.exposed, "exposed", false, "find values known to people who lost access")
	fl.BoolVar(&o.pq, "pq", false, "find recipients and locks that are not post-quantum")
	fl.IntVar(&o.minWriters, "min-writers", 0, "require at least `N` writers in every profile")
	fl.BoolVar(&o.noPassphraseOnly, "no-passphrase-only", false, "find profiles whose writers use only passphrases")
	fl.StringArrayVar(&o.minKDF, "min-kdf", nil, "`KDF`: require at least this cost of passphrases: argon2id:KIB:PASSES or scrypt:LOGN (repeatable; other kinds are not allowed)")
	return cmd
}

func (o *checkOptions) parse(cmd *cobra.Command) error {
	given := func(names ...string) bool {
		for _, name := range names {
			if cmd.Flags().Changed(name) {
				return true
			}
		}
		return false
	}
	var err error
	if o.dates = given("expiring"); o.dates {
		if o.within, err = parseDays("--expiring", o.expiring); err != nil {
			return err
		}
	}
	if given("require") && len(o.require) == 0 {
		return &usageError{text: "--require needs a name", hint: "for example: --require DATABASE_URL,STRIPE_API_KEY"}
	}
	for _, name := range o.require {
		if !format.ValidName(name) {
			return &vaultfile.NameError{Kind: "credential", Name: name}
		}
	}
	if given("min-writers") && o.minWriters < 1 {
		return &usageError{text: "--min-writers needs a number of at least 1", hint: "for example: --min-writers 2"}
	}
	if !given("require", "expiring", "exposed", "pq", "min-writers", "no-passphrase-only", "min-kdf") {
		o.dates, o.within, o.exposed = true, expiredOnly, true
	}
	return o.parseMinima()
}

func (o *checkOptions) parseMinima() error {
	for _, text := range o.minKDF {
		usage := &usageError{text: fmt.Sprintf("--min-kdf %q must have the form argon2id:KIB:PASSES or scrypt:LOGN", text), hint: "for example: --min-kdf argon2id:262144:3"}
		full := text
		switch {
		case strings.HasPrefix(text, "argon2id:") && strings.Count(text, ":") == 2:
			full += ":1" // lanes don't affect the cost
		case !strings.HasPrefix(text, "scrypt:"):
			return usage
		}
		min, err := kdf.Parse(full)
		if err != nil {
			usage.text = fmt.Sprintf("--min-kdf %s: %v", text, err)
			return usage
		}
		lock, _, _ := strings.Cut(text, ":")
		if o.minima[lock] != nil {
			return &usageError{text: "--min-kdf is given twice for " + lock + "", hint: "use it once for each kind"}
		}
		if o.minima == nil {
			o.minima = map[string]kdf.Params{}
		}
		o.minima[lock] = min
	}
	return nil
}

// weak compares the cost of a lock with the policy. Each parameter must be met.
func (o *checkOptions) weak(lock string, cost kdf.Params) (want kdf.Params, bad bool) {
	switch min := o.minima[lock].(type) {
	case kdf.Argon2id:
		has, ok := cost.(kdf.Argon2id)
		return min, !ok || has.KiB < min.KiB || has.Passes < min.Passes
	case kdf.Scrypt:
		has, ok := cost.(kdf.Scrypt)
		return min, !ok || has.LogN < min.LogN
	}
	return nil, true // no --min-kdf for this kind of lock
}

func (a *app) check(o *checkOptions) error {
	f, sections, err := a.verifiedSections()
	if err != nil {
		return err
	}
	var ps []health.Finding
	for _, s := range sections {
		missing, err := a.missing(f, s, o.require)
		if err != nil {
			return at(f.Path, err)
		}
		ps = append(append(ps, missing...), o.problems(a, s)...)
	}
	if a.json {
		if err := a.printJSON(jsonCheck{Schema: 1, File: f.Path, Findings: jsonFindings(ps)}); err != nil {
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

// problems finds what the flags ask for, as far as it is visible without a key.
func (o *checkOptions) problems(a *app, s *format.Profile) (ps []health.Finding) {
	if o.dates {
		ps = append(ps, health.Expiries(s, a.today(), o.within)...)
	}
	if o.exposed {
		ps = append(ps, health.Exposures(s)...)
	}
	ps = append(ps, health.FewWriters(s, o.minWriters)...)
	if o.noPassphraseOnly {
		ps = append(ps, health.PassphraseOnly(s)...)
	}
	if len(o.minima) > 0 {
		ps = append(ps, health.WeakLocks(s, o.weak)...)
	}
	if o.pq {
		ps = append(ps, health.Classics(s)...)
	}
	return ps
}

// missing finds the names that a profile lacks. If the names are hidden, it opens the
// profile. Failing to open it is an error: an unchecked profile must not pass.
func (a *app) missing(f *file, s *format.Profile, names []string) (ps []health.Finding, err error) {
	if len(names) == 0 {
		return nil, nil
	}
	has := map[string]bool{}
	if s.Hidden {
		p, err := a.unlock(f, s.Name, read)
		if err != nil {
			x := explain(err)
			return nil, &plainError{text: fmt.Sprintf("can't check the names in profile %q, which are hidden", s.Name), code: x.code,
				details: append([]string{x.text}, x.details...), hint: "use the identity of one of its readers (--identity), or check other profiles (--profile)"}
		}
		for _, name := range names {
			has[name] = p.Has(name)
		}
	}
	for i := range s.Entries {
		if !s.Hidden && !s.Entries[i].IsComment() {
			has[s.Entries[i].Name] = true
		}
	}
	for _, name := range unique(names) {
		if !has[name] {
			p := health.New(s, health.Missing)
			p.Credential = name
			ps = append(ps, p)
		}
	}
	return ps, nil
}
