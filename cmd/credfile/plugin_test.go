package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"
	"filippo.io/age/plugin"
	"github.com/credfile/credfile/internal/racetest"
)

// pluginMain is age-plugin-credtest, a real plugin made with age's framework. It contains
// native recipients and identities, has its own type of stanza, and logs to CREDTEST_LOG.
func pluginMain() {
	note := func(what string) {
		f, err := os.OpenFile(os.Getenv("CREDTEST_LOG"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err == nil {
			fmt.Fprintln(f, what)
			f.Close()
		}
	}
	note("start")
	if env := strings.Join(os.Environ(), "\n"); strings.Contains(env, "AGE-SECRET-KEY") || strings.Contains(env, "CREDFILE_PASSPHRASE") {
		note("SECRETS")
	}
	p, err := plugin.New("credtest")
	if err != nil {
		panic(err)
	}
	p.HandleRecipient(func(data []byte) (age.Recipient, error) {
		r, err := age.ParseX25519Recipient(string(data))
		return &pluginRecipient{r}, err
	})
	p.HandleIdentity(func(data []byte) (age.Identity, error) {
		id, err := age.ParseX25519Identity(string(data))
		return &pluginIdentity{id, note}, err
	})
	if code := p.Main(); code != 0 {
		panic(fmt.Sprint("exit code ", code))
	}
}

type pluginRecipient struct{ *age.X25519Recipient }

func (r *pluginRecipient) Wrap(key []byte) ([]*age.Stanza, error) {
	stanzas, err := r.X25519Recipient.Wrap(key)
	for _, s := range stanzas {
		s.Type = "credtest"
	}
	if os.Getenv("CREDTEST_TWICE") != "" {
		stanzas = append(stanzas, stanzas...)
	}
	return stanzas, err
}

type pluginIdentity struct {
	id   *age.X25519Identity
	note func(string)
}

func (i *pluginIdentity) Unwrap(stanzas []*age.Stanza) ([]byte, error) {
	i.note("touch")
	for _, s := range stanzas {
		if s.Type != "credtest" {
			continue
		}
		key, err := i.id.Unwrap([]*age.Stanza{{Type: "X25519", Args: s.Args, Body: s.Body}})
		if err == nil {
			return key, nil
		}
	}
	return nil, age.ErrIncorrectIdentity
}

// hardware returns an identity of the plugin and its recipient, as a token's tool prints
// them.
func hardware(t *testing.T) (identity, recipient string) {
	t.Helper()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return plugin.EncodeIdentity("credtest", []byte(id.String())), plugin.EncodeRecipient("credtest", []byte(id.Recipient().String()))
}

// log returns what the plugin did since the last call.
func (b *box) log() string {
	b.t.Helper()
	path := filepath.Join(b.home, "log")
	out, _ := os.ReadFile(path)
	os.Remove(path)
	return strings.ReplaceAll(strings.TrimSpace(string(out)), "\n", " ")
}

// Row 14: without permission no plugin starts. Opening with twelve recipients of one plugin takes
// one start and one touch.
func TestPlugin(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	b.env = append(b.env, "CREDTEST_LOG="+filepath.Join(b.home, "log"))
	b.ok("", "init", "--name", "me")
	b.ok(canary, "set", "ONE", "-")
	native := b.env

	var args []string
	var identity string
	for i := range 12 {
		id, recipient := hardware(t)
		identity = id // the last one
		flag := "--add"
		if i%2 == 0 {
			flag = "--add-reader"
		}
		args = append(args, flag, fmt.Sprintf("token%d=%s", i, recipient))
	}
	before := b.read()
	r := b.run("", append([]string{"--non-interactive", "rekey"}, args...)...)
	if r.code != 7 || !strings.Contains(r.stderr, "credfile trust --plugin credtest") || b.log() != "" || !bytes.Equal(before, b.read()) {
		t.Errorf("not interactive: exit code %d\n%s", r.code, r.stderr)
	}
	b.ok("", "trust", "--plugin", "credtest")
	b.env = append(b.env, "CREDTEST_TWICE=1")
	r = b.run("", append([]string{"rekey"}, args...)...)
	if r.code == 0 || !strings.Contains(r.stderr, "its plugin did not write exactly one stanza") || !bytes.Equal(before, b.read()) {
		t.Errorf("two stanzas: exit code %d\n%s", r.code, r.stderr)
	}
	b.env = native
	b.log()
	b.ok("", append([]string{"rekey"}, args...)...)
	if got := b.log(); strings.Contains(got, "touch") || strings.Count(got, "start") != 12 {
		t.Errorf("wrapping: %s", got)
	}
	b.ok("", "verify")

	// A user who has only a token.
	path := filepath.Join(b.home, "token.txt")
	if err := os.WriteFile(path, []byte("# a token\n"+identity+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	b.env = append(append([]string{}, native...), "XDG_CONFIG_HOME="+b.home+"/none", "CREDFILE_AGE_KEY_FILE="+path)
	if got := b.ok("", "env", "--", "sh", "-c", `printf %s "$ONE"`); got.stdout != canary {
		t.Errorf("%q", got.stdout)
	}
	if got := b.log(); got != "start touch" {
		t.Errorf("opening with twelve recipients: %s", got)
	}
	b.ok("x", "set", "ONE", "-")
	b.ok("", "recipients")

	// A token that is no recipient, and a missing plugin.
	other, _ := hardware(t)
	if err := os.WriteFile(path, []byte(other+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	b.log()
	r = b.run("", "get", "ONE")
	if r.code != 3 || b.log() != "start touch" || !strings.Contains(r.stderr, "recipient token3 (writer") || !strings.Contains(r.stderr, "CREDFILE_AGE_KEY_FILE: credtest plugin: ") {
		t.Errorf("exit code %d\n%s", r.code, r.stderr)
	}
	b.env = append(b.env, "PATH="+filepath.Dir(mustLook(t, "credfile"))+"/none")
	credfile := mustLook(t, "credfile")
	r = b.exec(exec.Command(credfile, "get", "ONE"), "")
	if r.code != 3 || !strings.Contains(r.stderr, "credtest") {
		t.Errorf("no plugin: exit code %d\n%s", r.code, r.stderr)
	}
	b.env = append(append([]string{}, native...), "PATH=/nonexistent")
	r = b.exec(exec.Command(credfile, "profile", "add", "second"), "")
	if r.code != 3 || !strings.Contains(r.stderr, "age-plugin-credtest, which is not installed") {
		t.Errorf("no plugin to wrap with: exit code %d\n%s", r.code, r.stderr)
	}

	// On another machine the file's plugin is refused until it is allowed there.
	c := newBox(t)
	c.env = append(c.env, "CREDTEST_LOG="+filepath.Join(c.home, "log"))
	c.write(b.read())
	key := "CREDFILE_AGE_KEY_FILE=" + filepath.Join(b.home, ".config", "credfile", "identities.txt")
	c.env = append(c.env, key, "CREDFILE_PASSPHRASE=not for plugins")
	before = c.read()
	r = c.run("", "--non-interactive", "profile", "add", "second")
	if r.code != 7 || c.log() != "" || !bytes.Equal(before, c.read()) || !strings.Contains(r.stderr, "needs the plugin age-plugin-credtest, which you have not allowed to run") {
		t.Errorf("exit code %d\n%s", r.code, r.stderr)
	}
	r = c.run("", "--yes", "--non-interactive", "profile", "add", "second") // --yes is for other questions
	if r.code != 7 || c.log() != "" || !bytes.Equal(before, c.read()) {
		t.Errorf("with --yes: exit code %d\n%s", r.code, r.stderr)
	}
	c.ok("", "get", "ONE") // native identities need no plugin
	c.env = append(c.env, "CREDFILE_PLUGINS=other,credtest")
	secret, err := os.ReadFile(filepath.Join(b.home, ".config", "credfile", "identities.txt"))
	if err != nil {
		t.Fatal(err)
	}
	c.env = append(c.env, "CREDFILE_AGE_KEY="+string(secret))
	c.ok("", "--non-interactive", "profile", "add", "second")
	if log := c.log(); !strings.Contains(log, "start") || strings.Contains(log, "SECRETS") {
		t.Errorf("the plugin was given key material: %s", log)
	}
}

func mustLook(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// Tagged recipients are offered to every plugin. age's own test plugin opens these two.
func TestTagged(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("age-plugin-tagtest"); err != nil {
		t.Skip("needs age-plugin-tagtest")
	}
	b := newBox(t)
	b.ok("", "init", "--name", "me")
	b.ok(canary, "set", "ONE", "-")
	source, err := os.ReadFile(repoPath("testdata", "tagtest.txt"))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(b.home, "tag.txt")
	if err := os.WriteFile(path, []byte(plugin.EncodeIdentity("tagtest", nil)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tokens := b.env
	for i, recipient := range strings.Fields(string(source)) {
		b.env = tokens
		b.ok("", "rekey", "--add", fmt.Sprintf("tag%d=%s", i, recipient))
		b.ok("", "verify")
		b.env = append(append([]string{}, tokens...), "XDG_CONFIG_HOME="+b.home+"/none")
		if got := b.ok("", "-i", path, "get", "ONE").stdout; got != canary {
			t.Errorf("%q", got)
		}
		b.ok(fmt.Sprint(i), "-i", path, "set", "TWO", "-")
		b.env = tokens
		f := parseFile(t, b.read())
		f.Find("default").Recipients = nil // only check that it parses
		b.ok("", "rekey", "--rename", fmt.Sprintf("tag%d=zz%d", i, i))
	}
}

// Any type of identity opens what any other writer wrote.
func TestEachOpensAll(t *testing.T) {
	t.Parallel()
	racetest.Skip(t)
	if _, err := exec.LookPath("ssh-keygen"); err != nil {
		t.Skip("needs ssh-keygen")
	}
	b := newBox(t)
	b.env = append(b.env, "CREDFILE_PLUGINS=credtest")
	b.ok("", "init", "--name", "me")
	keys := map[string]string{"me": filepath.Join(b.home, ".config", "credfile", "identities.txt")}
	b.ok("", "keygen", "--classic", "-o", filepath.Join(b.home, "classic.txt"))
	keys["classic"] = filepath.Join(b.home, "classic.txt")
	for _, kind := range []string{"ed25519", "rsa"} {
		path := filepath.Join(b.home, kind)
		if r := b.exec(exec.Command("ssh-keygen", "-q", "-t", kind, "-N", "", "-f", path), ""); r.code != 0 {
			t.Fatal(r.stderr)
		}
		keys[kind] = path
	}
	id, recipient := hardware(t)
	keys["token"] = filepath.Join(b.home, "token.txt")
	if err := os.WriteFile(keys["token"], []byte(id), 0o600); err != nil {
		t.Fatal(err)
	}
	b.ok("", "rekey", "--add", "classic=@"+filepath.Join(b.home, "classic.pub"), "--add", "ed25519=@"+keys["ed25519"]+".pub",
		"--add", "rsa=@"+keys["rsa"]+".pub", "--add", "token="+recipient)
	b.env = append(b.env, "XDG_CONFIG_HOME="+b.home+"/none")
	n := 0
	for writer, with := range keys {
		n++
		b.ok(canary+writer, "-i", with, "set", "ONE", "-")
		b.ok("", "-i", with, "profile", "add", "by-"+writer)
		b.ok(canary+writer, "-i", with, "-p", "by-"+writer, "set", "ONE", "-")
		for reader, with := range keys {
			for _, profile := range []string{"default", "by-" + writer} {
				if got := b.ok("", "-i", with, "-p", profile, "get", "ONE").stdout; got != canary+writer {
					t.Errorf("%s wrote, %s reads in %s: %q", writer, reader, profile, got)
				}
			}
		}
	}
	if n != 5 {
		t.Error(n)
	}

	// So does spec/recover.py, with stock age.
	const python = "/usr/bin/python3"
	if exec.Command(python, "-c", "import cryptography").Run() != nil {
		t.Skip("needs python3-cryptography")
	}
	needTool(t, "age")
	for reader, with := range keys {
		want := b.ok("", "-i", with, "get", "ONE").stdout
		r := b.exec(exec.Command(python, repoPath("spec", "recover.py"), "-i", with, b.path(), "default", "ONE"), "")
		if r.code != 0 || r.stdout != want {
			t.Errorf("recover.py as %s: exit code %d, %q\n%s", reader, r.code, r.stdout, r.stderr)
		}
	}
}
