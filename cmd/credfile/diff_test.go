//go:build linux

package main

import (
	"os/exec"
	"strings"
	"testing"
)

// In Markdown, no name or path is more than text, whatever is in it.
func TestCodeSpan(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"STRIPE_KEY": "`STRIPE_KEY`", "@team": "`@team`", "https://evil.example/x": "`https://evil.example/x`", "<img src=x>": "`<img src=x>`",
		"a`b": "``a`b``", "`": "`` ` ``", "``` x": "```` ``` x ````", " a": "`  a `", "a|b*c*": "`a|b*c*`", "[x](y)": "`[x](y)`",
	} {
		if got := codeSpan(text); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

// Values are printed to a terminal if asked for, without what it would act on.
func TestDiffOnTerminal(t *testing.T) {
	t.Parallel()
	b := victim(t)
	b.sh("git config --global user.email me@example.org && git config --global user.name me && git init -q . && git add . && git commit -qm one")
	b.exec(exec.Command("later", "1m", "set", "ONE", "-"), "new\x1b[7m\nlines")
	c := newConsole(b)
	c.sees("ready> ")
	c.types("credfile diff; echo co''de $?\r")
	c.sees("code 0")
	c.types("credfile diff --values | cat; credfile diff --values; echo la''st $?\r")
	c.sees("last 0")
	c.mu.Lock()
	defer c.mu.Unlock()
	before, after, _ := strings.Cut(c.screen.String(), "--values; echo")
	if strings.Contains(before, canary) || strings.Contains(before, "new") {
		t.Errorf("unasked: %q", before)
	}
	for _, want := range []string{"default: ONE changed\r\n", "    - " + canary + "-1\r\n", `    + new\u{1b}[7m` + "\r\n    + lines\r\n", "would print the values to a file or a pipe"} {
		if !strings.Contains(after, want) {
			t.Errorf("%q is not in %q", want, after)
		}
	}
	if strings.Contains(after, canary+"-2") || strings.Contains(after, "\x1b[7m") {
		t.Errorf("%q", after)
	}
}
