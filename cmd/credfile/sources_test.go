//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The script in docs/sources.md is a source. op is played by a script here, with the output that its
// documentation gives: the real one needs an account.
func TestSourceScript(t *testing.T) {
	needTool(t, "jq")
	b := newBox(t)
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "sources.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, script, _ := strings.Cut(string(page), "Save it as `credfile-source-op`:\n\n```text\n")
	script, _, _ = strings.Cut(script, "```\n")
	bin := filepath.Join(b.home, "bin")
	if err := os.Mkdir(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	const op = `#!/bin/sh
[ "$1 $2" = "read --no-newline" ] || exit 2
case $3 in
op://vault/db/password) printf 'not-real "1"\n  \\ two' ;;
*) echo "[ERROR] not signed in" >&2; exit 1 ;;
esac
`
	for name, text := range map[string]string{"credfile-source-op": script, "op": op} {
		if err := os.WriteFile(filepath.Join(bin, name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	b.env = append(b.env, "PATH="+bin+":"+os.Getenv("PATH"))
	b.ok("", "init", "--name", "alice")
	b.ok("", "source", "add", "DB_PASSWORD", "op", "ref=op://vault/db/password")
	if got := b.ok("", "get", "DB_PASSWORD").stdout; got != "not-real \"1\"\n  \\ two" {
		t.Errorf("%q", got)
	}
	b.run("", "logout", "DB_PASSWORD") // which op can't end
	b.ok("", "source", "add", "OTHER", "op", "ref=op://vault/other/field")
	r := b.run("", "env", "--", "true")
	if r.code != exitEnv || !strings.Contains(r.stderr, "source OTHER: op could not read it; are you signed in?") {
		t.Errorf("exit code %d: %s", r.code, r.stderr)
	}
	b.ok("", "source", "add", "OTHER", "op", "ref=--help")
	if r := b.run("", "get", "OTHER"); r.code != exitNoTerminal {
		t.Errorf("exit code %d: %s", r.code, r.stderr)
	}
}
