package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/credfile/credfile/internal/racetest"
)

// Row 7: a reader can get values, but can't change anything.
func TestReaderCannotWrite(t *testing.T) {
	vector, err := os.ReadFile(repoPath("spec", "vectors", "ok_reader"))
	if err != nil {
		t.Fatal(err)
	}
	head, file, _ := bytes.Cut(vector, []byte("\n\n"))
	_, identity, _ := strings.Cut(string(head), "\nidentity: ")
	identity, _, _ = strings.Cut(identity, "\n")
	b := newBox(t)
	b.env = append(b.env, "CREDFILE_AGE_KEY="+identity)
	b.write(file)
	if r := b.ok("", "get", "ONE"); r.stdout != "the first value" {
		t.Errorf("get: %q", r.stdout)
	}
	for _, args := range [][]string{{"set", "NEW", "-"}, {"set", "ONE", "-"}, {"unset", "ONE"}, {"import", "--from", "dotenv", "-"}} {
		r := b.run("NEW=x", args...)
		if r.code != 3 || !strings.Contains(r.stderr, `"other" can read profile "default", but not change it`) {
			t.Errorf("%q: exit code %d\n%s", args, r.code, r.stderr)
		}
	}
	if !bytes.Equal(b.read(), file) {
		t.Error("the file was written")
	}
}

// Rows 11, 12, 13, 13a and 13b: the command accepts every valid vector. It refuses every other one with the right exit
// code, and neither writes nor shows anything.
func TestVectorsThroughCommand(t *testing.T) {
	t.Parallel()
	racetest.Skip(t)
	dir := repoPath("spec", "vectors")
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	b := newBox(t)
	for _, e := range entries {
		vector, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		head, file, _ := bytes.Cut(vector, []byte("\n\n"))
		if strings.Contains(e.Name(), ".") || bytes.Contains(head, []byte("\nbody: zlib")) {
			continue
		}
		header := map[string]string{}
		for line := range strings.Lines(string(head)) {
			key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
			header[key] += value + "\n"
		}
		expect := strings.TrimSpace(header["expect"])
		profile := strings.TrimSpace(header["profile"])
		id := filepath.Join(b.home, "id")
		if err := os.WriteFile(id, []byte(header["identity"]), 0o600); err != nil {
			t.Fatal(err)
		}
		b.write(file)
		b.forget() // each is seen for the first time
		want := map[string]int{"ok": 0, "no-match": 3}
		code, known := want[expect]
		if !known {
			code = 6
		}
		if e.Name() == "syntax_conflict_marker" {
			code = 5 // to the user, that is an unfinished merge
		}
		open := []string{"-p", profile, "-i", id}
		if as := strings.TrimSpace(header["as"]); as != "" {
			open = append(open, "--as", as)
		}
		if pass := header["passphrase"]; pass != "" {
			file := filepath.Join(b.home, "passphrase")
			if err := os.WriteFile(file, []byte(pass), 0o600); err != nil {
				t.Fatal(err)
			}
			open = append(open, "--passphrase-file", file)
		}
		args := []string{"verify"}
		// An environment can't hold the NUL in ok_binary.
		if profile != "" && e.Name() != "ok_binary" {
			args = append(slices.Clone(open), "env", "--", "true")
			if code != 0 {
				code = 125
			}
		}
		r := b.run("", args...)
		if expect == "ok" && bytes.Contains(file, []byte("\nsource ")) && slices.Contains(args, "env") {
			// A valid source is read, and asks for consent: nothing is started on the word of a file.
			if !strings.Contains(r.stderr, "you have not agreed to the source") {
				t.Errorf("%s: exit code %d, without consent\n%s", e.Name(), r.code, r.stderr)
			}
			code = 125
		}
		if r.code != code || r.stdout != "" {
			t.Errorf("%s (%s): %q: exit code %d, want %d\n%s", e.Name(), expect, args, r.code, code, r.stderr)
		}
		if profile != "" && expect != "ok" {
			wantSet := 6
			if code == 5 {
				wantSet = 5
			}
			if expect == "no-match" {
				wantSet = 3
			}
			// set does not open existing values, so it does not notice an invalid one.
			if r := b.run("x", append(open, "set", "NEW_NAME", "-")...); r.code != wantSet && expect != "value" {
				t.Errorf("%s: set: exit code %d\n%s", e.Name(), r.code, r.stderr)
			} else if expect != "value" && !bytes.Equal(b.read(), file) {
				t.Errorf("%s: the file was written", e.Name())
			}
		}
	}
}
