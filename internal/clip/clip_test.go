//go:build unix

package clip

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// here has a Wayland clipboard made of a file, without --sensitive, as in old versions.
func here(t *testing.T) (cs Clipboards, board string) {
	dir := t.TempDir()
	board = filepath.Join(dir, "board")
	for name, script := range map[string]string{
		"wl-copy":  "case $1 in --sensitive) exit 1;; esac; cat > " + board,
		"wl-paste": "cat " + board + "; echo",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir+":/bin:/usr/bin")
	getenv := func(name string) string { return map[string]string{"WAYLAND_DISPLAY": "wayland-0"}[name] }
	return Clipboards{Getenv: getenv, Environ: os.Environ()}, board
}

// Clear removes the value that was copied, and nothing that the user copied since.
func TestClear(t *testing.T) {
	cs, board := here(t)
	if err := cs.Copy([]byte("secret"), "-test.run=^$"); err != nil {
		t.Skip("no shell here:", err)
	}
	holds := func(want string) {
		t.Helper()
		if b, err := os.ReadFile(board); string(b) != want || err != nil {
			t.Errorf("%q, %v, want %q", b, err, want)
		}
	}
	holds("secret")
	cs.Clear([]byte("another"))
	holds("secret")
	cs.Clear([]byte("secret"))
	holds("")
}

func TestNone(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	cs := Clipboards{Getenv: func(string) string { return "" }}
	if err := cs.Copy([]byte("secret")); !errors.Is(err, ErrNone) {
		t.Error(err)
	}
}
