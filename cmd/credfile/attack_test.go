package main

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"filippo.io/age"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/racetest"
)

const canary = "canary-value-plainly-fake"

// victim returns the machine of a writer, with a file of two profiles.
func victim(t *testing.T) *box {
	b := newBox(t)
	b.ok("", "init", "--name", "me")
	b.ok(canary+"-1", "set", "ONE", "-")
	b.ok(canary+"-2", "set", "TWO", "-")
	b.ok("[other]\naws_access_key_id = "+canary+"-3\n", "import", "--from", "aws", "-")
	b.ok(canary+"-4", "-p", "other", "set", "ONE", "-")
	return b
}

// refused runs every command that uses the profile. Each must be refused, with nothing
// written and nothing shown.
func (b *box) refused(what string, profile string, without ...string) {
	b.t.Helper()
	before := b.read()
	for _, c := range []struct {
		code  int
		stdin string
		args  []string
	}{
		{6, "", []string{"verify"}},
		{6, "", []string{"list"}},
		{6, "", []string{"recipients"}},
		{6, "", []string{"get", "ONE"}},
		{6, "x", []string{"set", "NEW", "-"}},
		{6, "", []string{"unset", "ONE"}},
		{6, "NEW=x", []string{"import", "--from", "dotenv", "-"}},
		{6, "", []string{"rotate"}},
		{6, "", []string{"edit"}},
		{6, "", []string{"rekey", "--add", "x=" + aliceRecipient}},
		{6, "", []string{"rekey", "--remove", "me", "--yes"}},
		{125, "", []string{"env", "--", "sh", "-c", "touch started; env"}},
	} {
		if slices.Contains(without, c.args[0]) {
			continue
		}
		r := b.run(c.stdin, append([]string{"-p", profile}, c.args...)...)
		if c.args[0] == "verify" {
			r = b.run("", "verify")
		}
		if r.code != c.code {
			b.t.Errorf("%s: %s: exit code %d, want %d\n%s", what, c.args[0], r.code, c.code, r.stderr)
		}
		if r.stdout != "" || strings.Contains(r.stderr, canary) {
			b.t.Errorf("%s: %s: something came out: %q", what, c.args[0], r.stdout)
		}
	}
	if !bytes.Equal(b.read(), before) {
		b.t.Errorf("%s: the file was written", what)
	}
	if _, err := os.Stat(filepath.Join(b.dir, "started")); err == nil {
		b.t.Errorf("%s: the command was started", what)
	}
}

// tampering is a change that an attacker without the signing key makes.
type tampering struct {
	row    int // groups the changes by kind of attack
	name   string
	change func(f *format.File, s *format.Profile, attacker *age.X25519Identity)
}

var tamperings = []tampering{
	{2, "values of two names swapped", func(f *format.File, s *format.Profile, _ *age.X25519Identity) {
		s.Entries[0].Sealed, s.Entries[1].Sealed = s.Entries[1].Sealed, s.Entries[0].Sealed
	}},
	{2, "values of two profiles swapped", func(f *format.File, s *format.Profile, _ *age.X25519Identity) {
		s.Entries[0].Sealed = f.Find("other").Entries[0].Sealed
	}},
	{3, "credential deleted", func(f *format.File, s *format.Profile, _ *age.X25519Identity) { s.Entries = s.Entries[1:] }},
	{3, "credential repeated under a new name", func(f *format.File, s *format.Profile, _ *age.X25519Identity) {
		e := s.Entries[0]
		e.Name = "THREE"
		s.Entries = append(s.Entries, e)
	}},
	{3, "order changed", func(f *format.File, s *format.Profile, _ *age.X25519Identity) {
		s.Entries[0], s.Entries[1] = s.Entries[1], s.Entries[0]
	}},
	{3, "credential renamed", func(f *format.File, s *format.Profile, _ *age.X25519Identity) { s.Entries[0].Name = "THREE" }},
	{3, "credential emptied", func(f *format.File, s *format.Profile, _ *age.X25519Identity) {
		s.Entries[0].Sealed = format.NewSealed(make([]byte, 96))
	}},
	{3, "date changed", func(f *format.File, s *format.Profile, _ *age.X25519Identity) {
		s.Entries[0].Time = s.Entries[0].Time.AddDate(0, 0, -1)
	}},
	{3, "expiry added", func(f *format.File, s *format.Profile, _ *age.X25519Identity) {
		s.Entries[0].Expires = s.Entries[0].Time.AddDate(1, 0, 0)
	}},
	{3, "value made a comment", func(f *format.File, s *format.Profile, _ *age.X25519Identity) {
		s.Entries[0] = format.Entry{Sealed: s.Entries[0].Sealed}
	}},
	{5, "a recipient's key replaced", func(f *format.File, s *format.Profile, attacker *age.X25519Identity) {
		s.Recipients[0].String = attacker.Recipient().String()
	}},
	{6, "a reader added", func(f *format.File, s *format.Profile, attacker *age.X25519Identity) {
		s.Recipients = append(s.Recipients, format.Recipient{Name: "zz", String: attacker.Recipient().String(), Wrap: s.Recipients[0].Wrap})
	}},
	{6, "a writer added", func(f *format.File, s *format.Profile, attacker *age.X25519Identity) {
		s.Recipients = append(s.Recipients, format.Recipient{Name: "zz", Writer: true, String: attacker.Recipient().String(), Wrap: s.Recipients[0].Wrap})
	}},
	{11, "plaintext in place of a value", func(f *format.File, s *format.Profile, _ *age.X25519Identity) {
		s.Entries[0].Sealed = format.NewSealed(append([]byte("postgres://"), make([]byte, 85)...))
	}},
}

