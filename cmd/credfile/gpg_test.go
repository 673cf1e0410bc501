//go:build linux

package main

import (
	"encoding/base64"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"filippo.io/age"
	"github.com/credfile/credfile/internal/racetest"
)

// gpgHome gives a box a GNUPGHOME with one key. The pinentry answers with its passphrase.
func gpgHome(b *box, name, passphrase string) (home string) {
	b.t.Helper()
	if _, err := exec.LookPath("gpg"); err != nil {
		b.t.Skip("needs gpg")
	}
	home, err := os.MkdirTemp("", "g") // the path of the agent's socket has at most 108 bytes
	if err != nil {
		b.t.Fatal(err)
	}
	b.env = append(b.env, "GNUPGHOME="+home, "CREDTEST_PINENTRY="+home)
	env := slices.Clone(b.env)
	b.t.Cleanup(func() {
		kill := exec.Command("gpgconf", "--kill", "all")
		kill.Env = env
		kill.Run()
		os.RemoveAll(home)
	})
	pinentry, err := exec.LookPath("pinentry-credtest")
	if err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(home, "gpg-agent.conf"), []byte("pinentry-program "+pinentry+"\n"), 0o600); err != nil {
		b.t.Fatal(err)
	}
	b.gpg("", "--pinentry-mode", "loopback", "--passphrase", passphrase, "--quick-gen-key", name+" <"+name+"@example.org>", "future-default", "default", "never")
	b.pin(home, passphrase)
	return home
}

// pin sets what the pinentry answers; "" means that the user cancels. The agent forgets
// what it knew.
func (b *box) pin(home, pin string) {
	b.t.Helper()
	os.Remove(filepath.Join(home, "asked"))
	os.Remove(filepath.Join(home, "pin"))
	if pin != "" {
		if err := os.WriteFile(filepath.Join(home, "pin"), []byte(pin), 0o600); err != nil {
			b.t.Fatal(err)
		}
	}
	kill := exec.Command("gpgconf", "--kill", "gpg-agent")
	b.exec(kill, "")
}

func timesAsked(home string) int {
	b, _ := os.ReadFile(filepath.Join(home, "asked"))
	return len(b)
}

func (b *box) gpg(stdin string, args ...string) string {
	b.t.Helper()
	r := b.exec(exec.Command("gpg", append([]string{"--batch", "--no-tty", "--quiet"}, args...)...), stdin)
	if r.code != 0 {
		b.t.Fatalf("gpg %q: %s", args, r.stderr)
	}
	return r.stdout
}

