package front

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Only what a process that is gone left behind is removed, of our own namespace.
func TestSweep(t *testing.T) {
	parent := t.TempDir()
	t.Setenv("TMPDIR", parent)
	getenv := func(string) string { return "" }
	mine, err := makeDir(parent)
	if err != nil {
		t.Fatal(err)
	}
	gone := strings.Replace(mine, prefix, prefix+"99999999", 1)
	elsewhere := strings.Replace(gone, "-"+namespace()+"-", "-1-", 1)
	other := filepath.Join(parent, "credfile-notes")
	for _, dir := range []string{gone, elsewhere, other} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	Sweep(getenv)
	for dir, stays := range map[string]bool{mine: true, gone: false, elsewhere: namespace() != "", other: true} {
		if _, err := os.Stat(dir); (err == nil) != stays {
			t.Errorf("%s: %v", filepath.Base(dir), err)
		}
	}
}
