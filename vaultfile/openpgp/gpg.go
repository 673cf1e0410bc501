// Package openpgp opens and makes the messages of openpgp locks, either through the gpg
// program, with its agent and smartcards, or from an exported private key. It is separate
// from vaultfile because ProtonMail/go-crypto is large. vaultfile checks a message's
// packets before it passes them to this package.
package openpgp

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/credfile/credfile/internal/pgppacket"
	"github.com/credfile/credfile/vaultfile"
)

// Reasons why a message was not opened or made.
var (
	ErrNoProgram  = errors.New("gpg is not installed")
	ErrNoKey      = errors.New("there is no private key for this lock")
	ErrPassphrase = errors.New("gpg did not get the passphrase or PIN; if it needs your terminal: export GPG_TTY=$(tty)")
	ErrNoPinentry = errors.New("gpg could not ask for the passphrase or PIN; if it needs your terminal: export GPG_TTY=$(tty)")
	ErrFailed     = errors.New("gpg could not decrypt this lock")
	ErrRefused    = errors.New("the message is not a valid openpgp lock")
	ErrAgent      = errors.New("gpg can't reach its agent")
)

// KeyError reports that a key can't be used to make a lock.
type KeyError struct{ Key, Reason string }

func (e *KeyError) Error() string { return fmt.Sprintf("OpenPGP key %q: %s", e.Key, e.Reason) }

// maxPlain is one byte more than a lock's plaintext may have.
const maxPlain = 257

// GPG runs the gpg program.
type GPG struct {
	Program string   // path; "" means gpg in PATH
	Environ []string // nil for the process's own
	// Silent keeps gpg's agent from prompting.
	Silent bool
}

func (g *GPG) command(args ...string) (*command, error) {
	program := g.Program
	if program == "" {
		program = "gpg"
	}
	path, err := exec.LookPath(program)
	if err != nil { // also for one in the current directory: a repository may have put it there
		return nil, ErrNoProgram
	}
	if g.Silent {
		args = append([]string{"--pinentry-mode", "error"}, args...)
	}
	// Only the status lines count. gpg's messages are for people and come separately. Its
	// output goes to our pipe, whatever files the user's gpg.conf names (output,
	// use-embedded-filename).
	logger := []string{"--logger-file", os.DevNull}
	w := newWords()
	if w != nil {
		logger = []string{"--logger-fd", "3"}
	}
	args = slices.Concat([]string{"--batch", "--no-tty", "--quiet"}, logger, []string{"--status-fd", "2", "--no-auto-key-retrieve", "--output", "-"}, args)
	cmd := exec.Command(path, args...)
	cmd.Env = g.Environ
	if w != nil {
		cmd.ExtraFiles = []*os.File{w.write}
	}
	return &command{cmd, w}, nil
}

// Open decrypts a message. gpg's success proves nothing: it prints unencrypted messages and
// exits with 0. The status lines must report one decryption, one integrity check, and
// nothing else.
//
// Errors: [ErrNoProgram], [ErrNoKey], [ErrPassphrase], [ErrNoPinentry], [ErrFailed],
// [ErrRefused].
func (g *GPG) Open(message []byte) ([]byte, error) {
	cmd, err := g.command("--no-mdc-warning", "--max-output", fmt.Sprint(maxPlain), "--decrypt")
	if err != nil {
		return nil, err
	}
	cmd.Stdin = bytes.NewReader(message)
	var status bytes.Buffer
	cmd.Stderr = &status
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.start()
	}
	if err != nil {
		return nil, ErrFailed
	}
	plain, readErr := io.ReadAll(io.LimitReader(out, maxPlain))
	if len(plain) == maxPlain {
		cmd.Process.Kill() // an unrelated message, or a bomb
	}
	waitErr := cmd.Wait()
	cause := cmd.cause()
	switch err := judge(&status); {
	case err != nil && noPinentry().MatchString(cause):
		return nil, withCause(ErrNoPinentry, cause)
	case errors.Is(err, ErrFailed), errors.Is(err, ErrNoKey), errors.Is(err, ErrPassphrase):
		return nil, withCause(err, cause)
	case err != nil:
		return nil, err
	case len(plain) == maxPlain:
		return nil, ErrRefused
	case readErr != nil || waitErr != nil:
		return nil, ErrFailed
	}
	return plain, nil
}

// expected lists the status lines of a valid lock message, each with its maximum count; 0
// means any number.
var expected = map[string]int{
	"ENC_TO": 1, "BEGIN_DECRYPTION": 1, "DECRYPTION_INFO": 1, "PLAINTEXT": 1, "PLAINTEXT_LENGTH": 1,
	"DECRYPTION_OKAY": 1, "GOODMDC": 1, "END_DECRYPTION": 1, "DECRYPTION_KEY": 1, "DECRYPTION_COMPLIANCE_MODE": 0,
	"KEY_CONSIDERED": 0, "USERID_HINT": 0, "NEED_PASSPHRASE": 0, "GOOD_PASSPHRASE": 0, "INQUIRE_MAXLEN": 0,
	"PINENTRY_LAUNCHED": 0, "PROGRESS": 0, "CARDCTRL": 0, "SC_OP_SUCCESS": 0, "WARNING": 0,
	"KEYEXPIRED": 0, "KEYREVOKED": 0, // messages encrypted to a key outlive it
}

