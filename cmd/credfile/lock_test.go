//go:build linux

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/racetest"
	"github.com/credfile/credfile/kdf"
	"github.com/credfile/credfile/vaultfile"
)

const lowKDF = "argon2id:65536:1:1"

// secretFile writes a file with secrets, one per line.
func (b *box) secretFile(name string, lines ...string) string {
	b.t.Helper()
	path := filepath.Join(b.home, name)
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		b.t.Fatal(err)
	}
	return path
}

// counted runs credfile in this process and returns its derivations.
func (b *box) counted(args ...string) (derivations []kdf.Params, r result) {
	b.t.Helper()
	var stdout, stderr bytes.Buffer
	env := map[string]string{}
	for _, kv := range b.env {
		name, value, _ := strings.Cut(kv, "=")
		env[name] = value
	}
	w := world{stdin: strings.NewReader(""), stdout: &stdout, stderr: &stderr, environ: b.env, now: time.Now,
		getenv: func(name string) string { return env[name] }, getwd: func() (string, error) { return b.dir, nil },
		derive: func(p kdf.Params, passphrase, salt []byte) ([]byte, error) {
			derivations = append(derivations, p)
			return p.Key(passphrase, salt)
		}}
	code := run(append([]string{"-f", b.path()}, args...), w)
	return derivations, result{code, stdout.String(), stderr.String()}
}

// Opening with a passphrase takes one derivation, whatever the number of profiles. A new
// lock takes two: to create it, and to prove it from the bytes that are written.
func TestDerivations(t *testing.T) {
	racetest.Skip(t)
	t.Parallel()
	b := newBox(t)
	alice, two := b.secretFile("alice", "alice's"), b.secretFile("two", "one of two", "two of two")
	other := b.secretFile("other", "another")
	n, r := b.counted("-p", "p0", "init", "--passphrase", "alice", "--kdf", lowKDF, "--allow-weak", "--new-passphrase-file", alice)
	if r.code != 0 || len(n) != 2 {
		t.Fatalf("init: %v, exit code %d\n%s", n, r.code, r.stderr)
	}
	for i := 1; i < 10; i++ {
		n, r := b.counted("-p", "p0", "--passphrase-file", alice, "profile", "add", fmt.Sprint("p", i))
		if r.code != 0 || len(n) != 1 {
			t.Fatalf("profile add: %v, exit code %d\n%s", n, r.code, r.stderr)
		}
	}
	var profiles []string
	for i := range 10 {
		profiles = append(profiles, "-p", fmt.Sprint("p", i))
	}
	for _, c := range []struct {
		want int
		args []string
	}{
		{0, []string{"-p", "p3", "list"}},
		{1, []string{"-p", "p3", "get", "NONE"}},
		{1, []string{"rotate", "--all"}},
		{1 + 2, append(slices.Clone(profiles), "rekey", "--passphrase", "bob", "--kdf", lowKDF, "--allow-weak", "--new-passphrase-file", other)},
		{1 + 2 + 2, append(slices.Clone(profiles), "rekey", "--passphrase", "x", "--passphrase", "y", "--kdf", lowKDF, "--allow-weak", "--new-passphrase-file", two)},
		{1 + 2, []string{"rekey", "--passphrase", "alice", "--kdf", "scrypt:15", "--allow-weak", "--new-passphrase-file", b.secretFile("newer", "newer")}},
	} {
		n, r := b.counted(append([]string{"--as", "alice", "--passphrase-file", alice}, c.args...)...)
		if len(n) != c.want || r.code != 0 && !slices.Contains(c.args, "get") {
			t.Errorf("%q: %v, exit code %d\n%s", c.args, n, r.code, r.stderr)
		}
	}
	for profile, key := range map[string]string{"p0": "newer", "p9": "newer"} {
		if n, r := b.counted("--as", "alice", "-p", profile, "--passphrase-file", filepath.Join(b.home, key), "get", "NONE"); r.code != 4 || len(n) != 1 || n[0] != (kdf.Scrypt{LogN: 15}) {
			t.Errorf("%s: %v, exit code %d\n%s", profile, n, r.code, r.stderr)
		}
	}
	// A higher cost for the same passphrase: one to open the lock, two for the new one.
	n, r = b.counted("--as", "x", "--passphrase-file", b.secretFile("x", "one of two"), "rekey", "--strengthen", "x", "--kdf", "argon2id:65536:2:1")
	if len(n) != 3 || r.code != 0 || strings.Count(r.stderr, "a new lock") != 10 {
		t.Errorf("strengthen: %v, exit code %d\n%s", n, r.code, r.stderr)
	}
	// A lock that does not exist costs no derivation.
	if n, r := b.counted("--as", "nobody", "--passphrase-file", alice, "-p", "p0", "get", "NONE"); len(n) != 0 || r.code != 3 {
		t.Errorf("no such lock: %v, exit code %d\n%s", n, r.code, r.stderr)
	}
}

