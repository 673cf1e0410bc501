//go:build unix

package main

import (
	"crypto/ed25519"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/credfile/credfile/format"
)

// reviewed is a repository with a file of two profiles, at main, as a writer left it.
func reviewed(t *testing.T) (b *box, text []byte) {
	b = victim(t)
	b.sh(`git config --global user.email me@example.org && git config --global user.name me && git config --global init.defaultBranch main
git init -q . && git add .credentials.age && git commit -qm begin && git checkout -qb side`)
	return b, b.read()
}

// against runs verify --against on a machine that knows nothing, and returns the reasons.
func (b *box) against(args ...string) (code int, reasons string) {
	b.t.Helper()
	clean := *b
	clean.env = append(slices.Clone(b.env), "HOME="+b.t.TempDir())
	r := clean.run("", append([]string{"--json", "verify", "--against"}, args...)...)
	var doc struct {
		Findings []struct{ Kind, Reason, Profile string }
	}
	if r.stdout != "" {
		if err := json.Unmarshal([]byte(r.stdout), &doc); err != nil {
			b.t.Fatal(err)
		}
	}
	var list []string
	for _, f := range doc.Findings {
		list = append(list, f.Profile+" "+f.Kind+" "+f.Reason)
	}
	if strings.Contains(r.stdout+r.stderr, canary) {
		b.t.Error("a value came out")
	}
	return r.code, strings.Join(list, "; ")
}

// without removes a profile without a record.
func without(f *format.File, name string) *format.Profile {
	s := f.Find(name)
	f.Profiles = slices.DeleteFunc(f.Profiles, func(p *format.Profile) bool { return p == s })
	return s
}

// with adds a profile, in the order of the file.
func with(f *format.File, s *format.Profile) {
	f.Profiles = append(f.Profiles, s)
	slices.SortFunc(f.Profiles, func(a, b *format.Profile) int { return strings.Compare(a.Name, b.Name) })
}

