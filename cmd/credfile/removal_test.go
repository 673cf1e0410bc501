//go:build linux

package main

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"filippo.io/age"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/racetest"
)

// elsewhere returns the same machine with another file in another place, and no memory.
func (b *box) elsewhere(file []byte) *box {
	b.t.Helper()
	c := *b
	c.dir = b.t.TempDir()
	c.env = append(slices.Clone(b.env), "XDG_STATE_HOME="+b.t.TempDir())
	c.write(file)
	return &c
}

// sopsTamperings are the eleven changes that were tried on sops 3.13.3, which accepts nine
// of them, translated to this format.
var sopsTamperings = []struct {
	name   string
	change func(text string, f *format.File) string
}{
	{"1 a name that is not encrypted is changed", func(text string, _ *format.File) string {
		return strings.Replace(text, "credential ONE ", "credential EVIL ", 1)
	}},
	{"2 bytes move across the border of two fields", func(text string, _ *format.File) string {
		return strings.Replace(strings.Replace(text, "credential ONE ", "credential ONET ", 1), "credential TWO ", "credential WO ", 1)
	}},
	{"3 the type of a sealed value is changed", func(text string, f *format.File) string {
		i := strings.Index(text, "credential ONE ")
		line, _, _ := strings.Cut(text[i:], "\n")
		return strings.Replace(text, line, "comment "+line[strings.LastIndexByte(line, ' ')+1:], 1)
	}},
	{"4 garbage behind a sealed value", func(text string, _ *format.File) string {
		i := strings.Index(text, "credential ONE ")
		end := i + strings.IndexByte(text[i:], '\n')
		return text[:end] + "AAAA" + text[end:]
	}},
	{"5 a recipient's key is replaced, before a rotation", substituted},
	{"6 a credential with an empty value is deleted", func(text string, _ *format.File) string {
		i := strings.Index(text, "credential EMPTY ")
		return text[:i] + text[i+strings.IndexByte(text[i:], '\n')+1:]
	}},
	{"7 a credential with an empty value is added", func(text string, _ *format.File) string {
		i := strings.Index(text, "credential EMPTY ")
		line := text[i : i+strings.IndexByte(text[i:], '\n')+1]
		return text[:i] + line + strings.Replace(line, "EMPTY", "OTHER", 1) + text[i+len(line):]
	}},
	{"8 the whole file is replaced, for the same recipients", nil},
	{"9 a sealed value is replaced by nothing", func(text string, _ *format.File) string {
		i := strings.Index(text, "credential ONE ")
		line, _, _ := strings.Cut(text[i:], "\n")
		return strings.Replace(text, line, line[:strings.LastIndexByte(line, ' ')], 1)
	}},
	{"10 a comment in clear is injected", func(text string, _ *format.File) string {
		return strings.Replace(text, "credential ONE ", "comment use host attacker.example\ncredential ONE ", 1)
	}},
	{"11 a recipient's key is replaced, before a value is set", substituted},
}

func substituted(text string, f *format.File) string {
	bob := f.Find("default").Recipients[0].String
	return strings.Replace(text, bob, aliceRecipient, 1)
}

// No command that reads or writes the profile accepts any of the eleven tamperings. A
// substitution followed by a rotation gives the attacker nothing.
func TestSopsEleven(t *testing.T) {
	t.Parallel()
	racetest.Skip(t)
	b := victim(t)
	b.ok("", "set", "EMPTY", "--from-file", os.DevNull, "--allow-empty")
	bob := b.join("bob", "--add", "default", "other")
	original := bob.read()
	if n := len(sopsTamperings); n != 11 {
		t.Fatalf("%d tamperings", n)
	}
	for _, c := range sopsTamperings {
		t.Run(c.name, func(t *testing.T) {
			bob.t = t
			f := parseFile(t, original)
			var forgedFile []byte
			if c.change == nil {
				s, signer := forged(t, f.Find("default"))
				s.Former = nil
				f.Profiles = []*format.Profile{s}
				seal(f, s, signer)
				forgedFile = format.Marshal(f)
			} else if forgedFile = []byte(c.change(string(original), f)); bytes.Equal(forgedFile, original) {
				t.Fatal("nothing was changed")
			}
			bob.write(forgedFile)
			for _, args := range [][]string{{"rotate"}, {"rotate", "--all"}, {"rekey", "--remove", "me", "--yes"}, {"set", "ONE", "-"}, {"set", "NEW", "-"},
				{"get", "ONE"}, {"rekey", "--writer", "me"}, {"verify"}, {"env", "--", "true"}} {
				want := 6
				if args[0] == "env" {
					want = 125
				}
				if r := bob.run("a new secret", args...); r.code != want || r.stdout != "" {
					t.Errorf("%q: exit code %d, %q\n%s", args, r.code, r.stdout, r.stderr)
				}
			}
			if !bytes.Equal(bob.read(), forgedFile) {
				t.Error("the file was written")
			}
			bob.write(original)
			bob.ok("", "get", "ONE")
		})
	}
}

