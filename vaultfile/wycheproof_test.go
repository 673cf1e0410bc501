package vaultfile_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/credfile/credfile/internal/tally"
)

// The cryptography that we link, in the version that we link, against the vectors of Project Wycheproof.
func TestWycheproof(t *testing.T) {
	dir := filepath.Join("..", "testdata", "wycheproof")
	version := func(path string) string {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return string(regexp.MustCompile(`golang\.org/x/crypto v\S+`).Find(text))
	}
	if ours, theirs := version(filepath.Join("..", "go.mod")), version(filepath.Join(dir, "go.mod")); ours == "" || ours != theirs {
		t.Errorf("credfile links %s, and the vectors are tried with %s", ours, theirs)
	}
	cmd := exec.Command("go", "run", ".")
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOWORK=off")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	all := 0
	_, last, _ := strings.Cut(string(out), "\nall ")
	if _, err := fmt.Sscan(last, &all); err != nil || all < 1961 {
		t.Errorf("%s", out)
	}
	tally.Add(t, tally.Wycheproof, all, 0)
}
