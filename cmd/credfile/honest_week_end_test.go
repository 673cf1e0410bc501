//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/credfile/credfile/internal/racetest"
)

// clone makes another clone for a person, and returns the box in it.
func (w *team) clone(b *box, source, dir string, flags ...string) *box {
	w.t.Helper()
	c := b.in("..")
	c.git(append(append([]string{"-c", "protocol.file.allow=always", "clone", "-q"}, flags...), source, dir)...)
	return c.in(dir)
}

func (w *team) thursday() {
	all := append(below("apps", "api", "web", "db", "mail"), "workers")

	// New clones, at another path and at the old one.
	w.works(w.clone(w.bob, w.bare, "again"), all...)
	w.bob.in("..").sh("rm -rf repo")
	w.clone(w.bob, w.bare, "repo")
	w.works(w.bob, all...)
	w.use(w.bob, "workers", "set", "FOUR", "-")
	w.push(w.bob, "four")

	// Another project at the old path, with an unknown file of its own.
	other := filepath.Join(filepath.Dir(w.bare), "other.git")
	w.alice.git("clone", "-q", "--bare", w.bare, other)
	w.alice.git("-C", other, "update-ref", "-d", "refs/heads/main")
	maker := newBox(w.t)
	maker.env = append(maker.env, w.alice.env[5:]...)
	maker.ok("", "keygen", "--name", "maker")
	maker.git("init", "-q", "-b", "main")
	maker = maker.in("apps/api")
	maker.ok("", "init", "-r", "maker=@"+filepath.Join(maker.home, ".config", "credfile", "maker.pub"),
		"-r", "carol=@"+filepath.Join(w.carol.home, ".config", "credfile", "carol.pub"))
	maker.ok("1", "set", "ONE", "-")
	maker.commit("other")
	maker.git("push", "-q", other, "HEAD:main")
	w.carol.in("..").sh("mv repo aside")
	w.clone(w.carol, other, "repo")
	r := w.carol.in("apps/api").ok("", "-v", "get", "ONE")
	w.show(w.carol, "apps/api", []string{"-v", "get", "ONE"}, r)
	if !anotherThere.MatchString(r.stderr) || !strings.Contains(r.stderr, "Missing from this one: ") || !firstUse.MatchString(r.stderr) {
		w.t.Errorf("nobody says that this is another one: %s", r.stderr)
	}
	w.works(w.carol, "apps/api")
	w.carol.in("..").sh("rm -rf repo; mv aside repo")
	w.works(w.carol, all...)

	// Moved below another directory and back, and reached by a link.
	w.carol.in("..").sh("mkdir -p src/deep; mv repo src/deep/; ln -s src/deep/repo link")
	w.works(w.carol.in("../src/deep/repo"), all...)
	w.works(w.carol.in("../link"), all...)
	w.carol.in("..").sh("rm link; mv src/deep/repo repo")
	w.works(w.carol, all...)

	// Linked work trees, also of a bare clone.
	w.pull(w.alice, w.carol)
	w.alice.git("worktree", "add", "-q", "../tree", "-b", "tree")
	w.works(w.alice.in("../tree"), all...)
	w.use(w.alice.in("../tree"), "apps/hooks", "init")
	w.use(w.alice.in("../tree"), "apps/hooks", "set", "ONE", "-")
	w.use(w.alice.in("../tree"), "apps/hooks", "rekey", "--add", "bob=@"+filepath.Join(w.bob.home, ".config", "credfile", "bob.pub"))
	w.push(w.alice.in("../tree"), "hooks")
	w.pull(w.alice, w.bob)
	w.works(w.alice, "apps/hooks")
	w.works(w.bob, "apps/hooks")
	w.clone(w.bob, w.bare, "hub", "--bare")
	w.bob.in("../hub").git("worktree", "add", "-q", "../one", "main")
	w.bob.in("../hub").git("worktree", "add", "-q", "-b", "two", "../two", "main")
	w.works(w.bob.in("../one"), all...)
	w.works(w.bob.in("../two"), all...)
	w.bob.in("..").git("init", "-q", "--separate-git-dir", "gits", "apart")
	w.bob.in("../apart").git("pull", "-q", w.bare, "main")
	w.works(w.bob.in("../apart"), all...)

	// A submodule with a file of its own needs one approval where the outer repository is
	// known, and belongs to the first use where it is not.
	w.alice.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", other, "lib")
	maker.dir = filepath.Join(w.alice.dir, "lib", "apps", "api")
	maker.ok("", "rekey", "--add", "alice=@"+alicePub(w))
	w.alice.in("lib").commit("alice")
	w.alice.in("lib").git("push", "-q", other, "HEAD:main")
	w.asked(w.alice, "lib/apps/api", "new in this repository and not approved on this machine")
	w.push(w.alice, "lib")
	fresh := w.carol.another(w.t)
	fresh.forget()
	fresh = w.clone(fresh, w.bare, "with", "--recurse-submodules")
	w.works(fresh, "lib/apps/api", "apps/api")
	w.works(fresh, all...)
	w.works(w.clone(fresh, w.bare, "more", "--recurse-submodules"), append(all, "lib/apps/api")...)
}

// alicePub returns a file with the recipient that alice's first init created.
func alicePub(w *team) string {
	w.t.Helper()
	path := filepath.Join(w.alice.home, "alice.pub")
	s := parseFile(w.t, w.alice.in("apps/api").read()).Find("default")
	for _, r := range s.Recipients {
		if r.Name == "alice" {
			if err := os.WriteFile(path, []byte(r.String+"\n"), 0o644); err != nil {
				w.t.Fatal(err)
			}
		}
	}
	return path
}