// Row 9: someone who was removed opens nothing that is written later, whatever they kept of older
// files.
func TestRemovedIsOut(t *testing.T) {
	t.Parallel()
	racetest.Skip(t)
	b := victim(t)
	bob := b.join("bob", "--add", "default", "other")
	colleague := b.join("carol", "--add", "default", "other")
	old := b.read()
	b.ok("", "rekey", "--remove", "bob")
	b.ok("after", "set", "LATER", "-")
	now := b.read()
	colleague.write(now)
	colleague.honest("", "get", "ONE")

	// Bob's old line in the new file, unsigned and then signed with the old key.
	f, was := parseFile(t, now), parseFile(t, old).Find("default")
	s := f.Find("default")
	i := slices.IndexFunc(was.Recipients, func(r format.Recipient) bool { return r.Name == "bob" })
	s.Recipients = slices.Insert(s.Recipients, 0, was.Recipients[i])
	spliced := format.Marshal(f)
	for _, who := range []*box{b, colleague, bob} {
		who.write(spliced)
		if r := who.run("", "get", "LATER"); r.code != 6 || r.stdout != "" {
			t.Errorf("spliced: exit code %d\n%s", r.code, r.stderr)
		}
	}
	seal(f, s, bob.signer(old, "default"))
	signed := format.Marshal(f)
	colleague.write(signed)
	if r := colleague.run("x", "set", "NEW", "-"); r.code != 6 || !bytes.Equal(colleague.read(), signed) {
		t.Errorf("signed with the old key: exit code %d\n%s", r.code, r.stderr)
	}
	// Bob can unwrap the old key by hand, but it is no longer the profile's key.
	if r := bob.elsewhere(signed).run("", "get", "LATER"); r.code != 6 || r.stdout != "" {
		t.Errorf("he opens it with his old wrap: exit code %d, %q\n%s", r.code, r.stdout, r.stderr)
	}
	if r := bob.elsewhere(now).run("", "get", "LATER"); r.code != 3 {
		t.Errorf("the new file: exit code %d\n%s", r.code, r.stderr)
	}
	if got := bob.elsewhere(old).ok("", "get", "ONE").stdout; got != canary+"-1" {
		t.Errorf("the old file is his for ever, and this says otherwise: %q", got)
	}

	// Bob continues the old version of the file.
	fork := bob.elsewhere(old)
	fork.ok("evil", "set", "ONE", "-")
	fork.ok("", "rotate")
	for _, who := range []*box{b, colleague} {
		who.write(fork.read())
		if r := who.run("x", "set", "NEW", "-"); r.code != 6 {
			t.Errorf("a fork: exit code %d\n%s", r.code, r.stderr)
		}
		who.write(now)
	}

	// Bob's old key vouches for a forged profile in the newest file, also on a machine that
	// has not seen the removal.
	f = parseFile(t, now)
	p, signer := forged(t, f.Find("other"))
	p.Name, p.ID = "zz", format.ID{1}
	oldSigner := bob.signer(old, "default")
	p.Vouched = []format.Vouched{vouchBy(f, p, publicOf(oldSigner), publicOf(signer), oldSigner)}
	seal(f, p, signer)
	f.Profiles = append(f.Profiles, p)
	b.write(old)
	late := b.elsewhere(old)
	late.ok("", "get", "ONE")
	for _, who := range []*box{colleague, late} {
		who.write(format.Marshal(f))
		if r := who.run("x", "-p", "zz", "set", "NEW", "-"); r.code != 6 {
			t.Errorf("a profile that the old key vouches for: exit code %d\n%s", r.code, r.stderr)
		}
		if r := who.run("", "get", "LATER"); r.code != 0 {
			t.Errorf("the others: exit code %d\n%s", r.code, r.stderr)
		}
	}
}