// An openpgp lock works with gpg's agent and a gpg.conf that would break other programs,
// and with the exported key and no gpg.
func TestOpenPGPLock(t *testing.T) {
	racetest.Skip(t)
	t.Parallel()
	b := newBox(t)
	home := gpgHome(b, "bob", "bob's passphrase")
	b.gpg("", "--pinentry-mode", "loopback", "--passphrase", "", "--quick-gen-key", "spy <spy@example.org>", "future-default", "default", "never")
	conf := "encrypt-to spy@example.org\nignore-mdc-error\narmor\ntextmode\nthrow-keyids\nforce-mdc\nkeyserver-options auto-key-retrieve\n"
	files := "use-embedded-filename\noutput " + filepath.Join(home, "OUT") + "\n"
	if err := os.WriteFile(filepath.Join(home, "gpg.conf"), []byte(conf+files), 0o600); err != nil {
		t.Fatal(err)
	}
	b.pin(home, "bob's passphrase")
	r := b.ok("", "init", "--openpgp", "bob=bob@example.org", "--recovery", "--kdf", lowKDF)
	if timesAsked(home) != 1 {
		t.Errorf("to prove the lock the passphrase was asked for %d times", timesAsked(home))
	}
	if exists(filepath.Join(home, "OUT")) {
		t.Error("gpg wrote what it opened to a file")
	}
	if err := os.WriteFile(filepath.Join(home, "gpg.conf"), []byte(conf), 0o600); err != nil { // for the plain gpg
		t.Fatal(err)
	}
	rec := b.secretFile("rec", strings.TrimSpace(r.stdout))
	for i := range 4 { // the agent remembers; the file has one identity for all profiles
		b.ok("", "profile", "add", fmt.Sprint("p", i))
	}
	b.ok(canary, "set", "ONE", "-")
	if timesAsked(home) != 1 {
		t.Errorf("asked %d times", timesAsked(home))
	}
	if got := b.ok("", "--as", "recovery", "--passphrase-file", rec, "get", "ONE").stdout; got != canary {
		t.Errorf("%q", got)
	}
	b.ok("", "rotate", "--all")

	// If the prompt is cancelled, answered wrongly or disabled, the exit code is 3.
	for _, c := range []struct{ pin, reason string }{{"", "did not get the passphrase or PIN"}, {"wrong", "tried the lock of bob"}} {
		b.pin(home, c.pin)
		if r := b.run("", "--as", "bob", "get", "ONE"); r.code != 3 || r.stdout != "" || !strings.Contains(r.stderr, c.reason) {
			t.Errorf("%q: exit code %d\n%s", c.pin, r.code, r.stderr)
		}
	}
	b.pin(home, "bob's passphrase")
	if r := b.run("", "--non-interactive", "get", "ONE"); r.code != 3 || timesAsked(home) != 0 {
		t.Errorf("--non-interactive: exit code %d, asked %d times\n%s", r.code, timesAsked(home), r.stderr)
	}

	// Stock gpg opens the lock, as docs/recovery.md describes.
	f := parseFile(t, b.read()).Find("default")
	message := filepath.Join(b.home, "message")
	if err := os.WriteFile(message, f.Recipients[0].Message, 0o600); err != nil {
		t.Fatal(err)
	}
	if id := b.gpg("", "--decrypt", message); !strings.HasPrefix(id, "AGE-SECRET-KEY-PQ-1") {
		t.Errorf("gpg gives %q", id)
	}

	// Without gpg, an exported key works, with a passphrase or without.
	key := b.secretFile("key.asc", b.gpg("", "--pinentry-mode", "loopback", "--passphrase", "bob's passphrase", "--armor", "--export-secret-keys", "bob@example.org"))
	c := newBox(t)
	c.env = append(c.env, "PATH="+filepath.Dir(mustLook(t, "credfile")), "GNUPGHOME="+filepath.Join(c.home, "none"))
	c.write(b.read())
	if r := c.run("", "-i", key, "get", "ONE"); r.code != 3 && r.code != 7 {
		t.Errorf("no passphrase, no terminal: exit code %d\n%s", r.code, r.stderr)
	}
	if r, _ := c.onTerminal([]string{"-i", key, "get", "ONE"}, [2]string{"Passphrase of the OpenPGP key in --identity", "bob's passphrase\r"}); r.code != 0 || !strings.Contains(r.stdout, canary) {
		t.Errorf("exit code %d %q\n%s", r.code, r.stdout, r.stderr)
	}
	open := newBox(t)
	gpgHome(open, "ci", "")
	r = open.exec(exec.Command("gpg", "--batch", "--armor", "--export", "ci@example.org"), "")
	b.gpg(r.stdout, "--import")
	b.ok("", "rekey", "--openpgp", "ci=ci@example.org", "--as-reader")
	exported := open.gpg("", "--armor", "--export-secret-keys", "ci@example.org")
	c.write(b.read())
	c.env = append(c.env, "CREDFILE_AGE_KEY="+exported)
	if got := c.ok("", "env", "--", "/bin/sh", "-c", "echo $ONE$CREDFILE_AGE_KEY").stdout; got != canary+"\n" {
		t.Errorf("%q", got)
	}
	if r := c.run("x", "set", "ONE", "-"); r.code != 3 {
		t.Errorf("a reader writes: exit code %d\n%s", r.code, r.stderr)
	}
	// Unusable keys.
	if r := b.run("", "rekey", "--openpgp", "x=nobody@example.org"); r.code != 4 || !strings.Contains(r.stderr, "gpg has no such key") {
		t.Errorf("exit code %d\n%s", r.code, r.stderr)
	}
	if r := b.run("", "rekey", "--openpgp", "x=--version"); r.code != 4 {
		t.Errorf("exit code %d\n%s", r.code, r.stderr)
	}
	if r := b.run("", "rekey", "--openpgp", "x=example.org"); r.code != 4 || !strings.Contains(r.stderr, "several") {
		t.Errorf("exit code %d\n%s", r.code, r.stderr)
	}
	if r := c.run("", "init", "-f", "x.age", "--openpgp", "x=bob@example.org"); r.code != 1 || !strings.Contains(r.stderr, "needs gpg, which is not installed") {
		t.Errorf("without gpg: exit code %d\n%s", r.code, r.stderr)
	}
}

