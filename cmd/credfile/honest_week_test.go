//go:build unix

package main

import (
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/credfile/credfile/internal/racetest"
)

// team is three people with a HOME each, and one bare repository.
type team struct {
	t                 *testing.T
	bare              string
	alice, bob, carol *box
	first             map[string]int // number of first-use messages, by home and file
	told              map[string]int // number of times that a warning appeared, by home
}

// services are the directories in the team's repository at first, each with its own file.
// The root has none.
var services = []string{"api", "web", "db", "jobs"}

func newTeam(t *testing.T) *team {
	t.Helper()
	w := &team{t: t, bare: filepath.Join(t.TempDir(), "bare.git"), first: map[string]int{}, told: map[string]int{}}
	if out, err := exec.Command("git", "init", "-q", "--bare", "-b", "main", w.bare).CombinedOutput(); err != nil {
		t.Skipf("git: %v %s", err, out)
	}
	w.alice, w.bob, w.carol = person(t, "alice", w.bare), person(t, "bob", w.bare), person(t, "carol", w.bare)
	w.alice.git("checkout", "-q", "-b", "main")
	add := []string{"rekey"}
	for name, b := range map[string]*box{"bob": w.bob, "carol": w.carol} {
		b.honest("", "keygen", "--name", name)
		add = append(add, "--add", name+"=@"+filepath.Join(b.home, ".config", "credfile", name+".pub"))
	}
	for _, s := range services {
		dir := "services/" + s
		w.use(w.alice, dir, "init")
		w.use(w.alice, dir, "set", "ONE", "-")
		w.use(w.alice, dir, add...)
	}
	w.alice.commit("begin")
	w.alice.git("push", "-q", "-u", "origin", "main")
	for _, b := range []*box{w.bob, w.carol} {
		b.git("fetch", "-q")
		b.git("checkout", "-q", "-f", "-b", "main", "-t", "origin/main")
	}
	return w
}

func (w *team) everybody() []*box { return []*box{w.alice, w.bob, w.carol} }

func (w *team) push(b *box, message string) {
	w.t.Helper()
	b.commit(message)
	b.git("pull", "-q", "--no-rebase", "--no-edit", "origin", "main")
	b.git("push", "-q", "origin", "HEAD:main")
}

// pull merges what the others pushed.
func (w *team) pull(bs ...*box) {
	w.t.Helper()
	for _, b := range bs {
		b.git("pull", "-q", "--no-rebase", "--no-edit", "origin", "main")
	}
}

// noise matches the message that CI needs new pins, which is no question.
var (
	noise        = regexp.MustCompile(`(?m)^where you set CREDFILE_TRUST \(CI\).*\n  \S+\n`)
	firstUseOf   = regexp.MustCompile(`First use of (.*) on this machine`)
	anotherThere = regexp.MustCompile(`(?m)^There used to be another repository at .*\n`)
	olderWarning = regexp.MustCompile(`(?m)^credfile: warning: .* (is older than the version this machine last saw|is missing, and the file has no record of its removal).*\n`)
)

// show prints what the user would have read.
func (w *team) show(b *box, dir string, args []string, r result) {
	if os.Getenv("CREDFILE_SHOW") == "1" {
		w.t.Logf("%s in %s$ credfile %s\n%s", who(b), dir, strings.Join(args, " "), r.stderr)
	}
}

func who(b *box) string {
	for _, kv := range b.env {
		if name, ok := strings.CutPrefix(kv, "GIT_AUTHOR_NAME="); ok {
			return name
		}
	}
	return "somebody"
}

// use runs credfile in a directory of a person's clone. There must be no question, and only
// one first-use message for a file and a machine.
func (w *team) use(b *box, dir string, args ...string) string {
	w.t.Helper()
	b = b.in(dir)
	r := b.run("value", args...)
	w.show(b, dir, args, r)
	if r.code != 0 {
		w.t.Errorf("%s in %s: %q: exit code %d\n%s", who(b), dir, args, r.code, r.stderr)
		return ""
	}
	if m := firstUseOf.FindStringSubmatch(r.stderr); m != nil {
		path := m[1]
		if !filepath.IsAbs(path) {
			root := strings.TrimSpace(b.git("rev-parse", "--show-toplevel")) // the path in the repository
			path = filepath.Join(root, path)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			w.t.Fatal(err)
		}
		id := parseFile(w.t, data).ID
		key := b.home + " " + hex.EncodeToString(id[:])
		if w.first[key]++; w.first[key] > 1 {
			w.t.Errorf("%s in %s: %q: a first use is told once more\n%s", who(b), dir, args, r.stderr)
		}
	}
	rest := noise.ReplaceAllString(anotherThere.ReplaceAllString(firstUse.ReplaceAllString(r.stderr, ""), ""), "")
	for _, line := range olderWarning.FindAllString(rest, -1) {
		key := b.home + " " + b.dir + " " + b.git("rev-parse", "HEAD") + line
		if w.told[key]++; w.told[key] > 1 {
			w.t.Errorf("%s in %s: %q: told once more\n%s", who(b), dir, args, line)
		}
	}
	if rest = olderWarning.ReplaceAllString(rest, ""); strings.Contains(rest, "trust") || strings.Contains(rest, "warning") {
		w.t.Errorf("%s in %s: %q: a question\n%s", who(b), dir, args, r.stderr)
	}
	return r.stdout
}