// Row 10a: an attacker uses an old lock from git history with the old passphrase.
func TestChangedPassphrase(t *testing.T) {
	racetest.Skip(t)
	t.Parallel()
	b := newBox(t)
	oldPass, newPass := b.secretFile("old", "the old one"), b.secretFile("new", "the new one")
	b.ok("", "init", "--name", "me")
	b.ok("before", "set", "ONE", "-")
	b.ok("", "rekey", "--passphrase", "bob", "--kdf", lowKDF, "--allow-weak", "--new-passphrase-file", oldPass)
	old := b.read()
	b.ok("", "rekey", "--passphrase", "bob", "--kdf", lowKDF, "--allow-weak", "--new-passphrase-file", newPass)
	b.ok("after", "set", "ONE", "-")
	now := b.read()
	outside := func(file []byte) *box {
		c := b.elsewhere(file)
		c.env = append(c.env, "XDG_CONFIG_HOME="+t.TempDir())
		return c
	}
	if r := outside(now).run("", "--passphrase-file", oldPass, "get", "ONE"); r.code != 3 {
		t.Errorf("the old passphrase: exit code %d\n%s", r.code, r.stderr)
	}
	if got := outside(now).ok("", "--passphrase-file", newPass, "get", "ONE").stdout; got != "after" {
		t.Errorf("the new passphrase: %q", got)
	}
	if got := outside(old).ok("", "--passphrase-file", oldPass, "get", "ONE").stdout; got != "before" {
		t.Errorf("history: %q", got)
	}
	// The old lock's line is refused in the new file, and its identity is no recipient.
	f, was := parseFile(t, now), parseFile(t, old).Find("default")
	s := f.Find("default")
	s.Recipients[0] = was.Recipients[0]
	if r := outside(format.Marshal(f)).run("", "--passphrase-file", oldPass, "get", "ONE"); r.code != 6 {
		t.Errorf("the old lock: exit code %d\n%s", r.code, r.stderr)
	}
	if was.Recipients[0].String == parseFile(t, now).Find("default").Recipients[0].String {
		t.Error("the identity is the same")
	}
	// With only the old message, the lock is not one of this recipient.
	f = parseFile(t, now)
	s = f.Find("default")
	s.Recipients[0].Message = was.Recipients[0].Message
	seal(f, s, b.signer(now, "default"))
	if r := outside(format.Marshal(f)).run("", "--passphrase-file", oldPass, "get", "ONE"); r.code != 6 || r.stdout != "" {
		t.Errorf("the old message: exit code %d\n%s", r.code, r.stderr)
	}
}

// Row 13: an attacker adds hundreds of locks, so that trying a passphrase on all of them takes
// long. Only the lock that --as names is derived.
func TestManyLocks(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	pass := b.secretFile("pass", "bob's")
	b.ok("", "init", "--name", "me")
	b.ok("", "rekey", "--passphrase", "bob", "--kdf", lowKDF, "--allow-weak", "--new-passphrase-file", pass)
	f := parseFile(t, b.read())
	s := f.Find("default")
	bob := s.Recipients[0]
	for i := range 250 {
		id, err := age.GenerateX25519Identity()
		if err != nil {
			t.Fatal(err)
		}
		r := bob
		r.Name, r.String = fmt.Sprintf("c%03d", i), id.Recipient().String()
		r.Message = append(bytes.Clone(r.Message[:len(r.Message)-1]), byte(i))
		s.Recipients = append(s.Recipients, r)
	}
	slices.SortFunc(s.Recipients, func(a, b format.Recipient) int { return strings.Compare(a.Name, b.Name) })
	seal(f, s, b.signer(b.read(), "default"))
	b.write(format.Marshal(f))
	c := b.elsewhere(b.read())
	c.env = append(c.env, "XDG_CONFIG_HOME="+t.TempDir())
	if n, r := c.counted("--passphrase-file", pass, "get", "ONE"); len(n) != 0 || r.code != 3 {
		t.Errorf("%d derivations, exit code %d\n%s", len(n), r.code, r.stderr)
	}
	if n, r := c.counted("--passphrase-file", pass, "--as", "bob", "get", "ONE"); len(n) != 1 || r.code != 4 {
		t.Errorf("%d derivations, exit code %d\n%s", len(n), r.code, r.stderr)
	}
}

