package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/racetest"
)

// attack replaces the known file with another one.
type attack struct {
	name    string
	profile string // the profile to open
	change  func(s *siege) []byte
	// read and write are the exit codes of get and set: 0 stands for 6, -1 for success. env
	// exits with 125 if get fails. pinned is that of get with CREDFILE_TRUST alone.
	read, write, pinned int
	fine                string // a profile that the attack does not affect
}

// siege is what the attackers of a file have.
type siege struct {
	t            *testing.T
	me           *box // a writer of all profiles
	left         *box // a writer of default until the rotation
	old, now     []byte
	otherOnly    *box // a writer of other only
	f            *format.File
	deflt, other *format.Profile
}

func (s *siege) bytes() []byte { return format.Marshal(s.f) }

var continuityAttacks = []attack{
	{name: "row 4: a whole older profile, never accepted here, under a superseded key", profile: "default", fine: "other",
		change: func(s *siege) []byte {
			old := parseFile(s.t, s.old).Find("default")
			old.Revision = 99
			seal(s.f, old, s.left.signer(s.old, "default"))
			*s.deflt = *old
			return s.bytes()
		}},
	{name: "row 4: a whole older profile, which was accepted here before", profile: "default", read: -1, write: 5, pinned: 125, fine: "other",
		change: func(s *siege) []byte {
			*s.deflt = *parseFile(s.t, s.old).Find("default")
			return s.bytes()
		}},
	{name: "row 8: the profile replaced, same id, for the same recipients", profile: "default", fine: "other",
		change: func(s *siege) []byte {
			p, signer := forged(s.t, s.deflt)
			*s.deflt = *p
			seal(s.f, s.deflt, signer)
			return s.bytes()
		}},
	{name: "row 8: the profile replaced under another id", profile: "default", fine: "other",
		change: func(s *siege) []byte {
			p, signer := forged(s.t, s.deflt)
			p.ID[0] ^= 1
			*s.deflt = *p
			seal(s.f, s.deflt, signer)
			return s.bytes()
		}},
	{name: "row 8: with a forged vouched line", profile: "default", fine: "other",
		change: func(s *siege) []byte {
			p, signer := forged(s.t, s.deflt)
			p.Vouched = []format.Vouched{vouchBy(s.f, p, s.deflt.Key, publicOf(signer), signer)}
			*s.deflt = *p
			seal(s.f, s.deflt, signer)
			return s.bytes()
		}},
	{name: "row 8: a forged vouched line in a section that the command does not use", profile: "other", fine: "default",
		change: func(s *siege) []byte {
			p, signer := forged(s.t, s.other)
			p.Vouched = []format.Vouched{vouchBy(s.f, p, s.deflt.Key, publicOf(signer), signer)}
			*s.other = *p
			seal(s.f, s.other, signer)
			return s.bytes()
		}},
	{name: "row 8: the file replaced, same file-id", profile: "other",
		change: func(s *siege) []byte {
			for _, p := range []*format.Profile{s.deflt, s.other} {
				n, signer := forged(s.t, p)
				n.ID[1] ^= 1
				*p = *n
				seal(s.f, p, signer)
			}
			return s.bytes()
		}},
	{name: "row 8: the file replaced, another file-id", profile: "default",
		change: func(s *siege) []byte {
			s.f.ID[0] ^= 1
			for _, p := range []*format.Profile{s.deflt, s.other} {
				n, signer := forged(s.t, p)
				*p = *n
				seal(s.f, p, signer)
			}
			return s.bytes()
		}},
	{name: "row 8: a profile of one's own", profile: "zz", fine: "default",
		change: func(s *siege) []byte {
			p, signer := forged(s.t, s.other)
			p.Name, p.ID = "zz", format.ID{1}
			seal(s.f, p, signer)
			s.f.Profiles = append(s.f.Profiles, p)
			return s.bytes()
		}},
	{name: "row 8: a profile disappears", profile: "other", fine: "default",
		change: func(s *siege) []byte {
			s.f.Profiles = s.f.Profiles[:1]
			return s.bytes()
		}},
	{name: "row 8a: a writer of one profile gives it another's name", profile: "default",
		change: func(s *siege) []byte {
			s.other.Name = "default"
			seal(s.f, s.other, s.otherOnly.signer(s.now, "other"))
			s.f.Profiles = []*format.Profile{s.other}
			return s.bytes()
		}},
	{name: "row 8a: and adds a new one of that name, vouched for", profile: "default", fine: "other",
		change: func(s *siege) []byte {
			voucher := s.otherOnly.signer(s.now, "other")
			p, signer := forged(s.t, s.deflt)
			p.ID = format.ID{2}
			p.Vouched = []format.Vouched{vouchBy(s.f, p, s.other.Key, publicOf(signer), voucher)}
			seal(s.f, p, signer)
			s.f.Profiles = []*format.Profile{p, s.other}
			return s.bytes()
		}},
	{name: "row 8b: a removed block with a key made up on the spot", profile: "other", fine: "default",
		change: func(s *siege) []byte {
			removedBy(s.f, s.other, newSigner())
			return s.bytes()
		}},
	{name: "row 8b: a removed block with another name", profile: "default",
		change: func(s *siege) []byte {
			removedBy(s.f, s.other, s.otherOnly.signer(s.now, "other"))
			s.f.Removed[0].Name = "default2"
			return s.bytes()
		}},
	{name: "row 8b: a removed block under a superseded key", profile: "default", fine: "other",
		change: func(s *siege) []byte {
			removedBy(s.f, s.deflt, s.left.signer(s.old, "default"))
			return s.bytes()
		}},
	{name: "row 8c: a superseded key vouches for a new profile", profile: "zz", fine: "default",
		change: func(s *siege) []byte {
			left := s.left.signer(s.old, "default")
			p, signer := forged(s.t, s.other)
			p.Name, p.ID = "zz", format.ID{3}
			p.Vouched = []format.Vouched{vouchBy(s.f, p, publicOf(left), publicOf(signer), left)}
			seal(s.f, p, signer)
			s.f.Profiles = append(s.f.Profiles, p)
			return s.bytes()
		}},
	{name: "row 10: a fork under the old signing key", profile: "default", fine: "other",
		change: func(s *siege) []byte {
			old := parseFile(s.t, s.old).Find("default")
			old.Recipients = append(old.Recipients, format.Recipient{Name: "zz", String: aliceRecipient, Wrap: old.Recipients[0].Wrap})
			old.Revision = 77
			seal(s.f, old, s.left.signer(s.old, "default"))
			*s.deflt = *old
			return s.bytes()
		}},
}

