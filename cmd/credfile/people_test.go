package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// git runs git, which must succeed.
func (b *box) git(args ...string) string {
	b.t.Helper()
	r := b.exec(exec.Command("git", args...), "")
	if r.code != 0 {
		b.t.Fatalf("git %q: exit code %d\n%s%s", args, r.code, r.stdout, r.stderr)
	}
	return r.stdout
}

// person returns the machine of a person with a clone of the repository.
func person(t *testing.T, name, bare string) *box {
	b := newBox(t)
	b.env = append(b.env, "GIT_AUTHOR_NAME="+name, "GIT_COMMITTER_NAME="+name, "GIT_AUTHOR_EMAIL="+name+"@example.org",
		"GIT_COMMITTER_EMAIL="+name+"@example.org", "GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=user.email", "GIT_CONFIG_VALUE_0="+name)
	b.git("clone", "-q", bare, "repo")
	b.dir = filepath.Join(b.dir, "repo")
	return b
}

func (b *box) commit(message string) {
	b.t.Helper()
	b.git("add", "-A")
	b.git("commit", "-q", "-m", message)
}

// firstUse matches the message about the first use of a file.
var firstUse = regexp.MustCompile(`(?m)^First use of .* on this machine: trusting its [0-9]+ profiles?\. To compare fingerprints: credfile trust\n`)

// honest runs credfile, which must succeed without a word about trust.
func (b *box) honest(stdin string, args ...string) string {
	b.t.Helper()
	r := b.ok(stdin, args...)
	for _, word := range []string{"trust", "warning"} {
		if strings.Contains(firstUse.ReplaceAllString(r.stderr, ""), word) {
			b.t.Errorf("credfile %q speaks of %q:\n%s", args, word, r.stderr)
		}
	}
	return r.stdout
}