// Rows 2, 3, 5, 6 and 11: an attacker without the signing key swaps, removes, adds or replaces values and
// recipients. If they leave the verifying key alone, every command refuses the file. If
// they replace it with their own and sign, a writer notices from the keys, even on a
// machine that has never seen the file, and a reader from memory or CREDFILE_TRUST.
func TestTampering(t *testing.T) {
	t.Parallel()
	racetest.Skip(t)
	b := victim(t)
	reader := b.join("reader", "--add-reader", "default", "other")
	attacker, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	_, signer, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	original := b.read()
	pins := b.ok("", "trust", "--print").stdout
	for _, c := range tamperings {
		t.Run(fmt.Sprintf("row %d %s", c.row, c.name), func(t *testing.T) {
			b.t, reader.t = t, t
			f, err := format.Parse(original)
			if err != nil {
				t.Fatal(err)
			}
			s := f.Find("default")
			c.change(f, s, attacker)
			b.write(format.Marshal(f))
			b.refused("key left alone", "default")
			copy(s.Key[:], signer.Public().(ed25519.PublicKey))
			copy(s.Signature[:], ed25519.Sign(signer, format.AppendSigned(nil, f.ID, s)))
			forged := format.Marshal(f)
			for _, who := range []*box{b, reader} {
				who.write(forged)
				// list and recipients open nothing, so they only warn.
				who.refused("key replaced, memory", "default", "list", "recipients")
				who.forget()
				who.env = append(who.env, "CREDFILE_TRUST="+strings.TrimSpace(pins))
				who.refused("key replaced, CREDFILE_TRUST", "default", "list", "recipients")
				who.env = who.env[:len(who.env)-1]
				who.write(original)
				who.ok("", "get", "ONE") // so that it is remembered again
			}
			b.write(forged)
			b.forget()
			if c.row != 5 { // without the victim's own key, nothing opens
				b.refused("key replaced, a writer without memory", "default", "verify", "list", "recipients")
			} else if r := b.run("x", "set", "NEW", "-"); r.code != 3 || !bytes.Equal(forged, b.read()) {
				t.Errorf("exit code %d\n%s", r.code, r.stderr)
			}
			b.write(original)
			b.forget()
			b.ok("", "get", "ONE")
		})
	}
}

