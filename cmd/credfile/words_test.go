//go:build linux

package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// A mistyped command gets the one that was meant, as people mistype.
func TestNearestVerb(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"lst": "list", "lsit": "list", "evn": "env", "en": "env", "ste": "set", "gte": "get", "stauts": "status", "statsu": "status",
		"recip": "recipients", "verfy": "verify", "rekye": "rekey", "ekdit": "edit", "improt": "import", "keygne": "keygen", "turst": "trust",
		"add": "set", "delete": "unset", "cat": "get", "decrypt": "env", "revoke": "rekey --remove", "profiles": "profile list",
		"kubernetes": "", "x": "", "zzz": "",
	} {
		if got := nearestVerb(typed); got != want {
			t.Errorf("%s: %q, want %q", typed, got, want)
		}
	}
}

// To a terminal, neither a recipient of two thousand characters nor values as JSON are printed
// unasked.
func TestUnaskedOnTerminal(t *testing.T) {
	t.Parallel()
	b := victim(t)
	c := newConsole(b)
	c.sees("ready> ")
	c.types("credfile keygen -o bob.txt && echo do''ne\r")
	c.sees("done")
	c.types("credfile env --json --only ONE; echo co''de $?\r")
	c.sees("code 2")
	c.types("credfile env --json --only ONE --reveal; echo co''de $?\r")
	c.sees("code 0")
	c.mu.Lock()
	defer c.mu.Unlock()
	screen := c.screen.String()
	if strings.Contains(screen, "age1pq1") || !strings.Contains(screen, "bob.pub (fingerprint ") {
		t.Errorf("keygen: %q", screen)
	}
	before, _, _ := strings.Cut(screen, "--reveal; echo")
	if strings.Contains(before, canary) || !strings.Contains(screen, canary) {
		t.Errorf("env --json: %q", screen)
	}
	if r := b.ok("", "keygen", "-o", "carol.txt"); !strings.HasPrefix(r.stdout, "age1pq1") {
		t.Errorf("to a pipe: %q", r.stdout)
	}
}

// bash and zsh take what env prints for them.
func TestEnvForShells(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	b.ok("", "init")
	value := "it's \"quoted\" $HOME `date` \\ \n!x *"
	b.ok(value, "set", "QUOTED", "-")
	for _, shell := range []string{"sh", "bash", "zsh"} {
		if _, err := exec.LookPath(shell); err != nil {
			continue
		}
		cmd := exec.Command(shell, "-c", `eval "$(credfile env --shell `+shell+`)" && printf %s "$QUOTED"`)
		if r := b.exec(cmd, ""); r.stdout != value {
			t.Errorf("%s: %q\n%s", shell, r.stdout, r.stderr)
		}
	}
}

// Paths in hints can be pasted into a shell.
func TestPathsInHints(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	if err := os.WriteFile(b.dir+"/my file; x.env", []byte("A=1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if r := b.run("", "-f", "my file; x.env", "list"); !strings.Contains(r.stderr, "credfile import 'my file; x.env'\n") {
		t.Error(r.stderr)
	}
	b.ok("", "init")
	if r := b.ok("", "keygen", "-o", "bob's key.txt", "--name", "bob"); !strings.Contains(r.stderr, "credfile rekey --add bob=@bob.pub") {
		t.Error(r.stderr)
	}
}