// works is ordinary work in a service: read a value, and run a program with it.
func (w *team) works(b *box, dirs ...string) {
	w.t.Helper()
	for _, dir := range dirs {
		w.use(b, dir, "get", "ONE")
		w.use(b, dir, "env", "--", "true")
	}
}

// asked expects one refusal, which a single credfile trust ends.
func (w *team) asked(b *box, dir, says string) {
	w.t.Helper()
	b = b.in(dir)
	r := b.run("", "get", "ONE")
	w.show(b, dir, []string{"get", "ONE"}, r)
	if r.code != 6 || !strings.Contains(r.stderr, says) || !strings.Contains(r.stderr, "if you expected it: credfile trust") {
		w.t.Errorf("%s in %s: exit code %d, want 6 and %q\n%s", who(b), dir, r.code, says, r.stderr)
	}
	w.show(b, dir, []string{"trust"}, b.ok("", "--yes", "trust"))
	w.works(b, ".")
}

func below(dir string, names ...string) (paths []string) {
	for _, name := range names {
		paths = append(paths, dir+"/"+name)
	}
	return paths
}

// A week of a team that works, moves files, clones, and loses a member. It is only asked
// about files that were really replaced.
func TestHonestWeek(t *testing.T) {
	t.Parallel()
	racetest.Skip(t)
	w := newTeam(t)
	for _, day := range []struct {
		name string
		work func(*team)
	}{
		{"Monday: branches", (*team).monday},
		{"Tuesday: moves", (*team).tuesday},
		{"Wednesday: new services and rotation", (*team).wednesday},
		{"Thursday: clones", (*team).thursday},
		{"Friday: CI, containers, somebody leaves", (*team).friday},
	} {
		t.Run(day.name, func(t *testing.T) {
			w.t = t
			for _, b := range w.everybody() {
				b.t = t
			}
			day.work(w)
		})
	}
}

func (w *team) monday() {
	for _, b := range w.everybody() {
		w.works(b, below("services", services...)...)
		w.works(b, "services/api/src/deep")
	}
	w.bob.git("checkout", "-q", "-b", "feature")
	w.use(w.bob, "services/web", "set", "TWO", "-")
	w.use(w.bob, "services/web", "profile", "add", "review")
	w.bob.commit("feature")
	w.bob.git("push", "-q", "origin", "feature")
	w.use(w.carol, "services/api", "profile", "add", "staging")
	w.use(w.carol, "services/api", "-p", "staging", "set", "ONE", "-")
	w.push(w.carol, "staging")
	w.use(w.alice, "services/web", "set", "THREE", "-")
	w.push(w.alice, "three")
	w.alice.git("fetch", "-q")
	if r := w.alice.exec(exec.Command("git", "merge", "-q", "--no-edit", "origin/feature"), ""); r.code != 0 {
		w.alice.git("checkout", "-q", "--theirs", "services/web/.credentials.age") // both wrote the same profile
		w.alice.commit("merge")
	}
	w.alice.git("push", "-q", "origin", "HEAD:main")
	w.bob.git("checkout", "-q", "main")
	w.pull(w.bob, w.carol)
	for _, b := range w.everybody() {
		w.works(b, below("services", services...)...)
		w.use(b, "services/api", "-p", "staging", "get", "ONE")
	}
}

