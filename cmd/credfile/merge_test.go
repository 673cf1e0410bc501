//go:build linux

package main

import (
	"os/exec"
	"strings"
	"testing"
)

// conflicted returns a box in which two branches have other values for A and B.
func conflicted(t *testing.T) *box {
	b := newBox(t)
	b.ok("", "init", "--name", "alice")
	b.ok("1", "set", "A", "-")
	b.ok("1", "set", "B", "-")
	b.git("init", "-q", "-b", "main")
	b.git("config", "user.name", "Alice")
	b.git("config", "user.email", "alice@example.org")
	b.git("add", defaultFile)
	b.git("commit", "-qm", "base")
	b.git("checkout", "-qb", "left")
	b.ok("left-a", "set", "A", "-")
	b.ok("left-b", "set", "B", "-")
	b.git("commit", "-qam", "left")
	b.git("checkout", "-q", "main")
	b.ok("main-a", "set", "A", "-")
	b.ok("main-b", "set", "B", "-")
	b.git("commit", "-qam", "main")
	return b
}

// On a terminal, merge asks for each conflict, says why an answer can't be used, and keeps what was
// left open for the next time.
func TestMergeOnTerminal(t *testing.T) {
	t.Parallel()
	b := conflicted(t)
	b.exec(exec.Command("git", "merge", "-q", "left"), "")
	before := b.read()
	r, screen := b.onTerminal([]string{"merge"}, [2]string{"ours (main), theirs", "theirs\n"}, [2]string{"Enter to leave it", "\n"})
	if r.code != 5 || string(b.read()) != string(before) || !strings.Contains(r.stderr, "default: B was changed by main") {
		t.Errorf("left open: exit code %d\n%s\n%s", r.code, r.stderr, screen)
	}
	r, screen = b.onTerminal([]string{"merge"}, [2]string{"ours (main), theirs", "thiers\n"}, [2]string{"Enter to leave it", "A_LEFT\n"}, [2]string{"Enter to leave it", "theirs\n"})
	if r.code != 0 || !strings.Contains(r.stderr, "thiers: it must be ours, theirs or a new name") {
		t.Errorf("exit code %d\n%s\n%s", r.code, r.stderr, screen)
	}
	for name, want := range map[string]string{"A": "main-a", "A_LEFT": "left-a", "B": "left-b"} {
		if got := b.ok("", "get", name).stdout; got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if strings.Contains(screen+r.stderr, "left-a") || strings.Contains(screen, `\u{a}`) {
		t.Errorf("on the screen:\n%s", screen)
	}
}