// judge reads the status lines of a decryption: doc/DETAILS in GnuPG's source.
func judge(status io.Reader) error {
	seen := map[string]int{}
	unexpected := false
	lines := bufio.NewScanner(status)
	for lines.Scan() {
		line, ok := strings.CutPrefix(lines.Text(), "[GNUPG:] ")
		if !ok {
			continue
		}
		word, _, _ := strings.Cut(line, " ")
		seen[word]++
		if most, ok := expected[word]; !ok || most > 0 && seen[word] > most {
			unexpected = true
		}
	}
	unexpected = unexpected || lines.Err() != nil // there are more, after one that is too long
	switch {
	case seen["DECRYPTION_OKAY"] == 1 && seen["GOODMDC"] == 1 && seen["BEGIN_DECRYPTION"] == 1 && seen["PLAINTEXT"] == 1 && !unexpected:
		return nil
	case seen["NO_SECKEY"] > 0 && seen["PINENTRY_LAUNCHED"] == 0 && seen["PLAINTEXT"] == 0:
		return ErrNoKey
	case seen["PLAINTEXT"] > 0 || seen["DECRYPTION_OKAY"] > 0:
		return ErrRefused // there was plaintext, but not from such a message
	case seen["PINENTRY_LAUNCHED"] > 0 || seen["MISSING_PASSPHRASE"] > 0 || seen["NEED_PASSPHRASE"] > 0:
		return ErrPassphrase
	}
	return ErrFailed
}

// SecretKeys returns the ids and fingerprints of the private keys that gpg has, including
// those on cards, without prompting. It returns [ErrNoProgram] or, with the keys found so
// far, [ErrAgent].
func (g *GPG) SecretKeys() (map[string]bool, error) {
	lines, err := g.list("--list-secret-keys")
	if errors.Is(err, ErrNoProgram) {
		return nil, err
	}
	if !errors.Is(err, ErrAgent) {
		err = nil // having no keys is no failure
	}
	return secretKeys(lines), err
}

// Find returns the only key that gpg knows by a fingerprint, an id or a user id. Errors:
// [ErrNoProgram], [*KeyError].
func (g *GPG) Find(key string) (*PublicKey, error) {
	name, exact := strings.CutSuffix(key, "!") // this exact subkey
	if shortID(name) {
		return nil, &KeyError{key, "eight digits do not identify a key; use its fingerprint"}
	}
	if strings.Contains(name, "@") && !strings.ContainsAny(name, "<> ") {
		name = "<" + name + ">" // otherwise gpg finds malice@… for alice@… too
	}
	lines, err := g.list("--list-keys", name)
	if errors.Is(err, ErrNoProgram) {
		return nil, err
	} else if err != nil {
		return nil, &KeyError{key, "gpg has no such key"}
	}
	found, err := pick(key, publicKeys(lines))
	if err == nil && exact {
		err = found.only(name)
	}
	return found, err
}

// list returns the fields of the lines printed by gpg --with-colons.
func (g *GPG) list(what string, keys ...string) ([][]string, error) {
	for _, key := range keys {
		if key == "" || key[0] == '-' {
			return nil, &KeyError{key, "that is not a key"}
		}
	}
	cmd, err := g.command(append([]string{"--with-colons", "--fixed-list-mode", what, "--"}, keys...)...)
	if err != nil {
		return nil, err
	}
	out, err := cmd.output()
	cause := cmd.cause()
	if err != nil && cause == "" {
		return nil, ErrNoKey
	}
	if cause != "" {
		return colons(out), withCause(ErrAgent, cause)
	}
	return colons(out), nil
}

// Seal makes a lock's message for a key. It overrides the user's gpg.conf and removes
// session keys for unrequested keys.
//
// Errors: [ErrNoProgram], [*KeyError], [vaultfile.ErrLock].
func (g *GPG) Seal(k *PublicKey, plain []byte) ([]byte, error) {
	recipient := k.recipient
	if recipient == "" {
		recipient = k.Fingerprint
	}
	cmd, err := g.command("--no-armor", "--no-textmode", "--no-encrypt-to", "--no-throw-keyids", "--rfc4880", "-z", "0",
		"--trust-model", "always", "-r", recipient, "--encrypt")
	if err != nil {
		return nil, err
	}
	cmd.Stdin = bytes.NewReader(plain)
	out, err := cmd.output()
	if err != nil {
		return nil, withCause(&KeyError{k.Fingerprint, "gpg can't encrypt to it"}, cmd.cause())
	}
	out, ok := pgppacket.Trim(out, func(id string) bool { return slices.Contains(k.encryption, id) })
	if !ok {
		return nil, vaultfile.ErrLock
	}
	return out, nil
}
