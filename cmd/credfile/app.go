package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/credfile/credfile/internal/front"
	"github.com/credfile/credfile/internal/keys"
	"github.com/credfile/credfile/internal/term"
	"github.com/credfile/credfile/vaultfile"
	"github.com/credfile/credfile/vaultfile/openpgp"
)

const defaultFile = ".credentials.age"

// verb is a line in the table of commands.
type verb struct {
	name    string
	aliases []string // other tools' habits; not shown
	short   string
	build   func(*app) *cobra.Command
}

// verbs are all commands, in the order of the help, which names those without a line of
// their own beside others, or not at all.
var verbs = []verb{
	{"init", nil, "make a credentials file here", newInit},
	{"set", nil, "give a credential a value", newSet},
	{"edit", nil, "change credentials in your editor", newEdit},
	{"import", nil, "take over a .env, an AWS credentials file or TOML", newImport},
	{"env", []string{"exec", "run"}, "run a command with the credentials in its environment", newEnv},
	{"get", []string{"show"}, "print one value", newGet},
	{"unset", []string{"rm"}, "take credentials away", newUnset},
	{"list", []string{"ls"}, "names and dates; recipients: who can open what", newList},
	{"recipients", nil, "", newRecipients},
	{"rekey", nil, "who and what can open a profile", newRekey},
	{"rotate", nil, "give profiles new keys", newRotate},
	{"keygen", nil, "make an identity of your own", newKeygen},
	{"whoami", nil, "which identities are at hand, and what they open", newWhoami},
	{"profile", nil, "make, remove and rename profiles", newProfile},
	{"rename", []string{"mv"}, "give a credential another name; copy: take it to another profile", newRename},
	{"copy", []string{"cp"}, "", newCopy},
	{"verify", nil, "check every signature; needs no key", newVerify},
	{"unlock", nil, "keep what a passphrase opened for a while; lock: forget it", newUnlock},
	{"lock", nil, "", newLock},
	{"status", nil, "what expires, who knows what, what to mend; needs no key", newStatus},
	{"check", nil, "the same for CI, with what you insist on", newCheck},
	{"trust", nil, "what this machine knows of the file, and whether it is right", newTrust},
	{"helper", nil, "answer AWS tools, git and docker, which ask for credentials", newHelper},
	{"version", nil, "", newVersion},
	{"clip-clear", nil, "", newClipClear},
}

// app is one run of the program.
type app struct {
	world
	args       []string
	file       string
	profiles   []string
	identities []string
	quiet      bool
	verbose    bool
	yes        bool
	json       bool
	strict     bool
	all        bool

	nonInteractive  bool
	allowSuperseded bool

	sources  []*keys.Source
	asName   string
	pass     passphrases
	unlocked unlocked
	cache    *cache
	lastLock string // that a passphrase opened

	gpgKeys     map[string]bool                // that gpg holds; nil if it was not asked, or is not there
	gpgErr      error                          // why it did not say all
	exported    map[string]*openpgp.PrivateKey // by their sources
	askedInVain bool                           // a plugin, where there is no terminal

	derived  int         // how many passphrases were tried
	patience *time.Timer // until it is said that something takes its time
	hold     *term.Hold  // of a passphrase that was typed, until it is known to be right

	newPassphrases map[string]*vaultfile.Passphrase // of new locks, by their names
	generated      string                           // the passphrase of recovery, to be shown once
}

func run(args []string, w world) int {
	out := &checkedWriter{Writer: w.stdout}
	w.stdout = out
	a := &app{world: w, pass: passphrases{fd: -1, newFD: -1}}
	a.args = args
	switches := a.switchesFromEnv()
	a.json = wantsJSON(args)          // for errors of the command line, too
	front.Sweep(a.getenv, a.keepLeft) // after a process that was killed
	a.cache = &cache{app: a}
	root := a.root(asked(args))
	root.SetArgs(args)
	err := switches
	if err == nil {
		err = root.Execute()
	} else if contains(args, "--") { // before a command
		err = inEnv(err)
	}
	if interrupted := a.release(true); err == nil {
		err = interrupted
	}
	if err == nil && out.err != nil {
		err = &plainError{text: fmt.Sprintf("standard output can't be written: %v", out.err), code: exitOther}
	}
	return a.report(err)
}

// checkedWriter remembers that something could not be written: who asked for it must not
// be told that all is well.
type checkedWriter struct {
	io.Writer
	err error
}

func (w *checkedWriter) Write(b []byte) (int, error) {
	n, err := w.Writer.Write(b)
	if err != nil && w.err == nil {
		w.err = err
	}
	return n, err
}

// Fd is by what a terminal is told.
func (w *checkedWriter) Fd() uintptr {
	if f, ok := w.Writer.(interface{ Fd() uintptr }); ok {
		return f.Fd()
	}
	return ^uintptr(0)
}

func wantsJSON(args []string) bool {
	for _, arg := range args {
		if arg == "--" {
			break
		}
		if arg == "--json" || arg == "--json=true" {
			return true
		}
	}
	return false
}

