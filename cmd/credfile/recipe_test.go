//go:build linux

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// recipe returns the commands of a recipe in docs/recovery.md.
func recipe(t *testing.T, name string) string {
	t.Helper()
	doc, err := os.ReadFile(repoPath("docs", "recovery.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(doc), "<!-- recipe: "+name+" -->\n```sh\n")
	commands, _, closed := strings.Cut(rest, "```\n")
	if !found || !closed {
		t.Fatalf("docs/recovery.md has no recipe %q", name)
	}
	return commands
}

// scrypt, argon2id and openpgp locks can be opened by hand with stock age, argon2 and gpg,
// using nothing but the documentation.
func TestRecipes(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"age", "argon2", "gpg", "base64"} {
		needTool(t, name)
	}
	python := "/usr/bin/python3"
	if exec.Command(python, "-c", "import cryptography").Run() != nil {
		t.Skip("needs python3-cryptography")
	}
	b := newBox(t)
	gpgHome(b, "carol", "")
	bin := filepath.Join(b.home, "bin")
	if err := os.Mkdir(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	script := "#!/bin/sh\nexec " + python + " " + repoPath("spec", "recover.py") + " \"$@\"\n"
	executable(t, filepath.Join(bin, "recover.py"), script)
	b.env = append(b.env, "PATH="+bin+":"+os.Getenv("PATH"))
	scrypt, argon := b.secretFile("scrypt", "alice's passphrase"), b.secretFile("argon", "bob's passphrase")
	b.ok("", "init", "--name", "me")
	b.ok(canary, "set", "ONE", "-")
	b.ok("", "rekey", "--passphrase", "alice", "--kdf", "scrypt:15", "--allow-weak", "--new-passphrase-file", scrypt)
	b.ok("", "rekey", "--passphrase", "bob", "--kdf", lowKDF, "--allow-weak", "--new-passphrase-file", argon)
	b.ok("", "rekey", "--openpgp", "carol=carol@example.org")
	if err := os.WriteFile(filepath.Join(b.dir, "passphrase"), []byte("bob's passphrase"), 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(name string, more string, answers ...[2]string) result {
		t.Helper()
		r, screen := b.atTerminal(exec.Command("sh", "-ec", recipe(t, "first")+recipe(t, name)+more), answers...)
		if r.code != 0 {
			t.Errorf("%s: exit code %d\n%s\n%s", name, r.code, r.stderr, screen)
		}
		return r
	}
	next := "recover.py -i identity.txt .credentials.age default\n"
	for name, r := range map[string]result{
		"scrypt":   run("scrypt", "[ $(wc -c < key) = 64 ]\n"+next, [2]string{"passphrase", "alice's passphrase\r"}),
		"argon2id": run("argon2id", "[ $(wc -c < tag) = 65 ]\n"),
		"openpgp":  run("openpgp", ""),
	} {
		if r.stdout != "ONE="+canary+"\n" {
			t.Errorf("%s: %q\n%s", name, r.stdout, r.stderr)
		}
	}
}
