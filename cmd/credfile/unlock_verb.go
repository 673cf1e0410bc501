package main

import (
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/credfile/credfile/internal/keycache"
	"github.com/credfile/credfile/internal/term"
)

func newUnlock(a *app) *cobra.Command {
	var length string
	var status bool
	cmd := &cobra.Command{
		Use: "unlock [--for 15m] | --status",
		Long: `Opens a profile and keeps the identity that a passphrase, gpg or hardware unlocked,
so that it is not asked for again: for 15 minutes, or as long as --for says, up to a
day. Passphrases of identity files and SSH keys are spared as well. It is kept in a key
store of the system: on Linux the kernel's keyring of the login session, else the
desktop's. No process stays behind. credfile lock forgets it at once.

CREDFILE_UNLOCK=15m does the same after any prompt. What opens the lock named recovery
is never kept.`,
		Example: "  credfile unlock --for 8h\n  credfile unlock --status\n  credfile lock",
		Args:    args(0, 0),
		RunE: func(*cobra.Command, []string) error {
			if status {
				return a.unlockStatus()
			}
			return a.unlockFor(length)
		},
	}
	cmd.Flags().StringVar(&length, "for", "15m", "keep it as long as `TIME`")
	cmd.Flags().BoolVar(&a.all, "all", false, "every profile of the file that you can open")
	cmd.Flags().BoolVar(&status, "status", false, "say what is kept, and until when")
	return cmd
}

func (a *app) unlockFor(length string) (err error) {
	c := a.cache
	if c.for_, err = parseFor(length); err != nil {
		return &usageError{text: fmt.Sprintf("--for: %v", err), hint: "credfile unlock --for 15m"}
	}
	c.must = true
	if c.open() == nil {
		return &plainError{text: c.err.Error(), code: exitOther, hint: "name a source of the passphrase instead: credfile help unlock, CREDFILE_PASSPHRASE_COMMAND"}
	}
	f, err := a.open()
	if err != nil {
		return err
	}
	names, err := a.wanted(f)
	if err != nil {
		return at(f.path, err)
	}
	if err := a.unlockEach(f, names); err != nil {
		return at(f.path, err)
	}
	switch {
	case c.err != nil:
		return &plainError{text: fmt.Sprintf("not kept: %v", c.err), code: exitOther}
	case len(c.kept) == 0 && c.recovery:
		a.say("what opens the lock named recovery is never kept")
	case len(c.kept) == 0:
		a.say("there is nothing to keep: it opens without being asked for anything")
	default:
		a.say("kept in %s until %s: %s", c.store.Name(), clock(c.now(), c.now().Add(c.for_)), strings.Join(c.kept, ", "))
	}
	return nil
}

// clock is a time of today, or of another day with its date.
func clock(now, t time.Time) string {
	now, t = now.Local(), t.Local()
	if now.YearDay() != t.YearDay() {
		return t.Format("2006-01-02 15:04:05")
	}
	return t.Format("15:04:05")
}

// unlockEach unlocks profiles; of all that there are, those that it can.
func (a *app) unlockEach(f *file, names []string) error {
	var first error
	opened := 0
	for _, name := range names {
		_, err := a.unlock(f, name, read)
		var refused *openError
		switch {
		case err == nil:
			opened++
		case !a.all || !errors.As(err, &refused):
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

// keptJSON is a line of unlock --status.
type keptJSON struct {
	What  string    `json:"what"`
	Until time.Time `json:"until"`
}

func (a *app) unlockStatus() error {
	out := struct {
		Schema int        `json:"schema"`
		Store  string     `json:"store"`
		Kept   []keptJSON `json:"kept"`
	}{Schema: 1, Kept: []keptJSON{}}
	if store := a.cache.open(); store != nil {
		all, err := store.All(a.now())
		if err != nil {
			return fmt.Errorf("%s: %w", store.Name(), err)
		}
		out.Store = store.Name()
		for _, e := range all {
			out.Kept = append(out.Kept, keptJSON{e.Label, e.Until.UTC().Truncate(time.Second)})
		}
	}
	if a.json {
		return a.printJSON(out)
	}
	if len(out.Kept) == 0 {
		a.say("nothing is kept")
		return nil
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	for _, k := range out.Kept {
		fmt.Fprintf(w, "until %s\t%s\n", k.Until.Local().Format("2006-01-02 15:04:05"), term.Escape(k.What))
	}
	return w.Flush()
}

func newLock(a *app) *cobra.Command {
	return &cobra.Command{
		Use:  "lock",
		Long: "Forgets all that credfile unlock, or CREDFILE_UNLOCK, keeps in this login session, of every\nfile. What another session keeps it can't see.",
		Args: args(0, 0),
		RunE: func(*cobra.Command, []string) error {
			n, err := keycache.Forget(a.getenv, a.now())
			if err != nil {
				return err
			}
			a.say("forgotten in this login session: %d", n)
			return nil
		},
	}
}
