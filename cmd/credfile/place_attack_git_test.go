//go:build unix

package main

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/racetest"
)

// records returns what is known about repositories.
func (b *box) records() map[string]string {
	all := snapshot(b.t, b.memoryDir())
	maps.DeleteFunc(all, func(path, _ string) bool {
		name := filepath.Base(path)
		return !strings.HasPrefix(name, "repository-") && !strings.HasPrefix(name, "path-")
	})
	return all
}

// unmoved fails if a record has changed.
func (b *box) unmoved(before map[string]string) {
	b.t.Helper()
	after := b.records()
	for path, text := range before {
		if after[path] != text {
			b.t.Errorf("%s was\n%s\nand is\n%s", path, text, after[path])
		}
	}
}

// Row 8f: an archive claims to be a work tree of another repository of the victim. Whatever the
// victim approves in the archive, nothing known about that repository changes.
func TestClaims(t *testing.T) {
	t.Parallel()
	racetest.Skip(t)
	known := newEstate(t).victim
	known.sh("mkdir ../archive; cp FORGED ../archive/.credentials.age")
	for _, c := range []struct{ name, archive string }{
		{"a .git file that names its directory", `echo "gitdir: ../repo/.git" > .git`},
		{"a .git file that names it absolutely", `echo "gitdir: $(cd ../repo; pwd)/.git" > .git`},
		{"a .git file that names a work tree's", `echo "gitdir: ../repo/.git/worktrees/tree" > .git`},
		{"a .git file that names its own directory, with another's commondir", `mkdir wt; echo "gitdir: wt" > .git; echo ../.git > wt/gitdir; echo ../../repo/.git > wt/commondir; echo "ref: refs/heads/main" > wt/HEAD`},
		{"with core.worktree, and the rest by links", `mkdir wt; echo "gitdir: wt" > .git; printf '[core]\n\tworktree = ..\n' > wt/config; for f in HEAD objects refs credfile-id; do ln -s ../../repo/.git/$f wt/$f; done`},
		{"a .git directory with a commondir", `mkdir -p .git/objects .git/refs; cp ../repo/.git/HEAD .git/; echo ../../repo/.git > .git/commondir`},
		{"a .git directory that is linked to parts", `mkdir .git; for f in HEAD objects refs credfile-id; do ln -s ../../repo/.git/$f .git/$f; done`},
		{"a .git that is a link", `ln -s ../repo/.git .git`},
		{"a .git that is a link, in a directory below", `git init -q .; mkdir sub; mv .credentials.age sub; ln -s ../../repo/.git sub/.git; cd sub`},
		{"a .git file that is a link to a work tree's", `ln -s ../tree/.git .git`},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := known.another(t)
			b.sh("git worktree add -q ../tree")
			b.in("../tree/pay").honest("", "get", "ONE") // real work trees are accepted
			b.in("../tree/docs").honest("", "get", "ONE")
			b.in("pay").honest("", "get", "ONE")
			before := b.records()
			a := b.in("../archive")
			a.sh(c.archive)
			if strings.HasSuffix(c.archive, "cd sub") {
				a = a.in("sub")
			}
			for _, args := range [][]string{{"get", "ONE"}, {"--yes", "trust"}, {"set", "NEW", "-"}, {"verify"}} {
				a.run("x", args...)
			}
			b.unmoved(before)
			for _, dir := range []string{"pay", "docs", "../tree/pay"} {
				b.in(dir).honest("", "get", "ONE")
			}
			// Approving the archive does not approve its file in the repository.
			b.put(".credentials.age", a.read())
			b.turnedAway("new in this repository")
		})
	}
}

// A repository with an invalid mark can't pass for another one, does not hang credfile, and
// is known by its path.
func TestNoMark(t *testing.T) {
	t.Parallel()
	racetest.Skip(t)
	known := newEstate(t).victim
	for _, c := range []struct{ name, mark string }{
		{"a link to another repository's", "ln -s ../../repo/.git/credfile-id .git/credfile-id"},
		{"a link to nothing", "ln -s nowhere .git/credfile-id"},
		{"a FIFO", "mkfifo .git/credfile-id"},
		{"a directory", "mkdir .git/credfile-id"},
		{"too long", "(cat ../repo/.git/credfile-id; echo) > .git/credfile-id"},
		{"too short", "printf %s \"$(cat ../repo/.git/credfile-id)\" > .git/credfile-id"},
		{"all zero", "echo AAAAAAAAAAAAAAAAAAAAAA > .git/credfile-id"},
		{"another alphabet", "tr A-Za-z '-_' < ../repo/.git/credfile-id > .git/credfile-id"},
		{"empty", ": > .git/credfile-id"},
		{"another user's", "cp ../repo/.git/credfile-id .git/; chown 1000 .git/credfile-id"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if strings.Contains(c.mark, "chown") && os.Geteuid() != 0 {
				t.Skip("needs the right to give files away, which root has")
			}
			b := known.another(t)
			b.in("pay").honest("", "get", "ONE")
			before := b.records()
			o := b.in("../other/pay") // where the first repository knows another file
			o.in("..").git("init", "-q")
			o.in("..").sh(c.mark)
			o.put(".credentials.age", parseBytes(t, b, "FORGED"))
			if r := o.ok("x", "set", "NEW", "-"); !firstUse.MatchString(r.stderr) {
				t.Errorf("no first use: %s", r.stderr)
			}
			o.honest("", "get", "ONE")
			b.unmoved(before)
			o.put(".credentials.age", parseBytes(t, b, "VOUCHED"))
			o.turnedAway("this machine knows a different file at pay/.credentials.age") // by its path
			b.in("pay").honest("", "get", "ONE")
		})
	}
}