// asked returns the verbs that may be meant: building all of them would cost
// more than most of them do.
func asked(args []string) []verb {
	var vs []verb
	for _, v := range verbs {
		for _, arg := range args {
			if arg == "--" {
				break
			}
			if arg == v.name || contains(v.aliases, arg) {
				vs = append(vs, v)
				break
			}
		}
	}
	for _, arg := range args {
		if arg == "help" || len(vs) == 0 {
			return verbs
		}
	}
	return vs
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

func (a *app) root(vs []verb) *cobra.Command {
	root := &cobra.Command{
		Use: "credfile",
		PersistentPreRunE: func(cmd *cobra.Command, args []string) error {
			err := checkArgs(cmd, args)
			if err == nil {
				err = a.checkFlags()
			}
			if cmd.Name() == "env" && len(args) > 0 {
				return inEnv(err)
			}
			return err
		},
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			return unknownVerb(a, args[0])
		},
	}
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetIn(a.stdin)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	root.SetFlagErrorFunc(flagError)
	fs := root.PersistentFlags()
	fs.StringVarP(&a.file, "file", "f", "", "the credentials `FILE` (CREDFILE_FILE; - for stdin; default: the nearest .credentials.age)")
	fs.StringArrayVarP(&a.profiles, "profile", "p", nil, "the `PROFILE` (CREDFILE_PROFILE; default: default)")
	fs.StringArrayVarP(&a.identities, "identity", "i", nil, "a `FILE` with age identities (repeatable)")
	fs.BoolVarP(&a.quiet, "quiet", "q", false, "say nothing but errors")
	fs.BoolVarP(&a.verbose, "verbose", "v", false, "say more")
	fs.BoolVar(&a.yes, "yes", false, "answer questions with yes")
	fs.BoolVar(&a.json, "json", a.json, "print listings and errors as JSON (docs/json.md)")
	fs.BoolVar(&a.strict, "strict", false, "refuse what would only be a warning of trust")
	fs.BoolVar(&a.nonInteractive, "non-interactive", a.nonInteractive, "never ask anything (CREDFILE_NON_INTERACTIVE)")
	fs.BoolVar(&a.allowSuperseded, "allow-superseded", a.allowSuperseded,
		"read a profile under a key that was replaced since (CREDFILE_ALLOW_SUPERSEDED)")
	fs.StringVar(&a.asName, "as", "", "open the lock of `NAME` (CREDFILE_AS)")
	fs.StringVar(&a.pass.file, "passphrase-file", "", "the passphrase that opens a lock stands in `FILE` (CREDFILE_PASSPHRASE_FILE)")
	fs.IntVar(&a.pass.fd, "passphrase-fd", -1, "the passphrase that opens a lock comes from file descriptor `N`")
	strict(fs)
	for _, v := range vs {
		cmd := v.build(a)
		strict(cmd.Flags())
		for _, sub := range cmd.Commands() {
			strict(sub.Flags())
		}
		cmd.Short = v.short
		cmd.Aliases = v.aliases
		root.AddCommand(cmd)
	}
	help := root.HelpFunc()
	root.SetHelpFunc(func(cmd *cobra.Command, args []string) {
		if cmd == root {
			a.help()
			return
		}
		help(cmd, args)
	})
	return root
}

// help fits one screen: what people need on the first day comes first.
func (a *app) help() {
	fmt.Fprint(a.stdout, "One encrypted credentials file that is safe to commit, and commands that run with it.\n\n"+
		"  credfile init                          makes .credentials.age here, and a key of your own\n"+
		"  credfile set STRIPE_API_KEY - < file   keeps a value\n"+
		"  credfile edit                          opens all of them in your editor\n"+
		"  credfile env -- COMMAND                runs a command with all values in its environment\n"+
		"  credfile rekey --add bob=@bob.pub      lets a colleague in, who ran credfile keygen\n\nCommands:\n")
	for _, v := range verbs {
		if v.short != "" {
			fmt.Fprintf(a.stdout, "  %-12s %s\n", v.name, v.short)
		}
	}
	fmt.Fprint(a.stdout, "\nFlags for all of them:\n"+
		"  -f, --file FILE      default: the nearest, up to the repository's root or home (CREDFILE_FILE)\n"+
		"  -p, --profile NAME   default: default (CREDFILE_PROFILE)\n"+
		"  -i, --identity FILE  age identities, besides CREDFILE_AGE_KEY… and your identities.txt\n"+
		"  --as NAME            of several locks, the one to open (CREDFILE_AS)\n"+
		"  --json               listings and errors for programs\n"+
		"  -q, -v               say nothing but errors (--quiet), say more (--verbose)\n\n"+
		"credfile help COMMAND says more about one.\n")
}

// lookupEnv tells a variable that is set and empty from one that is not set.
func (a *app) lookupEnv(name string) (string, bool) {
	for _, kv := range a.environ {
		if n, value, ok := strings.Cut(kv, "="); ok && variableName(n) == variableName(name) {
			return value, true
		}
	}
	return "", false
}

// say writes a line for people.
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
		return "", &usageError{text: "this command works on one profile", hint: "give --profile once"}
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

// at says which file an error is about.
func at(path string, err error) error {
	if err == nil {
		return nil
	}
	return &fileError{path, err}
}

// readInput reads a file that the user names, or standard input.
func (a *app) readInput(name string, limit int64) ([]byte, error) {
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