// Attackers replace the file or a profile with an older version, a forgery, a profile of
// another name, a removal or a fork. The victims are a reader and a writer, on a machine
// that knows the file and on one that only has CREDFILE_TRUST.
func TestContinuity(t *testing.T) {
	t.Parallel()
	racetest.Skip(t)
	me := victim(t)
	s := &siege{me: me}
	s.left = me.join("left", "--add", "default")
	s.otherOnly = me.join("only", "--add", "other")
	reader := me.join("reader", "--add-reader", "default", "other")
	s.old = me.read()
	me.ok("", "get", "ONE")
	reader.write(s.old)
	reader.ok("", "get", "ONE")
	reader.ok("", "-p", "other", "get", "ONE")
	s.now = me.rotated(s.old, "default")
	pinBox := newBox(t) // prints the pins and knows nothing else
	pinBox.write(s.now)
	pinBox.ok("", "--yes", "trust")
	pins := "CREDFILE_TRUST=" + strings.TrimSpace(pinBox.ok("", "trust", "--print").stdout)
	for _, c := range continuityAttacks {
		t.Run(c.name, func(t *testing.T) {
			s.t, s.f = t, parseFile(t, s.now)
			s.deflt, s.other = s.f.Find("default"), s.f.Find("other")
			file := c.change(s)
			for _, v := range []struct {
				name string
				box  *box
			}{{"writer", me}, {"reader", reader}} {
				b := v.box
				b.t = t
				b.write(s.now)
				b.ok("", "get", "ONE") // it has seen the newest version
				b.write(file)
				b.besieged(v.name+" with memory", c, or6(c.read), or6(c.write))
				if c.fine != "" {
					b.ok("", "-p", c.fine, "get", "ONE")
				}
				if r := b.run("", "verify"); r.code != 6 && c.read == 0 && !strings.Contains(r.stderr, "warning") {
					t.Errorf("verify: exit code %d\n%s", r.code, r.stderr)
				}
				b.asCI(pins, func() { b.besieged(v.name+" with CREDFILE_TRUST", c, 6, 6) })
				if b == reader {
					b.with(func() { b.besieged(v.name+" with both", c, 6, or6(c.write)) }, pins)
				} else {
					b.with(func() { b.unaware(c) }, "XDG_STATE_HOME="+t.TempDir())
				}
			}
		})
	}
}

