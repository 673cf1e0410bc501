package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	"github.com/spf13/cobra"

	"github.com/credfile/credfile/internal/atomicfile"
	"github.com/credfile/credfile/internal/cli"
	"github.com/credfile/credfile/internal/edit"
	"github.com/credfile/credfile/internal/front"
	"github.com/credfile/credfile/internal/machine"
	"github.com/credfile/credfile/internal/term"
	"github.com/credfile/credfile/internal/unlock"
	"github.com/credfile/credfile/vaultfile"
	"github.com/credfile/credfile/vaultfile/merge"
)

func newEdit(a *app) *cobra.Command {
	var resume, discard bool
	cmd := &cobra.Command{
		Use:     "edit",
		Example: "  credfile edit\n  CREDFILE_EDITOR='code --wait' credfile edit -p staging",
		Long: `Opens every profile you can write, or those given with --profile, as one TOML document in your editor (CREDFILE_EDITOR, VISUAL or EDITOR). Each profile is a table, and each credential is a line NAME = "value". Order and comments are kept, and only what you change is encrypted again.

Multi-line values are written """…""", binary values { base64 = "…" }, and values with an expiry date, or for a file, { value = "…", expires = 2027-05-01, file = true }.

The text is in a private in-memory directory. If it has a mistake, the editor opens again with the reason at the top. If the edit fails, your text is saved for seven days, encrypted to you: use --resume or --discard. A graphical editor must wait until you close the file, as "code --wait" does.`,
		Args: cli.Args(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if resume && discard {
				return &usageError{Text: "use either --resume or --discard", Hint: "see credfile help edit"}
			} else if discard {
				return discardEdits(a)
			}
			return runEdit(a, resume)
		},
	}
	cmd.Flags().BoolVar(&discard, "discard", false, "delete the saved text of failed edits")
	cmd.Flags().BoolVar(&resume, "resume", false, "continue with the saved text of a failed edit")
	return cmd
}

func runEdit(a *app, resume bool) error {
	f, err := a.open()
	if err != nil {
		return err
	}
	if !f.HasPlace() {
		return &usageError{Text: "can't edit standard input", Hint: "name a file with --file"}
	}
	if err := atomicfile.Replaceable(f.Path); err != nil {
		return at(f.Path, err)
	}
	e := &editing{a: a, f: f, Draft: &edit.Draft{Base: map[string][]merge.Entry{}}}
	if err := e.begin(); err != nil {
		return at(f.Path, err)
	}
	if err := mayEdit(a); err != nil {
		return at(f.Path, err)
	}
	if err := e.resume(resume); err != nil {
		return at(f.Path, err)
	}
	if e.desk, err = edit.NewDesk(a.getenv); err != nil {
		return fmt.Errorf("no directory for the text: %w", err)
	}
	defer e.desk.Leave()
	if e.desk.OnDisk {
		a.warn("this system has no private in-memory directory; until you finish, the text is on disk in %s", e.desk.Path)
	}
	// A signal ends the editor, but not this process before the text is safe.
	held := make(chan os.Signal, 16)
	front.Hold(held)
	defer signal.Stop(held)
	return at(f.Path, e.run(held))
}

// begin unlocks the profiles and makes the text.
func (e *editing) begin() error {
	names := e.a.profiles
	if len(names) == 0 {
		names = e.f.Names()
	}
	var closed []string
	var first error
	for _, name := range names {
		p, err := e.unlockToEdit(name, len(e.a.profiles) > 0)
		var refused *machine.NoAccessError
		var role *vaultfile.RoleError
		switch {
		case err == nil:
			if err := e.add(p); err != nil {
				return err
			}
		case len(e.a.profiles) == 0 && (errors.As(err, &refused) || errors.As(err, &role)):
			s, _ := e.f.Profile(name)
			closed = append(closed, fmt.Sprintf("You can't change profile %s; its writers can: %s", name, strings.Join(s.Writers(), ", ")))
			if first == nil {
				first = err
			}
		default:
			return err
		}
	}
	if len(e.Order) == 0 {
		return first
	}
	e.notes = append([]string{"Credentials of " + e.f.Path + ". Save and close the file to apply your changes. Lines like this one are dropped."}, closed...)
	e.Given = e.Render(e.Base, nil, e.notes)
	return nil
}

