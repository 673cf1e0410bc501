package main

import (
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
			f, sections, err := selectedSections(a)
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(jsondoc.NewCredentials(f.Path, sections))
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
			f, sections, err := selectedSections(a)
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(jsondoc.NewRecipients(f.Path, sections))
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

// selectedSections returns the selected profiles, each verified. Profiles that are not approved
// cause a warning, not an error: nothing in them is opened.
func selectedSections(a *app) (*file, []*format.Profile, error) {
	f, err := a.open()
	if err != nil {
		return nil, nil, err
	}
	names := a.profiles
	if len(names) == 0 {
		names = f.Names()
	}
	var sections []*format.Profile
	for _, name := range names {
		s, err := f.Profile(name)
		if err == nil {
			sections = append(sections, s)
			err = warnOfProfile(a, f, name)
		}
		if err != nil {
			return nil, nil, at(f.Path, err)
		}
	}
	return f, sections, nil
}

func warnOfProfile(a *app, f *file, name string) error {
	judged, err := f.Judge()
	if err != nil {
		return err
	}
	for _, j := range judged {
		err := j.Of(name).Check(trust.Options{Strict: a.strict})
		if err != nil && a.strict {
			return err
		}
		if err != nil {
			a.warn("%s; it won't be opened", about(f.Path, explain(err).text))
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
			f, err := verifiedFile(a)
			if err != nil {
				return err
			}
			profiles, credentials := size(f)
			judged, _ := f.Judge() // it did not fail in verified
			firstSight := judged[0].FirstSight && len(judged) == 1
			if a.json {
				return a.printJSON(jsondoc.Verify{Schema: jsondoc.Schema, File: f.Path, Profiles: profiles, Credentials: credentials, FirstSight: firstSight})
			}
			a.say("%s: all signatures are valid (%s, %s)", f.Path, count(profiles, "profile"), count(credentials, "credential"))
			if firstSight {
				a.say("this machine has not seen the file before, so it can't tell whether the keys are the right ones")
			}
			return nil
		},
	}
}

// verifiedFile opens the file and checks everything in it that needs no key.
func verifiedFile(a *app) (*file, error) {
	f, err := a.open()
	if err != nil {
		return nil, err
	}
	return f, at(f.Path, many(append([]error{f.Verify()}, f.VerifyTrust()...)...))
}

// verifiedSections returns the selected profiles of a file that is valid as a whole.
func verifiedSections(a *app) (*file, []*format.Profile, error) {
	f, err := verifiedFile(a)
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
			return nil, nil, at(f.Path, err)
		}
	}
	return f, sections, nil
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
