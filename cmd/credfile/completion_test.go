//go:build linux

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/credfile/credfile/internal/racetest"
)

// source is how each shell takes the script.
var source = map[string]string{
	"bash": "source <(credfile completion bash)",
	"zsh":  "autoload -U compinit; compinit -u -D; source <(credfile completion zsh)",
	"fish": "function fish_prompt; echo 'READY> '; end; credfile completion fish | source",
}

// TestCompletionInShells types the beginning of names, and Tab, in the real shells.
func TestCompletionInShells(t *testing.T) {
	racetest.Skip(t)
	t.Parallel()
	for shell := range shells {
		t.Run(shell, func(t *testing.T) {
			t.Parallel()
			b := newBox(t)
			b.ok("", "init", "--name", "alice")
			for _, name := range []string{"STRIPE_API_KEY", "bob@example.org", "npm:token"} {
				b.ok("value of "+name, "set", name, "-")
			}
			b.ok("", "profile", "add", "production")
			s := b.session(shell)
			s.run(source[shell]+"; printf 'on-%s\\n' 42", "on-42")
			// What is only typed is not run. (zsh itself expands the word before the cursor.)
			for _, typed := range []string{"credfile -f $(touch ran) get \t", "credfile get --as=$(touch ran) \t"} {
				s.until("READY> ")
				s.types(typed + "\x15\r")
			}
			for _, c := range [][2]string{
				{"credfile get STR\t\r", "value of STRIPE_API_KEY"},
				{"credfile get bob@ex\t\r", "value of bob@example.org"},
				{"credfile get npm:t\t\r", "value of npm:token"},
				{"credfile get bo\t\r", "value of bob@example.org"},
				{"credfile recipients --prof\tprod\t\r", "alice"},
				{"credfile vers\t\r", "format"},
			} {
				s.until("READY> ") // a Tab that is typed while a command runs is none
				s.types(c[0])
				s.until(c[1])
			}
			if _, err := os.Lstat(filepath.Join(b.dir, "ran")); err == nil {
				t.Error("a Tab ran a command")
			}
		})
	}
}

// TestCompletionOfBadFiles: a file that is damaged, hidden, foreign, large, a FIFO or not there is no
// error, and nothing is asked, written or said.
func TestCompletionOfBadFiles(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	b.ok("", "init", "--name", "alice")
	b.ok("x", "set", "KEY", "-")
	b.ok("", "profile", "add", "hidden")
	good := b.read()
	b.forget()
	state := filepath.Join(b.home, ".local")
	for what, c := range map[string]struct {
		text []byte
		want string
	}{
		"not trusted here": {bytes.Replace(good, []byte("seal 1"), []byte("seal 9"), 1), "KEY"},
		"damaged":          {good[:len(good)/2], ""},
		"no credfile":      {[]byte("KEY=value\n"), ""},
		"empty":            {nil, ""},
		"large":            {append(bytes.Repeat([]byte("#"), maxToComplete), good...), ""},
	} {
		b.write(c.text)
		r := b.run("", "__completeNoDesc", "get", "")
		if r.code != 0 || strings.Contains(r.stdout, "KEY") != (c.want != "") || strings.Contains(r.stderr, "credfile:") {
			t.Errorf("%s: exit code %d, %q %q", what, r.code, r.stdout, r.stderr)
		}
		if _, err := os.Stat(state); err == nil {
			t.Fatalf("%s: something was written", what)
		}
	}
	os.Remove(b.path())
	if err := exec.Command("mkfifo", b.path()).Run(); err != nil {
		t.Fatal(err)
	}
	if r := b.run("", "__completeNoDesc", "get", ""); r.code != 0 || strings.Contains(r.stdout, "KEY") {
		t.Errorf("a FIFO: %d %q", r.code, r.stdout)
	}
}