// A new lock that does not open is not written.
func TestNewLockIsProved(t *testing.T) {
	b := newBox(t)
	b.ok("", "init", "--name", "me")
	before := b.read()
	times := 0
	var stdout, stderr bytes.Buffer
	env := map[string]string{"HOME": b.home}
	w := world{stdin: strings.NewReader(""), stdout: &stdout, stderr: &stderr, environ: b.env, now: time.Now,
		getenv: func(name string) string { return env[name] }, getwd: func() (string, error) { return b.dir, nil },
		derive: func(p kdf.Params, passphrase, salt []byte) ([]byte, error) {
			times++
			key, err := p.Key(passphrase, salt)
			key[0] ^= byte(times) // a hardware fault
			return key, err
		}}
	code := run([]string{"-f", b.path(), "rekey", "--passphrase", "bob", "--kdf", lowKDF, "--allow-weak", "--new-passphrase-file", b.secretFile("bob", "bob's")}, w)
	if code != 1 || !strings.Contains(stderr.String(), "bob's new lock does not open; nothing was written") || !bytes.Equal(b.read(), before) {
		t.Errorf("exit code %d\n%s", code, &stderr)
	}
}

// On a terminal, the user chooses a lock, mistypes its passphrase once, and types a new
// passphrase twice. Another profile does not ask again.
func TestPassphraseOnTerminal(t *testing.T) {
	racetest.Skip(t)
	t.Parallel()
	b := newBox(t)
	pass := b.secretFile("pass", "alice's", "bob's", "carol's")
	b.ok("", "init", "--passphrase", "alice", "--passphrase", "bob", "--passphrase", "recovery", "--kdf", lowKDF, "--allow-weak", "--new-passphrase-file", pass)
	b.ok(canary, "--as", "bob", "--passphrase-file", b.secretFile("bob", "bob's"), "set", "ONE", "-")
	b.ok("", "--as", "bob", "--passphrase-file", b.secretFile("bob", "bob's"), "profile", "add", "other")
	b.forget()
	r, screen := b.onTerminal([]string{"-p", "default", "-p", "other", "env", "--", "sh", "-c", "echo $ONE"},
		[2]string{"Whose passphrase do you have, to open profile default of .credentials.age (alice, bob, recovery): ", "nobody\r"},
		[2]string{"(alice, bob, recovery): ", "bob\r"},
		[2]string{"Passphrase of bob, to open profile default of .credentials.age: ", "wrong\r"},
		[2]string{"Passphrase of bob, to open profile default of .credentials.age: ", "bob's\r"})
	if r.code != 0 || r.stdout != canary+"\n" || strings.Contains(screen, "bob's\r") || strings.Contains(screen, "wrong") {
		t.Errorf("exit code %d, %q\n%s\n%s", r.code, r.stdout, r.stderr, screen)
	}
	// The next prompt is for bob's passphrase.
	r, _ = b.onTerminal([]string{"get", "ONE"}, [2]string{"Passphrase of bob, to open profile default", "bob's\r"})
	if r.code != 0 || !strings.Contains(r.stdout, canary) {
		t.Errorf("exit code %d, %q\n%s", r.code, r.stdout, r.stderr)
	}
	r, _ = b.onTerminal([]string{"--as", "recovery", "get", "ONE"}, [2]string{"Passphrase of recovery", "carol's\r"})
	if r.code != 0 {
		t.Errorf("exit code %d, %q\n%s", r.code, r.stdout, r.stderr)
	}
	r, screen = b.onTerminal([]string{"--as", "alice", "rekey", "--passphrase", "alice", "--allow-weak", "--kdf", lowKDF},
		[2]string{"Passphrase of alice, to open profile default", "alice's\r"},
		[2]string{"New passphrase for alice: ", "new one\r"}, [2]string{"Repeat it: ", "new two\r"},
		[2]string{"New passphrase for alice: ", "new one\r"}, [2]string{"Repeat it: ", "new one\r"})
	if r.code != 0 || strings.Contains(screen, "new one") {
		t.Errorf("exit code %d\n%s\n%s", r.code, r.stderr, screen)
	}
	if got := b.ok("", "--as", "alice", "--passphrase-file", b.secretFile("new", "new one"), "get", "ONE").stdout; got != canary {
		t.Errorf("%q", got)
	}
	if r, _ := b.onTerminal([]string{"--as", "alice", "get", "ONE"}, [2]string{"Passphrase of alice", "\x03"}); r.code != 130 {
		t.Errorf("interrupted: exit code %d\n%s", r.code, r.stderr)
	}
}

