package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/credfile/credfile/internal/racetest"
	"github.com/credfile/credfile/internal/tally"
)

// tool finds a program that is not part of this project, or skips the test.
func needTool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("needs %s", name)
	}
	return path
}

// lines returns the lines of a file that begin with the prefix.
func lines(file []byte, prefix string) []string {
	var found []string
	for line := range strings.Lines(string(file)) {
		if strings.HasPrefix(line, prefix) {
			found = append(found, strings.TrimSuffix(line, "\n"))
		}
	}
	return found
}

// Stock age opens the decoded wrap of any recipient.
func TestStockAgeOpensWraps(t *testing.T) {
	t.Parallel()
	age, keygen := needTool(t, "age"), needTool(t, "age-keygen")
	b := newBox(t)
	var args []string
	for i, flags := range [][]string{{}, {"-pq"}} {
		key := filepath.Join(b.home, fmt.Sprint("key", i))
		if r := b.exec(exec.Command(keygen, append(flags, "-o", key)...), ""); r.code != 0 {
			t.Fatal(r.stderr)
		}
		recipient := strings.TrimSpace(b.exec(exec.Command(keygen, "-y", key), "").stdout)
		args = append(args, "-r", fmt.Sprintf("r%d=%s", i, recipient))
	}
	b.ok("", append([]string{"init"}, args...)...)
	var secrets []string
	for i, line := range lines(b.read(), "writer ") {
		fields := strings.Fields(line)
		wrap, err := base64.RawStdEncoding.DecodeString(fields[len(fields)-1])
		if err != nil {
			t.Fatal(err)
		}
		r := b.exec(exec.Command(age, "-d", "-i", filepath.Join(b.home, fmt.Sprint("key", i))), string(wrap))
		if r.code != 0 || len(r.stdout) != 64 {
			t.Errorf("%s: exit code %d, %d bytes\n%s", fields[1], r.code, len(r.stdout), r.stderr)
		}
		secrets = append(secrets, r.stdout)
	}
	if len(secrets) != 2 || secrets[0] != secrets[1] {
		t.Error("the two writers have different secrets")
	}
}

// spec/recover.py prints what get prints.
func TestRecover(t *testing.T) {
	t.Parallel()
	python := "/usr/bin/python3"
	if exec.Command(python, "-c", "import cryptography").Run() != nil {
		t.Skip("needs python3-cryptography")
	}
	needTool(t, "age")
	b := newBox(t)
	b.ok("", "init", "--name", "me")
	values := map[string]string{
		"PLAIN": "a value", "EMPTY": "", "LONG": strings.Repeat("x", 5000), "MULTI": "line 1\nline 2\n", "BINARY": "\x00\xff\x80", "UMLAUT": "ä€",
	}
	for name, value := range values {
		file := filepath.Join(b.home, name)
		if err := os.WriteFile(file, []byte(value), 0o600); err != nil {
			t.Fatal(err)
		}
		b.ok("", "set", name, "--from-file", file, "--allow-empty")
	}
	id := filepath.Join(b.home, ".config", "credfile", "identities.txt")
	for name, want := range values {
		r := b.exec(exec.Command(python, repoPath("spec", "recover.py"), "-i", id, b.path(), "default", name), "")
		if got := b.ok("", "get", name).stdout; r.code != 0 || r.stdout != want || got != want {
			t.Errorf("%s: recover.py gives %q (exit code %d), get %q, want %q\n%s", name, r.stdout, r.code, got, want, r.stderr)
		}
	}
}

// spec/recover.py, written from the specification alone, agrees on every vector.
func TestRecoverVectors(t *testing.T) {
	t.Parallel()
	racetest.Skip(t)
	python := "/usr/bin/python3"
	if exec.Command(python, "-c", "import cryptography").Run() != nil {
		t.Skip("needs python3-cryptography")
	}
	needTool(t, "age")
	cmd := exec.Command(python, repoPath("spec", "recover.py"), "--vectors", repoPath("spec", "vectors"))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	// It must run every case.
	cases, err := filepath.Glob(repoPath("spec", "vectors", "*_*"))
	if err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("%d passed, 0 failed", len(cases)); !bytes.Contains(out, []byte(want)) {
		t.Errorf("want %s:\n%s", want, out)
	}
	tally.Add(t, tally.Vectors, len(cases), 0)
}

// Changing one credential of a hundred changes only its line and the seal.
func TestTwoLines(t *testing.T) {
	b := newBox(t)
	b.ok("", "init")
	var dotenv strings.Builder
	for i := range 100 {
		fmt.Fprintf(&dotenv, "NAME_%d=value_%d\n", i, i)
	}
	b.ok(dotenv.String(), "import", "--from", "dotenv", "-")
	before := strings.SplitAfter(string(b.read()), "\n")
	b.ok("another value", "set", "NAME_57", "-")
	after := strings.SplitAfter(string(b.read()), "\n")
	if len(before) != len(after) {
		t.Fatalf("%d lines became %d", len(before), len(after))
	}
	var changed []string
	for i := range before {
		if before[i] != after[i] {
			changed = append(changed, strings.Join(strings.Fields(after[i])[:2], " "))
		}
	}
	if got := strings.Join(changed, ", "); got != "credential NAME_57, seal 3" {
		t.Errorf("changed: %s", got)
	}
}

// A file with one profile, one classic recipient and three credentials is
// under 1.5 KiB.
func TestSize(t *testing.T) {
	b := newBox(t)
	keygen := needTool(t, "age-keygen")
	key := filepath.Join(b.home, "key")
	b.exec(exec.Command(keygen, "-o", key), "")
	b.ok("", "-i", key, "init", "--name", "me")
	b.ok("AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE\nAWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\nAWS_REGION=eu-west-1\n",
		"-i", key, "import", "--from", "dotenv", "-")
	if n := len(b.read()); n >= 1536 {
		t.Errorf("%d bytes", n)
	}
}
