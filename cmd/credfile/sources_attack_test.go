//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What a source's program starts is not looked for in the work tree either. Row 8g.
func TestSourceProgramPath(t *testing.T) {
	b := sourceBox(t, "tell\n"+answersOnce)
	for dir, text := range map[string]string{b.dir: "touch \"$HOME/attacked\"", filepath.Join(b.home, "bin"): "true"} {
		if err := os.WriteFile(filepath.Join(dir, "tell"), []byte("#!/bin/sh\n"+text+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	b.env = append(b.env, "PATH=.:"+filepath.Join(b.home, "bin")+":"+os.Getenv("PATH"))
	b.ok("", "env", "--", "true")
	if _, err := os.Stat(filepath.Join(b.home, "attacked")); err == nil {
		t.Error("a program of the working directory was run")
	}
}

// A terminal acts on nothing that a definition or a server says. Row 8g.
func TestSourceEscapes(t *testing.T) {
	b := sourceBox(t, `echo '{"v":1,"answers":{"DYN":{"values":{"DYN":"x"},"subject":"\u001b[31m\u009b\u202e"}}}'`+"\n")
	b.ok("", "source", "add", "OTHER", "demo", "note=\u009b31m\u202e")
	b.ok("", "source", "add", "THIRD", "demo", "gives=A,B")
	out := b.ok("", "login", "DYN").stderr
	for _, args := range [][]string{{"sessions"}, {"sessions", "--json"}, {"source", "show", "OTHER"}, {"source", "show", "OTHER", "--json"}, {"source", "list"}} {
		r := b.ok("", args...)
		out += r.stdout + r.stderr
	}
	if strings.ContainsAny(out, "\x1b\u009b\u202e") {
		t.Errorf("%q", out)
	}
}

// A key that a source uses is not given to a tool in the place of what the source gives.
func TestHelperConsumed(t *testing.T) {
	b := awsBox(t)
	b.ok("", "source", "add", "AWS", "aws", "role_arn=arn:aws:iam::123456789012:role/deploy", "on_demand=true")
	r := b.run("", "helper", "aws")
	if r.code == 0 || r.stdout != "" || !strings.Contains(r.stderr, "AWS_ACCESS_KEY_ID is used by the source AWS, and never passed on") {
		t.Errorf("exit code %d, %q: %s", r.code, r.stdout, r.stderr)
	}
}

// A credential that a source uses without naming it can be renamed.
func TestRenameDefault(t *testing.T) {
	b, sts := awsBox(t), newFakeSTS(t)
	b.ok("", "source", "add", "AWS", "aws", "role_arn=arn:aws:iam::123456789012:role/deploy", "endpoint="+sts.URL)
	b.ok("", "rename", "AWS_ACCESS_KEY_ID", "KEY_ID")
	b.ok("", "rename", "AWS_SECRET_ACCESS_KEY", "SECRET_KEY")
	b.ok("", "env", "--", "true")
	if sts.actions() != "AssumeRole" {
		t.Error(sts.actions())
	}
}

// A hint is for the profile that the source is in.
func TestSourceHints(t *testing.T) {
	b := sourceBox(t, answersOnce)
	b.ok("", "profile", "add", "prod")
	b.ok("", "copy", "DYN", "--to", "prod")
	if r := b.run("", "env", "-p", "prod", "--", "true"); r.code != exitEnv || !strings.Contains(r.stderr, "credfile trust --source DYN -p prod;") {
		t.Errorf("exit code %d: %s", r.code, r.stderr)
	}
}

// What a program said counts, even if it does not end.
func TestSourceProgramStays(t *testing.T) {
	b := sourceBox(t, answersOnce+"sleep 60\n")
	if r := b.run("", "env", "--", "printenv", "DYN"); r.code != 0 || r.stdout != "not-real-value\n" {
		t.Errorf("exit code %d: %s", r.code, r.stderr)
	}
}