// Row 7: a reader can encrypt a value, but not sign the change.
func TestReaderWrites(t *testing.T) {
	t.Parallel()
	b := victim(t)
	reader := b.join("reader", "--add-reader", "default")
	before := reader.read()
	for _, args := range [][]string{{"set", "ONE", "-"}, {"set", "NEW", "-"}, {"unset", "ONE"}, {"rename", "ONE", "X"}, {"rekey", "--writer", "reader"},
		{"rekey", "--add", "x=" + aliceRecipient}, {"rekey", "--rename", "me=you"}, {"profile", "add", "mine"},
		{"rotate"}, {"rekey", "--remove", "me"}, {"rekey", "--reader", "me"}, {"--yes", "profile", "remove", "default"}, {"set", "ONE", "--keep-value"}, {"profile", "rename", "default", "x"},
		{"copy", "ONE", "-p", "default", "--to", "default2"}, {"import", "--from", "dotenv", "-"}} {
		r := reader.run("A=1\n", args...)
		want := 3
		if args[0] == "copy" {
			want = 4
		}
		if r.code != want || r.stdout != "" {
			t.Errorf("%q: exit code %d, want %d\n%s", args, r.code, want, r.stderr)
		}
	}
	if !bytes.Equal(before, reader.read()) {
		t.Error("the file was written")
	}
	if r := reader.ok("", "get", "ONE"); r.stdout != canary+"-1" {
		t.Errorf("a reader reads %q", r.stdout)
	}
}

const aliceRecipient = "age1lggyhqrw2nlhcxprm67z43rta597azn8gknawjehu9d9dl0jq3yqqvfafg"

// Row 1: a fixed sample of damage: flipped bits, removed bytes and cuts.
func TestTamperingSample(t *testing.T) {
	t.Parallel()
	racetest.Skip(t)
	b := victim(t)
	original := b.read()
	f, err := format.Parse(original)
	if err != nil {
		t.Fatal(err)
	}
	// Only the section of the profile that the commands use. A change elsewhere does not
	// affect them, unless it breaks the syntax.
	start := bytes.Index(original, []byte("profile default"))
	end := bytes.Index(original, []byte("\nprofile other"))
	if start < 0 || end < start || len(f.Profiles) != 2 {
		t.Fatal("the file has another form")
	}
	random := rand.New(rand.NewPCG(1, 2))
	changes := 100
	if os.Getenv("CREDFILE_TEST_EVERY") != "" {
		changes = 500
	}
	for i := range changes {
		changed := bytes.Clone(original)
		switch at := start + random.IntN(end-start); i % 4 {
		case 0, 1:
			changed[at] ^= 1 << random.IntN(8)
		case 2:
			changed = append(changed[:at], original[at+1:]...)
		case 3:
			changed = changed[:start+random.IntN(end-start-1)]
		}
		if bytes.Equal(changed, original) {
			continue
		}
		b.write(changed)
		for _, c := range []struct {
			code int
			args []string
		}{{6, []string{"verify"}}, {6, []string{"get", "ONE"}}, {125, []string{"env", "--", "env"}}, {6, []string{"unset", "ONE"}}} {
			r := b.run("", c.args...)
			if r.code != c.code || r.stdout != "" || strings.Contains(r.stderr, canary) {
				t.Errorf("change %d: %s: exit code %d, %q\n%s", i, c.args[0], r.code, r.stdout, r.stderr)
			}
		}
		if !bytes.Equal(b.read(), changed) {
			t.Errorf("change %d: the file was written", i)
		}
	}
}

// A section that this machine verified before is only read when it is used, but a changed
// one is read, whoever uses it.
func TestSyntaxElsewhere(t *testing.T) {
	t.Parallel()
	b := victim(t)
	original := b.read()
	b.ok("", "get", "ONE")
	at := bytes.Index(original, []byte("\nprofile other"))
	entry := at + bytes.Index(original[at:], []byte("\ncredential "))
	for _, changed := range [][]byte{
		append(bytes.Clone(original[:entry]), bytes.Replace(original[entry:], []byte("credential "), []byte("credentials "), 1)...),
		append(bytes.Clone(original[:entry]), bytes.Replace(original[entry:], []byte("T"), []byte("t"), 1)...),
		append(bytes.Clone(original[:entry]), original[bytes.Index(original, []byte("\nseal ")):]...),
	} {
		b.write(changed)
		if r := b.run("", "get", "ONE"); r.code != 6 || r.stdout != "" {
			t.Errorf("exit code %d, %q\n%s\n%s", r.code, r.stdout, r.stderr, changed)
		}
	}
	b.write(original)
	b.ok("", "get", "ONE")
	b.ok("", "get", "-p", "other", "ONE")
}

