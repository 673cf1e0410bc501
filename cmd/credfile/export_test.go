//go:build linux

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Values get to a terminal only with --reveal.
func TestExportOnTerminal(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	b.ok("", "init")
	b.ok("plainly-fake-value", "set", "API_KEY", "-")
	if err := os.WriteFile(filepath.Join(b.dir, "template"), []byte("key={{ API_KEY }}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"export --format json", "export --format sh", "inject template"} {
		c := newConsole(b)
		c.sees("ready> ")
		c.types("credfile " + verb + "; echo co''de $?\r")
		c.sees("code 2")
		c.types("credfile " + verb + " --reveal; echo la''st $?\r")
		c.sees("last 0")
		c.mu.Lock()
		before, after, _ := strings.Cut(c.screen.String(), " --reveal; echo")
		c.mu.Unlock()
		if strings.Contains(before, "plainly-fake-value") || !strings.Contains(after, "plainly-fake-value") {
			t.Errorf("%s: %q, then %q", verb, before, after)
		}
	}
}