// unlockToEdit unlocks a profile for writing. Without --profile, only the first profile may
// ask for anything.
func (e *editing) unlockToEdit(name string, asked bool) (*vaultfile.Profile, error) {
	if !asked && len(e.Order) > 0 {
		if p := e.f.Quietly(name); p != nil {
			return p, nil
		}
		if err := e.f.Trusted(name, write); err != nil {
			return nil, err
		}
		s, _ := e.f.Profile(name)
		return nil, &machine.NoAccessError{Failure: &unlock.Failure{Section: s}}
	}
	p, err := e.f.Unlock(name, write)
	if err == nil {
		err = p.CheckWriter()
	}
	return p, err
}

func (e *editing) add(p *vaultfile.Profile) error {
	entries, err := p.Entries()
	if err != nil {
		return err
	}
	e.Base[p.Name()] = entries
	e.Order = append(e.Order, p.Name())
	if e.own == "" {
		if r := e.f.Recipient(p.Name(), p.OpenedBy()); r != nil {
			e.own = r.String
		}
	}
	return nil
}

// run gives the text to the editor until it can be applied or the user gives up.
func (e *editing) run(held <-chan os.Signal) error {
	s := &edit.Session{Draft: e.Draft, Notes: e.notes, Resumed: e.resumed != "", Edit: e.open, Apply: e.apply, Words: conflictWords,
		Signal: func() error {
			if signal := edit.Arrived(held); signal != nil {
				return &term.Interrupted{Signal: signal}
			}
			return nil
		}}
	applied, err := s.Run()
	switch {
	case err != nil:
		return e.keep(err)
	case applied:
		e.forget()
	default:
		e.a.say("nothing changed")
	}
	return nil
}

// open runs the editor on a text, removes the text, and returns what the editor saved.
func (e *editing) open(text []byte, first bool) (edit.Saved, error) {
	e.desk.Note(machine.Absolute(e.f.Path), e.f.ID(), e.own, e.Draft, e.seal)
	editor := edit.Editor{Line: front.Editor(e.a.getenv), Environ: e.a.childEnv(nil), Keep: term.Keep, AtOnce: func() error { return finishInWindow(e.a) }}
	s, err := e.desk.Edit(editor, text)
	e.desk.Waits = s.Window && first
	if s.Ended != nil {
		err = &term.Interrupted{Signal: s.Ended}
	}
	return s, err
}

// mayEdit returns an error if no editor can run here.
func mayEdit(a *app) error {
	editor := front.KnownEditor(front.Editor(a.getenv))
	if editor.Hands {
		return editorHandsOver(editor.Name)
	}
	t, err := a.dialog.Terminal()
	switch {
	case errors.Is(err, term.ErrNoTerminal) && (editor.Terminal || a.nonInteractive):
		return editorNeedsTerminal()
	case errors.Is(err, term.ErrNoTerminal): // an editor with a window, or a script
		return nil
	case err != nil:
		return err
	}
	return t.Close()
}

// finishInWindow asks the user to finish in the editor's window, since the editor exited at
// once.
func finishInWindow(a *app) error {
	t, err := a.dialog.Terminal()
	if errors.Is(err, term.ErrNoTerminal) {
		a.warn("the editor exited at once; if it opened a window, what you save there is lost unless the editor waits (code --wait)")
		return nil
	} else if err != nil {
		return err
	}
	defer t.Close()
	_, err = t.Line("The editor exited at once. If the text is open in a window, save and close it there, then press Enter")
	if err == io.EOF {
		return nil
	}
	return err
}
