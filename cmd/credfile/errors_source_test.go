package main

import (
	"io"
	"os"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/dialog"
	"github.com/credfile/credfile/internal/resolve"
	"github.com/credfile/credfile/internal/session"
	"github.com/credfile/credfile/internal/source"
	"github.com/credfile/credfile/internal/term"
	"github.com/credfile/credfile/vaultfile"
)

// sourceSamples are the errors of sources and sessions.
func sourceSamples() []sampleError {
	node := &session.Node{Profile: "default", Source: vaultfile.Source{Name: "AWS", Kind: "aws", Definition: format.Definition{}}}
	managed := &session.Node{Profile: "default", Source: vaultfile.Source{Name: "DB", Kind: "gcp-secret", Definition: format.Definition{}}, Kind: source.Find("gcp-secret")}
	of := func(err error) error { return at(sampleFile, &session.SourceError{Node: node, Err: err}) }
	program := func(err error) error {
		return of(&session.ProgramError{Program: "credfile-connect", Said: "what it said\n", Err: err})
	}
	return []sampleError{
		{"session.ErrNotAgreed", of(session.ErrNotAgreed)},
		{"session.ErrPerson", of(session.ErrPerson)},
		{"session.SourceError, no terminal", of(term.ErrNoTerminal)},
		{"session.SourceError, declined", of(dialog.ErrDeclined)},
		{"session.SourceError, no answer", of(io.EOF)},
		{"session.SourceError, interrupted", of(&term.Interrupted{Signal: os.Interrupt})},
		{"source.Error, login", of(&source.Error{Class: source.NeedsLogin, Message: "the session has expired"})},
		{"source.Error, login with another program", at(sampleFile, &session.SourceError{Node: managed, Err: &source.Error{Class: source.NeedsLogin, Message: "you are not logged in with gcloud"}})},
		{"source.Error, another program can't reach its server", at(sampleFile, &session.SourceError{Node: managed, Err: &source.Error{Class: source.Unavailable, Message: "gcloud can't reach its server"}})},
		{"source.Error, denied", of(&source.Error{Class: source.Denied, Message: "AWS denied it"})},
		{"source.Error, not found", of(&source.Error{Class: source.NotFound, Message: "vault finds no such secret"})},
		{"source.Error, unavailable", of(&source.Error{Class: source.Unavailable, Message: "can't reach login.example.org: its name can't be looked up; is this machine online?"})},
		{"session.ErrMissing", program(session.ErrMissing)},
		{"session.ErrShared", program(session.ErrShared)},
		{"session.ErrVersion", program(session.ErrVersion)},
		{"session.ErrFormat", program(session.ErrFormat)},
		{"session.ErrTime", program(session.ErrTime)},
		{"session.Wrong", at(sampleFile, &session.Wrong{Profile: "default", Source: "AWS", Reason: "can't be used: aws: region is not valid"})},
		{"vaultfile.IsSourceError", at(sampleFile, &vaultfile.IsSourceError{Profile: "default", Source: "AWS", Kind: "aws"})},
		{"vaultfile.IsCredentialError", at(sampleFile, &vaultfile.IsCredentialError{Profile: "default", Credential: "TOKEN"})},
		{"resolve.ConsumedError", at(sampleFile, &resolve.ConsumedError{Credential: "KEY", Source: "AWS"})},
		{"resolve.TwiceError", at(sampleFile, &resolve.TwiceError{Profile: "default", Variable: "AWS_REGION", First: "AWS", Second: "OTHER"})},
		{"usedError", at(sampleFile, &usedError{"KEY", "AWS"})},
		{"needsError", at(sampleFile, &needsError{"AWS", "KEY", "staging"})},
		{"noSourcesError", at(sampleFile, &noSourcesError{"default"})},
		{"session.NoSourceError", at(sampleFile, &session.NoSourceError{Profile: "default", Name: "NOPE", Known: []string{"AWS"}})},
		{"session.NoSourceError, near", at(sampleFile, &session.NoSourceError{Profile: "default", Name: "aws", Known: []string{"AWS"}})},
		{"fieldError", at(sampleFile, &fieldError{"AWS", "", []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}})},
		{"errSourcePlace", at(sampleFile, errSourcePlace)},
	}
}
