// Package dialog asks the user on the terminal device. Standard input is data, and never
// asked. A question that nobody may answer is an error.
package dialog

import (
	"errors"
	"io"
	"time"

	"github.com/credfile/credfile/internal/term"
)

// Errors of a question, besides [term.ErrNoTerminal] and [*term.Interrupted].
var (
	// ErrDeclined is a question that was answered with no.
	ErrDeclined = errors.New("nothing changed")
	// ErrLines is several lines that were pasted in place of one.
	ErrLines = errors.New("several lines were pasted, but one is expected; none was used")
)

// UnansweredError is a question whose input ended before an answer.
type UnansweredError struct{ Question string }

func (e *UnansweredError) Error() string { return "no answer to: " + e.Question }

// UnconfirmedError is a question to confirm something that there is no terminal for.
type UnconfirmedError struct{ Question string }

func (e *UnconfirmedError) Error() string { return "needs confirmation: " + e.Question }

// Is reports that the terminal is missing.
func (e *UnconfirmedError) Is(target error) bool { return target == term.ErrNoTerminal }

// Soon is how long the user waits before a message appears.
const Soon = 300 * time.Millisecond

// Dialog asks and tells the user.
type Dialog struct {
	Silent  bool         // ask nothing
	Yes     bool         // confirm everything
	Tell    func(string) // prints a message
	Watched bool         // messages go to a terminal

	working  *time.Timer // tells what takes long
	checking *time.Timer // tells that a passphrase is checked
	hold     *term.Hold  // keeps the echo off meanwhile
}

// Terminal opens the terminal device for a question. Errors: [term.ErrNoTerminal].
func (d *Dialog) Terminal() (*term.Terminal, error) {
	if d.Silent {
		return nil, term.ErrNoTerminal
	}
	stop(d.working) // the user is taking their time now
	stop(d.checking)
	if err := d.Release(false); err != nil {
		return nil, err
	}
	return term.Open()
}

func stop(t *time.Timer) {
	if t != nil {
		t.Stop()
	}
}

// HasTerminal reports whether there is a terminal to ask on.
func (d *Dialog) HasTerminal() bool {
	t, err := d.Terminal()
	if err == nil {
		t.Close()
	}
	return !errors.Is(err, term.ErrNoTerminal)
}

// Line asks for a line that the terminal shows.
func (d *Dialog) Line(question string) (string, error) {
	t, err := d.Terminal()
	if err != nil {
		return "", err
	}
	defer t.Close()
	return t.Line(question)
}

// Hidden asks for a secret.
func (d *Dialog) Hidden(question string) ([]byte, error) {
	return d.secret(question, (*term.Terminal).Hidden)
}

// HiddenValue asks for a secret that may have several lines.
func (d *Dialog) HiddenValue(question string) ([]byte, error) {
	return d.secret(question, (*term.Terminal).HiddenValue)
}

func (d *Dialog) secret(question string, ask func(*term.Terminal, string) ([]byte, error)) ([]byte, error) {
	t, err := d.Terminal()
	if err != nil {
		return nil, err
	}
	defer t.Close()
	b, err := ask(t, question)
	return b, answer(question, err)
}

func answer(question string, err error) error {
	switch {
	case err == io.EOF:
		return &UnansweredError{question}
	case errors.Is(err, term.ErrLines):
		return ErrLines
	}
	return err
}

// ToCheck asks for a passphrase. The echo stays off until [Dialog.Checked] is called with
// the outcome of the right one. If the check takes long, the user is told what happens.
func (d *Dialog) ToCheck(question, happens string) (b []byte, err error) {
	if d.hold != nil {
		b, d.hold, err = d.hold.Again(question)
	} else {
		t, err := d.Terminal()
		if err != nil {
			return nil, err
		}
		defer t.Close()
		if b, d.hold, err = t.HiddenAndHold(question); err != nil {
			return nil, answer(question, err)
		}
	}
	if err != nil {
		return nil, answer(question, err)
	}
	d.checking = time.AfterFunc(Soon, func() { d.Tell(happens) })
	return b, nil
}

// Checked ends the check of a passphrase that was typed, if there is one, and returns its
// outcome. After a wrong one the echo stays off for the next try. A signal that arrived
// meanwhile is the error.
func (d *Dialog) Checked(outcome error) error {
	stop(d.checking)
	if outcome != nil {
		return outcome
	}
	return d.Release(true)
}

// Release restores the terminal after a passphrase.
func (d *Dialog) Release(done bool) error {
	if d.hold == nil {
		return nil
	}
	hold := d.hold
	d.hold = nil
	return hold.Release(done)
}

// Slowly runs do. If it takes long, a user at a terminal is told what happens.
func (d *Dialog) Slowly(happens string, do func() error) error {
	if d.Watched {
		d.working = time.AfterFunc(Soon, func() { d.Tell(happens) })
		defer stop(d.working)
	}
	return do()
}

// Confirm asks the user to confirm something, unless they did so beforehand.
//
// Errors: [ErrDeclined], [*UnconfirmedError].
func (d *Dialog) Confirm(question string) error {
	if d.Yes {
		return nil
	}
	return d.ConfirmInPerson(question)
}

// ConfirmInPerson is Confirm for what only a person at a terminal may decide.
func (d *Dialog) ConfirmInPerson(question string) error {
	t, err := d.Terminal()
	if errors.Is(err, term.ErrNoTerminal) {
		return &UnconfirmedError{question}
	} else if err != nil {
		return err
	}
	defer t.Close()
	yes, err := t.Confirm(question)
	if err == nil && !yes {
		err = ErrDeclined
	}
	return err
}
