package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime/debug"

	"github.com/credfile/credfile/internal/generate"
	"github.com/credfile/credfile/internal/keys"
	"github.com/credfile/credfile/internal/strength"
	"github.com/credfile/credfile/kdf"
	"github.com/credfile/credfile/vaultfile"
)

// passphrases holds the sources of passphrases for existing locks and for new ones.
type passphrases struct {
	file    string // --passphrase-file
	fd      int    // --passphrase-fd
	newFile string
	newFD   int

	given   *vaultfile.Passphrase // read from a source
	source  string
	newOnes *[][]byte // the unused lines

	allowWeak bool
	made      map[string]*vaultfile.Passphrase // of new locks, by name
	generated string                           // the recovery passphrase, until it is shown
}

// maxPassphraseFile limits how much is read for one passphrase.
const maxPassphraseFile = 4096

// givenPassphrase returns the passphrase that opens locks and the name of its source, if
// the user named a source.
func (a *app) givenPassphrase() (p *vaultfile.Passphrase, source string, err error) {
	s := &a.pass
	if s.given != nil {
		return s.given, s.source, nil
	}
	text, source, err := a.readPassphrase()
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
		s.given, err = vaultfile.NewPassphrase(trimLineEnd(text), a.derive)
	}
	if err != nil {
		return nil, source, &plainError{text: fmt.Sprintf("%s: %v", source, err), code: exitNoKey}
	}
	s.source = source
	return s.given, source, nil
}

// hasPassphrase reports whether the user named a source for a passphrase.
func (a *app) hasPassphrase() bool {
	for _, name := range []string{"CREDFILE_PASSPHRASE", "CREDFILE_PASSPHRASE_FILE", "CREDFILE_PASSPHRASE_COMMAND"} {
		if _, ok := a.lookupEnv(name); ok {
			return true
		}
	}
	return a.pass.file != "" || a.pass.fd >= 0
}

func (a *app) readPassphrase() (text []byte, source string, err error) {
	switch {
	case a.pass.file != "":
		text, err = a.readInput(a.pass.file, maxPassphraseFile)
		return text, "--passphrase-file", err
	case a.pass.fd >= 0:
		text, err = readFD(a.pass.fd)
		return text, "--passphrase-fd", err
	}
	if text, ok := a.lookupEnv("CREDFILE_PASSPHRASE"); ok {
		return []byte(text), "CREDFILE_PASSPHRASE", nil
	}
	if file, ok := a.lookupEnv("CREDFILE_PASSPHRASE_FILE"); ok {
		text, err := a.readInput(file, maxPassphraseFile)
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
func (a *app) newLockPassphrase(what string) (*vaultfile.Passphrase, error) {
	text, err := a.nextNewPassphrase(what)
	if err != nil {
		return nil, err
	}
	p, err := vaultfile.NewPassphrase(text, a.derive)
	if err != nil {
		return nil, &usageError{text: fmt.Sprintf("invalid new passphrase for %s: %v", what, err)}
	}
	return p, nil
}

func (a *app) nextNewPassphrase(what string) ([]byte, error) {
	s := &a.pass
	if s.newFile == "" && s.newFD < 0 {
		return a.newPassphrase(what)
	}
	if s.newOnes == nil {
		lines, err := a.newPassphraseLines()
		if err != nil {
			return nil, err
		}
		if s.newFile != "" && s.newFile != "-" {
			a.warnOfWorkTree(s.newFile)
		}
		s.newOnes = &lines
	}
	if len(*s.newOnes) == 0 {
		return nil, &usageError{text: fmt.Sprintf("no line left for the new passphrase of %s", what),
			hint: "the file needs one line for each new passphrase, in the order of the flags"}
	}
	text := (*s.newOnes)[0]
	*s.newOnes = (*s.newOnes)[1:]
	if why := a.weak(text); why != "" {
		return nil, &usageError{text: fmt.Sprintf("the new passphrase of %s is too easy to guess: %s", what, why),
			hint: "use six random words (credfile set NAME --generate=words), or accept it with --allow-weak"}
	}
	return text, nil
}

func (a *app) newPassphraseLines() ([][]byte, error) {
	s := &a.pass
	if s.newFile == "" {
		b, err := readFD(s.newFD)
		if err != nil {
			return nil, &usageError{text: fmt.Sprintf("--new-passphrase-fd: %v", err)}
		}
		return passphraseLines(b), nil
	}
	b, err := a.readInput(s.newFile, 1<<20)
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
func (a *app) unusedPassphrases() error {
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

// weak returns why a passphrase is too weak, or "". A committed file can be attacked
// forever.
func (a *app) weak(text []byte) string {
	if a.pass.allowWeak {
		return ""
	}
	return strength.Weak(string(text), generate.IsWord)
}

// derive derives a key from a passphrase. It checks the memory limit first, since the
// kernel would kill a process that exceeds it.
func (a *app) derive(p kdf.Params, passphrase, salt []byte) ([]byte, error) {
	if may := memoryLimit(); may > 0 && p.Memory() > may {
		return nil, &plainError{text: fmt.Sprintf("trying the passphrase needs %d MiB of memory, and this process may use %d MiB", p.Memory()>>10, may>>10),
			code: exitNoKey, hint: "raise the memory limit, or use an identity instead (--identity)"}
	}
	if a.derived {
		debug.FreeOSMemory() // the last derivation's memory counts toward the limit, too
	}
	a.derived = true
	if a.world.derive != nil {
		return a.world.derive(p, passphrase, salt)
	}
	return p.Key(passphrase, salt)
}