func or6(code int) int {
	switch code {
	case 0:
		return 6
	case -1:
		return 0
	}
	return code
}

// asCI runs f on a machine that has only CREDFILE_TRUST.
func (b *box) asCI(pins string, f func()) {
	b.with(f, pins, "XDG_STATE_HOME="+b.t.TempDir())
}

// with runs f with additional environment variables.
func (b *box) with(f func(), env ...string) {
	saved := b.env
	b.env = append(append([]string{}, b.env...), env...)
	f()
	b.env = saved
}

// unaware writes on a machine that knows nothing. The machine can't detect the attack, but
// it must say that it trusts the file on first use.
func (b *box) unaware(c attack) {
	b.t.Helper()
	before := b.read()
	r := b.run("x", "-p", c.profile, "set", "NEW", "-")
	if r.code == 0 && len(firstUse.FindAllString(r.stderr, -1)) != 1 || r.code != 0 && !bytes.Equal(before, b.read()) {
		b.t.Errorf("a machine that knows nothing: exit code %d\n%s", r.code, r.stderr)
	}
	b.write(before)
}

// besieged opens the profile with each kind of command.
func (b *box) besieged(who string, c attack, read, write int) {
	b.t.Helper()
	before := b.read()
	for _, x := range []struct {
		code  int
		stdin string
		args  []string
	}{
		{read, "", []string{"get", "ONE"}},
		{env125(read), "", []string{"env", "--", "true"}},
		{write, "x", []string{"set", "NEW", "-"}},
		{write, "", []string{"rekey", "--add", "x=" + aliceRecipient}},
		{write, "NEW=x", []string{"import", "--from", "dotenv", "-"}},
	} {
		r := b.run(x.stdin, append([]string{"-p", c.profile, "--yes"}, x.args...)...)
		if r.code != x.code {
			b.t.Errorf("%s: %q: exit code %d, want %d\n%s", who, x.args, r.code, x.code, r.stderr)
		}
		if r.code != 0 && (r.stdout != "" || strings.Contains(r.stderr, canary)) {
			b.t.Errorf("%s: %q: something came out: %q", who, x.args, r.stdout)
		}
	}
	if !bytes.Equal(before, b.read()) {
		b.t.Errorf("%s: the file was written", who)
		b.write(before)
	}
}

func env125(code int) int {
	if code == 0 {
		return 0
	}
	return 125
}

// Row 8: an attacker has deleted a profile. Commands that act on all profiles refuse the file.
func TestGoneDuringRekey(t *testing.T) {
	b := victim(t)
	whole := b.read()
	f := parseFile(t, whole)
	f.Profiles = f.Profiles[:1]
	cut := format.Marshal(f)
	b.write(cut)
	r := b.run("", "rekey", "--all", "--add", "x="+aliceRecipient)
	if r.code != 6 || !strings.Contains(r.stderr, `profile "other" is missing`) || !bytes.Equal(b.read(), cut) {
		t.Errorf("exit code %d\n%s", r.code, r.stderr)
	}
	for _, args := range [][]string{{"rotate", "--all"}, {"rekey", "--remove", "me", "--yes"}} {
		if r := b.run("", args...); r.code != 6 || !strings.Contains(r.stderr, `profile "other" is missing`) || !bytes.Equal(b.read(), cut) {
			t.Errorf("%q: exit code %d\n%s", args, r.code, r.stderr)
		}
	}
	if r := b.ok("", "rekey", "-p", "default", "--add", "x="+aliceRecipient); !strings.Contains(r.stderr, "warning") {
		t.Errorf("no warning: %s", r.stderr)
	}
}

