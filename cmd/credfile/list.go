package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/keys"
	"github.com/credfile/credfile/vaultfile"
)

func newList(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "list",
		Long: `Lists the credentials of every profile, or of those that --profile names: their
names, when their values last changed, and when they expire. It needs no key.`,
		Args: args(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.table(func(w *tabwriter.Writer, s *format.Profile) {
				for i := range s.Entries {
					e := &s.Entries[i]
					if e.IsComment() {
						continue
					}
					fmt.Fprintf(w, "%s\t%s\t%s", s.Name, e.Name, format.FormatDate(e.Time))
					if !e.Expires.IsZero() {
						fmt.Fprintf(w, "\texpires %s", format.FormatDate(e.Expires))
					}
					fmt.Fprintln(w)
				}
			})
		},
	}
}

func newRecipients(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "recipients",
		Long: `Lists who can open each profile, or those that --profile names, and in which
role: a writer reads and changes it, a reader reads. The last column is a
fingerprint of the recipient. It needs no key.`,
		Args: args(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.table(func(w *tabwriter.Writer, s *format.Profile) {
				for i := range s.Recipients {
					r := &s.Recipients[i]
					fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", s.Name, r.Name, role(r), kind(r), keys.Fingerprint(r.String))
				}
			})
		},
	}
}

// kind is what people call a recipient's kind of key.
func kind(r *format.Recipient) string {
	name := map[format.Kind]string{
		format.X25519: "age", format.Hybrid: "age post-quantum", format.Tag: "age tag", format.TagHybrid: "age tag post-quantum",
		format.Plugin: "age plugin", format.SSHEd25519: "ssh-ed25519", format.SSHRSA: "ssh-rsa",
	}[format.KindOf(r.String)]
	if r.Lock != "" {
		name += ", " + r.Lock + " lock"
	}
	return name
}

// table prints lines for each profile that was asked for, each verified first.
func (a *app) table(rows func(*tabwriter.Writer, *format.Profile)) error {
	f, path, err := a.open()
	if err != nil {
		return err
	}
	names := a.profiles
	if len(names) == 0 {
		names = f.Names()
	}
	var sections []*format.Profile
	for _, name := range names {
		s, err := f.Profile(name)
		if err != nil {
			return at(path, err)
		}
		sections = append(sections, s)
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	for _, s := range sections {
		rows(w, s)
	}
	return w.Flush()
}

func newVerify(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "verify",
		Long: `Checks everything in the file that can be checked without a key: the text, every
signature, every recipient and the form of everything wrapped for it.`,
		Args: args(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			f, path, err := a.open()
			if err != nil {
				return err
			}
			if err := f.Verify(); err != nil {
				return at(path, err)
			}
			a.say("%s: %s", path, summary(f))
			return nil
		},
	}
}

func summary(f *vaultfile.File) string {
	credentials := 0
	for _, name := range f.Names() {
		s, _ := f.Profile(name)
		for i := range s.Entries {
			if !s.Entries[i].IsComment() {
				credentials++
			}
		}
	}
	return fmt.Sprintf("every signature verifies (%s, %s)", count(len(f.Names()), "profile"), count(credentials, "credential"))
}

func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}
