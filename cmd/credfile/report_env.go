package main

import (
	"errors"
	"fmt"
	"strings"
	"syscall"

	"github.com/credfile/credfile/internal/codec"
	"github.com/credfile/credfile/internal/front"
	"github.com/credfile/credfile/internal/resolve"
)

// explainEnv explains why a command did not get what it was to get.
func explainEnv(err error, f *finding) bool {
	var missing *resolve.NotFoundError
	var unfit *resolve.UnfitError
	switch {
	case errors.As(err, &missing):
		flag := map[resolve.Option]string{resolve.Except: "except", resolve.Files: "as-file", resolve.Stdin: "stdin", resolve.Only: "only"}[missing.Option]
		f.code, f.text, f.hint = exitNotFound, fmt.Sprintf("--%s %s: no such credential", flag, missing.Name), "to list the credentials: credfile list"
	case errors.As(err, &unfit):
		explainUnfit(unfit, f)
	case isA[*codec.ShellError](err):
		f.code, f.hint = exitOther, "to run a command with it: credfile env -- COMMAND"
	case isA[*front.OutputError](err):
		f.code = exitOther
	default:
		return false
	}
	return true
}

// explainUnfit explains why a variable can't be passed on.
func explainUnfit(e *resolve.UnfitError, f *finding) {
	f.code = exitOther
	f.hint = fmt.Sprintf("use --as-file %s or --except %[1]s", e.Credential)
	switch e.Why {
	case resolve.BadName:
		f.code, f.text = exitUsage, fmt.Sprintf("%q is not a valid name for an environment variable", e.Name)
		f.hint = "use credfile get, or pass it with --stdin"
	case resolve.HasNUL:
		f.text = fmt.Sprintf("the value of %s contains a NUL byte, which an environment variable can't hold", e.Name)
	case resolve.TooLarge:
		f.text = fmt.Sprintf("the value of %s is too large for an environment variable, which can hold %d KiB here", e.Name, front.MaxVariable>>10)
	case resolve.Function:
		f.text = fmt.Sprintf("the value of %s looks like a shell function, which old versions of bash run", e.Name)
		f.hint = "use --except " + e.Credential
	}
}

// notStarted explains why the command did not run to its end, and names the value that is
// too large.
func notStarted(command []string, vars []resolve.Variable, err error) error {
	var ended *front.Exited
	var output *front.OutputError
	switch {
	case errors.As(err, &ended):
		return &exitCode{ended.Code}
	case errors.As(err, &output):
		return &plainError{text: fmt.Sprintf("%s succeeded, but %v", command[0], output), code: exitOther}
	case !errors.Is(err, syscall.E2BIG):
		return front.NotStarted(command[0], err)
	}
	values, largest := 0, resolve.Variable{}
	for _, v := range vars {
		if v.Use != front.Environment {
			continue
		}
		values += len(v.Value)
		if len(v.Value) > len(largest.Value) {
			largest = v
		}
	}
	if values < len(strings.Join(command, " ")) {
		return &plainError{text: "the arguments are too large for this system", code: exitNotRunning}
	}
	return &plainError{text: fmt.Sprintf("the environment is too large for this system; the largest value is %s (%d KiB)", largest.Name, len(largest.Value)>>10),
		code: exitNotRunning, hint: fmt.Sprintf("use --as-file %s or --except %[1]s", largest.Credential)}
}

// onlyAsFile says that credentials are not for the environment.
func onlyAsFile(names []string) error {
	return &plainError{text: strings.Join(names, ", ") + plural(len(names), " is", " are") + " passed to programs as files only", code: exitUsage,
		hint: "to run a command with it: credfile env -- COMMAND; to print it: credfile get " + names[0]}
}