// Rows 5, 6, 8, 8a, 8b and 8c: what a pull request can hold that no writer made.
func TestForgedPullRequests(t *testing.T) {
	t.Parallel()
	b, before := reviewed(t)
	replaced := b.signer(before, "default") // superseded below
	b.ok("", "rotate")
	b.ok("", "-p", "other", "set", "TWO", "--generate")
	b.ok("", "profile", "add", "gone")
	b.ok("", "--yes", "profile", "remove", "gone")
	b.sh("git commit -qam rotated && git checkout -q main && git merge -q side && git checkout -q side")
	text := b.read()
	signer, other := b.signer(text, "default"), b.signer(text, "other")
	made := func(f *format.File, name string) (*format.Profile, ed25519.PrivateKey) {
		s, mallory := forged(t, f.Find("default"))
		s.Name, s.ID = name, format.ID{7}
		return s, mallory
	}
	for _, c := range []struct {
		name, want string
		change     func(f *format.File)
	}{
		{"a recipient's key replaced", "", func(f *format.File) { f.Find("default").Recipients[0].String = aliceRecipient }},
		{"a profile replaced", "default refused foreign", func(f *format.File) {
			s, mallory := forged(t, without(f, "default"))
			seal(f, s, mallory)
			with(f, s)
		}},
		{"a line that the known key did not sign", "", func(f *format.File) {
			was := without(f, "default")
			s, mallory := forged(t, was)
			s.Vouched = []format.Vouched{vouchBy(f, s, was.Key, publicOf(mallory), mallory)}
			seal(f, s, mallory)
			with(f, s)
		}},
		{"the key before, which was replaced", "default refused superseded", func(f *format.File) {
			s := f.Find("default")
			s.Vouched, s.Revision = nil, s.Revision+1
			seal(f, s, replaced)
		}},
		{"a profile of another id", "default refused name; default refused gone", func(f *format.File) {
			s, mallory := made(f, "default")
			without(f, "default")
			seal(f, s, mallory)
			with(f, s)
		}},
		{"one renamed over another", "default refused name; default refused gone", func(f *format.File) {
			without(f, "default")
			s := without(f, "other")
			s.Name, s.Revision = "default", s.Revision+1
			seal(f, s, other)
			with(f, s)
		}},
		{"a new profile", "new refused unvouched", func(f *format.File) {
			s, mallory := made(f, "new")
			seal(f, s, mallory)
			with(f, s)
		}},
		{"a new profile and a replaced key's line", "new refused unvouched", func(f *format.File) {
			s, mallory := made(f, "new")
			s.Vouched = []format.Vouched{vouchBy(f, s, publicOf(replaced), publicOf(mallory), replaced)}
			seal(f, s, mallory)
			with(f, s)
		}},
		{"a new profile and a known key's line", "", func(f *format.File) {
			s, mallory := made(f, "new")
			s.Vouched = []format.Vouched{vouchBy(f, s, publicOf(signer), publicOf(mallory), signer)}
			seal(f, s, mallory)
			with(f, s)
		}},
		{"a missing profile", "other refused gone", func(f *format.File) { without(f, "other") }},
		{"a removal by a key made up for it", "other refused gone; other refused record", func(f *format.File) { removedBy(f, f.Find("other"), newSigner()) }},
		{"a removal by a replaced key", "default refused gone; default refused record", func(f *format.File) { removedBy(f, f.Find("default"), replaced) }},
		{"a removal by a writer", "", func(f *format.File) { removedBy(f, f.Find("other"), other) }},
		{"a removal of what never was", "never refused record", func(f *format.File) {
			s, mallory := made(f, "never")
			removedBy(f, s, mallory)
		}},
		{"a record that is gone", "gone refused no-record", func(f *format.File) { f.Removed = nil }},
		{"the same revision, signed again", "default behind ", func(f *format.File) {
			s := f.Find("default")
			s.Entries = s.Entries[1:]
			seal(f, s, signer)
		}},
	} {
		f := parseFile(t, text)
		c.change(f)
		slices.SortFunc(f.Removed, func(a, b format.Removed) int {
			return strings.Compare(format.Base64.EncodeToString(a.ID[:]), format.Base64.EncodeToString(b.ID[:]))
		})
		b.write(format.Marshal(f))
		want := 6
		switch {
		case strings.Contains(c.want, "behind"):
			want = 5
		case c.want == "" && (strings.Contains(c.name, "known key's line") || strings.Contains(c.name, "by a writer")):
			want = 0
		}
		if code, found := b.against("main"); code != want || found != c.want {
			t.Errorf("%s: exit code %d, want %d: %q, want %q", c.name, code, want, found, c.want)
		}
	}
}

// Row 8e: with two merge bases, a section that equals that of one of them does not pass.
func TestCrissCross(t *testing.T) {
	t.Parallel()
	b, _ := reviewed(t)
	b.sh("GIT_COMMITTER_DATE=2099-01-01T00:00:00Z git commit -q --allow-empty -m side && git checkout -q main")
	b.ok("", "rotate")
	b.sh(`git commit -qam rotated && git branch one && git checkout -q side
git merge -q --no-edit one && git checkout -q side~ .credentials.age && git commit -qm evil --amend
git checkout -q main && git merge -q --no-edit side~ && test "$(git merge-base --all main side | wc -l)" = 2`)
	if code, found := b.against("main", "--rev", "side"); code != 6 || found != "default refused superseded; other restored " {
		t.Errorf("exit code %d: %s", code, found)
	}
	if code, found := b.against("main", "--rev", "side~"); code != 0 {
		t.Errorf("untouched since the merge base: exit code %d: %s", code, found)
	}
}

// A profile that was added to the receiving branch meanwhile is not missing, and the work of someone
// who changed another one passes.
func TestAddedMeanwhile(t *testing.T) {
	t.Parallel()
	b, text := reviewed(t)
	b.sh("git checkout -q main")
	b.ok("", "profile", "add", "late")
	b.sh("git commit -qam late && git checkout -q side")
	b.ok("", "-p", "other", "set", "TWO", "--generate")
	if code, found := b.against("main"); code != 0 {
		t.Errorf("exit code %d: %s", code, found)
	}
	b.sh("git commit -qam other && git checkout -q main && git checkout -qb next")
	b.write(text)
	if code, found := b.against("main"); code != 6 || !strings.Contains(found, "late refused gone") {
		t.Errorf("exit code %d: %s", code, found)
	}
}
