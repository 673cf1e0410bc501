package main

import (
	"errors"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/jsondoc"
	"github.com/credfile/credfile/vaultfile"
	"github.com/credfile/credfile/vaultfile/trust"
)

func newList(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Example: "  credfile list\n  credfile list -p production --json",
		Long:    `Lists the credentials of every profile, or of those given with --profile: their names, when their values last changed and when they expire. It needs no key.`,
		Args:    args(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			f, sections, err := a.sections()
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(jsondoc.NewCredentials(f.path, sections))
			}
			w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
			for _, s := range sections {
				for i := range s.Entries {
					listEntry(w, s, &s.Entries[i])
				}
			}
			return w.Flush()
		},
	}
}

func listEntry(w *tabwriter.Writer, s *format.Profile, e *format.Entry) {
	if e.IsComment() {
		return
	}
	fmt.Fprintf(w, "%s\t%s\t%s", s.Name, e.Name, format.FormatDate(e.Time))
	if !e.Expires.IsZero() {
		fmt.Fprintf(w, "\texpires %s", format.FormatDate(e.Expires))
	}
	fmt.Fprintln(w)
}

func newRecipients(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "recipients",
		Example: "  credfile recipients\n  credfile recipients -p production",
		Long:    `Lists who can open every profile, or those given with --profile. A writer can read and change the profile; a reader can read it. The last column is a fingerprint of the recipient. It needs no key.`,
		Args:    args(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			f, sections, err := a.sections()
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(jsondoc.NewRecipients(f.path, sections))
			}
			w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
			for _, s := range sections {
				for i := range s.Recipients {
					r := &s.Recipients[i]
					fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", s.Name, r.Name, jsondoc.Role(r), jsondoc.Kind(r), vaultfile.Fingerprint(r.String))
				}
			}
			return w.Flush()
		},
	}
}

// sections returns the selected profiles, each verified. Profiles that are not approved
// cause a warning, not an error: nothing in them is opened.
func (a *app) sections() (*file, []*format.Profile, error) {
	f, err := a.open()
	if err != nil {
		return nil, nil, err
	}
	names := a.profiles
	if len(names) == 0 || a.all {
		names = f.Names()
	}
	var sections []*format.Profile
	for _, name := range names {
		s, err := f.Profile(name)
		if err == nil {
			sections = append(sections, s)
			err = a.warnOfProfile(f, name)
		}
		if err != nil {
			return nil, nil, at(f.path, err)
		}
	}
	return f, sections, nil
}

func (a *app) warnOfProfile(f *file, name string) error {
	if err := a.judge(f); err != nil {
		return err
	}
	for _, j := range f.judged {
		err := j.Of(name).Check(trust.Options{Strict: a.strict})
		if err != nil && a.strict {
			return err
		}
		if err != nil {
			a.warn("%s; it won't be opened", about(f.path, explain(err).text))
		}
	}
	return nil
}

func newVerify(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "verify",
		Example: "  credfile verify\n  git show HEAD:.credentials.age | credfile -f - verify",
		Long:    `Checks everything in the file that can be checked without a key: its syntax, every signature, every recipient and every wrapped key. It also checks that every profile is the one that this machine and CREDFILE_TRUST know.`,
		Args:    args(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			f, err := a.verified()
			if err != nil {
				return err
			}
			profiles, credentials := size(f)
			firstSight := f.judged[0].FirstSight && len(f.judged) == 1
			if a.json {
				return a.printJSON(jsondoc.Verify{Schema: jsondoc.Schema, File: f.path, Profiles: profiles, Credentials: credentials, FirstSight: firstSight})
			}
			a.say("%s: all signatures are valid (%s, %s)", f.path, count(profiles, "profile"), count(credentials, "credential"))
			if firstSight {
				a.say("this machine has not seen the file before, so it can't tell whether the keys are the right ones")
			}
			return nil
		},
	}
}

// verified opens the file and checks everything in it that needs no key.
func (a *app) verified() (*file, error) {
	f, err := a.open()
	if err != nil {
		return nil, err
	}
	return f, at(f.path, many(f.Verify(), a.verifyTrust(f)))
}

// verifiedSections returns the selected profiles of a file that is valid as a whole.
func (a *app) verifiedSections() (*file, []*format.Profile, error) {
	f, err := a.verified()
	if err != nil {
		return nil, nil, err
	}
	names := f.Names()
	if len(a.profiles) > 0 {
		names = unique(a.profiles)
	}
	sections := make([]*format.Profile, len(names))
	for i, name := range names {
		if sections[i], err = f.Profile(name); err != nil {
			return nil, nil, at(f.path, err)
		}
	}
	return f, sections, nil
}

// verifyTrust returns an error for every profile that is not approved.
func (a *app) verifyTrust(f *file) error {
	if err := a.judge(f); err != nil {
		return err
	}
	var errs []error
	for i, j := range f.judged {
		for _, v := range j.Verdicts {
			if v.State == trust.Damaged {
				f.tell(v.Damage.Error()) // Verify returns it as an error
				continue
			}
			if v.State == trust.Gone && !a.strict && i == 0 {
				continue // only a warning, unless pinned
			}
			if err := v.Check(trust.Options{Strict: a.strict, AllowSuperseded: a.allowSuperseded}); err != nil && !unlisted(err) {
				errs = append(errs, err)
			}
		}
	}
	if err := a.warnOfTrust(f, ""); err != nil {
		return err
	}
	return many(errs...)
}

// unlisted reports whether CREDFILE_TRUST lists other profiles of the file but not this
// one. A machine only gets the entries that it needs.
func unlisted(err error) bool {
	var r *trust.Refusal
	return errors.As(err, &r) && r.Pinned() && r.Why == trust.ErrUnvouched && r.Others()
}

func size(f *file) (profiles, credentials int) {
	for _, name := range f.Names() {
		s, _ := f.Profile(name)
		for i := range s.Entries {
			if !s.Entries[i].IsComment() {
				credentials++
			}
		}
	}
	return len(f.Names()), credentials
}

func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}
