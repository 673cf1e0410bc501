//go:build linux

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Files that sops wrote are imported with the values that sops itself prints.
func TestImportSops(t *testing.T) {
	if _, err := exec.LookPath("sops"); err != nil {
		t.Skip("needs sops")
	}
	b := newBox(t)
	b.ok("", "init", "--name", "alice")
	key := filepath.Join(b.home, "key.txt")
	b.exec(exec.Command(needTool(t, "age-keygen"), "-o", key), "")
	recipient := strings.TrimSpace(b.exec(exec.Command("age-keygen", "-y", key), "").stdout)
	b.env = append(b.env, "SOPS_AGE_KEY_FILE="+key)
	const quoted = `a "b" 'c' \n $x`
	for _, test := range []struct {
		file, text string
		args       []string
		want       map[string]string
	}{
		{"a.yaml", "db:\n  password: not-real-1\n  text: |\n    one\n    two\n", nil, map[string]string{"db_password": "not-real-1", "db_text": "one\ntwo\n"}},
		{"a.json", `{"TOKEN": "not-real-2", "N": 5432}`, nil, map[string]string{"TOKEN": "not-real-2", "N": "5432"}},
		{"a.env", "A_TOKEN=" + quoted + "\nEMPTY=\n", nil, map[string]string{"A_TOKEN": strings.ReplaceAll(quoted, `\n`, "\n"), "EMPTY": ""}},
		{"a.ini", "top = 1\n[mail]\npassword = not-real-4\n", nil, map[string]string{"top": "1", "mail_password": "not-real-4"}},
		{"secret.yaml", "apiVersion: v1\nkind: Secret\nstringData:\n  api-key: not-real-5\n", nil, map[string]string{"api-key": "not-real-5"}},
		{"b.bin", "BIN=not-real-6\n", []string{"--from", "dotenv"}, map[string]string{"BIN": "not-real-6"}},
	} {
		path := filepath.Join(b.dir, test.file)
		if err := os.WriteFile(path, []byte(test.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if r := b.exec(exec.Command("sops", "encrypt", "-i", "--age", recipient, path), ""); r.code != 0 {
			t.Fatalf("%s: %s", test.file, r.stderr)
		}
		b.ok("", append(append([]string{"import"}, test.args...), path)...)
		for name, want := range test.want {
			if got := b.ok("", "get", name).stdout; got != want {
				t.Errorf("%s: %s is %q, want %q", test.file, name, got, want)
			}
		}
	}

	// One byte of the ciphertext changed, and no key.
	path := filepath.Join(b.dir, "a.json")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(string(text), `"N"`, `"M"`, 1)
	if err := os.WriteFile(path, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	if r := b.run("", "import", path); r.code == 0 || strings.Contains(r.stderr, "not-real") {
		t.Errorf("changed: exit code %d, %s", r.code, r.stderr)
	}
	os.Remove(key)
	if r := b.run("", "import", filepath.Join(b.dir, "a.yaml")); r.code != exitNoKey || !strings.Contains(r.stderr, "sops has no key that opens it") {
		t.Errorf("without a key: exit code %d, %s", r.code, r.stderr)
	}
	if r := b.run("", "import", "--recipients", filepath.Join(b.dir, "a.yaml")); r.code != 0 || !strings.Contains(r.stdout, recipient) {
		t.Errorf("recipients: exit code %d, %q", r.code, r.stdout)
	}
}

// A store that pass wrote, and a message of gpg's.
func TestImportPass(t *testing.T) {
	needTool(t, "pass")
	b := newBox(t)
	b.ok("", "init", "--name", "alice")
	home := gpgHome(b, "bob", "not-real")
	pinned := func(pin string) { // the agent has our environment, not what import gives to gpg
		b.pin(home, pin)
		b.exec(exec.Command("gpgconf", "--launch", "gpg-agent"), "")
	}
	pinned("not-real")
	pass := func(stdin string, args ...string) {
		t.Helper()
		if r := b.exec(exec.Command("pass", args...), stdin); r.code != 0 {
			t.Fatalf("pass %q: %s", args, r.stderr)
		}
	}
	pass("", "init", "bob@example.org")
	pass("not-real-1\n", "insert", "--echo", "web/example.org/bob")
	pass("not-real-2\n", "insert", "--echo", "TOKEN")
	pass("not-real-3\nlogin: bob\n", "insert", "--multiline", "mail")
	store := filepath.Join(b.home, ".password-store")
	if err := os.Symlink("/etc/passwd", filepath.Join(store, "link.gpg")); err != nil {
		t.Fatal(err)
	}
	r := b.run("", "import", store)
	for _, want := range []string{"2 credentials can't be imported", "mail has more than one line", "link is a symbolic link", "--dialect first-line"} {
		if r.code != exitOther || !strings.Contains(r.stderr, want) {
			t.Errorf("exit code %d, without %q: %s", r.code, want, r.stderr)
		}
	}
	os.Remove(filepath.Join(store, "link.gpg"))
	b.ok("", "import", "--dialect", "first-line", store)
	for name, want := range map[string]string{"web/example.org/bob": "not-real-1", "TOKEN": "not-real-2", "mail": "not-real-3"} {
		if got := b.ok("", "get", name).stdout; got != want {
			t.Errorf("%s is %q", name, got)
		}
	}
	b.ok("", "import", "--overwrite", "--only", "mail", "--rename", "mail=all", "--dialect", "all-lines", store)
	if got := b.ok("", "get", "all").stdout; got != "not-real-3\nlogin: bob" {
		t.Errorf("all is %q", got)
	}

	// A message of gpg's, armored on standard input too.
	path := filepath.Join(b.dir, "secrets.env.gpg")
	b.gpg("ENV=not-real-4\n", "-r", "bob@example.org", "-o", path, "--encrypt")
	if r := b.run("", "import", path); r.code != 0 || strings.Contains(r.stderr, "clear") {
		t.Errorf("exit code %d: %s", r.code, r.stderr)
	}
	armored := b.gpg("ENV2=not-real-5\n", "-r", "bob@example.org", "--armor", "--encrypt")
	b.ok(armored, "import", "--from", "dotenv", "-")
	if got := b.ok("", "get", "ENV").stdout + b.ok("", "get", "ENV2").stdout; got != "not-real-4not-real-5" {
		t.Errorf("%q", got)
	}

	// The user cancels: nothing of the store is imported, and they are asked once.
	pinned("")
	r = b.run("", "import", "--overwrite", store)
	if r.code != exitNoKey || !strings.Contains(r.stderr, "gpg can't decrypt it") || timesAsked(home) > 1 {
		t.Errorf("exit code %d, asked %d times: %s", r.code, timesAsked(home), r.stderr)
	}
}

// A tree of age files, as passage keeps it.
func TestImportPassage(t *testing.T) {
	age := needTool(t, "age")
	b := newBox(t)
	b.ok("", "init", "--name", "alice")
	store := filepath.Join(b.home, "store")
	if err := os.MkdirAll(filepath.Join(store, "web"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"web/bob": "not-real-1\n", "TOKEN": "not-real-2"} {
		r := b.exec(exec.Command(age, "-R", filepath.Join(b.home, ".config/credfile/alice.pub"), "-o", filepath.Join(store, name+".age")), text)
		if r.code != 0 {
			t.Fatal(r.stderr)
		}
	}
	b.ok("", "import", store)
	if got := b.ok("", "get", "web/bob").stdout + b.ok("", "get", "TOKEN").stdout; got != "not-real-1not-real-2" {
		t.Errorf("%q", got)
	}
	b.ok("", "keygen", "-o", filepath.Join(b.home, "other.txt"))
	b.exec(exec.Command(age, "-R", filepath.Join(b.home, "other.pub"), "-o", filepath.Join(store, "theirs.age")), "x")
	if r := b.run("", "import", "--overwrite", store); r.code != exitNoKey || !strings.Contains(r.stderr, "theirs.age: can't be decrypted") {
		t.Errorf("exit code %d: %s", r.code, r.stderr)
	}
	if r := b.run("", "import", "--overwrite", "--skip", store); r.code != 0 || !strings.Contains(r.stderr, "skipped: theirs can't be decrypted") {
		t.Errorf("exit code %d: %s", r.code, r.stderr)
	}
}
