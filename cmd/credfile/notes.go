package main

import (
	"fmt"
	"strings"

	"github.com/credfile/credfile/internal/envname"
	"github.com/credfile/credfile/internal/helper"
	"github.com/credfile/credfile/internal/machine"
)

// tellNote prints a note about a file.
func tellNote(a *app, f *file, n machine.Note) {
	switch n.Kind {
	case machine.FirstUse:
		a.say("First use of %s on this machine: trusting its %s. To compare fingerprints: credfile trust", f.Name(), count(n.Count, "profile"))
	case machine.OtherRepository:
		a.say("There used to be another repository at %s. Missing from this one: %s", n.Path, firstOf(n.Names))
	case machine.Typed:
		a.say("to be remembered for 15 minutes: credfile unlock")
	case machine.NotRemembered:
		if n.Err != nil {
			a.warn("can't remember this file: %v", n.Err)
		} else if a.verbose {
			a.say("this machine can't remember the file, since it has no writable state directory")
		}
	case machine.InRepository:
		a.warn("%s", exposedText(n.Path, n.Names[0], n.Names[1]))
	default:
		a.warn("%s", noteText(f, &n))
	}
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
