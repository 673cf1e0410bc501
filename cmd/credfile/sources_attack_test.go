//go:build unix

package main

import (
	"os"
	"path/filepath"
	"testing"
)

// What a source's program starts is not looked for in the work tree either.
func TestSourceProgramPath(t *testing.T) {
	b := sourceBox(t, "tell\n"+answersOnce)
	for dir, text := range map[string]string{b.dir: "touch \"$HOME/attacked\"", filepath.Join(b.home, "bin"): "true"} {
		if err := os.WriteFile(filepath.Join(dir, "tell"), []byte("#!/bin/sh\n"+text+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	b.env = append(b.env, "PATH=.:"+filepath.Join(b.home, "bin")+":"+os.Getenv("PATH"))
	b.ok("", "env", "--", "true")
	if _, err := os.Stat(filepath.Join(b.home, "attacked")); err == nil {
		t.Error("a program of the working directory was run")
	}
}