// Three people with a HOME each and one bare repository join, work, branch, merge another's
// profile and clone again. They are never asked about trust.
func TestThreePeople(t *testing.T) {
	t.Parallel()
	bare := filepath.Join(t.TempDir(), "bare.git")
	if out, err := exec.Command("git", "init", "-q", "--bare", "-b", "main", bare).CombinedOutput(); err != nil {
		t.Skipf("git: %v %s", err, out)
	}
	alice, bob, carol := person(t, "alice", bare), person(t, "bob", bare), person(t, "carol", bare)

	// Alice begins.
	alice.git("checkout", "-q", "-b", "main")
	alice.honest("", "init")
	alice.honest(canary+"-1", "set", "ONE", "-")
	alice.honest("", "profile", "add", "staging")
	alice.honest(canary+"-2", "-p", "staging", "set", "TWO", "-")
	alice.commit("begin")
	alice.git("push", "-q", "-u", "origin", "main")

	// Bob creates an identity and commits its recipient. Alice gives Bob access.
	bob.git("pull", "-q", "origin", "main")
	if r := bob.run("", "get", "ONE"); r.code != 3 || !strings.Contains(r.stderr, "ask alice to run: credfile rekey -p default --add-reader") {
		t.Errorf("before he joins: %d\n%s", r.code, r.stderr)
	}
	bob.honest("", "keygen", "-o", filepath.Join(bob.home, "bob.txt"))
	bob.env = append(bob.env, "CREDFILE_AGE_KEY_FILE="+filepath.Join(bob.home, "bob.txt"))
	pub, err := os.ReadFile(filepath.Join(bob.home, "bob.pub"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(bob.dir, "bob.pub"), pub, 0o644); err != nil {
		t.Fatal(err)
	}
	bob.commit("bob's key")
	bob.git("push", "-q", "origin", "HEAD:main")
	alice.git("pull", "-q")
	alice.honest("", "rekey", "--add", "bob=@bob.pub")
	alice.honest("", "rekey", "-p", "staging", "--add-reader", "bob")
	alice.commit("bob joins")
	alice.git("push", "-q")

	// Bob can read both profiles and write one.
	bob.git("pull", "-q", "origin", "main")
	if got := bob.honest("", "get", "ONE"); got != canary+"-1" {
		t.Errorf("bob reads %q", got)
	}
	if r := bob.run("x", "-p", "staging", "set", "TWO", "-"); r.code != 3 {
		t.Errorf("a reader writes: %d\n%s", r.code, r.stderr)
	}

	// Carol is a reader of staging only, can list everything, and opens nothing else.
	r := carol.ok("", "keygen", "--name", "carol")
	alice.honest(r.stdout, "rekey", "-p", "staging", "--add-reader", "carol=-")
	alice.commit("carol joins")
	alice.git("push", "-q")
	carol.git("pull", "-q", "origin", "main")
	if got := carol.honest("", "-p", "staging", "get", "TWO"); got != canary+"-2" {
		t.Errorf("carol reads %q", got)
	}
	if got := carol.honest("", "list", "-p", "default"); !strings.Contains(got, "ONE") || strings.Contains(got, canary) {
		t.Errorf("carol lists %q", got)
	}
	if r := carol.run("", "get", "ONE"); r.code != 3 || r.stdout != "" {
		t.Errorf("carol reads default: %d %q", r.code, r.stdout)
	}
	for _, args := range [][]string{{"set", "TWO", "-"}, {"unset", "TWO"}, {"rename", "TWO", "X"}, {"rekey", "--add", "x=" + aliceRecipient}} {
		if r := carol.run("x", append([]string{"-p", "staging"}, args...)...); r.code != 3 {
			t.Errorf("carol %q: exit code %d\n%s", args, r.code, r.stderr)
		}
	}

	// Two branches change two profiles, and git merges them by itself.
	bob.git("pull", "-q", "origin", "main")
	bob.git("checkout", "-q", "-b", "work")
	bob.honest(canary+"-3", "set", "ONE", "-")
	bob.honest("", "profile", "add", "review")
	bob.honest(canary+"-4", "-p", "review", "set", "FOUR", "-")
	bob.commit("work")
	bob.git("push", "-q", "origin", "work")
	alice.honest(canary+"-5", "-p", "staging", "set", "TWO", "-")
	alice.commit("staging")
	alice.git("fetch", "-q")
	alice.git("merge", "-q", "-m", "merge", "origin/work")
	alice.honest("", "verify")
	for _, want := range []struct{ profile, name, value string }{{"default", "ONE", "-3"}, {"staging", "TWO", "-5"}, {"review", "FOUR", "-4"}} {
		if got := alice.honest("", "-p", want.profile, "get", want.name); got != canary+want.value {
			t.Errorf("after the merge: %s %q", want.name, got)
		}
	}
	alice.git("push", "-q")

	// Older branches and commits can be read without an answer, but may cause a message.
	bob.git("checkout", "-q", "--detach", "HEAD~2")
	bob.ok("", "env", "--", "true")
	bob.git("checkout", "-q", "work")
	bob.honest("", "get", "ONE")
	bob.git("worktree", "add", "-q", filepath.Join(bob.home, "tree"), "origin/main")
	tree := *bob
	tree.dir = filepath.Join(bob.home, "tree")
	tree.ok("", "get", "ONE")

	// A new clone, on a machine that knows the file and on one that doesn't.
	bob.dir = filepath.Dir(bob.dir)
	bob.git("clone", "-q", bare, "again")
	bob.dir = filepath.Join(bob.dir, "again")
	bob.honest("", "get", "ONE")
	bob.forget()
	bob.honest("", "get", "ONE")
	bob.forget()
	if r := bob.ok("v", "set", "NEW", "-"); len(firstUse.FindAllString(r.stderr, -1)) != 1 {
		t.Errorf("a first write: %s", r.stderr)
	}
	bob.honest("w", "set", "NEW", "-")
}

// A rotation arrives with an ordinary commit. Going back past it on a machine that has
// never seen the older sections needs the flag.
func TestRotationInGit(t *testing.T) {
	t.Parallel()
	bare := filepath.Join(t.TempDir(), "bare.git")
	if out, err := exec.Command("git", "init", "-q", "--bare", "-b", "main", bare).CombinedOutput(); err != nil {
		t.Skipf("git: %v %s", err, out)
	}
	alice := person(t, "alice", bare)
	alice.git("checkout", "-q", "-b", "main")
	alice.honest("", "init")
	alice.honest(canary+"-1", "set", "ONE", "-")
	alice.commit("begin")
	old := alice.read()
	alice.write(alice.rotated(old, "default"))
	alice.commit("rotate")
	alice.git("push", "-q", "-u", "origin", "main")
	alice.honest("", "get", "ONE")
	alice.git("checkout", "-q", "HEAD~1")
	if got := alice.ok("", "get", "ONE").stdout; got != canary+"-1" {
		t.Errorf("accepted here before: %q", got)
	}
	if r := alice.run("x", "set", "ONE", "-"); r.code != 5 || !strings.Contains(r.stderr, "merge the newer version first") {
		t.Errorf("exit code %d\n%s", r.code, r.stderr)
	}

	again := person(t, "alice", bare)
	if err := os.CopyFS(filepath.Join(again.home, ".config"), os.DirFS(filepath.Join(alice.home, ".config"))); err != nil {
		t.Fatal(err)
	}
	again.honest("", "get", "ONE")
	again.git("checkout", "-q", "HEAD~1")
	if r := again.run("", "get", "ONE"); r.code != 6 || !strings.Contains(r.stderr, "--allow-superseded") {
		t.Errorf("exit code %d\n%s", r.code, r.stderr)
	}
	if got := again.ok("", "--allow-superseded", "get", "ONE").stdout; got != canary+"-1" {
		t.Errorf("with the flag: %q", got)
	}
}

// A container without state, and CI with a home that is read-only.
func TestNoState(t *testing.T) {
	b := victim(t)
	for _, env := range [][]string{
		{"HOME="}, {"XDG_STATE_HOME=/dev/null/x"}, {"XDG_STATE_HOME=/proc/nope"},
	} {
		c := *b
		c.env = append(append([]string{}, b.env...), env...)
		c.env = append(c.env, "CREDFILE_AGE_KEY_FILE="+filepath.Join(b.home, ".config", "credfile", "identities.txt"))
		if r := c.run("", "get", "ONE"); r.code != 0 || r.stdout != canary+"-1" || r.stderr != "" {
			t.Errorf("%q: exit code %d %q\n%s", env, r.code, r.stdout, r.stderr)
		}
		if r := c.run("", "-v", "get", "ONE"); r.code != 0 || !strings.Contains(r.stderr, "can't remember the file") {
			t.Errorf("%q -v: exit code %d\n%s", env, r.code, r.stderr)
		}
	}
}
