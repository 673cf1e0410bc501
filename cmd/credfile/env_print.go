package main

import (
	"fmt"
	"unicode/utf8"

	"github.com/credfile/credfile/internal/codec"
	"github.com/credfile/credfile/internal/jsondoc"
	"github.com/credfile/credfile/internal/resolve"
	"github.com/credfile/credfile/internal/term"
)

// printEnvJSON prints the values, to a terminal only with --reveal.
func printEnvJSON(a *app, f *file, vars []resolve.Variable, o envOptions) error {
	if term.IsTerminal(a.stdout) && !o.reveal {
		return &usageError{Text: "--json would print the values to your terminal", Hint: "if you mean that: --reveal"}
	}
	doc := jsondoc.Env{Schema: jsondoc.Schema, File: f.Path, Commit: o.commit, Variables: map[string]string{}}
	for _, v := range vars {
		if !utf8.ValidString(v.Value) {
			return notUTF8(v.Name, v.Credential)
		}
		doc.Variables[v.Name] = v.Value
	}
	return a.printJSON(doc)
}

// printEnv prints assignments for a shell, or to a terminal only the names.
func printEnv(a *app, o envOptions) error {
	f, err := o.open(a)
	if err != nil {
		return err
	}
	vars, err := resolveVariables(a, f, o)
	if err != nil {
		return at(f.Path, err)
	}
	warnExpiring(a, vars)
	if vars, err = withoutFiles(a, vars, o.Only); err != nil {
		return at(f.Path, err)
	}
	if a.json {
		return printEnvJSON(a, f, vars, o)
	}
	if term.IsTerminal(a.stdout) && !o.reveal {
		for _, v := range vars {
			fmt.Fprintln(a.stdout, v.Name)
		}
		a.say("these are the names; to run a command with the values: credfile env -- COMMAND (to print them: --reveal)")
		return nil
	}
	pairs := make([]codec.Pair, len(vars))
	for i, v := range vars {
		pairs[i] = codec.Pair{Name: v.Name, Value: []byte(v.Value)}
	}
	text, err := codec.Shell(o.shell, pairs)
	if err != nil {
		return err
	}
	_, err = fmt.Fprint(a.stdout, text)
	return err
}
