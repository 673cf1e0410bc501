package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/credfile/credfile/internal/cli"
	"github.com/credfile/credfile/internal/front"
	"github.com/credfile/credfile/internal/resolve"
)

func newEnv(a *app) *cobra.Command {
	var o envOptions
	cmd := &cobra.Command{
		Annotations: map[string]string{cli.RunsCommand: ""},
		Use:         "env [FLAG]… -- COMMAND [ARG]…",
		Long: `Runs a command with the credentials of a profile in its environment. If several profiles are given, later ones win. credfile replaces itself with the command, so signals, job control and the exit code are the command's own.

If anything can't be verified, unlocked or passed, the command does not start and the exit code is 125. It is 126 if the command can't be run, and 127 if it is not found.

With --as-file or --mask, credfile keeps running and forwards signals; it exits with the command's code, or 128+n after signal n. --mask hides values of at least eight characters on stdout and stderr, including each line of a longer value, and the base64, URL and JSON forms of a value. It can't hide what a program writes to the terminal device itself.

Without a command, env prints assignments for a shell, or only the names if stdout is a terminal.`,
		Example: "  credfile env -- terraform apply\n  credfile env -p base -p staging --only DATABASE_URL -- ./migrate\n" +
			"  credfile env --as-file TLS_KEY -- nginx -g 'daemon off;'\n  eval \"$(credfile env)\"",
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.shell == "" {
				o.shell = front.CallingShell(a.getenv)
			} else if a.json && len(args) == 0 {
				return &usageError{Text: "--json can't be used with --shell", Hint: "use one or the other"}
			}
			if err := o.check(len(args) > 0); err != nil && len(args) == 0 {
				return err
			} else if err != nil {
				return inEnv(err)
			}
			if len(args) == 0 {
				return printEnv(a, o)
			}
			return inEnv(runEnv(a, o, args))
		},
	}
	fl := cmd.Flags()
	fl.SetInterspersed(false) // flags after the command's name are the command's
	fl.StringSliceVar(&o.Only, "only", nil, "pass only `NAME` (repeatable)")
	fl.StringSliceVar(&o.Except, "except", nil, "leave out `NAME` (repeatable)")
	fl.StringSliceVar(&o.allow, "allow-name", nil, "pass `NAME`, even though it can make programs run other code (repeatable)")
	fl.StringSliceVar(&o.with, "with", nil, "also pass what the source `NAME` gives, which is left out otherwise (repeatable)")
	fl.DurationVar(&o.minValid, "min-valid", 0, "what sources give must be valid for `DURATION`, such as 30m")
	fl.StringVar(&o.Prefix, "prefix", "", "add `PREFIX` to every name")
	fl.BoolVar(&o.clean, "clean", false, "start with an empty environment")
	fl.BoolVar(&o.keep, "keep", false, "let variables that are already set win")
	fl.StringArrayVar(&o.Files, "as-file", nil, "write `NAME` to a private in-memory file and pass its path (repeatable)")
	fl.StringVar(&o.Stdin, "stdin", "", "pass `NAME` on standard input, not in the environment")
	fl.BoolVar(&o.mask, "mask", false, "hide values in the command's output")
	fl.StringVar(&o.shell, "shell", "", "`SHELL`: without a command, print for sh, bash, zsh, fish, powershell or cmd (default sh; on Windows, the shell that runs credfile)")
	fl.BoolVar(&o.reveal, "reveal", false, "without a command, print values even to a terminal")
	o.register(fl)
	cmd.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		usage := cli.FlagError(cmd, err)
		if !slices.Contains(a.args, "--") {
			return usage // no command is run, so its exit codes can't be confused with ours
		}
		return &envError{usage}
	})
	return cmd
}

func runEnv(a *app, o envOptions, command []string) error {
	f, err := o.open(a)
	if err != nil {
		return err
	}
	vars, err := resolveVariables(a, f, o)
	if err != nil {
		return at(f.Path, err)
	}
	exe, err := front.Lookup(command[0], a.getenv)
	if err != nil {
		return err
	}
	passed := vars
	if o.keep {
		passed = slices.DeleteFunc(slices.Clone(vars), func(v resolve.Variable) bool { return front.IsSet(a.environ, v.Variable) })
	}
	h, err := front.NewHandover(a.getenv, frontVariables(passed))
	if err != nil {
		return err
	}
	defer h.Close()
	tellHandover(a, h)
	warnExpiring(a, passed)
	c := front.Command{Path: exe, Args: command, Env: a.childEnv(h.Env)}
	if o.clean {
		c.Env, _ = front.Environ(nil, h.Env)
	}
	if o.mask {
		c.Mask = maskedValues(a, vars)
	}
	code, err := h.Start(c)
	if err != nil {
		return notStarted(command, vars, err)
	}
	return &exitCode{code}
}

// maskedValues returns the values to hide in the output.
func maskedValues(a *app, vars []resolve.Variable) []string {
	values, short := []string{}, []string{}
	for _, v := range vars {
		values = append(values, v.Value)
		if len(v.Value) < front.MinMasked && v.Value != "" {
			short = append(short, v.Credential)
		}
	}
	if len(short) > 0 && a.verbose {
		a.say("not masked, since shorter than %d characters: %s", front.MinMasked, strings.Join(short, ", "))
	}
	return values
}

// tellHandover warns of secrets that had to go to a disk.
func tellHandover(a *app, h *front.Handover) {
	if h.InputOn {
		a.warn("this system has no private in-memory directory; while the command has the value open, it is in an unnamed file on disk")
	}
	if h.OnDisk != "" {
		a.warn("this system has no private in-memory directory; while the command runs, the file is on disk in %s", h.OnDisk)
	}
}
