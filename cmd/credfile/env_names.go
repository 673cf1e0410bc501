package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/credfile/credfile/internal/envname"
	"github.com/credfile/credfile/internal/helper"
	"github.com/credfile/credfile/internal/resolve"
)

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
	list := strings.Join(names, ", ")
	makes := list + " can make programs run other code"
	refused := &plainError{text: makes + ", and you have not allowed " + plural(len(names), "it", "them"), code: exitOther,
		hint: fmt.Sprintf("to allow that once: --allow-name %s; always: credfile trust --allow-name %[1]s; in CI: CREDFILE_ALLOW_NAMES=%[1]s; to leave it out: --except %s",
			strings.Join(names, ","), strings.Join(credentialsOf(vars, names), ","))}
	if a.yes {
		return refused // as for plugins, only a person may decide what runs
	}
	question := fmt.Sprintf("%s, and %s contains %s. Pass %[3]s to the command, now and from now on?", makes, f.Path, plural(len(names), "it", "them"))
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

func credentialsOf(vars []resolve.Variable, names []string) (list []string) {
	for _, v := range vars {
		if slices.Contains(names, v.Name) {
			list = append(list, v.Credential)
		}
	}
	return list
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

// noteNames warns about names that env will skip or ask about.
func noteNames(a *app, names ...string) {
	var invalid, dangerous []string
	for _, name := range unique(names) {
		switch {
		case helper.IsLogin(name): // it is meant for git or docker
		case !envname.Valid(name):
			invalid = append(invalid, fmt.Sprintf("%q", name))
		case name != "ENV" && envname.Dangerous(name):
			dangerous = append(dangerous, name)
		}
	}
	if len(invalid) > 0 {
		a.warn("%s can't be %s, so env skips %s", strings.Join(invalid, ", "), plural(len(invalid), "an environment variable", "environment variables"), plural(len(invalid), "it", "them"))
	}
	if len(dangerous) > 0 {
		a.warn("%s can make programs run other code, so env asks before passing %s; where it can't ask, set CREDFILE_ALLOW_NAMES=%s",
			strings.Join(dangerous, ", "), plural(len(dangerous), "it", "them"), strings.Join(dangerous, ","))
	}
}
