package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/credfile/credfile/vaultfile"
)

type profileOptions struct {
	recipients []string
	onlyMe     bool
	like       string
}

func newProfile(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "profile add|rename",
		Short: "",
		Long:  "Makes and renames profiles. Each has a key of its own, and its own readers and writers.",
		RunE: func(cmd *cobra.Command, args []string) error {
			return &usageError{text: "add or rename?", hint: "credfile profile add NAME; credfile profile rename OLD NEW"}
		},
	}
	var o profileOptions
	add := &cobra.Command{
		Use:   "add NAME",
		Short: "make a profile",
		Long: `Makes a profile, for the writers of the current one (--profile), whose key vouches
for it: so colleagues' machines accept it. Readers of the current one don't get it.`,
		Example: "  credfile profile add staging\n  credfile profile add production --only-me",
		Args:    args(1, 1),
		RunE:    func(cmd *cobra.Command, args []string) error { return a.profileAdd(args[0], o) },
	}
	fl := add.Flags()
	fl.StringArrayVarP(&o.recipients, "recipient", "r", nil, "exactly these writers, as `NAME=RECIPIENT` (repeatable)")
	fl.BoolVar(&o.onlyMe, "only-me", false, "for you alone")
	fl.StringVar(&o.like, "like", "", "with the readers and writers of `PROFILE`")
	rename := &cobra.Command{
		Use:   "rename OLD NEW",
		Short: "give a profile another name",
		Long:  "Gives a profile another name. Its keys, people and credentials stay, and colleagues' machines know it by its id.",
		Args:  args(2, 2),
		RunE:  func(cmd *cobra.Command, args []string) error { return a.profileRename(args[0], args[1]) },
	}
	cmd.AddCommand(add, rename)
	return cmd
}

func (a *app) profileAdd(name string, o profileOptions) error {
	current, err := a.profile()
	if err != nil {
		return err
	}
	if count1(len(o.recipients) > 0, o.onlyMe, o.like != "") > 1 {
		return &usageError{text: "-r, --only-me and --like exclude each other", hint: "credfile help profile add"}
	}
	given, err := a.parseRecipients(o.recipients)
	if err != nil {
		return err
	}
	var who []string
	err = a.updateFile(func(f *file) error {
		_, err := a.unlock(f, current, write)
		return err
	}, func(f *file) ([]string, error) {
		voucher, err := a.unlock(f, current, write)
		if err != nil {
			return nil, err
		}
		rs, err := a.newRecipients(f, voucher, given, o)
		if err != nil {
			return nil, err
		}
		a.warnOfName(f, name)
		if _, err := f.Add(name, rs, voucher); err != nil {
			return nil, err
		}
		who = nil
		for _, r := range rs {
			who = append(who, fmt.Sprintf("%s (%s)", r.Name, roleName(r.Writer)))
		}
		return []string{name}, nil
	})
	var role *vaultfile.RoleError
	if errors.As(err, &role) {
		return &plainError{text: fmt.Sprintf("you can read profile %q, but not vouch for a new one with it", current), code: exitNoKey,
			hint: "name a profile that you write with --profile"}
	}
	if err != nil {
		return err
	}
	a.say("made profile %s, for %s", name, strings.Join(who, ", "))
	return nil
}

// newRecipients are those of a new profile.
func (a *app) newRecipients(f *file, voucher *vaultfile.Profile, given []vaultfile.Recipient, o profileOptions) ([]vaultfile.Recipient, error) {
	if len(given) > 0 {
		return given, nil
	}
	from := voucher
	if o.like != "" {
		var err error
		if from, err = a.unlock(f, o.like, lend); err != nil {
			return nil, err
		}
		if !from.Writer() {
			return nil, &plainError{text: fmt.Sprintf("you can't write profile %q: its recipients can't be taken from there", o.like), code: exitNoKey,
				hint: "name them with -r NAME=RECIPIENT"}
		}
	}
	var rs []vaultfile.Recipient
	for _, r := range from.Recipients() {
		switch {
		case o.onlyMe && r.Name != voucher.OpenedBy():
		case o.like == "" && !r.Writer:
		default:
			rs = append(rs, r)
		}
	}
	return rs, nil
}

func (a *app) profileRename(old, name string) error {
	err := a.updateFile(func(f *file) error {
		_, err := a.unlock(f, old, write)
		return err
	}, func(f *file) ([]string, error) {
		p, err := a.unlock(f, old, write)
		if err != nil {
			return nil, err
		}
		a.warnOfName(f, name)
		return []string{name}, p.RenameProfile(name)
	})
	if err != nil {
		return err
	}
	a.say("profile %s is called %s now", old, name)
	return nil
}
