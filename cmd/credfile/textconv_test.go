//go:build unix

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/credfile/credfile/format"
)

// Git shows versions of the file as text, with its own commands and no values.
func TestTextconv(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	b.env = append(b.env, "GIT_PAGER=cat", "CREDFILE_NON_INTERACTIVE=perhaps") // git log must not stop because of that
	b.sh(`git config --global user.email me@example.org && git config --global user.name me && git init -q .
git config diff.credfile.textconv "credfile git textconv" && echo '*.age diff=credfile' > .gitattributes`)
	b.env = b.env[:len(b.env)-1]
	b.ok("", "init", "--name", "alice")
	b.ok(canary, "set", "FIRST", "-")
	b.ok("not a real one "+canary, "set", "SECOND", "-", "--expires", "2099-05-01")
	b.sh("git add . && git commit -qm one && rm -rf ~/.local")
	b.ok("another "+canary, "set", "FIRST", "-")
	b.ok("", "keygen", "-o", "../bob.txt")
	b.ok("", "rekey", "--add-reader", "bob=@../bob.pub")
	b.sh("rm -rf ~/.local")
	b.env = append(b.env, "CREDFILE_NON_INTERACTIVE=perhaps")
	git := func(args ...string) string {
		t.Helper()
		r := b.exec(exec.Command("git", args...), "")
		if r.code != 0 || r.stderr != "" {
			t.Fatalf("git %q: %d %s", args, r.code, r.stderr)
		}
		if strings.Contains(r.stdout, canary) || strings.Contains(r.stdout, "YWdl") { // an age file in base64
			t.Errorf("git %q: %s", args, r.stdout)
		}
		return r.stdout
	}
	changed := []string{"\n-  FIRST, changed 20", "\n+  FIRST, changed 20", "\n   SECOND, changed 20", ", expires 2099-05-01, #", "\n+  reader bob, age post-quantum, ",
		"\n   writer alice, age post-quantum, ", "\n-  revision 3\n", "\n+  revision 5\n"}
	check := func(text string, want ...string) {
		t.Helper()
		for _, line := range want {
			if !strings.Contains(text, line) {
				t.Errorf("%q is not in\n%s", line, text)
			}
		}
	}
	check(git("diff"), changed...)
	git("commit", "-qam", "two")
	check(git("show"), changed...)
	check(git("log", "-p"), append(changed, "\n+profile default\n", "\n+  FIRST, changed 20", "\n+file ")...)
	b.write([]byte("SECRET=" + canary + "\n"))
	check(git("diff"), "\n+this version can't be used: it is not a credentials file: it looks like environment variables\n", "\n-profile default\n")
	git("commit", "-qam", "a mistake")
	git("log", "-p")
	if notes := git("for-each-ref"); strings.Contains(notes, "notes") {
		t.Error(notes)
	}
	if exists(filepath.Join(b.home, ".local")) {
		t.Error("this machine learnt something")
	}
}

// The text of anything is text, and making it never fails.
func TestTextconvOfAnything(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	b.ok("", "init", "--name", "alice")
	b.ok(canary, "set", "FIRST", "-")
	good := b.read()
	damaged := bytes.Replace(good, []byte(" FIRST "), []byte(" OTHER "), 1)
	conflict := strings.Join([]string{"<<<<<<< HEAD\n", string(good), "=======\n", string(damaged), ">>>>>>> \x1b[31mside\n"}, "")
	for _, c := range []struct{ name, text, want string }{
		{"a file", string(good), "\n  FIRST, changed "},
		{"with carriage returns", strings.ReplaceAll(string(good), "\n", "\r\n"), "\n  FIRST, changed "},
		{"damaged", string(damaged), "\n  does not verify: invalid signature\n"},
		{"cut", string(good[:len(good)/2]), "this version can't be used: it: line "},
		{"another version", "credfile/2 x\n", "different version of the format"},
		{"a conflict", conflict, "unresolved merge conflict\none side:\nfile "},
		{"a conflict of nothing", "<<<<<<< HEAD\n" + canary + "\n=======\n>>>>>>> x\n", "the other side:\nthis version can't be used: it is not a credentials file: it is empty\n"},
		{"empty", "", "it is empty\n"},
		{"a secret", "TOKEN=" + canary + "\n", "it looks like environment variables\n"},
		{"text", "\x1b]0;" + canary + "\u202e\n", "is not a credentials file\n"},
		{"binary", "credfile/1 \x00\xff\x1b[2J" + canary, "this version can't be used: it: line 1"},
		{"huge", strings.Repeat("x", format.MaxFile+10), "is not a credentials file"},
		{"a huge one", "credfile/1 " + strings.Repeat("A", format.MaxFile+10), "larger than 16 MiB"},
	} {
		path := filepath.Join(b.dir, "-x --json")
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		r := b.run("", "git", "textconv", "-x --json")
		if r.code != 0 || r.stderr != "" || !strings.Contains(r.stdout, c.want) || strings.Contains(r.stdout, canary) || strings.ContainsAny(r.stdout, "\x1b\r\x00\u202e") {
			t.Errorf("%s: %d %q %q", c.name, r.code, r.stdout, r.stderr)
		}
	}
	b.sh("mkfifo fifo; mkdir directory; ln -s nowhere link")
	for _, path := range []string{"fifo", "directory", "link", "none", "/dev/null"} {
		r := b.run("", "git", "textconv", path)
		if r.code != 0 || r.stderr != "" || !strings.HasPrefix(r.stdout, "this version can't be ") || strings.Count(r.stdout, "\n") != 1 {
			t.Errorf("%s: %d %q %q", path, r.code, r.stdout, r.stderr)
		}
	}
	for i := range good { // no mutation makes it fail
		if i%97 != 0 {
			continue
		}
		text := bytes.Clone(good)
		text[i] ^= 1 << (i % 7)
		var out bytes.Buffer
		path := filepath.Join(b.dir, "x")
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		printText(newApp(world{stdout: &out, getenv: func(string) string { return "" }}), path)
		if out.Len() == 0 {
			t.Errorf("byte %d: no text", i)
		}
	}
}