// An age lock is opened once for the whole file, with one start of the plugin and one
// touch.
func TestAgeLock(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	b.env = append(b.env, "CREDTEST_LOG="+filepath.Join(b.home, "log"))
	b.ok("", "init", "--name", "me", "-p", "p0")
	b.ok(canary, "-p", "p0", "set", "ONE", "-")
	identity, recipient := hardware(t)
	for i := 1; i < 10; i++ {
		b.ok("", "-p", "p0", "profile", "add", fmt.Sprint("p", i))
	}
	token := b.secretFile("token", identity)
	var profiles []string
	for i := range 10 {
		profiles = append(profiles, "-p", fmt.Sprint("p", i))
	}
	before := b.read()
	args := append(slices.Clone(profiles), "rekey", "--lock", "token="+recipient)
	if r := b.run("", args...); r.code != 7 || b.log() != "" || !bytes.Equal(before, b.read()) {
		t.Fatalf("not allowed yet: exit code %d\n%s", r.code, r.stderr)
	}
	// With the token present, the new lock is proved.
	b.ok("", append([]string{"-i", filepath.Join(b.home, ".config", "credfile", "identities.txt"), "-i", token}, args...)...)
	if got := b.log(); got != "start start touch" {
		t.Errorf("making it: %q", got)
	}
	c := *b
	c.env = append(slices.Clone(b.env), "XDG_CONFIG_HOME="+filepath.Join(b.home, "none"))
	r := c.ok("", append(append([]string{"-i", token}, profiles...), "env", "--", "sh", "-c", "echo $ONE")...)
	if r.stdout != canary+"\n" || b.log() != "start touch" {
		t.Errorf("%q", r.stdout)
	}
	c.ok("", "-i", token, "rotate", "--all")
	if got := b.log(); got != "start touch" {
		t.Errorf("rotating ten profiles: %q", got)
	}
	// The user's own identity moves under the hardware lock and stays the same.
	me := parseFile(t, b.read()).Find("p0").Recipients[0].String
	b.ok("", "-i", token, "-i", filepath.Join(b.home, ".config", "credfile", "identities.txt"), "rekey", "--lock", "me="+recipient)
	b.log()
	for _, s := range parseFile(t, b.read()).Profiles {
		if r := s.Recipients[0]; r.String != me || r.Lock != vaultfile.LockAge || len(s.Former) > 0 {
			t.Errorf("%s: %s lock", s.Name, r.Lock)
		}
	}
	c.ok("", "-i", token, "--as", "me", "-p", "p5", "env", "--", "true")
	// An identity from a lock is replaced, since the old lock remains in history.
	_, another := hardware(t)
	c.ok("", "-i", token, "--yes", "rekey", "--lock", "token="+another)
	b.log()
	if r := c.run("", "-i", token, "--as", "token", "get", "ONE", "-p", "p0"); r.code != 3 {
		t.Errorf("the old token: exit code %d\n%s", r.code, r.stderr)
	}
	if s := parseFile(t, b.read()).Find("p0"); len(s.Former) != 1 || s.Former[0].Name != "token" {
		t.Error("nothing says that the old token knows the value")
	}
}

