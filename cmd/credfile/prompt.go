package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"filippo.io/age/plugin"

	"github.com/credfile/credfile/internal/generate"
	"github.com/credfile/credfile/internal/term"
	"github.com/credfile/credfile/vaultfile"
)

// terminal opens the terminal device for a prompt. Standard input is data.
func (a *app) terminal() (*term.Terminal, error) {
	if a.asksNothing() {
		return nil, term.ErrNoTerminal
	}
	if a.patience != nil {
		a.patience.Stop() // the user is taking their time now
	}
	if err := a.release(false); err != nil {
		return nil, err
	}
	return term.Open()
}

// asksNothing reports whether all prompts are disabled.
func (a *app) asksNothing() bool {
	return a.nonInteractive
}

// noTerminal reports whether there is no terminal to prompt on.
func (a *app) noTerminal() bool {
	t, err := a.terminal()
	if err == nil {
		t.Close()
	}
	return errors.Is(err, term.ErrNoTerminal)
}

// hidden asks for a secret, without echo.
func (a *app) hidden(prompt string) ([]byte, error) {
	t, err := a.terminal()
	if err != nil {
		return nil, err
	}
	defer t.Close()
	b, err := t.Hidden(prompt)
	return b, answerError(prompt, err)
}

func answerError(prompt string, err error) error {
	switch {
	case err == io.EOF:
		return &plainError{text: "no answer to: " + prompt, code: exitNoKey}
	case errors.Is(err, term.ErrLines):
		return &plainError{text: "several lines were pasted, but one is expected; none was used", code: exitUsage}
	}
	return err
}

// checkedSoon is how long the user waits before a message appears.
const checkedSoon = 300 * time.Millisecond

// hiddenToCheck asks for a passphrase. The echo stays off until settle is called with the
// right one. If the check takes long, a message says so.
func (a *app) hiddenToCheck(prompt string) (b []byte, err error) {
	if a.hold != nil {
		b, a.hold, err = a.hold.Again(prompt)
	} else {
		t, err := a.terminal()
		if err != nil {
			return nil, err
		}
		defer t.Close()
		if b, a.hold, err = t.HiddenAndHold(prompt); err != nil {
			return nil, answerError(prompt, err)
		}
	}
	if err != nil {
		return nil, answerError(prompt, err)
	}
	a.patience = time.AfterFunc(checkedSoon, func() { a.say("checking the passphrase…") })
	return b, nil
}

// settle ends the check of a typed passphrase, if there is one. After a wrong one the echo
// stays off for the next try. A signal that arrived meanwhile is the error.
func (a *app) settle(err error) error {
	if a.patience != nil {
		a.patience.Stop()
	}
	if err != nil {
		return err
	}
	return a.release(true)
}

// release restores the terminal after a passphrase.
func (a *app) release(done bool) error {
	if a.hold == nil {
		return nil
	}
	hold := a.hold
	a.hold = nil
	return hold.Release(done)
}

// slowly runs do and, on a terminal, says so if it takes long.
func (a *app) slowly(what string, do func() error) error {
	if term.IsTerminal(a.stderr) {
		a.patience = time.AfterFunc(checkedSoon, func() { a.say("%s…", what) })
		defer a.patience.Stop()
	}
	return do()
}

// confirm asks a yes-or-no question, which --yes answers.
func (a *app) confirm(question string) error {
	if a.yes {
		return nil
	}
	t, err := a.terminal()
	if errors.Is(err, term.ErrNoTerminal) {
		return &plainError{text: "needs confirmation: " + question, hint: "run it in a terminal, or pass --yes", code: exitNoTerminal}
	} else if err != nil {
		return err
	}
	defer t.Close()
	yes, err := t.Confirm(question)
	if err != nil {
		return err
	}
	if !yes {
		return &plainError{text: "nothing changed", code: exitOther}
	}
	return nil
}

// newPassphrase asks for a new passphrase, twice.
func (a *app) newPassphrase(what string) ([]byte, error) {
	for range tries {
		first, err := a.hidden("New passphrase for " + what)
		if errors.Is(err, term.ErrNoTerminal) {
			return nil, &plainError{text: fmt.Sprintf("no terminal to ask for the new passphrase of %s", what), code: exitNoTerminal,
				hint: "use --new-passphrase-file FILE or --new-passphrase-fd N"}
		} else if err != nil {
			return nil, err
		}
		if why := a.weak(first); why != "" {
			a.say("too easy to guess: %s. Six random words are better: %s (to use it anyway: --allow-weak)", why, generate.Words(generate.PassphraseWords))
			continue
		}
		again, err := a.hidden("Repeat it")
		if err != nil {
			return nil, err
		}
		if string(first) == string(again) {
			return first, nil
		}
		a.say("the passphrases differ, try again")
	}
	return nil, &plainError{text: "no passphrase was chosen", code: exitUsage}
}

// allowPlugin lets a plugin that the file names run if the user allowed it, by an identity,
// CREDFILE_PLUGINS, an earlier answer or an answer now. --yes does not count, since it is
// meant for other questions.
func (a *app) allowPlugin(name string) (*plugin.ClientUI, error) {
	ui := a.pluginUI()
	for _, source := range a.keySources() {
		ids, _ := source.Identities()
		for _, id := range ids {
			if p, ok := id.(*plugin.Identity); ok && p.Name() == name {
				return ui, nil
			}
		}
	}
	if contains(strings.Split(a.getenv("CREDFILE_PLUGINS"), ","), name) || contains(a.memory().Plugins(), name) {
		return ui, nil
	}
	t, err := a.terminal()
	if errors.Is(err, term.ErrNoTerminal) {
		return nil, vaultfile.ErrPlugin
	} else if err != nil {
		return nil, err
	}
	defer t.Close()
	yes, err := t.Confirm(fmt.Sprintf("The file names a plugin. Run the program age-plugin-%s, now and from now on?", name))
	if err != nil {
		return nil, err
	}
	if !yes {
		return nil, &plainError{text: fmt.Sprintf("age-plugin-%s was not run; nothing changed", name), code: exitOther}
	}
	if err := a.memory().AllowPlugin(name); err != nil {
		a.warn("can't remember your answer: %v", err)
	}
	return ui, nil
}

// pluginUI returns the dialogue between a plugin and the user.
func (a *app) pluginUI() *plugin.ClientUI {
	ask := func(name, prompt string, hidden bool) (string, error) {
		t, err := a.terminal()
		if err != nil {
			a.say("age-plugin-%s has a question, but there is no terminal: %s", name, prompt)
			a.askedInVain = true
			return "", err
		}
		defer t.Close()
		text := fmt.Sprintf("age-plugin-%s: %s", name, prompt)
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