// Row 13b: an attacker makes the victim's encrypted mail a lock. Its plaintext is never shown.
func TestMailAsLock(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	gpgHome(b, "bob", "")
	const mail = "Dear Bob, the code of the safe is 4711. Yours, Alice\n"
	attacker := newBox(t)
	attacker.ok("", "init", "--name", "mal")
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	for name, plain := range map[string]string{
		"mail": mail, "a bomb": mail + strings.Repeat("\x00", 50<<20), "another identity": id.String() + "\n", "nothing": "",
	} {
		other, err := age.GenerateX25519Identity()
		if err != nil {
			t.Fatal(err)
		}
		message := b.gpg(plain, "--rfc4880", "-z", "9", "--trust-model", "always", "-r", "bob@example.org", "--encrypt")
		attacker.write(victimFile(attacker))
		lock := other.Recipient().String() + ":openpgp:" + base64.RawStdEncoding.EncodeToString([]byte(message))
		if len(message) > 16<<10 {
			continue // beyond the format's limit
		}
		file := attacker.secretFile("lock", lock)
		attacker.ok("", "rekey", "--add", "bob=@"+file)
		c := *b
		c.dir = t.TempDir()
		c.write(attacker.read())
		for _, args := range [][]string{{"get", "ONE"}, {"-v", "env", "--", "true"}, {"--json", "get", "ONE"}} {
			r := c.run("", args...)
			if r.code != 6 && !(args[0] == "-v" && r.code == 125) || r.stdout != "" || strings.Contains(r.stderr, "safe") || strings.Contains(r.stderr, "SECRET") {
				t.Errorf("%s: %q: exit code %d, %q\n%s", name, args, r.code, r.stdout, r.stderr)
			}
		}
	}
}

// victimFile recreates the attacker's original file.
func victimFile(b *box) []byte {
	b.t.Helper()
	os.Remove(b.path())
	b.ok("", "init", "--name", "mal")
	b.ok("x", "set", "ONE", "-")
	return b.read()
}

// An expired key still opens its lock, but can't get a new one.
func TestExpiredOpenPGPKey(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	gpgHome(b, "bob", "")
	b.gpg("", "--faked-system-time", "20200101T000000", "--pinentry-mode", "loopback", "--passphrase", "", "--quick-gen-key", "old <old@example.org>", "future-default", "default", "never")
	b.ok("", "init", "--openpgp", "old=old@example.org")
	b.ok(canary, "set", "ONE", "-")
	// It expired long ago, as gpg sees it from here.
	_, key, _ := strings.Cut(b.gpg("", "--with-colons", "--list-keys", "old@example.org"), "\nfpr:::::::::")
	key, _, _ = strings.Cut(key, ":")
	b.gpg("", "--faked-system-time", "20210101T000000", "--pinentry-mode", "loopback", "--passphrase", "", "--quick-set-expire", key, "1d")
	if got := b.ok("", "get", "ONE").stdout; got != canary {
		t.Errorf("%q", got)
	}
	if r := b.run("", "rekey", "--openpgp", "new=old@example.org"); r.code != 4 || !strings.Contains(r.stderr, "expired, revoked") {
		t.Errorf("a new lock for it: exit code %d\n%s", r.code, r.stderr)
	}
}
