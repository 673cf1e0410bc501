package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/credfile/credfile/internal/cli"
	"github.com/credfile/credfile/internal/dialog"
	"github.com/credfile/credfile/internal/front"
	"github.com/credfile/credfile/internal/jsondoc"
	"github.com/credfile/credfile/internal/term"
	"github.com/credfile/credfile/vaultfile"
)

func run(args []string, w world) int {
	out := &cli.Output{Writer: w.stdout}
	w.stdout = out
	a := newApp(w)
	a.args = args
	switches := switchesFromEnv(a)
	a.json = wantsJSON(args) // errors in the command line are JSON, too
	if !isCompletion(args) {
		front.Sweep(a.getenv, func(dir string) bool { return keepLeftText(a, dir) }) // what killed processes left
	}
	root := newRoot(a, asked(args))
	root.SetArgs(args)
	if isCompletion(args) {
		complete(a, root)
	}
	err := switches
	if err == nil || isTextconv(args) || isHook(args) || isCompletion(args) {
		err = root.Execute()
	} else if slices.Contains(args, "--") { // a command follows
		err = inEnv(err)
	}
	if interrupted := a.dialog.Release(true); err == nil {
		err = interrupted
	}
	if err == nil && out.Err != nil {
		err = fmt.Errorf("can't write to standard output: %w", out.Err)
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

func newRoot(a *app, vs []verb) *cobra.Command {
	version := false
	root := &cobra.Command{
		Use: "credfile",
		PersistentPreRunE: func(cmd *cobra.Command, args []string) error {
			if isCompletion(a.args) {
				return nil // a word that is not typed yet is empty
			}
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

func newApp(w world) *app {
	a := &app{world: w, pass: passphrases{fd: -1, newFD: -1}, made: map[string]*vaultfile.Passphrase{}}
	a.dialog = &dialog.Dialog{Watched: term.IsTerminal(w.stderr), Tell: func(text string) { a.say("%s", text) }}
	a.keys = newKeys(a)
	return a
}

// switchesFromEnv reads the variables that are switches.
func switchesFromEnv(a *app) error {
	for _, v := range []struct {
		name string
		to   *bool
	}{{"CREDFILE_NON_INTERACTIVE", &a.nonInteractive}, {"CREDFILE_ALLOW_SUPERSEDED", &a.allowSuperseded}} {
		switch strings.ToLower(a.getenv(v.name)) {
		case "", "0", "false", "no", "off":
		case "1", "true", "yes", "on":
			*v.to = true
		default:
			return &usageError{Text: v.name + " must be 1 or 0", Hint: "set " + v.name + "=1, or 0"}
		}
	}
	return nil
}

// report prints an error and returns the exit code.
func (a *app) report(err error) int {
	var own *exitCode
	if err == nil {
		return 0
	} else if errors.As(err, &own) {
		return own.code
	}
	f := explain(err)
	if a.json {
		reportJSON(a, f)
		return f.code
	}
	a.errLine("error", f.text)
	for _, line := range f.details {
		fmt.Fprintln(a.stderr, "  "+term.Escape(line))
	}
	if f.hint != "" {
		a.errLine("hint", f.hint)
	}
	return f.code
}

// reportJSON prints an error as JSON.
func reportJSON(a *app, f finding) {
	body := jsondoc.ErrorBody{Code: f.code, Kind: kinds[f.kind], Message: f.text, Details: f.details, Hint: f.hint}
	_ = jsondoc.Encode(a.stderr, jsondoc.Error{Schema: jsondoc.Schema, Error: body}, "")
}
