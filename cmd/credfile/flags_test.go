package main

import (
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/credfile/credfile/internal/cli"
	"github.com/credfile/credfile/internal/racetest"
)

// Every flag of every command refuses an empty value, and a flag that takes one value
// refuses two, so that a command meant for one thing does not act on everything.
func TestOptionsAreMeant(t *testing.T) {
	racetest.Skip(t)
	t.Parallel()
	b := newBox(t)
	b.ok("", "init")
	b.ok("value", "set", "A", "-")
	before := b.read()
	tried := 0
	try := func(cmd *cobra.Command, f *pflag.Flag) {
		if f.Value.Type() == "bool" || f.Name == "help" {
			return
		}
		tried++
		path := strings.Fields(cmd.CommandPath())[1:]
		refuse := func(want string, flags ...string) {
			args := append(append(path[:len(path):len(path)], flags...), "--", "A")
			if r := b.run("", args...); r.code != 2 && r.code != 125 || !strings.Contains(r.stderr, want) || r.stdout != "" {
				t.Errorf("%q: %d %q", args, r.code, r.stderr)
			}
		}
		refuse("--"+f.Name+" is empty", "--"+f.Name+"=")
		if strict := f.Value.(*cli.StrictFlag); !strict.List {
			value := map[string]string{"int": "7", "duration": "1s"}[f.Value.Type()]
			if value == "" {
				value = "x"
			}
			refuse("--"+f.Name+" is given twice", "--"+f.Name+"="+value, "--"+f.Name+"="+value)
		} else if strict.Comma {
			refuse("--"+f.Name+" is empty", "--"+f.Name+"=A,")
		}
	}
	root := newRoot(newApp(world{getenv: func(string) string { return "" }}), verbs)
	var each func(cmd *cobra.Command)
	each = func(cmd *cobra.Command) {
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if cmd != root {
				try(cmd, f)
			}
		})
		for _, sub := range cmd.Commands() {
			each(sub)
		}
	}
	each(root)
	get, _, _ := root.Find([]string{"get"})
	root.PersistentFlags().VisitAll(func(f *pflag.Flag) { try(get, f) })
	if tried < 40 {
		t.Errorf("only %d options were tried", tried)
	}
	for _, args := range [][]string{{"env", "--"}, {"env", ""}, {"env", "--", ""}, {"list", "--"}, {"get", ""}, {"import", ""}, {"unset", "A", ""},
		{"set", "", "-"}, {"rename", "A", ""}, {"copy", "", "--to", "default"}, {"profile", "add", ""}, {"helper", ""}, {"rotate", "--"}} {
		if r := b.run("x", args...); r.code != 2 && r.code != 125 || r.stdout != "" {
			t.Errorf("%q: %d %q %q", args, r.code, r.stdout, r.stderr)
		}
	}
	if string(b.read()) != string(before) {
		t.Error("the file was changed")
	}
}

// Errors don't repeat the value of a flag, which may be a misplaced secret.
func TestOptionsAreNotRepeated(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	for _, args := range [][]string{{"get", "--passphrase-fd", "hunter2"}, {"env", "--passphrase-fd", "hunter2", "--", "true"},
		{"keygen", "--calibrate", "hunter2"}, {"init", "--new-passphrase-fd", "hunter2"}, {"get", "--quiet=hunter2"}} {
		if r := b.run("", args...); r.code == 0 || strings.Contains(r.stdout+r.stderr, "hunter2") || strings.Contains(r.stderr, "strconv") {
			t.Errorf("%q: %d %q", args, r.code, r.stderr)
		}
	}
}