// Row 8e: the attacker puts a file of their own nearer to the working directory. It is refused even
// if --file names it.
func TestNearerFile(t *testing.T) {
	b := victim(t)
	git := filepath.Join(b.dir, ".git")
	if err := os.Mkdir(git, 0o755); err != nil {
		t.Fatal(err)
	}
	b.forget()
	b.ok("", "get", "ONE") // now in a repository
	mallory := newBox(t)
	mallory.ok("", "init", "-r", "me="+parseFile(t, b.read()).Find("default").Recipients[0].String)
	sub := filepath.Join(b.dir, "sub")
	if err := os.Mkdir(sub, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(sub, defaultFile), mallory.read(), 0o644); err != nil {
		t.Fatal(err)
	}
	b.dir = sub
	for _, args := range [][]string{{"set", "STRIPE_KEY", "-"}, {"get", "ONE"}, {"-f", defaultFile, "get", "ONE"}, {"verify"}} {
		r := b.run("a real value", args...)
		if r.code != 6 || !strings.Contains(r.stderr, "in place of .credentials.age, which this machine knows") {
			t.Errorf("%q: exit code %d\n%s", args, r.code, r.stderr)
		}
	}
	if !bytes.Equal(b.read(), mallory.read()) {
		t.Error("the file was written")
	}
	// The user can still approve it.
	if r := b.run("", "--yes", "trust"); r.code != 0 {
		t.Errorf("trust: %s", r.stderr)
	}
	b.ok("a real value", "set", "STRIPE_KEY", "-")
}

func TestSupersededIsNotRemembered(t *testing.T) {
	me := victim(t)
	left := me.join("left", "--add", "default")
	old := me.read()
	now := me.rotated(old, "default")
	me.write(now)
	me.ok("", "get", "ONE")
	f := parseFile(t, old)
	f.Find("default").Revision = 50
	seal(f, f.Find("default"), left.signer(old, "default"))
	me.write(format.Marshal(f))
	for range 2 {
		if r := me.run("", "get", "ONE"); r.code != 6 {
			t.Errorf("exit code %d\n%s", r.code, r.stderr)
		}
		if r := me.run("", "--allow-superseded", "get", "ONE"); r.stdout != canary+"-1" {
			t.Errorf("%d %s", r.code, r.stderr)
		}
		if r := me.run("x", "--allow-superseded", "set", "ONE", "-"); r.code != 6 {
			t.Errorf("a write: exit code %d\n%s", r.code, r.stderr)
		}
	}
	me.env = append(me.env, "CREDFILE_ALLOW_SUPERSEDED=1")
	me.ok("", "env", "--", "true")
}

