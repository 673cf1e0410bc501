package main

import (
	"io/fs"
	"time"

	"github.com/credfile/credfile/internal/clip"
	"github.com/credfile/credfile/internal/codec"
	"github.com/credfile/credfile/internal/credentials"
	"github.com/credfile/credfile/internal/health"
	"github.com/credfile/credfile/internal/keys"
	"github.com/credfile/credfile/internal/own"
	"github.com/credfile/credfile/internal/passphrase"
	"github.com/credfile/credfile/internal/term"
	"github.com/credfile/credfile/internal/tool"
	"github.com/credfile/credfile/internal/unlock"
	"github.com/credfile/credfile/vaultfile"
)

// inputSamples returns the errors about what the user gives: passphrases and keys.
func inputSamples() []sampleError {
	return []sampleError{
		{"passphrase.SourceError", &passphrase.SourceError{Source: "--new-passphrase-fd", Err: fs.ErrClosed}},
		{"passphrase.SourceError, of the file", &passphrase.SourceError{Source: newPassphraseFile, Err: fs.ErrNotExist}},
		{"passphrase.NewError, its form", &passphrase.NewError{Thing: "bob", Err: vaultfile.ErrPassphraseForm}},
		{"passphrase.NewError, no line", &passphrase.NewError{Thing: "bob", Err: passphrase.ErrNoLine}},
		{"passphrase.NewError, no terminal", &passphrase.NewError{Thing: "bob", Err: term.ErrNoTerminal}},
		{"passphrase.NewError, weak", &passphrase.NewError{Thing: "bob", Err: &passphrase.WeakError{Why: "it has fewer than 12 characters"}}},
		{"passphrase.UnusedError, all", &passphrase.UnusedError{}},
		{"passphrase.UnusedError", &passphrase.UnusedError{Lines: 2}},
		{"passphrase.ErrNone", passphrase.ErrNone},
		{"own.SourceError", &own.SourceError{Source: "CREDFILE_AGE_KEY", Err: own.ErrUnknown}},
		{"own.ErrExists", at("ci.txt", own.ErrExists)},
		{"keys.ErrNotLines", at("identities.txt", keys.ErrNotLines)},
		{"unlock.ErrMessage", unlock.ErrMessage},
		{"credentials.ForeignError", at(".env", &credentials.ForeignError{Foreign: codec.Foreign{What: "encrypted by ansible-vault", Next: "ansible-vault view FILE | credfile import --from dotenv -"}})},
		{"credentials.ErrSeparator", at(".env", credentials.ErrSeparator)},
		{"credentials.AbsentError", at(".env", &credentials.AbsentError{Names: []string{"A", "B"}})},
		{"credentials.OneNameError", at(".env", &credentials.OneNameError{First: "A", Second: "B", Name: "C"})},
		{"credentials.LinesError, a name", at("x.json", &credentials.LinesError{Problems: []codec.Problem{{Line: 2, Name: "my key", Reason: credentials.BadName}, {Line: 3, Name: "list", Reason: "is an array"}}})},
		{"credentials.ErrFormat", at("what.ever", credentials.ErrFormat)},
		{"credentials.DialectError, none", at("aws.ini", &credentials.DialectError{})},
		{"credentials.DialectError", at(".env", &credentials.DialectError{Known: []string{"bash", "node"}})},
		{"credentials.LinesError", at(".env", &credentials.LinesError{Problems: []codec.Problem{{Reason: "is larger than 1 MiB"}, {Line: 2, Reason: "contains a NUL byte"}}})},
		{"credentials.LinesError, a dialect", at(".env", &credentials.LinesError{Problems: []codec.Problem{{Line: 2, Reason: "contains a carriage return", Dialect: true}}, Dialects: []string{"bash", "node"}})},
		{"credentials.BaseError", at(sampleFile, &credentials.BaseError{Profile: "staging", Source: "admin", From: "AWS"})},
		{"credentials.CollisionError", at(sampleFile, &credentials.CollisionError{Credentials: []struct{ Profile, Name string }{{"default", "STRIPE_KEY"}}})},
		{"credentials.LinesError, a store", at("store", &credentials.LinesError{Problems: []codec.Problem{{Name: "web/bob", Reason: "has more than one line", Dialect: true}}, Dialects: credentials.StoreDialects, Store: true})},
		{"credentials.ErrEntries", at("store", credentials.ErrEntries)},
		{"errNotOpened", at("store/web.gpg", errNotOpened)},
		{"errNoSops", at("x.yaml", errNoSops)},
		{"remoteError", at("x.yaml", &remoteError{[]string{"hc_vault https://vault.example.org"}})},
		{"sealedError, no key", at("x.yaml", &sealedError{"sops", &tool.ExitError{Code: sopsNoKey}})},
		{"sealedError, changed", at("x.yaml", &sealedError{"sops", &tool.ExitError{Code: sopsChanged}})},
		{"sealedError, gpg", at("x.gpg", &sealedError{"gpg", &tool.ExitError{Code: 2}})},
		{"sealedError, time", at("x.gpg", &sealedError{"gpg", tool.ErrTime})},
		{"sealedError, not started", at("x.gpg", &sealedError{"gpg", fs.ErrPermission})},
		{"health.ErrPeriod", health.ErrPeriod},
		{"health.ErrDay", health.ErrDay},
		{"health.PastError", &health.PastError{Day: time.Date(2027, 5, 1, 0, 0, 0, 0, time.UTC)}},
		{"clip.ErrNone", clip.ErrNone},
	}
}
