package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/credfile/credfile/internal/generate"
	"github.com/credfile/credfile/internal/keys"
	"github.com/credfile/credfile/internal/strength"
	"github.com/credfile/credfile/internal/term"
	"github.com/credfile/credfile/internal/unlock"
	"github.com/credfile/credfile/vaultfile"
)

// maxPassphraseFile limits how much is read for one passphrase.
const maxPassphraseFile = 4096

// givenPassphrase returns the passphrase that opens locks and the name of its source, if
// the user named a source.
func givenPassphrase(a *app) (p *vaultfile.Passphrase, source string, err error) {
	s := &a.pass
	if s.given != nil {
		return s.given, s.source, nil
	}
	text, source, err := readPassphrase(a)
	if source == "" {
		return nil, "", nil
	}
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err // omit the path: people put the passphrase itself there
	}
	if lines := passphraseLines(text); err == nil && len(lines) > 1 {
		err = errors.New("a passphrase is one line, and this has several")
	} else if err == nil {
		s.given, err = vaultfile.NewPassphrase(trimLineEnd(text), a.keys.Derive)
	}
	if err != nil {
		return nil, source, &plainError{text: fmt.Sprintf("%s: %v", source, err), code: exitNoKey}
	}
	s.source = source
	return s.given, source, nil
}

// hasPassphrase reports whether the user named a source for a passphrase.
func hasPassphrase(a *app) bool {
	for _, name := range []string{"CREDFILE_PASSPHRASE", "CREDFILE_PASSPHRASE_FILE", "CREDFILE_PASSPHRASE_COMMAND"} {
		if _, ok := a.lookupEnv(name); ok {
			return true
		}
	}
	return a.pass.file != "" || a.pass.fd >= 0
}

func readPassphrase(a *app) (text []byte, source string, err error) {
	switch {
	case a.pass.file != "":
		text, err = readInput(a, a.pass.file, maxPassphraseFile)
		return text, "--passphrase-file", err
	case a.pass.fd >= 0:
		text, err = readFD(a.pass.fd)
		return text, "--passphrase-fd", err
	}
	if text, ok := a.lookupEnv("CREDFILE_PASSPHRASE"); ok {
		return []byte(text), "CREDFILE_PASSPHRASE", nil
	}
	if file, ok := a.lookupEnv("CREDFILE_PASSPHRASE_FILE"); ok {
		text, err := readInput(a, file, maxPassphraseFile)
		return text, "CREDFILE_PASSPHRASE_FILE", err
	}
	if command, ok := a.lookupEnv("CREDFILE_PASSPHRASE_COMMAND"); ok {
		text, err := keys.RunCommand(command)
		return text, "CREDFILE_PASSPHRASE_COMMAND", err
	}
	return nil, "", nil
}

func readFD(fd int) ([]byte, error) {
	if fd == 0 { // stays open for the command, at end of file
		return io.ReadAll(io.LimitReader(os.Stdin, maxPassphraseFile))
	}
	f := os.NewFile(uintptr(fd), fmt.Sprintf("file descriptor %d", fd))
	if f == nil {
		return nil, errors.New("it is not open")
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxPassphraseFile))
}

// trimLineEnd removes one line ending.
func trimLineEnd(b []byte) []byte {
	if cut, ok := bytes.CutSuffix(b, []byte("\n")); ok {
		b, _ = bytes.CutSuffix(cut, []byte("\r"))
	}
	return b
}

// newLockPassphrase returns a new passphrase for a lock: the next line of the user's
// source, or one typed twice.
func newLockPassphrase(a *app, what string) (*vaultfile.Passphrase, error) {
	text, err := nextNewPassphrase(a, what)
	if err != nil {
		return nil, err
	}
	p, err := vaultfile.NewPassphrase(text, a.keys.Derive)
	if err != nil {
		return nil, &usageError{text: fmt.Sprintf("invalid new passphrase for %s: %v", what, err)}
	}
	return p, nil
}

func nextNewPassphrase(a *app, what string) ([]byte, error) {
	s := &a.pass
	if s.newFile == "" && s.newFD < 0 {
		return newPassphrase(a, what)
	}
	if s.newOnes == nil {
		lines, err := newPassphraseLines(a)
		if err != nil {
			return nil, err
		}
		if s.newFile != "" && s.newFile != "-" {
			warnOfWorkTree(a, s.newFile)
		}
		s.newOnes = &lines
	}
	if len(*s.newOnes) == 0 {
		return nil, &usageError{text: fmt.Sprintf("no line left for the new passphrase of %s", what),
			hint: "the file needs one line for each new passphrase, in the order of the flags"}
	}
	text := (*s.newOnes)[0]
	*s.newOnes = (*s.newOnes)[1:]
	if why := weakness(a, text); why != "" {
		return nil, &usageError{text: fmt.Sprintf("the new passphrase of %s is too easy to guess: %s", what, why),
			hint: "use six random words (credfile set NAME --generate=words), or accept it with --allow-weak"}
	}
	return text, nil
}

func newPassphraseLines(a *app) ([][]byte, error) {
	s := &a.pass
	if s.newFile == "" {
		b, err := readFD(s.newFD)
		if err != nil {
			return nil, &usageError{text: fmt.Sprintf("--new-passphrase-fd: %v", err)}
		}
		return passphraseLines(b), nil
	}
	b, err := readInput(a, s.newFile, 1<<20)
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err // omit the path: people put the passphrase itself there
	}
	if err != nil {
		return nil, &plainError{text: fmt.Sprintf("--new-passphrase-file: %v", err), code: exitNotFound, hint: "--new-passphrase-file takes the name of a file"}
	}
	return passphraseLines(b), nil
}

// passphraseLines splits a source of passphrases into lines.
func passphraseLines(b []byte) [][]byte {
	var lines [][]byte
	for line := range bytes.Lines(b) {
		lines = append(lines, trimLineEnd(line))
	}
	return lines
}

// unusedPassphrases returns an error if new passphrases are left over, before anything is
// written. The user may think that the whole file is one passphrase.
func unusedPassphrases(a *app) error {
	s := &a.pass
	switch {
	case s.newFile == "" && s.newFD < 0:
	case s.newOnes == nil:
		return &usageError{text: "no flag needs the new passphrase", hint: "to create a lock with it: --passphrase NAME"}
	case len(*s.newOnes) > 0:
		return &usageError{text: count(len(*s.newOnes), "line") + " of new passphrases left over",
			hint: "give one line for each new passphrase"}
	}
	return nil
}

// weakness returns why a passphrase is too weak, or "". A committed file can be attacked
// forever.
func weakness(a *app, text []byte) string {
	if a.pass.allowWeak {
		return ""
	}
	return strength.Weak(string(text), generate.IsWord)
}

// newPassphrase asks for a new passphrase, twice.
func newPassphrase(a *app, what string) ([]byte, error) {
	for range unlock.Tries {
		first, err := a.dialog.Hidden("New passphrase for " + what)
		if errors.Is(err, term.ErrNoTerminal) {
			return nil, &plainError{text: fmt.Sprintf("no terminal to ask for the new passphrase of %s", what), code: exitNoTerminal,
				hint: "use --new-passphrase-file FILE or --new-passphrase-fd N"}
		} else if err != nil {
			return nil, err
		}
		if why := weakness(a, first); why != "" {
			a.say("too easy to guess: %s. Six random words are better: %s (to use it anyway: --allow-weak)", why, generate.Words(generate.PassphraseWords))
			continue
		}
		again, err := a.dialog.Hidden("Repeat it")
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
