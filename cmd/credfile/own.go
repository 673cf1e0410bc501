package main

import (
	"fmt"
	"slices"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/gitrepo"
	"github.com/credfile/credfile/internal/keys"
	"github.com/credfile/credfile/internal/machine"
	"github.com/credfile/credfile/internal/own"
	"github.com/credfile/credfile/internal/term"
	"github.com/credfile/credfile/vaultfile"
)

// ownWriter returns the user as a writer, with their first native identity or a new one.
func ownWriter(a *app, name string) ([]vaultfile.Recipient, error) {
	if name == "" {
		name = own.Name()
	} else if !format.ValidName(name) {
		return nil, &vaultfile.NameError{Kind: "recipient", Name: name}
	}
	recipient, err := own.Recipient(a.keys.Sources())
	if err == nil && recipient == "" {
		recipient, err = newOwn(a, name)
	}
	return []vaultfile.Recipient{{Name: name, Writer: true, String: recipient}}, err
}

// newOwn creates an identity for the user, and returns its recipient.
func newOwn(a *app, name string) (string, error) {
	path, err := keys.DefaultFile(a.getenv)
	if err != nil {
		return "", noPlaceFor("a new identity", err, exitNoKey, "set HOME, or name an identity file with --identity")
	}
	s := own.Store{Path: path, Name: own.FileName(name), New: true}
	id, err := keys.Generate(false)
	if err == nil {
		err = s.Save([]keys.Identity{id}, a.now())
	}
	if err != nil {
		return "", fmt.Errorf("can't write a new identity: %w", err)
	}
	a.sources = nil
	a.say("created an identity for you in %s", path)
	a.say("back it up; without it, no one can open your credentials")
	if public, err := s.Publish(id.Recipient); err == nil {
		a.say("its recipient is in %s; to join someone else's file, send that to one of its writers", public)
	}
	warnOfWorkTree(a, path)
	for _, file := range s.Elsewhere() {
		a.say("you have age identities in %s; to import them: credfile keygen --import %s", file, term.Quote(file))
	}
	return id.Recipient, nil
}

// ownsOne reports whether an available identity is among the writers.
func ownsOne(a *app, writers []vaultfile.Recipient) bool {
	return slices.ContainsFunc(writers, func(w vaultfile.Recipient) bool { return a.keys.Has(w.String) })
}

// warnOfWorkTree warns that the next git add would add a secret.
func warnOfWorkTree(a *app, path string) {
	if root, file, exposed := gitrepo.Exposed(machine.Absolute(path), a.childEnv(nil)); exposed {
		a.warn("%s", exposedText(path, root, file))
	}
}