func (w *team) tuesday() {
	w.alice.sh("git clean -fdq; git mv services apps")
	w.works(w.alice, "apps/api")
	w.push(w.alice, "services are apps now")
	w.bob.git("checkout", "-q", "feature")
	w.works(w.bob, below("services", "web", "db")...)
	w.bob.git("checkout", "-q", "main")
	w.pull(w.bob, w.carol)
	for _, b := range w.everybody() {
		w.works(b, below("apps", services...)...)
	}
	w.bob.git("checkout", "-q", "feature")
	w.works(w.bob, below("services", "web", "db")...)
	w.bob.git("checkout", "-q", "main")

	w.carol.sh("git clean -fdq; git mv apps/jobs workers")
	w.use(w.carol, "workers", "set", "TWO", "-")
	w.push(w.carol, "workers")
	w.pull(w.alice, w.bob)
	w.works(w.alice, "workers")
	w.works(w.bob, "workers/src")

	// Swapped, and swapped back before any use.
	const swap = "mv apps/api x; mv apps/web apps/api; mv x apps/web"
	w.bob.sh(swap)
	w.bob.sh(swap)
	w.works(w.bob, "apps/api", "apps/web")
	// With a use in between, both files need approval, there and back.
	for range 2 {
		w.bob.sh(swap)
		w.asked(w.bob, "apps/api", "has been swapped")
		w.asked(w.bob, "apps/web", "has been swapped")
	}
	w.works(w.bob, "apps/db")
}

func (w *team) wednesday() {
	w.use(w.alice, "apps/mail", "init")
	w.use(w.alice, "apps/mail", "set", "ONE", "-")
	people := []string{"rekey"}
	for _, b := range []*box{w.bob, w.carol} {
		people = append(people, "--add", who(b)+"=@"+filepath.Join(b.home, ".config", "credfile", who(b)+".pub"))
	}
	w.use(w.alice, "apps/mail", people...)
	w.push(w.alice, "mail")
	w.pull(w.bob)
	w.works(w.bob, "apps/mail")
	w.use(w.bob, "apps/mail", "profile", "add", "staging")
	w.use(w.bob, "apps/mail", "-p", "staging", "set", "ONE", "-")
	w.push(w.bob, "mail, staging")

	// The voucher is rotated before carol has used the file.
	w.pull(w.alice)
	w.use(w.alice, "apps/api", "rotate", "--all")
	w.push(w.alice, "rotated")
	w.pull(w.bob, w.carol)
	w.works(w.carol, "apps/mail")
	w.use(w.carol, "apps/mail", "-p", "staging", "get", "ONE")
	w.use(w.carol, "apps/mail", "profile", "add", "eu")
	w.use(w.carol, "apps/mail", "-p", "eu", "set", "ONE", "-")
	w.push(w.carol, "mail, eu")
	w.use(w.carol, "apps/mail", "rotate")
	w.push(w.carol, "mail, rotated")
	w.pull(w.alice, w.bob)
	for _, b := range w.everybody() {
		w.works(b, append(below("apps", "api", "web", "db", "mail"), "workers")...)
		w.use(b, "apps/mail", "-p", "eu", "get", "ONE")
		w.use(b, "apps/api", "-p", "staging", "get", "ONE")
	}

	// A new file in place of an old one needs approval, whoever created it.
	w.carol.sh("rm workers/.credentials.age")
	w.use(w.carol, "workers", "init")
	w.use(w.carol, "workers", "set", "ONE", "-")
	w.use(w.carol, "workers", "rekey", "--add", "alice=@"+alicePub(w), "--add", "bob=@"+filepath.Join(w.bob.home, ".config", "credfile", "bob.pub"))
	w.push(w.carol, "workers, anew")
	w.pull(w.alice, w.bob)
	w.asked(w.alice, "workers", "this machine knows a different file at workers/.credentials.age")
	w.asked(w.bob, "workers", "this machine knows a different file at workers/.credentials.age")

	// Another one by bob, for bob and alice, and beside it a file with a name of its own.
	w.use(w.bob, "apps/push", "init")
	w.use(w.bob, "apps/push", "set", "ONE", "-")
	w.use(w.bob, "apps/push", "rekey", "--add", "alice=@"+alicePub(w))
	w.use(w.bob, "apps/push", "-f", "dev.age", "init")
	w.push(w.bob, "push")
	w.pull(w.alice, w.carol)
	w.works(w.alice, "apps/push")
	w.use(w.alice, "apps/push", "verify")
	w.use(w.carol, "apps/push", "list")
	w.use(w.carol, "apps/push", "-f", "dev.age", "verify")
}

// withoutMemory returns the machine of a container, with a key and nowhere to write.
func withoutMemory(b *box, env ...string) *box {
	c := *b
	c.env = append(append([]string{}, b.env...), "HOME=", "XDG_STATE_HOME=/proc/nope",
		"CREDFILE_AGE_KEY_FILE="+filepath.Join(b.home, ".config", "credfile", "identities.txt"))
	c.env = append(c.env, env...)
	return &c
}
