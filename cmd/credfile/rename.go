package main

import (
	"github.com/spf13/cobra"

	"github.com/credfile/credfile/vaultfile"
)

func newRename(a *app) *cobra.Command {
	return &cobra.Command{
		Use:  "rename OLD NEW",
		Long: "Gives a credential another name; its value, its place and its time stay.",
		Args: args(2, 2),
		RunE: func(cmd *cobra.Command, names []string) error {
			profile, err := a.profile()
			if err != nil {
				return err
			}
			err = a.update(profile, func(f *file, p *vaultfile.Profile) error { return p.Rename(names[0], names[1]) })
			if err != nil {
				return err
			}
			a.say("%s: %s is called %s now", profile, names[0], names[1])
			a.noteNames(names[1])
			return nil
		},
	}
}

func newCopy(a *app) *cobra.Command {
	var to string
	var overwrite bool
	cmd := &cobra.Command{
		Use: "copy NAME… --to PROFILE",
		Long: `Copies credentials to another profile, with their times and expiry dates: all of
them, or none. Whoever left and knows a value is listed there, too.`,
		Example: "  credfile copy DATABASE_URL -p staging --to production",
		Args:    args(1, -1),
		RunE:    func(cmd *cobra.Command, names []string) error { return a.copy(names, to, overwrite) },
	}
	cmd.Flags().StringVar(&to, "to", "", "the `PROFILE` that gets them")
	cmd.Flags().BoolVar(&overwrite, "overwrite", false, "replace other values")
	return cmd
}

func (a *app) copy(names []string, to string, overwrite bool) error {
	profile, err := a.profile()
	if err != nil {
		return err
	}
	if to == "" || to == profile {
		return &usageError{text: "to which other profile?", hint: "credfile copy NAME --to PROFILE"}
	}
	both := func(f *file) (from, dest *vaultfile.Profile, err error) {
		if from, err = a.unlock(f, profile, read); err == nil {
			dest, err = a.unlock(f, to, write)
		}
		return from, dest, err
	}
	var changed []bool
	err = a.updateFile(func(f *file) error {
		_, _, err := both(f)
		return err
	}, func(f *file) ([]string, error) {
		from, dest, err := both(f)
		if err != nil {
			return nil, err
		}
		changed = nil
		for _, name := range names {
			c, err := from.Copy(name, dest, overwrite)
			if err != nil {
				return nil, err
			}
			changed = append(changed, c)
		}
		return nil, nil
	})
	if err != nil {
		return err
	}
	for i, name := range names {
		if changed[i] {
			a.say("%s: %s copied to %s", profile, name, to)
		} else {
			a.say("%s: %s unchanged", to, name)
		}
	}
	return nil
}