func parseBytes(t *testing.T, b *box, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(b.dir, path))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// A template puts the same mark into every repository, so they count as one. Still, no file
// of the second passes for one of the first.
func TestMarkFromTemplate(t *testing.T) {
	t.Parallel()
	racetest.Skip(t)
	b := newEstate(t).victim
	b.sh("mkdir ../template; cp .git/credfile-id ../template/; git -c init.templateDir=\"$PWD\"/../template init -q ../second; cp .git/credfile-id ../x; cmp ../x ../second/.git/credfile-id")
	second := b.in("../second/pay")
	second.put(".credentials.age", parseBytes(t, b, "FORGED"))
	second.turnedAway("this machine knows a different file at pay/.credentials.age")
	second = b.in("../second/new")
	second.put(".credentials.age", parseBytes(t, b, "FORGED"))
	second.turnedAway("new in this repository")
	b.in("pay").honest("", "get", "ONE")
	second.letIn()
	b.in("pay").honest("", "get", "ONE")
}

// Row 8e: however many files a repository has, they displace nothing that is known about another
// repository or about itself.
func TestFlood(t *testing.T) {
	t.Parallel()
	racetest.Skip(t)
	b := newEstate(t).victim
	before := b.records()
	forged := parseBytes(t, b, "FORGED")
	big := b.in("../big")
	for _, dir := range []string{"../inmost", "../inner", "../big"} {
		r := b.in(dir)
		r.git("init", "-q", "-b", "main")
		files := map[string]int{"../inmost": 100, "../inner": 100, "../big": 1100}[dir]
		for i := range files {
			f := parseFile(t, forged)
			f.ID[0], f.ID[1], f.ID[2] = byte(i), byte(i>>8), dir[4]
			r.put(fmt.Sprintf("d%d/x.age", i), format.Marshal(f))
		}
		r.put(".credentials.age", forged)
		r.commit("all")
		switch dir {
		case "../inner":
			r.sh("git submodule -q add ../inmost in; git commit -qm sub")
		case "../big":
			r.sh("git submodule -q add ../inner in; git commit -qm sub; git submodule -q update --init --recursive")
		}
	}
	for _, dir := range []string{".", "in", "in/in"} {
		big.in(dir).run("", "get", "ONE")
		big.in(dir).ok("", "--yes", "trust")
	}
	b.unmoved(before)
	for path, text := range b.records() {
		if n := strings.Count(text, "\nfile "); n > 4096 || len(text) > 1<<20 {
			t.Errorf("%s has %d paths", path, n)
		}
	}
	for _, dir := range []string{"pay", "docs"} {
		b.in(dir).honest("", "get", "ONE")
	}
	b.in("pay").write(forged)
	b.in("pay").turnedAway("this machine knows a different file at pay/.credentials.age")
}

// When the record of a repository is full, a new path is not learned, and displaces none.
func TestFullRecord(t *testing.T) {
	t.Parallel()
	racetest.Skip(t)
	b := newEstate(t).victim
	docs := b.in("docs").read()
	path, text := "", ""
	for p, s := range b.records() {
		if strings.Contains(s, "pay/.credentials.age") {
			path, text = p, s
		}
	}
	line := regexp.MustCompile(`(?m)^file (\S+) "docs/.*\n`).FindStringSubmatch(text)
	if line == nil {
		t.Fatalf("no record: %q", text)
	}
	for i := range 4096 - strings.Count(text, "\nfile ") - 1 {
		text += fmt.Sprintf("file %s \"n%d\"\n", line[1], i)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"last", "toomuch", "more"} {
		b.in(dir).write(docs)
		b.in(dir).honest("", "get", "ONE")
	}
	now := snapshot(t, path)[path]
	if !strings.HasPrefix(now, text) || strings.Count(now, "\nfile ") != 4096 || !strings.Contains(now, "last/") || strings.Contains(now, "toomuch") {
		t.Errorf("%d paths are known", strings.Count(now, "\nfile "))
	}
	b.in("pay").write(parseBytes(t, b, "FORGED"))
	b.in("pay").turnedAway("this machine knows a different file at")
	b.in("evermore").write(parseBytes(t, b, "FORGED"))
	b.in("evermore").turnedAway("new in this repository")
	b.in("evermore").ok("", "--yes", "trust")
}

// A FIFO in place of one of git's files does not hang credfile.
func TestKeepsNobodyWaiting(t *testing.T) {
	t.Parallel()
	known := victim(t)
	for _, name := range []string{".git", "wt/gitdir", "wt/commondir", "wt/config"} {
		t.Run(name, func(t *testing.T) {
			b := known.another(t)
			b.sh("mkdir wt; echo 'gitdir: wt' > .git")
			if err := os.Remove(filepath.Join(b.dir, name)); err != nil && !os.IsNotExist(err) {
				t.Fatal(err)
			}
			if err := syscall.Mkfifo(filepath.Join(b.dir, name), 0o644); err != nil {
				t.Skip(err)
			}
			if r := b.exec(exec.Command("timeout", "20", "credfile", "get", "ONE"), ""); r.code != 0 {
				t.Errorf("exit code %d\n%s", r.code, r.stderr)
			}
		})
	}
}
