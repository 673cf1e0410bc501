package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/credfile/credfile/internal/cli"
	"github.com/credfile/credfile/internal/envname"
	"github.com/credfile/credfile/internal/front"
	"github.com/credfile/credfile/vaultfile"
)

type envOptions struct {
	only, except, allow []string
	asFile              []string
	prefix, stdin       string
	shell               string
	clean, keep, mask   bool
	reveal              bool
}

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
			if err := o.check(len(args) > 0); err != nil && len(args) == 0 {
				return err
			} else if err != nil {
				return inEnv(err)
			}
			if len(args) == 0 {
				return a.printEnv(o)
			}
			return inEnv(a.env(o, args))
		},
	}
	fl := cmd.Flags()
	fl.SetInterspersed(false) // flags after the command's name are the command's
	fl.StringSliceVar(&o.only, "only", nil, "pass only `NAME` (repeatable)")
	fl.StringSliceVar(&o.except, "except", nil, "leave out `NAME` (repeatable)")
	fl.StringSliceVar(&o.allow, "allow-name", nil, "pass `NAME`, even though it can make programs run other code (repeatable)")
	fl.StringVar(&o.prefix, "prefix", "", "add `PREFIX` to every name")
	fl.BoolVar(&o.clean, "clean", false, "start with an empty environment")
	fl.BoolVar(&o.keep, "keep", false, "let variables that are already set win")
	fl.StringArrayVar(&o.asFile, "as-file", nil, "write `NAME` to a private in-memory file and pass its path (repeatable)")
	fl.StringVar(&o.stdin, "stdin", "", "pass `NAME` on standard input, not in the environment")
	fl.BoolVar(&o.mask, "mask", false, "hide values in the command's output")
	fl.StringVar(&o.shell, "shell", "sh", "`SHELL`: without a command, print for sh, bash, zsh, fish or powershell")
	fl.BoolVar(&o.reveal, "reveal", false, "without a command, print values even to a terminal")
	cmd.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		usage := cli.FlagError(cmd, err)
		if !contains(a.args, "--") {
			return usage // no command is run, so its exit codes can't be confused with ours
		}
		return &envError{usage}
	})
	return cmd
}

// inEnv gives an error the exit code for failures before the command starts.
func inEnv(err error) error {
	var own *exitCode
	if err == nil || errors.As(err, &own) {
		return err
	}
	return &envError{err}
}

func (a *app) env(o envOptions, command []string) error {
	f, err := a.open()
	if err != nil {
		return err
	}
	vars, err := a.collect(f, o)
	if err != nil {
		return at(f.Path, err)
	}
	exe, err := front.Lookup(command[0], a.getenv)
	if err != nil {
		return err
	}
	g := &given{app: a, o: o, vars: vars}
	defer g.close()
	if err := g.prepare(); err != nil {
		return err
	}
	a.warnExpiring(g.passed(vars))
	if g.dir != nil || o.mask {
		return g.stay(exe, command)
	}
	err = front.Become(exe, command, g.env())
	var ended *front.Exited
	if errors.As(err, &ended) {
		return &exitCode{ended.Code}
	}
	return g.notStarted(command, err)
}

// variable is an environment variable that the command gets.
type variable struct {
	name, value string
	credential  string // the credential that it comes from
	profile     string
	expires     time.Time
}

// collect opens the profiles in order and returns their variables. A later profile's
// variable takes the place of an earlier one of the same name.
func (a *app) collect(f *file, o envOptions) ([]variable, error) {
	var vars []variable
	var leftOut []string
	wanted := map[string]bool{}
	for _, name := range slices.Concat(o.only, o.except, o.asFile) {
		wanted[name] = false
	}
	if o.stdin != "" {
		wanted[o.stdin] = false
	}
	at := map[string]int{}
	for _, profile := range a.profileNames() {
		p, err := a.unlock(f, profile, read)
		if err != nil {
			return nil, err
		}
		items, err := p.Items()
		if err != nil {
			return nil, err
		}
		for _, item := range items {
			if item.Name == "" {
				continue
			}
			if _, ok := wanted[item.Name]; ok {
				wanted[item.Name] = true
			}
			asked := item.Name == o.stdin || contains(o.asFile, item.Name)
			if len(o.only) > 0 && !contains(o.only, item.Name) && !asked || contains(o.except, item.Name) {
				continue
			}
			v := variable{o.prefix + item.Name, string(item.Value.Reveal()), item.Name, profile, item.Expires}
			if !envname.Valid(v.name) && len(o.only) == 0 && !asked {
				leftOut = append(leftOut, item.Name)
				continue
			}
			if err := o.checkVariable(v); err != nil {
				return nil, err
			}
			if i, ok := at[v.name]; ok {
				vars[i] = v
				continue
			}
			at[v.name] = len(vars)
			vars = append(vars, v)
		}
	}
	if err := a.absent(o, wanted); err != nil {
		return nil, err
	}
	if err := a.allowNames(f, o, vars); err != nil {
		return nil, err
	}
	if a.verbose && len(leftOut) > 0 {
		a.say("skipped, not valid as environment variables: %s", strings.Join(leftOut, ", "))
	}
	return vars, nil
}

