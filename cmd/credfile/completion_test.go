//go:build linux

package main

import (
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"

	"github.com/credfile/credfile/internal/racetest"
)

// loads is how each shell takes the script.
var loads = map[string]string{
	"bash": "source <(credfile completion bash)",
	"zsh":  "autoload -U compinit; compinit -u -D; source <(credfile completion zsh)",
	"fish": "function fish_prompt; echo 'READY> '; end; credfile completion fish | source",
}

// TestCompletionInShells types the beginning of names, and Tab, in the real shells, also with a file that
// isn't trusted and with a damaged one.
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
			s.run(loads[shell]+"; printf 'on-%s\\n' 42", "on-42")
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

			// Somebody else's file in its place offers its names, though no command would trust it.
			good := b.read()
			other := newBox(t)
			other.ok("", "init", "--name", "mallory")
			other.ok("x", "set", "OTHERS_TOKEN", "-")
			b.write(other.read())
			begin := len(s.screen)
			for _, c := range [][3]string{
				{"credfile get OTH\t\r", "OTHERS_TOKEN", "credfile: error:"},
				{"credfile get STR\t\r", "STR", "credfile: error:"},
			} {
				s.until("READY> ")
				s.types(c[0])
				s.until(c[1])
				s.until(c[2])
			}
			// A damaged one offers nothing.
			b.write(good[:len(good)/2])
			s.until("READY> ")
			s.types("credfile get STR\t\r")
			s.until("credfile: error:")
			s.until("READY> ")
			if n := strings.Count(s.screen[begin:], "error:"); n != 3 {
				t.Errorf("%d errors for three commands: %q", n, s.screen[begin:])
			}
		})
	}
}

// BenchmarkComplete completes a name in a file of 1,000 credentials, as a shell does at each Tab. The user
// should not notice: it may take 50 ms.
func BenchmarkComplete(b *testing.B) {
	dir := b.TempDir()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		b.Fatal(err)
	}
	writeValues(b, rand.New(rand.NewPCG(1, 2)), filepath.Join(dir, defaultFile), id)
	for b.Loop() {
		cmd := exec.Command("credfile", "__complete", "get", "NAME_99")
		cmd.Dir, cmd.Env = dir, []string{"HOME=" + dir}
		if out, err := cmd.Output(); err != nil || !bytes.Contains(out, []byte("NAME_999\n")) {
			b.Fatalf("%v %.300s", err, out)
		}
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
