package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/credfile/credfile/internal/cli"
)

// args checks the number of positional arguments.
func args(names ...string) cobra.PositionalArgs { return cli.Args(names...) }

func unknownVerb(name string) error {
	e := &usageError{text: fmt.Sprintf("unknown command %q", name), hint: "to list the commands: credfile help"}
	if near := nearestVerb(name); near != "" {
		e.hint = "did you mean credfile " + near + "?"
	}
	return e
}

// otherWords maps other tools' words to commands.
var otherWords = map[string]string{
	"add": "set", "put": "set", "insert": "set", "new": "init", "create": "init",
	"cat": "get", "view": "get", "print": "get", "decrypt": "env", "shell": "env", "export": "env",
	"delete": "unset", "del": "unset", "remove": "unset", "users": "recipients", "keys": "recipients",
	"profiles": "profile list", "updatekeys": "rekey", "share": "rekey --add", "revoke": "rekey --remove",
}

// nearestVerb guesses which command was meant: first by another tool's word for it, then by
// the fewest typing errors. It returns "" if none is close.
func nearestVerb(name string) string {
	if verb, ok := otherWords[name]; ok {
		return verb
	}
	best, least := "", min(2, len(name)/2)+1
	for _, v := range verbs {
		if v.group == "" {
			continue
		}
		for _, word := range append([]string{v.name}, v.aliases...) {
			if d := cli.Distance(name, word); d < least {
				best, least = v.name, d
			}
			if len(name) > 2 && strings.HasPrefix(word, name) && least > 1 {
				best, least = v.name, 1
			}
		}
	}
	return best
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
			return &usageError{text: v.name + " must be 1 or 0", hint: "set " + v.name + "=1, or 0"}
		}
	}
	return nil
}
