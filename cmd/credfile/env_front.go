package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/credfile/credfile/internal/codec"
	"github.com/credfile/credfile/internal/envname"
	"github.com/credfile/credfile/internal/front"
	"github.com/credfile/credfile/internal/jsondoc"
	"github.com/credfile/credfile/internal/term"
)

// check refuses invalid flags and combinations of flags.
func (o envOptions) check(command bool) error {
	if o.prefix != "" && !envname.Valid(o.prefix) {
		return &usageError{text: fmt.Sprintf("--prefix %q can't begin the name of a variable", o.prefix), hint: "for example: --prefix APP_"}
	}
	if !slices.Contains(codec.Shells, o.shell) {
		return &usageError{text: fmt.Sprintf("--shell must be one of %s", strings.Join(codec.Shells, ", ")), hint: "see credfile help env"}
	}
	if !command && (len(o.asFile) > 0 || o.stdin != "" || o.mask || o.clean || o.keep) {
		return &usageError{text: "--as-file, --stdin, --mask, --clean and --keep need a command", hint: "usage: credfile env [FLAG]… -- COMMAND [ARG]…"}
	}
	if o.clean && o.keep {
		return &usageError{text: "--clean and --keep can't be used together", hint: "use one or the other"}
	}
	if contains(o.asFile, o.stdin) || contains(o.except, o.stdin) && o.stdin != "" {
		return &usageError{text: fmt.Sprintf("%s is given to two flags", o.stdin), hint: "see credfile help env"}
	}
	return nil
}

// given holds what a command gets: variables, files and its standard input.
type given struct {
	*app
	o     envOptions
	vars  []variable
	dir   *front.Dir // of the files; nil if there are none
	stdin *os.File
	mask  []string
	short []string // names of credentials too short to mask
}

// prepare writes the files and the standard input. The variable of a file becomes its path;
// the value on standard input has no variable.
func (g *given) prepare() error {
	var vars []variable
	for _, v := range g.vars {
		g.mask = append(g.mask, v.value)
		if len(v.value) < front.MinMasked && v.value != "" {
			g.short = append(g.short, v.credential)
		}
		switch {
		case v.credential == g.o.stdin:
			f, onDisk, err := front.SecretFile(g.getenv, []byte(v.value))
			if err != nil {
				return fmt.Errorf("can't prepare standard input: %w", err)
			}
			if g.stdin = f; onDisk {
				g.warn("this system has no private in-memory directory; while the command has the value open, it is in an unnamed file on disk")
			}
			continue
		case contains(g.o.asFile, v.credential):
			path, err := g.file(v)
			if err != nil {
				return fmt.Errorf("can't write the file for %s: %w", v.credential, err)
			}
			v.value = path
		}
		vars = append(vars, v)
	}
	g.vars = vars
	if g.stdin != nil && g.dir == nil && !g.o.mask {
		return front.Stdin(g.stdin)
	}
	return nil
}

func (g *given) file(v variable) (string, error) {
	if g.dir == nil {
		dir, err := front.PrivateDir(g.getenv, front.Files)
		if err != nil {
			return "", err
		}
		if g.dir = dir; dir.OnDisk {
			g.warn("this system has no private in-memory directory; while the command runs, the file is on disk in %s", dir.Path)
		}
	}
	return front.WriteFile(g.dir.Path, v.name, []byte(v.value))
}

func (g *given) close() {
	if g.dir != nil {
		g.dir.Remove()
	}
}

// passed returns the variables that the command gets. With --keep, existing variables win.
func (g *given) passed(vars []variable) []variable {
	if !g.o.keep {
		return vars
	}
	_, theirKey := g.lookupEnv("AWS_ACCESS_KEY_ID")
	return slices.DeleteFunc(slices.Clone(vars), func(v variable) bool {
		_, there := g.lookupEnv(v.name)
		// A session token must belong to the access key that the command gets.
		return there && v.credential != g.o.stdin && !(front.OfAWSSession(v.name) && !theirKey)
	})
}

// env returns the command's environment.
func (g *given) env() []string {
	vars := g.passed(g.vars)
	if !g.o.clean {
		return g.childEnv(vars)
	}
	var env []string
	for _, v := range vars {
		env = append(env, v.name+"="+v.value)
	}
	return env
}

// stay runs the command as a child process and ends as it does.
func (g *given) stay(exe string, command []string) error {
	c := front.Command{Path: exe, Args: command, Env: g.env(), Stdin: g.stdin}
	if g.o.mask {
		c.Mask = append([]string{}, g.mask...)
		if len(g.short) > 0 && g.verbose {
			g.say("not masked, since shorter than %d characters: %s", front.MinMasked, strings.Join(g.short, ", "))
		}
	}
	code, err := front.Run(c)
	var output *front.OutputError
	if errors.As(err, &output) {
		return &plainError{text: fmt.Sprintf("%s succeeded, but %v", command[0], output), code: exitOther}
	} else if err != nil {
		return g.notStarted(command, err)
	}
	return &exitCode{code}
}

// printEnvJSON prints the values, to a terminal only with --reveal.
func (a *app) printEnvJSON(f *file, vars []variable, reveal bool) error {
	if term.IsTerminal(a.stdout) && !reveal {
		return &usageError{text: "--json would print the values to your terminal", hint: "if you mean that: --reveal"}
	}
	doc := jsondoc.Env{Schema: jsondoc.Schema, File: f.path, Variables: map[string]string{}}
	for _, v := range vars {
		if !utf8.ValidString(v.value) {
			return &plainError{text: fmt.Sprintf("the value of %s is not UTF-8 text, and JSON can carry only that", v.name), code: exitOther,
				hint: fmt.Sprintf("use --except %s, and credfile get --json for its bytes", v.credential)}
		}
		doc.Variables[v.name] = v.value
	}
	return a.printJSON(doc)
}

// printEnv prints assignments for a shell, or to a terminal only the names.
func (a *app) printEnv(o envOptions) error {
	if a.json && o.shell != "sh" {
		return &usageError{text: "--json can't be used with --shell", hint: "use one or the other"}
	}
	f, err := a.open()
	if err != nil {
		return err
	}
	vars, err := a.collect(f, o)
	if err != nil {
		return at(f.path, err)
	}
	a.warnExpiring(vars)
	if a.json {
		return a.printEnvJSON(f, vars, o.reveal)
	}
	if term.IsTerminal(a.stdout) && !o.reveal {
		for _, v := range vars {
			fmt.Fprintln(a.stdout, v.name)
		}
		a.say("these are the names; to run a command with the values: credfile env -- COMMAND (to print them: --reveal)")
		return nil
	}
	pairs := make([]codec.Pair, len(vars))
	for i, v := range vars {
		pairs[i] = codec.Pair{Name: v.name, Value: []byte(v.value)}
	}
	text, err := codec.Shell(o.shell, pairs)
	if err != nil {
		return err
	}
	_, err = fmt.Fprint(a.stdout, text)
	return err
}
