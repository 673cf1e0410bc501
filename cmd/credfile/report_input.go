package main

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/credfile/credfile/internal/clip"
	"github.com/credfile/credfile/internal/credentials"
	"github.com/credfile/credfile/internal/health"
	"github.com/credfile/credfile/internal/keys"
	"github.com/credfile/credfile/internal/own"
	"github.com/credfile/credfile/internal/passphrase"
	"github.com/credfile/credfile/internal/term"
	"github.com/credfile/credfile/internal/unlock"
	"github.com/credfile/credfile/vaultfile/openpgp"
)

// explainInput explains why passphrases, locks and identities could not be had.
func explainInput(err error, f *finding) bool {
	var source *passphrase.SourceError
	var next *passphrase.NewError
	var unused *passphrase.UnusedError
	var mine *own.SourceError
	switch {
	case errors.As(err, &next):
		explainNewPassphrase(next, f)
	case errors.As(err, &source):
		f.code = exitUsage
		if source.Source == newPassphraseFile {
			f.code, f.hint = exitNotFound, newPassphraseFile+" takes the name of a file"
		}
	case errors.As(err, &unused) && unused.Lines == 0:
		f.code, f.text, f.hint = exitUsage, "no flag needs the new passphrase", "to create a lock with it: --passphrase NAME"
	case errors.As(err, &unused):
		f.code, f.text, f.hint = exitUsage, count(unused.Lines, "line")+" of new passphrases left over", "give one line for each new passphrase"
	case isA[*openpgp.KeyError](err):
		f.code, f.hint = exitNotFound, "to list your keys: gpg --list-keys"
	case errors.As(err, &mine):
		f.code, f.text, f.hint = exitNoKey, about(mine.Source, mine.Err.Error()), "name the writers: -r NAME=RECIPIENT"
	default:
		return explainFact(err, f)
	}
	return true
}

// explainFact explains what always has the same hint.
func explainFact(err error, f *finding) bool {
	for _, x := range []struct {
		fact error
		code int
		text string // "" for the error's own
		hint string
	}{
		{passphrase.ErrNone, exitUsage, "", ""},
		{openpgp.ErrNoProgram, exitOther, "an OpenPGP lock needs gpg, which is not installed", "install GnuPG"},
		{unlock.ErrMessage, exitOther, "", "use gpg 2.2 or 2.4"},
		{own.ErrExists, exitOther, "", "an identity is never overwritten; choose another file"},
		{keys.ErrNotLines, exitOther, "", "to write to another file: credfile keygen -o FILE"},
		{credentials.ErrFormat, exitUsage, "", "name it: --from FORMAT, such as --from dotenv or --from yaml (see credfile help import)"},
		{credentials.ErrSeparator, exitUsage, "--separator is only for formats with nested keys: json, toml and yaml", "run it without --separator"},
		{health.ErrPeriod, exitUsage, fmt.Sprintf("--expiring needs days or weeks, such as 14d or 2w, up to %d days", health.MaxDays), "for example: --expiring 14d"},
		{health.ErrDay, exitUsage, "--expires needs days or weeks from now (90d, 12w), a date (2027-05-01) or never", "for example: --expires 90d"},
		{clip.ErrNone, exitOther, "", "install wl-clipboard, xclip or xsel, or pipe the value: credfile get NAME | COMMAND"},
	} {
		if errors.Is(err, x.fact) {
			f.code, f.text, f.hint = x.code, cmp.Or(x.text, f.text), x.hint
			return true
		}
	}
	return false
}

// explainNewPassphrase explains why a thing has no new passphrase.
func explainNewPassphrase(e *passphrase.NewError, f *finding) {
	f.code = exitUsage
	var weak *passphrase.WeakError
	switch {
	case errors.As(e, &weak):
		f.text = fmt.Sprintf("the new passphrase of %s is %v", e.Thing, weak)
		f.hint = "use six random words (credfile set NAME --generate=words), or accept it with --allow-weak"
	case errors.Is(e, passphrase.ErrNoLine):
		f.text = fmt.Sprintf("no line left for the new passphrase of %s", e.Thing)
		f.hint = "the file needs one line for each new passphrase, in the order of the flags"
	case errors.Is(e, term.ErrNoTerminal):
		f.code, f.text = exitNoTerminal, fmt.Sprintf("no terminal to ask for the new passphrase of %s", e.Thing)
		f.hint = "use --new-passphrase-file FILE or --new-passphrase-fd N"
	}
}

// secretTyped: the command line has a secret in place of what is public.
func secretTyped(hint string) error {
	return &usageError{Text: "that is an identity, which is secret, and your shell's history now contains it", Hint: hint}
}
