package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/credfile/credfile/internal/edit"
	"github.com/credfile/credfile/internal/term"
	"github.com/credfile/credfile/internal/userdir"
)

// newDrafts is the store of texts that could not be applied.
func newDrafts(a *app) edit.Store {
	return edit.Store{Dir: func() (string, error) { return userdir.State(a.getenv) }, Now: a.now}
}

// keepLeftText keeps what an editor saved after the process that started it was gone, encrypted
// for the user who edited it. It reports whether the directory can be removed.
func keepLeftText(a *app, dir string) bool {
	file, done, err := newDrafts(a).KeepLeft(dir)
	switch {
	case err != nil:
		a.warn("an editor left unencrypted text in %s, and it can't be saved: %v", dir, err)
	case file != "":
		a.say("an editor saved its text after the edit had ended; it is saved, encrypted to you: credfile -f %s edit --resume", term.Quote(file))
	}
	return done
}

// discardEdits removes the kept texts of this file.
func discardEdits(a *app) error {
	f, err := a.open()
	if err != nil {
		return err
	}
	texts := newDrafts(a).Texts(f.ID())
	if len(texts) == 0 {
		return at(f.Path, noSavedText(""))
	}
	question := fmt.Sprintf("Delete %s that %s never applied?", count(len(texts), "text"), plural(len(texts), "was", "were"))
	if err := a.dialog.Confirm(question); err != nil {
		return at(f.Path, err)
	}
	for _, path := range texts {
		if err := os.Remove(path); err != nil {
			return err
		}
	}
	a.say("%s: deleted", f.Path)
	return nil
}

// keep ends a failed edit. It keeps the user's text, encrypted for one of their identities,
// so that no work is lost or left in plaintext.
func (e *editing) keep(why error) error {
	if len(e.Text) == 0 || bytes.Equal(e.Text, e.Given) {
		return why
	}
	path, err := newDrafts(e.a).Keep(e.f.ID(), e.Draft, e.seal)
	if err != nil {
		return textNotSaved(why, err)
	}
	e.forget() // the new text continues the old one
	e.a.say("your text is saved for seven days, encrypted to you, in %s", path)
	return textSaved(why)
}

// forget removes the kept text that this edit resumed.
func (e *editing) forget() {
	if e.resumed != "" {
		os.Remove(e.resumed)
	}
}

// resume continues with a kept text, if the user agrees.
func (e *editing) resume(resume bool) error {
	path, when := newDrafts(e.a).Newest(e.f.ID())
	if path == "" && resume {
		return noSavedText("to start a new edit: credfile edit")
	} else if path == "" {
		return nil
	}
	if resume && len(e.a.profiles) > 0 {
		return &usageError{Text: "--resume continues with the profiles in the saved text", Hint: "run it without --profile"}
	}
	if !resume {
		switch err := e.a.dialog.Confirm(fmt.Sprintf("An edit failed on %s. Continue with its text?", when.Format("2006-01-02 15:04"))); {
		case err == nil && !e.a.yes:
		case isDeclined(err), e.a.yes:
			e.a.say("text from an earlier edit is saved; to continue with it: credfile edit --resume")
			return nil
		default:
			return err
		}
	}
	return e.take(path)
}

func (e *editing) take(path string) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	ids := append(e.a.keys.Identities(), e.a.keys.FromLocks()...)
	d, err := edit.Open(b, ids)
	if err != nil {
		return textLocked(path)
	}
	// A profile that the user can no longer write is a mistake to fix in the editor.
	d.Order = slices.DeleteFunc(d.Order, func(name string) bool { return !slices.Contains(e.Order, name) })
	e.Draft, e.resumed = d, path
	return nil
}

// editing is one edit.
type editing struct {
	a *app
	*edit.Draft
	f     *file
	notes []string // shown at the top, unless there is a mistake
	desk  *edit.Desk
	own   string // a recipient of the user, to encrypt kept text for

	resumed string // the path of the kept text that this edit continues
}

// seal encrypts a text for the user.
func (e *editing) seal(text []byte) ([]byte, error) {
	if e.own == "" {
		return nil, errors.New("none of your identities is a recipient")
	}
	return e.f.EncryptFor(e.own, text)
}