// Removing one of five people from ten profiles takes one command and at most one question.
// The file then shows who can read.
func TestOffboarding(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	b.ok("", "init", "--name", "me", "-p", "p0")
	people := []string{"bob", "carol", "dave", "erin"}
	var args []string
	for _, name := range people {
		b.ok("", "keygen", "--name", name, "-o", filepath.Join(b.home, name+".txt"))
		args = append(args, "--add", name+"=@"+filepath.Join(b.home, name+".pub"))
	}
	b.ok("", append([]string{"-p", "p0", "rekey"}, args...)...)
	for i := 1; i < 10; i++ {
		b.ok("", "-p", "p0", "profile", "add", fmt.Sprint("p", i))
		b.ok(canary, "-p", fmt.Sprint("p", i), "set", fmt.Sprint("KEY", i), "-")
	}
	before := b.read()
	r := b.ok("", "--non-interactive", "rekey", "--remove", "carol")
	for i := 1; i < 10; i++ {
		if !strings.Contains(r.stderr, fmt.Sprintf("p%d: - carol (writer, ", i)) || !strings.Contains(r.stderr, fmt.Sprintf("  p%d: KEY%d", i, i)) {
			t.Errorf("p%d is not told:\n%s", i, r.stderr)
		}
	}
	f := parseFile(t, b.read())
	for _, s := range f.Profiles {
		for i := range s.Recipients {
			if s.Recipients[i].Name == "carol" {
				t.Errorf("%s has carol still", s.Name)
			}
		}
		was := parseFile(t, before).Find(s.Name)
		if s.Key == was.Key || s.Check == was.Check || !slices.ContainsFunc(s.Vouched, func(v format.Vouched) bool { return v.Key == was.Key && v.For == s.Key }) {
			t.Errorf("%s has its old keys", s.Name)
		}
		if s.Name != "p0" && !slices.ContainsFunc(s.Vouched, func(v format.Vouched) bool { return v.Key == f.Find("p0").Key && v.For == s.Key }) {
			t.Errorf("the new key of p0 does not vouch for %s", s.Name)
		}
	}
	for _, name := range people {
		c := *b
		c.env = append(slices.Clone(b.env), "XDG_CONFIG_HOME="+filepath.Join(b.home, "none"))
		want := 0
		if name == "carol" {
			want = 3
		}
		if r := c.run("", "-i", filepath.Join(b.home, name+".txt"), "-p", "p4", "get", "KEY4"); r.code != want {
			t.Errorf("%s: exit code %d\n%s", name, r.code, r.stderr)
		}
	}
	b.ok("", "verify")
}

// A passphrase from a file descriptor reaches neither the command nor its standard input.
func TestPassphraseFD(t *testing.T) {
	b := newBox(t)
	b.ok("", "init", "--name", "me")
	b.ok("", "rekey", "--passphrase", "alice", "--kdf", lowKDF, "--allow-weak", "--new-passphrase-file", b.secretFile("pass", "alice's"))
	for _, config := range []string{"", "XDG_CONFIG_HOME=" + b.home + "/none"} { // with another identity, and without
		for fd, script := range map[string]string{
			"5": `exec credfile env --passphrase-fd 5 -- sh -c 'cat <&5' 5<"$HOME/pass"`,
			"0": `exec credfile env --passphrase-fd 0 -- sh -c 'cat; readlink /proc/self/fd/0' <"$HOME/pass"`,
		} {
			c := *b
			c.env = append(slices.Clone(b.env), config)
			r := c.exec(exec.Command("sh", "-c", script), "")
			if strings.Contains(r.stdout+r.stderr, "alice's") && !(fd == "0" && config == "") {
				t.Errorf("descriptor %s, %q: %q\n%s", fd, config, r.stdout, r.stderr)
			}
			if fd == "0" && (r.code != 0 || !strings.HasSuffix(strings.TrimSpace(r.stdout), "/pass")) {
				t.Errorf("standard input: exit code %d, %q\n%s", r.code, r.stdout, r.stderr)
			}
		}
	}
}