func (w *team) friday() {
	w.pull(w.everybody()...)
	file := filepath.Join(w.bob.dir, "apps", "api", defaultFile)

	// A container: no home, nowhere to write, and the file belongs to another user.
	container := withoutMemory(w.bob)
	container.t = w.t
	mounted := filepath.Join(w.t.TempDir(), "credentials.age")
	if out, err := exec.Command("cp", file, mounted).CombinedOutput(); err != nil {
		w.t.Fatal(string(out))
	}
	if os.Geteuid() == 0 {
		os.Chown(mounted, 1000, 1000)
	}
	for _, args := range [][]string{{"get", "ONE"}, {"env", "--", "true"}, {"verify"}} {
		w.use(container, "..", append([]string{"-f", mounted}, args...)...)
	}
	w.works(container, "apps/web")

	// CI: a new clone for each run, and CREDFILE_TRUST.
	pins := strings.TrimSpace(w.use(w.alice, "apps/api", "trust", "--print"))
	for _, dir := range []string{"ci1", "ci2"} {
		ci := withoutMemory(w.clone(w.bob, w.bare, dir), "CREDFILE_TRUST="+pins)
		ci.t = w.t
		w.works(ci, "apps/api")
		w.use(ci, "apps/api", "--strict", "get", "ONE")
		w.use(ci, "apps/api", "-p", "staging", "get", "ONE")
		w.use(ci, "apps/api", "verify")
	}

	// Carol leaves; the others go on.
	for _, dir := range append(below("apps", "api", "web", "db", "mail"), "workers") {
		w.use(w.alice, dir, "--yes", "rekey", "--remove", "carol")
	}
	w.push(w.alice, "carol leaves")
	w.pull(w.bob, w.carol)
	for _, dir := range below("apps", "api", "web", "db", "mail") {
		w.works(w.bob, dir)
		w.use(w.bob, dir, "set", "LAST", "-")
		if r := w.carol.in(dir).run("", "get", "ONE"); r.code != 3 {
			w.t.Errorf("carol in %s: exit code %d\n%s", dir, r.code, r.stderr)
		}
	}
	w.push(w.bob, "last")
	w.pull(w.alice)

	// Older commits that were accepted here, and git bisect.
	log := strings.Fields(w.bob.git("log", "--first-parent", "--format=%H"))
	for _, commit := range log[:min(len(log), 8)] {
		w.bob.git("checkout", "-q", commit)
		w.works(w.bob, "apps/db")
	}
	w.bob.git("checkout", "-q", "main")
	w.bob.git("bisect", "start", "HEAD", "HEAD~6")
	r := w.bob.exec(exec.Command("git", "bisect", "run", "sh", "-c", "cd apps/db && credfile env -- true"), "")
	w.show(w.bob, ".", []string{"(git bisect run)"}, r)
	if r.code != 0 || strings.Contains(r.stderr, "error") {
		w.t.Errorf("bisect: %d %s %s", r.code, r.stdout, r.stderr)
	}
	w.bob.git("bisect", "reset")
	for _, b := range []*box{w.alice, w.bob} {
		w.works(b, append(below("apps", "api", "web", "db", "mail"), "workers")...)
	}
}

// One commit moves all known files, and adds a new one.
func TestNewAfterMove(t *testing.T) {
	t.Parallel()
	racetest.Skip(t)
	for _, c := range []struct {
		name         string
		maker, other []string // what is used between the move and the new file
	}{
		{"both used a moved one", []string{"apps/db"}, []string{"apps/db"}},
		{"the colleague uses the new one first", []string{"apps/db"}, nil},
		{"who moved them makes the new one at once", nil, []string{"apps/api", "apps/web", "apps/db", "apps/jobs"}},
		{"and the colleague uses it first", nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newTeam(t)
			w.works(w.bob, below("services", services...)...)
			w.alice.sh("git mv services apps")
			w.works(w.alice, c.maker...)
			w.use(w.alice, "apps/mail", "init")
			w.use(w.alice, "apps/mail", "set", "ONE", "-")
			w.use(w.alice, "apps/mail", "rekey", "--add", "bob=@"+filepath.Join(w.bob.home, ".config", "credfile", "bob.pub"))
			w.push(w.alice, "moved, and mail")
			w.pull(w.bob)
			w.works(w.bob, c.other...)
			w.works(w.bob, "apps/mail")
		})
	}
}

// All vouchers of a new file are rotated before any colleague has used it.
func TestNewAfterRotation(t *testing.T) {
	t.Parallel()
	racetest.Skip(t)
	w := newTeam(t)
	w.works(w.bob, below("services", services...)...)
	w.use(w.alice, "services/mail", "init")
	w.use(w.alice, "services/mail", "set", "ONE", "-")
	w.use(w.alice, "services/mail", "rekey", "--add", "bob=@"+filepath.Join(w.bob.home, ".config", "credfile", "bob.pub"))
	for i, dir := range below("services", services...) {
		b := w.alice.in(dir)
		r := b.run("", "--yes", "rekey", "--remove", "carol")
		last := i == len(services)-1
		if r.code != 0 || strings.Contains(r.stderr, "mail/.credentials.age rotate") != last {
			t.Errorf("exit code %d\n%s", r.code, r.stderr)
		}
	}
	w.use(w.alice, "services/mail", "rotate") // as the last rekey advised
	w.push(w.alice, "mail, and carol leaves")
	w.pull(w.bob)
	w.works(w.bob, below("services", services...)...)
	w.works(w.bob, "services/mail")
}
