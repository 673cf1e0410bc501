package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/credfile/credfile/internal/codec"
	"github.com/credfile/credfile/internal/envname"
	"github.com/credfile/credfile/internal/front"
	"github.com/credfile/credfile/internal/resolve"
	"github.com/credfile/credfile/vaultfile"
)

type envOptions struct {
	resolve.Options
	earlier
	allow             []string
	shell             string
	clean, keep, mask bool
	reveal            bool
	with              []string      // sources on demand
	minValid          time.Duration // of what sources give
}

// resolveVariables opens the profiles in order and returns their variables.
func resolveVariables(a *app, f *file, o envOptions) ([]resolve.Variable, error) {
	r, err := resolveAll(a, f, o, true)
	if err == nil && a.verbose && len(r.Skipped) > 0 {
		a.say("skipped, not valid as environment variables: %s", strings.Join(r.Skipped, ", "))
	}
	if err == nil && a.verbose && len(r.Consumed) > 0 {
		a.say("not passed on, since sources use them: %s", strings.Join(r.Consumed, ", "))
	}
	return r.Variables, err
}

// resolveAll is resolveVariables with the names that no variable can have. Unless obtain is set, sources
// give nothing.
func resolveAll(a *app, f *file, o envOptions, obtain bool) (resolve.Result, error) {
	names := a.profileNames()
	profiles := make([]resolve.Profile, len(names))
	for i, name := range names {
		profiles[i] = resolve.Profile{Name: name, Open: func() (resolve.Opened, error) { return a.opened(f, name, &o, obtain) }}
	}
	r, err := resolve.Resolve(profiles, o.Options)
	var missing *resolve.NotFoundError
	if errors.As(err, &missing) && missing.Option == resolve.Only {
		err = notIn(names, &vaultfile.NotFoundError{Profile: names[0], Credential: missing.Name})
	}
	if err == nil {
		err = allowNames(a, f, o, r.Variables)
	}
	if err != nil {
		return resolve.Result{}, err
	}
	return r, nil
}

// check refuses invalid flags and combinations of flags.
func (o envOptions) check(command bool) error {
	if o.Prefix != "" && !envname.Valid(o.Prefix) {
		return &usageError{Text: fmt.Sprintf("--prefix %q can't begin the name of a variable", o.Prefix), Hint: "for example: --prefix APP_"}
	}
	if !slices.Contains(codec.Shells, o.shell) {
		return &usageError{Text: fmt.Sprintf("--shell must be one of %s", strings.Join(codec.Shells, ", ")), Hint: "see credfile help env"}
	}
	if !command && (len(o.Files) > 0 || o.Stdin != "" || o.mask || o.clean || o.keep) {
		return &usageError{Text: "--as-file, --stdin, --mask, --clean and --keep need a command", Hint: "usage: credfile env [FLAG]… -- COMMAND [ARG]…"}
	}
	if o.clean && o.keep {
		return &usageError{Text: "--clean and --keep can't be used together", Hint: "use one or the other"}
	}
	if slices.Contains(o.Files, o.Stdin) || slices.Contains(o.Except, o.Stdin) && o.Stdin != "" {
		return &usageError{Text: fmt.Sprintf("%s is given to two flags", o.Stdin), Hint: "see credfile help env"}
	}
	return nil
}

// allowNames refuses names that make programs run other code, unless the user allowed them
// before or allows them now, with one answer for all.
func allowNames(a *app, f *file, o envOptions, vars []resolve.Variable) error {
	var names []string
	for _, v := range vars {
		if v.RunsCode() && !slices.Contains(o.allow, v.Name) {
			names = append(names, v.Name)
		}
	}
	if names = notAllowed(a, f, names); len(names) == 0 {
		return nil
	}
	refused := namesNotAllowed(names, credentialsOf(vars, names))
	if a.yes {
		return refused // as for plugins, only a person may decide what runs
	}
	question := fmt.Sprintf("%s, and %s contains %s. Pass %[3]s to the command, now and from now on?", runsCodeText(names), f.Path, plural(len(names), "it", "them"))
	switch err := a.dialog.Confirm(question); {
	case err != nil && isDeclined(err):
		return refused
	case err != nil:
		return err
	}
	sight, err := f.Sight()
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := sight.AllowName(name); err != nil {
			a.warn("can't remember your answer: %v", err)
			break
		}
	}
	return nil
}

// notAllowed returns the names that neither this machine, for this file, nor
// CREDFILE_ALLOW_NAMES allows.
func notAllowed(a *app, f *file, names []string) (rest []string) {
	if len(names) == 0 {
		return nil
	}
	allowed := strings.Split(a.getenv("CREDFILE_ALLOW_NAMES"), ",")
	if sight, err := f.Sight(); err == nil {
		allowed = append(allowed, sight.AllowNames...)
	}
	for _, name := range unique(names) {
		if !slices.Contains(allowed, name) {
			rest = append(rest, name)
		}
	}
	return rest
}

func credentialsOf(vars []resolve.Variable, names []string) (list []string) {
	for _, v := range vars {
		if slices.Contains(names, v.Name) {
			list = append(list, v.Credential)
		}
	}
	return list
}

// withoutFiles leaves out what programs get as files, which nothing that is printed can be. To ask for one
// by name is an error.
func withoutFiles(a *app, vars []resolve.Variable, only []string) ([]resolve.Variable, error) {
	var rest []resolve.Variable
	var files []string
	for _, v := range vars {
		if v.Use == front.File {
			files = append(files, v.Credential)
		} else {
			rest = append(rest, v)
		}
	}
	if len(files) > 0 && len(only) > 0 {
		return nil, onlyAsFile(files)
	} else if len(files) > 0 {
		a.say("left out, since programs get them as files: %s", strings.Join(files, ", "))
	}
	return rest, nil
}

func frontVariables(vars []resolve.Variable) []front.Variable {
	list := make([]front.Variable, len(vars))
	for i, v := range vars {
		list[i] = v.Variable
	}
	return list
}

// warnExpiring warns about credentials for the command that have expired or soon will,
// which may explain a failure of the command.
func warnExpiring(a *app, vars []resolve.Variable) {
	const most = 5
	n := 0
	for _, v := range vars {
		text := expiryText(startOfDay(a), v.Expires, soonDays)
		if text == "" {
			continue
		}
		if n++; n <= most {
			a.warn("%s: %s %s", v.Profile, v.Credential, text)
		}
	}
	if n > most {
		a.warn("%d more have expired or will soon; to list them: credfile status", n-most)
	}
}
