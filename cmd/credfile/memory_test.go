//go:build linux

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/credfile/credfile/format"
)

// Memory learns what was read or written, but no unsaved change. Here the first write to a
// restored profile rotates it, and then another profile is opened.
func TestUnsavedIsNotLearned(t *testing.T) {
	b := victim(t)
	phrase := b.secretFile("phrase", "correct horse battery staple of many words")
	b.ok("", "profile", "add", "second", "--passphrase", "me", "--new-passphrase-file", phrase, "--kdf", lowKDF, "--allow-weak")
	whole := b.read()
	f := parseFile(t, whole)
	removedBy(f, f.Find("other"), b.signer(whole, "other"))
	b.write(format.Marshal(f))
	b.ok("", "get", "ONE")
	f = parseFile(t, whole)
	f.Find("other").Revision = 40
	seal(f, f.Find("other"), b.signer(whole, "other"))
	b.write(format.Marshal(f))
	b.ok("", "--yes", "-p", "other", "trust")
	b.ok("", "--passphrase-file", phrase, "rekey", "-p", "other", "-p", "second", "--add", "x="+aliceRecipient)
	b.ok("y", "-p", "other", "set", "ONE", "-")
	b.honest("z", "-p", "other", "set", "ONE", "-")
}

// Row 9a: a former writer of a removed profile still has the key that removed it. Neither that key
// nor the line of the first voucher brings the profile back.
func TestBroughtBack(t *testing.T) {
	me := victim(t)
	colleague := me.join("colleague", "--add", "default", "other")
	before := me.read()
	colleague.write(before)
	f := parseFile(t, before)
	first, key := f.Find("other"), me.signer(before, "other")
	if len(first.Vouched) == 0 || first.Vouched[0].Key != f.Find("default").Key {
		t.Fatal("its first voucher is gone")
	}
	me.ok("", "--yes", "profile", "remove", "other")
	gone := me.read()
	pins := "CREDFILE_TRUST=" + strings.TrimSpace(me.ok("", "trust", "--print").stdout)
	c := attack{profile: "other", fine: "default"}
	for _, rotate := range []bool{false, true} {
		now := gone
		if rotate {
			now = me.rotated(gone, "default")
		}
		f := parseFile(t, now)
		p, signer := forged(t, first)
		p.Revision = 90
		p.Vouched = append([]format.Vouched{vouchBy(f, p, publicOf(key), publicOf(signer), key)}, first.Vouched...)
		seal(f, p, signer)
		f.Removed = nil
		f.Profiles = append(f.Profiles, p)
		for _, b := range []*box{me, colleague} {
			b.write(now)
			b.ok("", "get", "ONE")
			b.write(format.Marshal(f))
			b.besieged("with memory", c, 6, 6)
			b.with(func() { b.besieged("with both", c, 6, 6) }, pins)
			b.asCI(pins, func() { b.besieged("with CREDFILE_TRUST", c, 6, 6) })
			b.honest("", "get", "ONE")
		}
	}
}

// A damaged record of a repository affects more than one file, and the hint says so.
func TestDamagedRecord(t *testing.T) {
	b := victim(t)
	b.git("init", "-q")
	b.ok("", "get", "ONE")
	records, err := filepath.Glob(filepath.Join(b.home, ".local", "state", "credfile", "trust", "repository-*"))
	if err != nil || len(records) != 1 {
		t.Fatal(records, err)
	}
	if err := os.WriteFile(records[0], []byte("rubbish\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if r := b.run("", "get", "ONE"); r.code != 6 || !strings.Contains(r.stderr, "the known paths of every file in the repository") {
		t.Errorf("exit code %d\n%s", r.code, r.stderr)
	}
	b.ok("", "--yes", "trust", "--forget")
	b.honest("", "get", "ONE")
}

// A warning appears once for each state, and again when the state changes. verify always
// repeats it, and --quiet only postpones it.
func TestWarnedOnce(t *testing.T) {
	b := victim(t)
	whole := b.read()
	cut := func(file []byte) []byte {
		f := parseFile(t, file)
		f.Profiles = f.Profiles[:1]
		return format.Marshal(f)
	}
	warned := func(what string, want int, args ...string) {
		t.Helper()
		if r := b.ok("", args...); strings.Count(r.stderr, "warning") != want {
			t.Errorf("%s: %s", what, r.stderr)
		}
	}
	b.write(cut(whole))
	warned("quiet", 0, "-q", "get", "ONE")
	warned("a profile is gone", 1, "get", "ONE")
	warned("the same", 0, "get", "ONE")
	warned("the same, for a write", 0, "rename", "ONE", "X")
	warned("who verifies", 1, "verify")
	b.write(whole)
	warned("an older profile", 1, "get", "ONE")
	warned("the same", 0, "env", "--", "true")
	b.ok("", "-p", "other", "rename", "ONE", "X")
	b.write(cut(b.read()))
	warned("another state of what is gone", 1, "get", "ONE")
	warned("the same", 0, "get", "ONE")
	if r := b.run("", "--strict", "get", "ONE"); r.code != 6 {
		t.Errorf("--strict: exit code %d\n%s", r.code, r.stderr)
	}
}
