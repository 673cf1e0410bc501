//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/credfile/credfile/internal/tally"
)

// The script in docs/sources.md is a source. op is played by a script here, with the output that its
// documentation gives: the real one needs an account.
func TestSourceScript(t *testing.T) {
	needTool(t, "jq")
	b := newBox(t)
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "sources.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, script, _ := strings.Cut(string(page), "Save it as `credfile-source-op`:\n\n```text\n")
	script, _, _ = strings.Cut(script, "```\n")
	bin := filepath.Join(b.home, "bin")
	if err := os.Mkdir(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	const op = `#!/bin/sh
[ "$1 $2" = "read --no-newline" ] || exit 2
case $3 in
op://vault/db/password) printf 'not-real "1"\n  \\ two' ;;
*) echo "[ERROR] not signed in" >&2; exit 1 ;;
esac
`
	for name, text := range map[string]string{"credfile-source-op": script, "op": op} {
		if err := os.WriteFile(filepath.Join(bin, name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	b.env = append(b.env, "PATH="+bin+":"+os.Getenv("PATH"))
	b.ok("", "init", "--name", "alice")
	b.ok("", "source", "add", "DB_PASSWORD", "op", "ref=op://vault/db/password")
	if got := b.ok("", "get", "DB_PASSWORD").stdout; got != "not-real \"1\"\n  \\ two" {
		t.Errorf("%q", got)
	}
	b.run("", "logout", "DB_PASSWORD") // which op can't end
	b.ok("", "source", "add", "OTHER", "op", "ref=op://vault/other/field")
	r := b.run("", "env", "--", "true")
	if r.code != exitEnv || !strings.Contains(r.stderr, "source OTHER: op could not read it; are you signed in?") {
		t.Errorf("exit code %d: %s", r.code, r.stderr)
	}
	b.ok("", "source", "add", "OTHER", "op", "ref=--help")
	if r := b.run("", "get", "OTHER"); r.code != exitNoTerminal {
		t.Errorf("exit code %d: %s", r.code, r.stderr)
	}
}

// sourceBox is a box with a source DYN, whose program is a script. It counts how often it was asked.
func sourceBox(t *testing.T, script string) *box {
	t.Helper()
	b := newBox(t)
	bin := filepath.Join(b.home, "bin")
	if err := os.Mkdir(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	text := "#!/bin/sh\nread -r request\necho asked >> \"$HOME/asked\"\n" + script
	if err := os.WriteFile(filepath.Join(bin, "credfile-source-demo"), []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	b.env = append(b.env, "PATH="+bin+":"+os.Getenv("PATH"))
	b.ok("", "init", "--name", "alice")
	b.ok("", "source", "add", "DYN", "demo")
	return b
}

const answersOnce = `echo '{"v":1,"answers":{"DYN":{"values":{"DYN":"not-real-value"},"session":{"refresh":"not-real-refresh"}}}}'` + "\n"

func (b *box) timesAskedSource() int {
	text, _ := os.ReadFile(filepath.Join(b.home, "asked"))
	return strings.Count(string(text), "\n")
}

// Twenty commands that start at once cause one request.
func TestTwentyAtOnce(t *testing.T) {
	b := sourceBox(t, "sleep 0.2\n"+answersOnce)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if r := b.run("", "env", "--", "printenv", "DYN"); r.code != 0 || r.stdout != "not-real-value\n" {
				t.Errorf("exit code %d: %s", r.code, r.stderr)
			}
		})
	}
	all.Wait()
	if n := b.timesAskedSource(); n != 1 {
		t.Errorf("%d requests", n)
	}
	tally.Add(t, tally.Renewals, 20, 0)
}

// Those who wait for a login end with its error: a user who said no is not asked again by the next.
func TestWaitersFail(t *testing.T) {
	b := sourceBox(t, "touch \"$HOME/started\"\nwhile [ ! -e \"$HOME/go-on\" ]; do sleep 0.02; done\n"+
		`echo '{"v":1,"answers":{"DYN":{"error":{"class":"denied","message":"the user said no"}}}}'`+"\n")
	var all sync.WaitGroup
	start := func() {
		all.Go(func() {
			if r := b.run("", "env", "--", "true"); r.code != exitEnv || !strings.Contains(r.stderr, "source DYN: the user said no") {
				t.Errorf("exit code %d: %s", r.code, r.stderr)
			}
		})
	}
	start()
	for {
		if _, err := os.Stat(filepath.Join(b.home, "started")); err == nil {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	for range 5 {
		start()
	}
	waiting := func() int { // for the lock, as the kernel lists it
		text, _ := os.ReadFile("/proc/locks")
		return strings.Count(string(text), "-> FLOCK")
	}
	for i := 0; waiting() < 5 && i < 1000; i++ {
		time.Sleep(10 * time.Millisecond)
	}
	if err := os.WriteFile(filepath.Join(b.home, "go-on"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	all.Wait()
	if n := b.timesAskedSource(); n != 1 {
		t.Errorf("%d requests", n)
	}
}

// Whenever a renewal is killed, there is the old session, or the new one, or none; never anything in clear.
func TestRenewalKilled(t *testing.T) {
	b := sourceBox(t, answersOnce)
	b.ok("", "login")
	state := filepath.Join(b.home, ".local", "state", "credfile")
	for i := range 40 {
		cmd := exec.Command("credfile", "login", "--force")
		cmd.Dir, cmd.Env = b.dir, b.env
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(i) * 400 * time.Microsecond)
		cmd.Process.Kill()
		cmd.Wait()
		if r := b.run("", "sessions"); r.code != 0 || strings.Contains(r.stderr, "error") {
			t.Fatalf("killed after %d: exit code %d, %s", i, r.code, r.stderr)
		}
	}
	filepath.Walk(state, func(path string, info os.FileInfo, err error) error {
		if err == nil && info.Mode().IsRegular() {
			text, _ := os.ReadFile(path)
			if strings.Contains(string(text), "not-real") {
				t.Errorf("%s has a value in clear", path)
			}
		}
		return nil
	})
	if r := b.ok("", "env", "--", "printenv", "DYN"); r.stdout != "not-real-value\n" {
		t.Errorf("%q", r.stdout)
	}
}