// absent returns an error if a flag names a credential that none of the profiles has.
func (a *app) absent(o envOptions, there map[string]bool) error {
	for _, name := range o.only {
		if !there[name] {
			names := a.profileNames()
			return notIn(names, &vaultfile.NotFoundError{Profile: names[0], Credential: name})
		}
	}
	for _, flag := range []struct {
		name  string
		names []string
	}{{"except", o.except}, {"as-file", o.asFile}, {"stdin", []string{o.stdin}}} {
		for _, name := range flag.names {
			if name != "" && !there[name] {
				return &plainError{text: fmt.Sprintf("--%s %s: no such credential", flag.name, name), code: exitNotFound, hint: "to list the credentials: credfile list"}
			}
		}
	}
	return nil
}

// checkVariable returns an error for a variable that can't be passed on.
func (o envOptions) checkVariable(v variable) error {
	if v.credential == o.stdin {
		return nil
	}
	file := contains(o.asFile, v.credential)
	switch {
	case !envname.Valid(v.name):
		return &plainError{text: fmt.Sprintf("%q is not a valid name for an environment variable", v.name), code: exitUsage,
			hint: "use credfile get, or pass it with --stdin"}
	case file:
		return nil
	case strings.ContainsRune(v.value, 0):
		return &plainError{text: fmt.Sprintf("the value of %s contains a NUL byte, which an environment variable can't hold", v.name), code: exitOther,
			hint: fmt.Sprintf("use --as-file %s or --except %s", v.credential, v.credential)}
	case len(v.name)+1+len(v.value) >= front.MaxVariable:
		return &plainError{text: fmt.Sprintf("the value of %s is too large for an environment variable, which can hold %d KiB here", v.name, front.MaxVariable>>10), code: exitOther,
			hint: fmt.Sprintf("use --as-file %s or --except %[1]s", v.credential)}
	case strings.HasPrefix(v.value, "() {"):
		// Bash before 4.3 patch 25 runs it (CVE-2014-6271).
		return &plainError{text: fmt.Sprintf("the value of %s looks like a shell function, which old versions of bash run", v.name), code: exitOther,
			hint: fmt.Sprintf("use --except %s", v.credential)}
	}
	return nil
}

// childEnv returns our own environment, without key material and with vars added.
func (a *app) childEnv(vars []variable) []string {
	named := make([]front.Variable, len(vars))
	for i, v := range vars {
		named[i] = front.Variable{Name: v.name, Value: v.value}
	}
	env, removed := front.Environ(a.environ, named)
	if a.verbose {
		for _, name := range removed {
			a.say("removed, since it belongs to other AWS credentials: %s", name)
		}
	}
	return env
}

// notStarted explains why the command did not start, and names the value that is too large.
func (g *given) notStarted(command []string, err error) error {
	if !errors.Is(err, syscall.E2BIG) {
		return front.NotStarted(command[0], err)
	}
	values, largest := 0, variable{}
	for _, v := range g.passed(g.vars) {
		values += len(v.value)
		if len(v.value) > len(largest.value) {
			largest = v
		}
	}
	if values < len(strings.Join(command, " ")) {
		return &plainError{text: "the arguments are too large for this system", code: exitNotRunning}
	}
	return &plainError{text: fmt.Sprintf("the environment is too large for this system; the largest value is %s (%d KiB)", largest.name, len(largest.value)>>10),
		code: exitNotRunning, hint: fmt.Sprintf("use --as-file %s or --except %[1]s", largest.credential)}
}