// Row 16: nothing from a file, a name or an argument reaches a terminal unescaped.
func TestEscapes(t *testing.T) {
	t.Parallel()
	racetest.Skip(t)
	b := victim(t)
	const evil = "x\x1b]0;owned\x07\x1b[2J\r\u202e\u009b31m"
	bad := filepath.Join(b.dir, evil)
	if err := os.WriteFile(bad, []byte(evil), 0o600); err != nil {
		t.Fatal(err)
	}
	raw := func(text string) bool {
		return strings.ContainsFunc(text, func(c rune) bool {
			return c != '\n' && (c < ' ' || c >= 0x7f && c < 0xa0 || c == '\u202e')
		})
	}
	named := filepath.Join(b.dir, "good"+evil)
	if err := os.WriteFile(named, b.read(), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"list", "recipients", "status", "verify"} {
		if r := b.run("", "-f", named, "--json", verb); r.code != 0 || raw(r.stdout+r.stderr) {
			t.Errorf("--json %s: %d %q %q", verb, r.code, r.stdout, r.stderr)
		}
	}
	for _, args := range [][]string{
		{"get", evil}, {"unset", evil}, {"set", evil, "-"}, {"-p", evil, "get", "ONE"}, {"-f", evil, "list"}, {"-f", evil + "2", "list"},
		{"-i", evil, "-p", "nope", "get", "ONE"}, {"-i", evil, "-f", b.path(), "get", "NONE"}, {evil}, {"get", "--" + evil}, {"env", "--", evil},
		{"env", "--only", evil, "--", "true"}, {"env", "--except", evil, "--", "true"}, {"import", evil}, {"import", "--from", evil, bad},
		{"import", "--dialect", evil, "--from", "dotenv", bad}, {"import", "--from", "dotenv", bad}, {"import", "--from", "aws", bad},
		{"init", "--name", evil, "-f", "new"}, {"init", "-f", evil}, {"init", "-r", evil + "=age1", "-f", "new"}, {"init", "-p", evil, "-f", "new"},
		{"set", "ONE", "--from-file", evil + "3"}, {"help", evil},
	} {
		for _, args := range [][]string{args, append([]string{"--json"}, args...)} {
			r := b.run("x", args...)
			if r.code == 0 && !slices.Contains(args, "help") {
				t.Errorf("%q succeeds", args)
			}
			if raw(r.stdout + r.stderr) {
				t.Errorf("%q: a control character in %q %q", args, r.stdout, r.stderr)
			}
		}
	}
}

// A writer spoils their own wrap in one profile. That neither keeps them in another profile
// nor stops its writers: it only causes a warning.
func TestSpoiledElsewhere(t *testing.T) {
	t.Parallel()
	b := victim(t)
	mallory := b.join("mallory", "--add", "default", "other")
	text := parseFile(t, b.read())
	s := text.Find("other")
	signer := b.signer(b.read(), "other")
	for i := range s.Recipients {
		if s.Recipients[i].Name == "mallory" {
			s.Recipients[i].Wrap = append([]byte("not "), s.Recipients[i].Wrap...)
		}
	}
	s.Revision++
	seal(text, s, signer)
	b.write(format.Marshal(text))
	r := b.run("", "verify")
	if r.code != 6 || !strings.Contains(r.stderr, `wrap of "mallory"`) {
		t.Errorf("verify: %d %s", r.code, r.stderr)
	}
	if r := b.ok("x", "set", "NEW", "-"); !strings.Contains(r.stderr, `"other"`) || !strings.Contains(r.stderr, `wrap of "mallory"`) {
		t.Errorf("not named: %s", r.stderr)
	}
	b.ok("", "rotate")
	r = b.ok("", "--yes", "rekey", "-p", "default", "--remove", "mallory")
	mallory.write(b.read())
	if r := mallory.run("", "get", "ONE"); r.code == 0 {
		t.Errorf("mallory reads what is new: %s", r.stdout)
	}
	if r := b.run("", "--yes", "rekey", "-p", "other", "--add", "x=age1lggyhqrw2nlhcxprm67z43rta597azn8gknawjehu9d9dl0jq3yqqvfafg"); r.code != 6 {
		t.Errorf("the spoiled section is written: %d %s", r.code, r.stderr)
	}
}
