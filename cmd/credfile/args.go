package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// args checks the number of arguments; most is -1 for any number. The usage
// line of the command is the hint.
func args(least, most int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		_, usage, _ := strings.Cut(cmd.Use, " ")
		hint := strings.TrimSpace(cmd.CommandPath() + " " + usage)
		switch {
		case len(args) < least:
			return &usageError{text: "there is something missing", hint: hint}
		case most >= 0 && len(args) > most:
			return &usageError{text: "there is something too much", hint: hint}
		}
		return nil
	}
}

func unknownVerb(a *app, name string) error {
	e := &usageError{text: fmt.Sprintf("there is no command %q", name), hint: "credfile help"}
	root := a.root(verbs)
	root.SuggestionsMinimumDistance = 2
	if near := root.SuggestionsFor(name); len(near) > 0 {
		e.hint = "did you mean: credfile " + near[0]
	}
	return e
}
