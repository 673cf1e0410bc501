package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/cli"
	"github.com/credfile/credfile/internal/jsondoc"
	"github.com/credfile/credfile/vaultfile"
)

type profileOptions struct {
	recipients  []string
	onlyMe      bool
	like        string
	locks       lockFlags
	hiddenNames bool
}

func newProfile(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "profile list|add|remove|rename",
		Example: "  credfile profile list\n  credfile profile add staging",
		Short:   "",
		Long:    "Lists, adds, removes and renames profiles. Each profile has its own key, readers and writers.",
		RunE: func(cmd *cobra.Command, args []string) error {
			return &usageError{Text: "profile needs list, add, remove or rename", Hint: "usage: credfile profile list|add|remove|rename"}
		},
	}
	var o profileOptions
	add := &cobra.Command{
		Use:     "add NAME",
		Short:   "add a profile",
		Long:    `Adds a profile for the writers of the current one (--profile), but not for its readers. The key of the current profile vouches for the new one, so colleagues' machines accept it.`,
		Example: "  credfile profile add staging\n  credfile profile add production --only-me",
		Args:    cli.Args("NAME"),
		RunE:    func(cmd *cobra.Command, args []string) error { return profileAdd(a, args[0], o) },
	}
	fl := add.Flags()
	fl.StringArrayVarP(&o.recipients, "recipient", "r", nil, "`NAME=RECIPIENT`: add NAME as a writer, and no one else (repeatable)")
	fl.BoolVar(&o.onlyMe, "only-me", false, "add it only for yourself")
	fl.StringVar(&o.like, "like", "", "add it for the readers and writers of `PROFILE`")
	rename := &cobra.Command{
		Use:   "rename OLD NEW",
		Short: "rename a profile",
		Long:  "Renames a profile. Its keys, recipients and credentials stay the same, and colleagues' machines recognize it.",
		Args:  cli.Args("OLD", "NEW"),
		RunE:  func(cmd *cobra.Command, args []string) error { return profileRename(a, args[0], args[1]) },
	}
	fl.BoolVar(&o.hiddenNames, "hidden-names", false, "hide the names of credentials from people without a key")
	o.locks.register(a, fl)
	remove := &cobra.Command{
		Use:   "remove NAME",
		Short: "remove a profile",
		Long:  `Removes a profile and all its credentials. A signed record remains, so that colleagues' machines accept the removal. Older copies of the file still contain the profile.`,
		Args:  cli.Args("NAME"),
		RunE:  func(cmd *cobra.Command, args []string) error { return profileRemove(a, args[0]) },
	}
	list := &cobra.Command{
		Use:   "list",
		Short: "list the profiles",
		Long:  "Lists all profiles, even empty ones, with the number of credentials and the writers of each. It needs no key.",
		Args:  cli.Args(),
		RunE:  func(*cobra.Command, []string) error { return profileList(a) },
	}
	cmd.AddCommand(list, add, remove, rename)
	return cmd
}

func profileList(a *app) error {
	f, sections, err := selectedSections(a, &earlier{})
	if err != nil {
		return err
	}
	if a.json {
		return a.printJSON(jsondoc.NewCredentials(f.Path, sections))
	}
	var rows [][]string
	for _, s := range sections {
		n := 0
		for i := range s.Entries {
			if s.Entries[i].HasValue() {
				n++
			}
		}
		rows = append(rows, []string{s.Name, count(n, "credential"), "writers: " + strings.Join(s.Writers(), ", ")})
	}
	return printTable(a, rows)
}

func profileAdd(a *app, name string, o profileOptions) error {
	current, err := a.profile()
	if err != nil {
		return err
	}
	named := len(o.recipients)+len(o.locks.passphrase)+len(o.locks.openpgp) > 0
	if count1(named, o.onlyMe, o.like != "") > 1 {
		return &usageError{Text: "use one of -r (or --passphrase, --openpgp), --only-me and --like", Hint: "see credfile help profile add"}
	}
	given, err := parseRecipients(a, o.recipients)
	if err != nil {
		return err
	}
	var who []string
	var locks []vaultfile.Recipient
	err = a.updateFile(func(f *file) error {
		if _, err := f.Unlock(current, write); err != nil {
			return err
		}
		if locks, err = newLocks(a, f, o.locks, nil); err != nil {
			return err
		}
		for i := range locks {
			locks[i].Writer = true
		}
		return unusedPassphrases(a)
	}, func(f *file) ([]string, error) {
		voucher, err := f.Unlock(current, write)
		if err != nil {
			return nil, err
		}
		rs := slices.Concat(given, locks)
		if !named {
			rs, err = likeRecipients(a, f, voucher, o)
			rs = append(rs, locks...)
		}
		if err != nil {
			return nil, err
		}
		if who, err = addProfile(a, f, voucher, name, rs, o.hiddenNames); err != nil {
			return nil, err
		}
		return []string{name}, showGenerated(a)
	})
	var role *vaultfile.RoleError
	if errors.As(err, &role) {
		return onlyReadsCurrent(current)
	}
	if err != nil {
		return err
	}
	a.say("profile %s created, for %s", name, strings.Join(who, ", "))
	return nil
}

// addProfile adds the profile and returns its recipients, as shown to the user.
func addProfile(a *app, f *file, voucher *vaultfile.Profile, name string, rs []vaultfile.Recipient, hidden bool) (who []string, err error) {
	f.TellOfName(name, format.ID{})
	p, err := f.Add(name, rs, voucher)
	if err == nil && hidden {
		err = p.HideNames()
	}
	if err != nil {
		return nil, err
	}
	for _, r := range rs {
		who = append(who, fmt.Sprintf("%s (%s)", r.Name, roleName(r.Writer)))
	}
	return who, nil
}

// likeRecipients returns the recipients of a new profile if no flag names them.
func likeRecipients(a *app, f *file, voucher *vaultfile.Profile, o profileOptions) ([]vaultfile.Recipient, error) {
	from := voucher
	if o.like != "" {
		var err error
		if from, err = f.Unlock(o.like, lend); err != nil {
			return nil, err
		}
		if !from.Writer() {
			return nil, onlyReadsLike(o.like)
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

func profileRemove(a *app, name string) error {
	err := a.updateFile(func(f *file) error {
		p, err := f.Unlock(name, write)
		if err != nil {
			return err
		}
		if err := p.CheckWriter(); err != nil {
			return err
		}
		credentials := 0
		for i := range p.Section().Entries {
			if p.Section().Entries[i].HasValue() {
				credentials++
			}
		}
		return a.dialog.Confirm(fmt.Sprintf("Remove profile %s, with %s, from %s?", name, count(credentials, "credential"), f.Path))
	}, func(f *file) ([]string, error) {
		p, err := f.Unlock(name, write)
		if err != nil {
			return nil, err
		}
		return nil, p.Remove()
	})
	if err != nil {
		return err
	}
	a.say("profile %s removed", name)
	return nil
}

func profileRename(a *app, old, name string) error {
	err := a.update(old, func(f *file, p *vaultfile.Profile) ([]string, error) {
		f.TellOfName(name, p.Section().ID)
		return []string{name}, p.RenameProfile(name)
	})
	if err != nil {
		return err
	}
	a.say("profile %s renamed to %s", old, name)
	return nil
}
