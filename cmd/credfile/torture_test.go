//go:build linux && amd64

package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// An ordeal is a command that writes, in a directory where it can.
type ordeal struct {
	name    string
	prepare func(b *box)
	stdin   string
	args    []string
	same    bool           // the file stays as it is
	makes   string         // a file that it makes
	again   []int          // exit codes of the same command once more, when it has been carried out
	then    []string       // what comes next, if it isn't the same command
	orphans *regexp.Regexp // files that may be left, and have no secrets
}

const fresh = "not-real-FRESH-canary" // a secret that a command brings

var ordeals = []ordeal{
	{name: "set", stdin: fresh, args: []string{"set", "NEW", "-"}},
	{name: "unset", args: []string{"unset", "ONE"}, again: []int{exitNotFound}},
	{name: "rotate", args: []string{"rotate"}},
	{name: "rekey add", args: []string{"rekey", "--add", "bob=" + aliceRecipient}, again: []int{exitNotFound}},
	{name: "rekey remove", prepare: func(b *box) { b.ok("", "rekey", "--add", "bob="+aliceRecipient) }, args: []string{"rekey", "--remove", "bob", "--yes"}, again: []int{exitNotFound}},
	{name: "import", prepare: func(b *box) { b.file(".env", "NEW="+fresh+"\nMORE="+fresh+"\n") }, args: []string{"import", ".env"}},
	{name: "edit", prepare: func(b *box) {
		executable(b.t, filepath.Join(b.home, "editor"), "#!/bin/sh\ngrep -q NEW \"$1\" || echo 'NEW = \""+fresh+"\"' >> \"$1\"\n")
		b.env = append(b.env, "CREDFILE_NON_INTERACTIVE=", "CREDFILE_EDITOR="+filepath.Join(b.home, "editor"))
	}, args: []string{"edit"}, orphans: regexp.MustCompile(`^run/credfile-0/|/edit/`)},
	{name: "init", prepare: func(b *box) { os.Remove(b.path()) }, args: []string{"init", "--name", "me"}, again: []int{exitOther}},
	{name: "trust", prepare: func(b *box) { b.forget() }, args: []string{"trust", "--yes"}, same: true, then: []string{"get", "ONE"}},
	{name: "keygen", args: []string{"keygen", "--name", "second", "--yes"}, same: true, makes: "home/.config/credfile/second.pub", then: []string{"keygen", "--name", "third", "--yes"}, orphans: regexp.MustCompile(`\.second\.pub\.new$`)},
	{name: "keygen to a file", args: []string{"keygen", "-o", "ci.txt"}, same: true, makes: "work/ci.txt", again: []int{exitOther}, orphans: regexp.MustCompile(`ci\.pub`)},
	{name: "merge", prepare: prepareMerge, args: []string{"merge", "--base", "base", "--ours", "ours", "--theirs", "theirs", "-o", ".credentials.age"}},
	{name: "source", args: []string{"source", "add", "DYN", "demo"}, prepare: prepareSource},
	{name: "login", prepare: func(b *box) { prepareSource(b); b.ok("", "source", "add", "DYN", "demo") }, args: []string{"login", "--force"}, same: true, orphans: regexp.MustCompile(`/sessions/ID\.failed$`)},
	{name: "export", args: []string{"export", "--format", "dotenv", "-o", "out"}, same: true, makes: "work/out", again: []int{0, 1}},
}

func prepareMerge(b *box) {
	b.file("base", string(b.read()))
	b.ok(fresh, "set", "NEW", "-")
	b.file("ours", string(b.read()))
	b.copyFrom("base")
	b.ok(fresh, "set", "OTHER", "-")
	b.file("theirs", string(b.read()))
	b.copyFrom("ours")
}

func prepareSource(b *box) {
	executable(b.t, filepath.Join(b.home, "bin", "credfile-source-demo"), "#!/bin/sh\nread -r request\n"+strings.ReplaceAll(answersOnce, "not-real-value", fresh))
}

func (b *box) file(name, text string) {
	if err := os.WriteFile(filepath.Join(b.dir, name), []byte(text), 0o600); err != nil {
		b.t.Fatal(err)
	}
}

func (b *box) copyFrom(name string) {
	text, err := os.ReadFile(filepath.Join(b.dir, name))
	if err != nil {
		b.t.Fatal(err)
	}
	b.write(text)
}
