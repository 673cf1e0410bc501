package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/spf13/pflag"

	"github.com/credfile/credfile/internal/dialog"
	"github.com/credfile/credfile/internal/front"
	"github.com/credfile/credfile/internal/jsondoc"
	"github.com/credfile/credfile/internal/keys"
	"github.com/credfile/credfile/internal/machine"
	"github.com/credfile/credfile/internal/passphrase"
	"github.com/credfile/credfile/internal/term"
	"github.com/credfile/credfile/internal/unlock"
	"github.com/credfile/credfile/vaultfile"
)

const defaultFile = ".credentials.age"

// app is one run of the program: what a verb gets besides its options.
type app struct {
	world
	args []string
	global
	pass passphrases

	made      map[string]*vaultfile.Passphrase // of new locks, by name
	generated string                           // the recovery passphrase, until it is shown

	noBrowser bool // no browser is opened on this machine
	login     bool // what is obtained is to be kept
	notKept   bool // something could not be kept

	dialog  *dialog.Dialog
	keys    *unlock.Keys
	machine *machine.Machine
	sources []*keys.Source // of identities, once they were listed
}

// global holds the flags of all commands.
type global struct {
	file                      string
	profiles, identities      []string
	quiet, verbose, yes, json bool
	strict, nonInteractive    bool
	allowSuperseded           bool
}

// lookupEnv distinguishes a variable that is set but empty from one that is not set.
func (a *app) lookupEnv(name string) (string, bool) {
	return front.LookupEnv(a.environ, name)
}

// tell prints what the user must see to go on, even with --quiet.
func (a *app) tell(format string, args ...any) {
	fmt.Fprintln(a.stderr, term.Escape(fmt.Sprintf(format, args...)))
}

// say prints a message, unless --quiet is given.
func (a *app) say(format string, args ...any) {
	if !a.quiet {
		fmt.Fprintln(a.stderr, term.Escape(fmt.Sprintf(format, args...)))
	}
}

func (a *app) warn(format string, args ...any) {
	if !a.quiet {
		a.errLine("warning", fmt.Sprintf(format, args...))
	}
}

func (a *app) errLine(kind, text string) {
	fmt.Fprintln(a.stderr, "credfile: "+kind+": "+term.Escape(text))
}

// profile returns the one profile that a command works on.
func (a *app) profile() (string, error) {
	names := a.profileNames()
	if len(names) > 1 {
		return "", &usageError{Text: "this command works on one profile only", Hint: "use --profile once"}
	}
	return names[0], nil
}

func (a *app) profileNames() []string {
	if len(a.profiles) > 0 {
		return a.profiles
	}
	if name := a.getenv("CREDFILE_PROFILE"); name != "" {
		return []string{name}
	}
	return []string{"default"}
}

// readInput reads a file that the user names, or standard input for -.
func readInput(a *app, name string, limit int64) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(io.LimitReader(a.stdin, limit+1))
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, &fs.PathError{Op: "read", Path: name, Err: errors.New("is a directory")}
	}
	return io.ReadAll(io.LimitReader(f, limit+1))
}

func identitiesPath(a *app) string {
	path, err := keys.DefaultFile(a.getenv)
	if err != nil {
		return "identities.txt"
	}
	return path
}

// childEnv returns our own environment, without key material and with vars added.
func (a *app) childEnv(vars []front.Variable) []string {
	env, removed := front.Environ(a.environ, vars)
	if a.verbose {
		for _, name := range removed {
			a.say("removed, since it belongs to other AWS credentials: %s", name)
		}
	}
	return env
}

// unique removes repeated names.
func unique(names []string) []string {
	var list []string
	seen := make(map[string]bool, len(names))
	for _, name := range names {
		if !seen[name] {
			seen[name] = true
			list = append(list, name)
		}
	}
	return list
}

// world holds everything that a command uses from outside the program.
type world struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	environ        []string
	getenv         func(string) string
	getwd          func() (string, error)
	now            func() time.Time

	// derive replaces the derivation of package kdf in tests that count derivations.
	derive unlock.Derive
}

func (a *app) printJSON(document any) error { return jsondoc.Encode(a.stdout, document, "  ") }

func count1(flags ...bool) (n int) {
	for _, f := range flags {
		if f {
			n++
		}
	}
	return n
}

// passphrases holds the sources of passphrases for existing locks and for new ones.
type passphrases struct {
	file    string // --passphrase-file
	fd      int    // --passphrase-fd
	newFile string
	newFD   int

	allowWeak bool
	next      *passphrase.New
}

// register adds the flags for new passphrases.
func (p *passphrases) register(fl *pflag.FlagSet) {
	fl.StringVar(&p.newFile, "new-passphrase-file", "", "read new passphrases from `FILE`: one per line, in the order of the flags")
	fl.BoolVar(&p.allowWeak, "allow-weak", false, "accept a new passphrase that is easy to guess")
	fl.IntVar(&p.newFD, "new-passphrase-fd", -1, "read new passphrases from file descriptor `N`")
}

// startOfDay returns midnight of the current day in UTC.
func startOfDay(a *app) time.Time { return a.now().UTC().Truncate(24 * time.Hour) }

const newPassphraseFile = "--new-passphrase-file"
