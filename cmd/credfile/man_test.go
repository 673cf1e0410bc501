package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestMan: there is a page for each command, and the real groff has nothing to complain about.
func TestMan(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	b.ok("", "man", "pages")
	for _, name := range []string{"credfile", "credfile-env", "credfile-git-setup", "credfile-profile-add"} {
		text, err := os.ReadFile(filepath.Join(b.dir, "pages", name+".1"))
		if err != nil || !bytes.HasPrefix(text, []byte(".TH "+strings.ToUpper(strings.ReplaceAll(name, "-", `\-`)))) {
			t.Errorf("%s: %v", name, err)
		}
	}
	pages, _ := filepath.Glob(filepath.Join(b.dir, "pages", "*.1"))
	if len(pages) < 30 {
		t.Errorf("only %d pages", len(pages))
	}
	groff, err := exec.LookPath("groff")
	if err != nil {
		t.Skip("needs groff")
	}
	for _, page := range pages {
		if text, _ := os.ReadFile(page); bytes.ContainsFunc(text, func(r rune) bool { return r > '~' }) {
			t.Errorf("%s is not ASCII", page)
		}
		if out, err := exec.Command(groff, "-man", "-Tascii", "-ww", "-z", page).CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("%v %s", err, out)
		}
	}
}
