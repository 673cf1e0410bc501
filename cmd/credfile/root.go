package main

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/credfile/credfile/internal/cli"
	"github.com/credfile/credfile/internal/front"
)

// verb is a row in the table of commands.
type verb struct {
	name    string
	aliases []string // names from other tools; not shown in the help
	group   string   // in the help; "" hides the command
	short   string
	build   func(*app) *cobra.Command
}

// verbs lists all commands, in the order of the help.
var verbs = []verb{
	{"init", nil, groupFirst, "create .credentials.age in this directory", newInit},
	{"set", nil, groupFirst, "set a credential", newSet},
	{"edit", nil, groupFirst, "edit credentials in your editor", newEdit},
	{"env", []string{"exec", "run"}, groupFirst, "run a command with the credentials in its environment", newEnv},
	{"rekey", nil, groupFirst, "change who can open a profile", newRekey},
	{"get", []string{"show"}, groupEvery, "print the value of a credential", newGet},
	{"list", []string{"ls"}, groupEvery, "list credentials with their dates", newList},
	{"unset", []string{"rm"}, groupEvery, "remove credentials", newUnset},
	{"rename", []string{"mv"}, groupEvery, "rename a credential", newRename},
	{"copy", []string{"cp"}, groupEvery, "copy credentials to another profile", newCopy},
	{"profile", nil, groupEvery, "list, add, remove and rename profiles", newProfile},
	{"import", nil, groupEvery, "import a .env, AWS or TOML file", newImport},
	{"unlock", nil, groupEvery, "keep profiles unlocked for a while", newUnlock},
	{"lock", nil, groupEvery, "lock them again", newLock},
	{"keygen", nil, groupPeople, "create an identity of your own", newKeygen},
	{"whoami", nil, groupPeople, "show your identities and what they open", newWhoami},
	{"recipients", nil, groupPeople, "list who can open each profile", newRecipients},
	{"rotate", nil, groupPeople, "replace the keys of a profile", newRotate},
	{"status", nil, groupCheck, "show what expires, what is exposed and what to fix", newStatus},
	{"verify", nil, groupCheck, "check every signature", newVerify},
	{"check", nil, groupCheck, "check expiry dates and your rules in CI", newCheck},
	{"trust", nil, groupCheck, "approve a new or changed file on this machine", newTrust},
	{"helper", nil, groupTools, "act as a credential helper for AWS tools, git and docker", newHelper},
	{"version", nil, "", "", newVersion},
	{"clip-clear", nil, "", "", newClipClear},
}

func run(args []string, w world) int {
	out := &cli.Output{Writer: w.stdout}
	w.stdout = out
	a := newApp(w)
	a.args = args
	switches := switchesFromEnv(a)
	a.json = wantsJSON(args)                                                     // errors in the command line are JSON, too
	front.Sweep(a.getenv, func(dir string) bool { return keepLeftText(a, dir) }) // what killed processes left
	root := newRoot(a, asked(args))
	root.SetArgs(args)
	err := switches
	if err == nil {
		err = root.Execute()
	} else if slices.Contains(args, "--") { // a command follows
		err = inEnv(err)
	}
	if interrupted := a.dialog.Release(true); err == nil {
		err = interrupted
	}
	if err == nil && out.Err != nil {
		err = &plainError{text: fmt.Sprintf("can't write to standard output: %v", out.Err), code: exitOther}
	}
	return a.report(err)
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

// asked returns the verbs that args may name. Building all of them would take longer than
// running most of them.
func asked(args []string) []verb {
	var vs []verb
	for _, v := range verbs {
		for _, arg := range args {
			if arg == "--" {
				break
			}
			if arg == v.name || slices.Contains(v.aliases, arg) {
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

func newRoot(a *app, vs []verb) *cobra.Command {
	version := false
	root := &cobra.Command{
		Use: "credfile",
		PersistentPreRunE: func(cmd *cobra.Command, args []string) error {
			err := cli.CheckArgs(cmd, args)
			if err == nil {
				err = checkFlags(a)
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
			if version && len(args) == 0 {
				return runVersion(a)
			}
			if len(args) == 0 {
				return cmd.Help()
			}
			return unknownVerb(args[0])
		},
	}
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetIn(a.stdin)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	root.SetFlagErrorFunc(cli.FlagError)
	root.Flags().BoolVar(&version, "version", false, "print the version")
	globalFlags(a, root.PersistentFlags())
	for _, v := range vs {
		cmd := v.build(a)
		cli.Strict(cmd.Flags())
		for _, sub := range cmd.Commands() {
			cli.Strict(sub.Flags())
		}
		cmd.Short = v.short
		cmd.Aliases = v.aliases
		root.AddCommand(cmd)
	}
	root.SetHelpCommand(newHelp(a, root))
	root.SetHelpFunc(func(cmd *cobra.Command, args []string) {
		if cmd == root {
			printHelp(a)
			return
		}
		verbHelp(a, cmd)
	})
	return root
}

// globalFlags defines the flags of all commands.
func globalFlags(a *app, fs *pflag.FlagSet) {
	fs.StringVarP(&a.file, "file", "f", "", "use the credentials `FILE`, or - for standard input (default: the nearest .credentials.age; CREDFILE_FILE)")
	fs.StringArrayVarP(&a.profiles, "profile", "p", nil, "use `PROFILE` (default: \"default\"; CREDFILE_PROFILE)")
	fs.StringArrayVarP(&a.identities, "identity", "i", nil, "use the identities in `FILE` (repeatable; CREDFILE_AGE_KEY_FILE)")
	fs.BoolVarP(&a.quiet, "quiet", "q", false, "print only errors")
	fs.BoolVarP(&a.verbose, "verbose", "v", false, "print more details")
	fs.BoolVar(&a.yes, "yes", false, "answer yes to questions")
	fs.BoolVar(&a.json, "json", a.json, "print results and errors as JSON")
	fs.BoolVar(&a.strict, "strict", false, "turn trust warnings into errors")
	fs.BoolVar(&a.nonInteractive, "non-interactive", a.nonInteractive, "never ask anything (CREDFILE_NON_INTERACTIVE)")
	fs.BoolVar(&a.allowSuperseded, "allow-superseded", a.allowSuperseded,
		"read a profile whose key has been replaced (CREDFILE_ALLOW_SUPERSEDED)")
	fs.StringVar(&a.keys.Chosen.Lock, "as", "", "open the lock of `NAME` (CREDFILE_AS)")
	fs.StringVar(&a.pass.file, "passphrase-file", "", "read the passphrase that opens a lock from `FILE` (CREDFILE_PASSPHRASE_FILE)")
	fs.IntVar(&a.pass.fd, "passphrase-fd", -1, "read the passphrase that opens a lock from file descriptor `N`")
	cli.Strict(fs)
}
