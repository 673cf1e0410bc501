package main

import (
	"errors"
	"strings"

	"github.com/credfile/credfile/internal/front"
	"github.com/credfile/credfile/internal/session"
	"github.com/credfile/credfile/internal/source"
	"github.com/credfile/credfile/internal/term"
)

// atTerminal is whoever is in front of the terminal.
type atTerminal app

// Agree implements [session.Person]. Only a person may agree: a definition makes this machine contact
// hosts with the user's login.
func (p *atTerminal) Agree(n *session.Node) error {
	a := (*app)(p)
	for _, line := range describeSource(a, n) {
		a.tell("%s", line)
	}
	err := a.dialog.ConfirmInPerson("Use this source on this machine from now on?")
	if errors.Is(err, term.ErrNoTerminal) {
		return &session.SourceError{Node: n, Err: session.ErrNotAgreed} // --yes does not answer
	}
	return err
}

// Event implements [session.Person].
func (p *atTerminal) Event(n *session.Node, e source.Event) (string, error) {
	a := (*app)(p)
	switch e.Event {
	case "browser":
		a.tell("To log in for source %s, open this page, but only if you started this yourself:", n.Name)
		a.tell("  %s", e.URL)
		if !a.noBrowser && !front.OpenBrowser(e.URL, a.getenv, a.childEnv(nil)) {
			a.tell("There is no browser on this machine. If yours is on another one, press Ctrl-C, and use: credfile login %s -p %s --no-browser", n.Name, n.Profile)
		}
		return "", nil
	case "device":
		a.tell("To log in for source %s, enter the code %s on this page, but only if you started this yourself:", n.Name, e.Code)
		a.tell("  %s", e.URL)
		return "", nil
	case "ask":
		return p.ask(n, e)
	}
	return "", errEvent
}

// ask asks for what a source wants, and says which secret that is.
func (p *atTerminal) ask(n *session.Node, e source.Event) (string, error) {
	a := (*app)(p)
	question := "Page to which the browser was sent, for source " + n.Name
	if e.What == "mfa" {
		question = "MFA code for source " + n.Name
		if serial := n.Definition.Text("mfa_serial"); serial != "" {
			question = "MFA code of " + serial + ", for source " + n.Name
		}
	}
	answer, err := a.dialog.Line(question)
	return strings.TrimSpace(answer), err
}

var errEvent = errors.New("asked for something that credfile does not know")