// A removed profile is restored. A machine that accepted these very bytes can read it;
// other bytes need trust. The first write then gives it new keys, which colleagues accept
// without trust.
func TestRestored(t *testing.T) {
	me := victim(t)
	colleague := me.join("colleague", "--add", "default", "other")
	before := me.read()
	me.ok("", "-p", "other", "get", "ONE")
	f := parseFile(t, before)
	removedBy(f, f.Find("other"), me.signer(before, "other"))
	gone := format.Marshal(f)
	for _, b := range []*box{me, colleague} {
		b.write(gone)
		b.honest("", "get", "ONE")
		if r := b.run("", "-p", "other", "get", "ONE"); r.code != 4 {
			t.Errorf("removed: exit code %d\n%s", r.code, r.stderr)
		}
	}
	me.write(before)
	if got := me.ok("", "-p", "other", "get", "ONE").stdout; got != canary+"-4" {
		t.Errorf("as it was: %q", got)
	}
	if r := me.run("x", "-p", "other", "set", "ONE", "-"); r.code != 5 {
		t.Errorf("as it was, a write: exit code %d\n%s", r.code, r.stderr)
	}
	f = parseFile(t, before)
	signer := me.signer(before, "other")
	f.Find("other").Revision = 40
	seal(f, f.Find("other"), signer)
	back := format.Marshal(f)
	me.write(back)
	if r := me.run("", "-p", "other", "get", "ONE"); r.code != 6 || !strings.Contains(r.stderr, "was removed and has been restored") {
		t.Errorf("other bytes: exit code %d\n%s", r.code, r.stderr)
	}
	me.ok("", "--yes", "-p", "other", "trust")
	me.ok("x", "-p", "other", "set", "ONE", "-")
	after := parseFile(t, me.read()).Find("other")
	if after.Key == f.Find("other").Key || len(after.Vouched) != 2 || after.Vouched[0].Key != f.Find("default").Key || after.Vouched[1].Key != f.Find("other").Key || after.Revision != 41 {
		t.Errorf("no new key: revision %d, %d lines", after.Revision, len(after.Vouched))
	}
	me.ok("y", "-p", "other", "set", "ONE", "-")
	if again := parseFile(t, me.read()).Find("other"); again.Key != after.Key {
		t.Error("and one more at the next write")
	}
	colleague.write(me.read())
	if got := colleague.honest("", "-p", "other", "get", "ONE"); got != "y" {
		t.Errorf("a colleague reads %q", got)
	}
	colleague.ok("z", "-p", "other", "set", "ONE", "-") // the first write on this machine
	// Its old removed block no longer counts.
	colleague.write(gone)
	if r := colleague.run("", "-p", "other", "get", "ONE"); r.code != 6 || !strings.Contains(r.stderr, "is missing") {
		t.Errorf("the old block: exit code %d\n%s", r.code, r.stderr)
	}
}

// Recipients are only copied from approved profiles, and a damaged profile is not used.
func TestRekeyLooksAtOthers(t *testing.T) {
	b := victim(t)
	b.ok("", "rekey", "-p", "other", "--add", "bob="+aliceRecipient)
	original := b.read()
	f := parseFile(t, original)
	p, signer := forged(t, f.Find("other"))
	*f.Find("other") = *p
	seal(f, f.Find("other"), signer)
	b.write(format.Marshal(f))
	for _, args := range [][]string{{"rekey", "--add", "bob"}, {"profile", "add", "new", "--like", "other"}} {
		if r := b.run("", args...); r.code != 6 || !bytes.Equal(b.read(), format.Marshal(f)) {
			t.Errorf("%q: exit code %d\n%s", args, r.code, r.stderr)
		}
	}
	f = parseFile(t, original)
	f.Find("other").Revision++
	damaged := format.Marshal(f)
	b.write(damaged)
	for _, args := range [][]string{{"rekey", "-p", "other", "--add", "carol=" + aliceRecipient}, {"profile", "add", "new", "--like", "other"},
		{"profile", "add", "new", "-p", "other"}} {
		if r := b.run("", args...); r.code != 6 || !bytes.Equal(b.read(), damaged) {
			t.Errorf("damaged: %q: exit code %d\n%s", args, r.code, r.stderr)
		}
	}
	// Someone who spoils one profile can't hold up the writers of another.
	for _, args := range [][]string{{"rekey", "--add", "carol=" + aliceRecipient}, {"profile", "add", "new"}} {
		if r := b.ok("", args...); !strings.Contains(r.stderr, `profile "other"`) || !strings.Contains(r.stderr, "invalid signature") {
			t.Errorf("damaged: %q: %s", args, r.stderr)
		}
	}
	b.ok("x", "set", "ONE", "-") // this wraps no key
}

// A write gets a higher revision than any seen before, on any branch.
func TestRevisions(t *testing.T) {
	b := victim(t)
	branch := b.read()
	for range 3 {
		b.ok("", "rename", "ONE", "X")
		b.ok("", "rename", "X", "ONE")
	}
	seen := parseFile(t, b.read()).Find("default").Revision
	b.write(branch)
	b.ok("here", "set", "TWO", "-")
	if got := parseFile(t, b.read()).Find("default").Revision; got != seen+1 {
		t.Errorf("revision %d, want %d", got, seen+1)
	}
}
