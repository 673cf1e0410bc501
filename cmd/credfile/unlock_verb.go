package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/credfile/credfile/internal/cli"
	"github.com/credfile/credfile/internal/jsondoc"
	"github.com/credfile/credfile/internal/keycache"
	"github.com/credfile/credfile/internal/machine"
	"github.com/credfile/credfile/internal/term"
)

func newUnlock(a *app) *cobra.Command {
	var length string
	var status, all bool
	cmd := &cobra.Command{
		Use: "unlock",
		Long: `Opens a profile and keeps its identity unlocked, so that you are not asked again for a passphrase, by gpg or by hardware: for 15 minutes, or as long as --for says, up to a day. This includes passphrases of identity files and SSH keys.

The identity is kept in the kernel's keyring of your login session on Linux, or in the desktop's key store. No process stays behind. To end it early: credfile lock.

With CREDFILE_UNLOCK=15m, every prompt does this. The recovery lock is never kept unlocked.`,
		Example: "  credfile unlock --for 8h\n  credfile unlock --status",
		Args:    cli.Args(),
		RunE: func(*cobra.Command, []string) error {
			if status {
				return unlockStatus(a)
			}
			return unlockFor(a, length, all)
		},
	}
	cmd.Flags().StringVar(&length, "for", "15m", "keep it unlocked for `TIME`")
	cmd.Flags().BoolVar(&all, "all", false, "unlock every profile you can open")
	cmd.Flags().BoolVar(&status, "status", false, "show what is unlocked, and until when")
	return cmd
}

func unlockFor(a *app, length string, all bool) (err error) {
	c := a.keys.Cache
	if c.For, err = parseFor(length); err != nil {
		return &usageError{Text: fmt.Sprintf("--for: %v", err), Hint: "for example: credfile unlock --for 15m"}
	}
	c.Fresh = true
	if c.Store() == nil {
		return noStore(c.Err)
	}
	f, err := a.open()
	if err != nil {
		return err
	}
	names, err := wantedProfiles(a, f, all)
	if err != nil {
		return at(f.Path, err)
	}
	if err := unlockEach(f, names, all); err != nil {
		return at(f.Path, err)
	}
	switch {
	case c.Err != nil:
		return fmt.Errorf("can't keep it unlocked: %w", c.Err)
	case len(c.Kept) == 0 && c.Recovery:
		a.say("the recovery lock is never kept unlocked")
	case len(c.Kept) == 0:
		a.say("nothing to unlock: the profile opens without a passphrase")
	default:
		a.say("unlocked until %[2]s, in %[1]s: %[3]s", c.Store().Name(), clock(a.now(), a.now().Add(c.For)), strings.Join(c.Kept, ", "))
	}
	return nil
}

// clock formats a time, with the date unless it is today.
func clock(now, t time.Time) string {
	now, t = now.Local(), t.Local()
	if now.YearDay() != t.YearDay() {
		return t.Format("2006-01-02 15:04:05")
	}
	return t.Format("15:04:05")
}

// unlockEach unlocks the profiles. With --all it skips those that it can't.
func unlockEach(f *file, names []string, all bool) error {
	var first error
	opened := 0
	for _, name := range names {
		_, err := f.Unlock(name, read)
		var refused *machine.NoAccessError
		switch {
		case err == nil:
			opened++
		case !all || !errors.As(err, &refused):
			return err
		case first == nil:
			first = err
		}
	}
	if opened == 0 {
		return first
	}
	return nil
}

func unlockStatus(a *app) error {
	out := jsondoc.Unlocked{Schema: jsondoc.Schema, Kept: []jsondoc.Kept{}}
	if store := a.keys.Cache.Store(); store != nil {
		all, err := store.All(a.now())
		if err != nil {
			return fmt.Errorf("%s: %w", store.Name(), err)
		}
		out.Store = store.Name()
		for _, e := range all {
			out.Kept = append(out.Kept, jsondoc.Kept{What: e.Label, Until: e.Until.UTC().Truncate(time.Second)})
		}
	}
	if a.json {
		return a.printJSON(out)
	}
	if len(out.Kept) == 0 {
		a.say("nothing is unlocked")
		return nil
	}
	var rows [][]string
	for _, k := range out.Kept {
		rows = append(rows, []string{fmt.Sprintf("until %s", k.Until.Local().Format("2006-01-02 15:04:05")), term.Escape(k.What)})
	}
	return printTable(a, rows)
}

func newLock(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "lock",
		Example: "  credfile lock\n  credfile unlock --status",
		Long:    "Locks everything that credfile unlock or CREDFILE_UNLOCK keeps unlocked in this login session, for every file. Other login sessions are not affected.",
		Args:    cli.Args(),
		RunE: func(*cobra.Command, []string) error {
			n, err := keycache.Forget(a.getenv, a.now())
			if err != nil {
				return err
			}
			if n == 0 {
				a.say("nothing to lock")
				return nil
			}
			a.say("locked %d %s", n, plural(n, "identity", "identities"))
			return nil
		},
	}
}
