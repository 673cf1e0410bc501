package main

import (
	"errors"
	"fmt"
	"strings"

	"filippo.io/age/plugin"

	"github.com/credfile/credfile/internal/dialog"
	"github.com/credfile/credfile/internal/term"
	"github.com/credfile/credfile/internal/unlock"
	"github.com/credfile/credfile/vaultfile"
)

// asker asks for what opens a profile.
type asker app

// Passphrase implements [unlock.Asker].
func (k *asker) Passphrase(q unlock.Question) ([]byte, error) {
	a := (*app)(k)
	switch {
	case errors.Is(q.Again, vaultfile.ErrPassphraseForm):
		a.say("%v", vaultfile.ErrPassphraseForm)
	case q.Again != nil:
		a.say("wrong passphrase, try again")
	}
	what := fmt.Sprintf("Passphrase of %s, to open profile %s of %s", q.Name, q.Profile, q.Path)
	if q.Thing == unlock.OpenPGPKey {
		what = fmt.Sprintf("Passphrase of the OpenPGP key in %s", q.Name)
	}
	return a.dialog.ToCheck(what, "checking the passphrase…")
}

// Checked implements [unlock.Asker].
func (k *asker) Checked(outcome error) error { return k.dialog.Checked(outcome) }

// Choose implements [unlock.Asker].
func (k *asker) Choose(q unlock.Question, locks []string) (string, error) {
	if q.Again != nil {
		(*app)(k).say("no such lock")
	}
	answer, err := k.dialog.Line(fmt.Sprintf("Whose passphrase do you have, to open profile %s of %s (%s)", q.Profile, q.Path, strings.Join(locks, ", ")))
	return strings.TrimSpace(answer), err
}

// isDeclined reports whether a question was answered with no, or could not be asked.
func isDeclined(err error) bool {
	return errors.Is(err, dialog.ErrDeclined) || errors.Is(err, term.ErrNoTerminal)
}

// pluginUI returns the dialogue between a plugin and the user.
func pluginUI(a *app) *plugin.ClientUI {
	ask := func(name, prompt string, hidden bool) (string, error) {
		text := fmt.Sprintf("age-plugin-%s: %s", name, prompt)
		t, err := a.dialog.Terminal()
		if err != nil {
			a.say("age-plugin-%s has a question, but there is no terminal: %s", name, prompt)
			a.keys.Unasked = true
			return "", err
		}
		defer t.Close()
		if hidden {
			b, err := t.Hidden(text)
			return string(b), err
		}
		return t.Line(text)
	}
	return &plugin.ClientUI{
		DisplayMessage: func(name, message string) error {
			a.say("age-plugin-%s: %s", name, message)
			return nil
		},
		RequestValue: ask,
		Confirm: func(name, prompt, yes, no string) (bool, error) {
			if no == "" {
				_, err := ask(name, fmt.Sprintf("%s (Enter: %s)", prompt, yes), true)
				return err == nil, err
			}
			answer, err := ask(name, fmt.Sprintf("%s (1: %s, 2: %s)", prompt, yes, no), false)
			if err == nil && answer != "1" && answer != "2" {
				err = errors.New("neither 1 nor 2")
			}
			return answer == "1", err
		},
		WaitTimer: func(name string) { a.say("waiting for age-plugin-%s (touch your key?)", name) },
	}
}