// A removed profile, restored from an older commit, gets new keys with the next write. Its
// old removal record no longer counts.
func TestRemovedAndBack(t *testing.T) {
	t.Parallel()
	racetest.Skip(t)
	b := victim(t)
	carol := b.join("carol", "--add", "default", "other")
	before := b.read()
	b.ok("", "--yes", "profile", "remove", "other")
	removed := b.read()
	if strings.Contains(string(removed), "\nprofile other ") || !strings.Contains(string(removed), "\nremoved other ") {
		t.Fatal("it is there still, or leaves nothing")
	}
	carol.write(removed)
	carol.honest("", "get", "ONE")
	for _, who := range []*box{b, carol} {
		who.write(before)
		if r := who.run("", "-p", "other", "get", "ONE"); r.code != 0 { // as accepted before
			t.Errorf("read: exit code %d\n%s", r.code, r.stderr)
		}
		if r := who.run("x", "-p", "other", "set", "ONE", "-"); r.code != 5 {
			t.Errorf("write: exit code %d\n%s", r.code, r.stderr)
		}
	}
	b.ok("", "--yes", "-p", "other", "trust")
	b.ok("restored", "-p", "other", "set", "ONE", "-")
	restored := b.read()
	carol.write(restored)
	if got := carol.honest("", "-p", "other", "get", "ONE"); got != "restored" {
		t.Errorf("a colleague reads %q", got)
	}
	// The old record is put back.
	f := parseFile(t, restored)
	f.Profiles = slices.DeleteFunc(f.Profiles, func(s *format.Profile) bool { return s.Name == "other" })
	f.Removed = parseFile(t, removed).Removed
	carol.write(format.Marshal(f))
	if r := carol.run("", "-p", "other", "get", "ONE"); r.code != 6 || !strings.Contains(r.stderr, "is missing") {
		t.Errorf("the old record: exit code %d\n%s", r.code, r.stderr)
	}
	// The record has another name, or a newly generated key.
	for name, change := range map[string]func(r *format.Removed){
		"another name": func(r *format.Removed) { r.Name = "default" },
		"another key":  func(r *format.Removed) { r.Key = publicOf(newSigner()) },
	} {
		f := parseFile(t, removed)
		change(&f.Removed[0])
		carol.write(format.Marshal(f))
		if r := carol.run("", "get", "ONE"); r.code != 6 {
			t.Errorf("%s: exit code %d\n%s", name, r.code, r.stderr)
		}
	}
}

// When a voucher is removed, another profile vouches instead.
func TestVoucherIsRemoved(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	b.ok("", "init", "--name", "me", "-p", "a")
	b.ok("", "-p", "a", "profile", "add", "b")
	late := b.join("carol", "--add", "a", "b")
	b.ok("", "-p", "a", "profile", "add", "c", "--only-me")
	b.ok("", "-p", "a", "profile", "add", "d", "--like", "b")
	b.ok("", "--yes", "profile", "remove", "a")
	late.write(b.read())
	// A machine that has never seen d accepts it because b vouches for it.
	if r := late.run("", "-p", "d", "env", "--", "true"); r.code != 0 && r.code != 125 || strings.Contains(r.stderr, "vouches") {
		t.Errorf("exit code %d\n%s", r.code, r.stderr)
	}
	f := parseFile(t, b.read())
	for _, s := range f.Profiles {
		vouched := slices.ContainsFunc(s.Vouched, func(v format.Vouched) bool {
			return v.For == s.Key && slices.ContainsFunc(f.Profiles, func(o *format.Profile) bool { return o != s && o.Key == v.Key })
		})
		if !vouched {
			t.Errorf("no living profile vouches for %s", s.Name)
		}
	}
}

// Row 8d: a later write by someone who can write both profiles renews a replaced voucher.
func TestStaleVoucher(t *testing.T) {
	t.Parallel()
	b := victim(t)
	bob := b.join("bob", "--add", "default")
	was := parseFile(t, bob.read()).Find("default").Key
	bob.ok("", "rotate") // bob can't write other, for which the old key vouches
	if s := parseFile(t, bob.read()).Find("other"); !hasLineBy(s, was) {
		t.Fatal("other has another voucher")
	}
	b.write(bob.read())
	b.ok("x", "-p", "other", "set", "NEW", "-")
	f := parseFile(t, b.read())
	if !hasLineBy(f.Find("other"), f.Find("default").Key) {
		t.Error("the new key does not vouch for other")
	}
	after := b.read()
	b.ok("x", "-p", "other", "set", "NEW", "-") // unchanged
	if !bytes.Equal(after, b.read()) {
		t.Error("and is written again")
	}
	b.ok("y", "set", "NEW", "-")
	if n := len(parseFile(t, b.read()).Find("default").Vouched); n != 1 {
		t.Errorf("default has %d vouched lines", n)
	}
}

// hasLineBy reports whether a profile has a line by the key.
func hasLineBy(s *format.Profile, key format.Key) bool {
	return slices.ContainsFunc(s.Vouched, func(v format.Vouched) bool { return v.Key == key })
}
