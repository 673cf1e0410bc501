//go:build linux

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/credfile/credfile/internal/racetest"
)

// TestWindows runs the tests for Windows in Wine, from the root that make test-windows makes.
func TestWindows(t *testing.T) {
	racetest.Skip(t)
	tools := os.Getenv("CREDFILE_TEST_TOOLS")
	if tools == "" {
		tools = repoPath(".tools")
	}
	if _, err := os.Stat(filepath.Join(tools, "debian13", "usr", "lib", "wine", "wine64")); err != nil || os.Geteuid() != 0 {
		t.Skip("needs root, and Wine in .tools/debian13; make test-windows makes that")
	}
	program := filepath.Join(t.TempDir(), "credfile.test.exe")
	build := exec.Command("go", "test", "-c", "-o", program, ".")
	build.Env = append(os.Environ(), "GOOS=windows", "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if out, err := exec.Command(repoPath(".ci", "wine"), program, "-test.run=^TestWindows", "-test.timeout=5m").CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
