//go:build unix

package main

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/credfile/credfile/format"
)

// Row 10: someone who came and went makes two commits that name neither their own name nor what says
// that they were there. Whoever then reverts one of them is asked.
func TestRevertOfForgedCommit(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	t.Parallel()
	b := newBox(t)
	b.ok("", "init", "--name", "alice")
	b.ok("good", "set", "A", "-")
	b.sh("git init -q -b main; git config user.name Alice; git config user.email alice@example.org; git add .credentials.age; git commit -qm base; git branch feature")
	left := b.join("mallory", "--add", "default")
	with := b.read()
	b.sh("git commit -qam with")
	b.ok("", "rekey", "--remove", "mallory", "--yes")
	b.sh("git commit -qam without")
	former := parseFile(t, b.read()).Find("default").Former
	if len(former) != 1 {
		t.Fatal("no former recipient")
	}
	b.sh("git checkout -q feature")
	for i, value := range []string{"bad", "good"} {
		left.write(with)
		left.ok(value, "set", "A", "-")
		if value == "good" {
			left.ok("other", "set", "B", "-")
		}
		f := parseFile(t, left.read())
		s := f.Find("default")
		s.Former, s.Revision = former, uint64(50+i)
		s.Recipients = s.Recipients[:1] // alice
		for j := range s.Entries {
			if !s.Entries[j].Time.IsZero() {
				s.Entries[j].Time = former[0].Time.AddDate(0, 0, 1)
			}
		}
		seal(f, s, left.signer(with, "default"))
		b.write(format.Marshal(f))
		b.sh("git commit -qam " + value)
	}
	b.sh("git checkout -q main; git merge -q -s ours -m merged feature")
	r := b.run("", "merge", "--revert", "feature")
	if r.code != 5 || !strings.Contains(r.stderr, "A was changed by before") {
		t.Errorf("exit code %d\n%s", r.code, r.stderr)
	}
	if got := b.ok("", "get", "A").stdout; got != "good" {
		t.Errorf("A is %s", got)
	}
}

// Row 9b: someone who left overwrites the file with a version that counts higher. Whoever reverts the
// commit that put the file right gives them no access, and nothing without a question.
func TestRevertOfRepair(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	t.Parallel()
	for _, later := range []bool{false, true} {
		b := newBox(t)
		b.ok("", "init", "--name", "alice")
		b.sh("git init -q -b main; git config user.name Alice; git config user.email alice@example.org; git add .credentials.age; git commit -qm base")
		left := b.join("mallory", "--add", "default")
		with := b.read()
		b.ok("", "rekey", "--remove", "mallory", "--yes")
		b.ok("good", "set", "A", "-")
		b.ok("good", "set", "B", "-")
		b.sh("git commit -qam without; ! grep '^former' .credentials.age")
		good := b.read()
		left.ok("bad", "set", "A", "-")
		f := parseFile(t, left.read())
		f.Find("default").Revision = 50
		seal(f, f.Find("default"), left.signer(with, "default"))
		b.write(format.Marshal(f))
		b.sh("git commit -qam overwritten")
		b.write(good)
		b.sh("git commit -qam repaired")
		if later {
			b.ok("later", "set", "C", "-")
			b.sh("git commit -qam later")
		}
		before := string(b.read())
		r := b.run("", "merge", "--revert", strings.TrimSpace(b.git("rev-parse", ":/repaired")))
		if r.code != 5 || !strings.Contains(r.stderr, "A would get back a value") || string(b.read()) != before {
			t.Errorf("%v: exit code %d\n%s\n%s", later, r.code, r.stderr, b.run("", "recipients").stdout)
		}
	}
}

// Rows 9b and 10: someone who left overwrites the file under the old key, with a revision that counts
// higher. To revert that commit puts the good version back, and seals nothing for them.
func TestRevertOfOverwriting(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	t.Parallel()
	for _, git := range []bool{false, true} {
		b := newBox(t)
		b.ok("", "init", "--name", "alice")
		b.ok("first", "set", "A", "-")
		b.sh("git init -q -b main; git config user.name Alice; git config user.email alice@example.org; git add .credentials.age; git commit -qm base")
		left := b.join("mallory", "--add", "default")
		with := b.read()
		b.ok("", "rekey", "--remove", "mallory", "--yes")
		b.ok("secret", "set", "A", "-")
		b.sh("git commit -qam without")
		good := parseFile(t, b.read()).Find("default")
		left.ok("bad", "set", "A", "-")
		f := parseFile(t, left.read())
		f.Find("default").Revision = 50
		seal(f, f.Find("default"), left.signer(with, "default"))
		b.write(format.Marshal(f))
		b.sh("git commit -qam overwritten")
		rev := strings.TrimSpace(b.git("rev-parse", "HEAD"))
		if git {
			b.git("revert", "--no-edit", "HEAD")
		}
		r := b.run("", "merge", "--revert", rev)
		now := parseFile(t, b.read()).Find("default")
		if r.code != 0 || now.Key != good.Key || now.Revision != 51 || len(now.Recipients) != 1 || b.ok("", "get", "A").stdout != "secret" {
			t.Errorf("%v: exit code %d, revision %d\n%s\n%s", git, r.code, now.Revision, r.stderr, b.run("", "recipients").stdout)
		}
		b.ok("", "git", "hook", "pre-commit")
	}
}
