package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"testing"

	"github.com/credfile/credfile/internal/racetest"
)

var misplaced = regexp.MustCompile("not approved on this machine|this machine knows a different file at")

// An attacker who can write to the repository, but has no key, puts a file of their own
// where the search of a user who knows the real file finds it.
func TestPlaces(t *testing.T) {
	t.Parallel()
	racetest.Skip(t)
	shell := func(t *testing.T, b *box, script string) {
		t.Helper()
		cmd := exec.Command("sh", "-ec", script)
		if r := b.exec(cmd, ""); r.code != 0 {
			t.Fatalf("%s\n%s", script, r.stderr)
		}
	}
	for _, c := range []struct {
		name   string
		known  string // directory of the known file, from the root of the repository
		attack string // run in the root, which has FORGED
		cwd    string
		args   []string
	}{
		{"its directory is a link, seen from within", "dep", "mv dep old; mkdir d2; cp FORGED d2/.credentials.age; ln -s d2 dep", "d2", nil},
		{"it is moved aside", "dep", "git mv -k dep services; mv dep services; cp FORGED services/.credentials.age", "services", nil},
		{"it is deleted, another lies in the root", "dep", "rm dep/.credentials.age; cp FORGED .credentials.age", ".", nil},
		{"it is deleted, another is named", "dep", "rm dep/.credentials.age; cp FORGED x.age", ".", []string{"-f", "x.age"}},
		{"a directory below is a link to another clone", ".", "mkdir other; git init -q ../w2; cp FORGED ../w2/.credentials.age; ln -s ../w2 sub", "sub", nil},
		{"a directory below is a link into another clone", ".", "git init -q ../w2; mkdir ../w2/x; cp FORGED ../w2/x/.credentials.age; ln -s ../w2/x sub", "sub", nil},
		{"its directory is a link to another clone", "dep", "mv dep old; git init -q ../w2; cp FORGED ../w2/.credentials.age; ln -s ../w2 dep", ".", []string{"-f", "dep/.credentials.age"}},
		{"a link in its place", ".", "mkdir x; cp FORGED x/data.bin; ln -sf x/data.bin .credentials.age", ".", nil},
		{"a link to a file of the default name", ".", "mkdir x; cp FORGED x/.credentials.age; ln -sf x/.credentials.age .credentials.age", ".", nil},
		{"a nearer link", ".", "mkdir sub; cp FORGED sub/x.bin; ln -s x.bin sub/.credentials.age", "sub", nil},
		{"a nearer file", ".", "mkdir sub; cp FORGED sub/.credentials.age", "sub", nil},
		{"a nearer file, asked for by its name", ".", "mkdir sub; cp FORGED sub/.credentials.age", ".", []string{"-f", "sub/.credentials.age"}},
		{"its directory is a link", "dep", "mv dep old; mkdir d2; cp FORGED d2/.credentials.age; ln -s d2 dep", ".", []string{"-f", "dep/.credentials.age"}},
		{"it is deleted, another lies further up", "svc", "rm svc/.credentials.age; cp FORGED .credentials.age", "svc", nil},
		{"its directory is a submodule", "svc", "mv svc old; git -C ../evil add .credentials.age; git -C ../evil commit -qm x; git -c protocol.file.allow=always submodule add -q ../evil svc", "svc", nil},
		{"a nearer directory is a submodule", ".", "git -C ../evil add .credentials.age; git -C ../evil commit -qm x; git -c protocol.file.allow=always submodule add -q ../evil svc", "svc", nil},
		{"a directory below the known one is a link, seen from within", "dep", "mkdir -p dep/sub d2/sub; rmdir dep/sub; cp FORGED d2/.credentials.age; ln -s ../d2/sub dep/sub", "d2/sub", nil},
		{"the release that a link leads to", "releases/v1", "mkdir releases/v2; cp FORGED releases/v2/.credentials.age; ln -s releases/v2 current", "releases/v2", nil},
		{"beside it, as a new file", "dep", "mkdir tools; cp FORGED tools/.credentials.age", "tools", nil},
		{"the working directory is reached by a link", ".", "mkdir sub; cp FORGED sub/.credentials.age; ln -s \"$PWD/sub\" ../link", "../link", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBox(t)
			b.env = append(b.env, "GIT_AUTHOR_NAME=x", "GIT_AUTHOR_EMAIL=x@x", "GIT_COMMITTER_NAME=x", "GIT_COMMITTER_EMAIL=x@x")
			b.ok("", "keygen")
			root := filepath.Join(b.dir, "repo")
			shell(t, b, "git init -q repo; mkdir -p repo/"+c.known+"; git init -q evil")
			b.dir = filepath.Join(root, c.known)
			b.ok("", "init", "--name", "me")
			b.ok(canary, "set", "ONE", "-")

			mallory := newBox(t)
			mallory.ok("", "init", "-r", "me="+parseFile(t, b.read()).Find("default").Recipients[0].String, "-r", "mal="+aliceRecipient)
			b.dir = root
			for _, path := range []string{"FORGED", "../evil/.credentials.age"} {
				if err := os.WriteFile(filepath.Join(root, path), mallory.read(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			shell(t, b, c.attack)
			b.dir = filepath.Join(root, c.cwd)
			b.env = append(b.env, "PWD="+b.dir)
			for _, args := range [][]string{{"get", "ONE"}, {"set", "NEW", "-"}, {"verify"}, {"env", "--", "true"}} {
				want := 6
				if args[0] == "env" {
					want = 125
				}
				r := b.run("a real value", append(c.args, args...)...)
				if r.code != want || r.stdout != "" || !misplaced.MatchString(r.stderr) {
					t.Errorf("%q: exit code %d, %q\n%s", args, r.code, r.stdout, r.stderr)
				}
			}
			// The user can still approve it.
			b.ok("", append(c.args, "--yes", "trust")...)
			b.ok("a real value", append(c.args, "set", "NEW", "-")...)
		})
	}
}

// A file that is known from another project, another place or standard input is refused
// where a different file is known.
func TestKnownElsewhere(t *testing.T) {
	t.Parallel()
	racetest.Skip(t)
	b := newBox(t)
	b.ok("", "keygen", "--name", "me")
	root := b.dir
	at := func(dir string) *box {
		c := *b
		c.dir = filepath.Join(root, dir)
		return &c
	}
	for _, dir := range []string{"one", "two"} {
		b.exec(exec.Command("git", "init", "-q", dir), "")
		at(dir).ok("", "init")
		at(dir).ok(canary+dir, "set", "ONE", "-")
	}
	one := at("one").read()
	two := at("two").read()
	for _, known := range [][]byte{two, func() []byte { // one that was only seen on standard input
		mallory := newBox(t)
		mallory.ok("", "init", "-r", "me="+parseFile(t, one).Find("default").Recipients[0].String)
		b.ok(string(mallory.read()), "-f", "-", "env", "--", "true")
		return mallory.read()
	}()} {
		for _, dir := range []string{"one", "one/sub"} {
			if err := os.MkdirAll(filepath.Join(root, dir), 0o755); err != nil {
				t.Fatal(err)
			}
			c := at(dir)
			c.write(known)
			for _, args := range [][]string{{"get", "ONE"}, {"--strict", "get", "ONE"}, {"set", "NEW", "-"}, {"verify"}} {
				if r := c.run("x", args...); r.code != 6 || r.stdout != "" {
					t.Errorf("%s: %q: exit code %d, %q\n%s", dir, args, r.code, r.stdout, r.stderr)
				}
			}
		}
		at("one").write(one)
		if err := os.RemoveAll(filepath.Join(root, "one", "sub")); err != nil {
			t.Fatal(err)
		}
	}
	at("one").honest("", "get", "ONE")
	at("two").honest("", "get", "ONE")
	// An accepted file may move within its repository.
	if err := os.Rename(at("one").path(), filepath.Join(root, "one", "moved.age")); err != nil {
		t.Fatal(err)
	}
	at("one").honest("", "-f", "moved.age", "get", "ONE")
	// Once the user approves the other file, the first one can't be put back.
	at("one").write(two)
	at("one").ok("", "--yes", "trust")
	at("one").honest("", "get", "ONE")
	at("one").write(one)
	for _, args := range [][]string{{"get", "ONE"}, {"set", "NEW", "-"}, {"--strict", "verify"}} {
		if r := at("one").run("x", args...); r.code != 6 {
			t.Errorf("an older file put back: %q: exit code %d\n%s", args, r.code, r.stderr)
		}
	}
}

// An older file can't be put back after the user has created a new one.
func TestMadeAnew(t *testing.T) {
	b := victim(t)
	before := b.read()
	if err := os.Remove(b.path()); err != nil {
		t.Fatal(err)
	}
	b.ok("", "init")
	b.ok("x", "set", "ONE", "-")
	b.write(before)
	for _, args := range [][]string{{"get", "ONE"}, {"set", "NEW", "-"}} {
		if r := b.run("x", args...); r.code != 6 {
			t.Errorf("%q: exit code %d\n%s", args, r.code, r.stderr)
		}
	}
}

// The first use of a clone trusts all files in it, whichever is opened first. A later file
// needs approval.
func TestSeveralFiles(t *testing.T) {
	racetest.Skip(t)
	t.Parallel()
	b := newBox(t)
	b.env = append(b.env, "GIT_AUTHOR_NAME=x", "GIT_AUTHOR_EMAIL=x@x", "GIT_COMMITTER_NAME=x", "GIT_COMMITTER_EMAIL=x@x")
	b.ok("", "keygen")
	root := b.dir
	at := func(dir string) *box {
		c := *b
		c.dir = filepath.Join(root, dir)
		if err := os.MkdirAll(c.dir, 0o755); err != nil {
			t.Fatal(err)
		}
		return &c
	}
	git := func(dir string, args ...string) {
		t.Helper()
		if r := at(dir).exec(exec.Command("git", args...), ""); r.code != 0 {
			t.Fatal(r.stderr)
		}
	}
	git(".", "init", "-q", "repo")
	for _, dir := range []string{"repo/api", "repo", "repo/web"} {
		at(dir).ok("", "init")
	}
	at("repo").ok("", "-f", "dev.age", "init")
	git("repo", "add", ".")
	git("repo", "commit", "-qm", "three files")
	b.forget()
	for i, first := range []string{"", "/api", "/web"} {
		if i == 1 {
			b.forget()
		}
		clone := []string{"one", "two", "three"}[i]
		git(".", "clone", "-q", "repo", clone)
		for _, dir := range []string{first, "", "/api", "/web"} {
			if r := at(clone+dir).run("", "env", "--", "true"); r.code != 0 {
				t.Errorf("%s%s: exit code %d\n%s", clone, dir, r.code, r.stderr)
			}
		}
		at(clone).honest("", "-f", "dev.age", "env", "--", "true")
	}
	for i := range 18 { // a clone is a place, and many are remembered
		clone := fmt.Sprintf("clone%d", i)
		git(".", "clone", "-q", "repo", clone)
		for _, dir := range []string{"/api", ""} {
			at(clone+dir).honest("", "env", "--", "true")
		}
	}
	git("one", "mv", "api", "backend")
	at("one/backend").honest("", "env", "--", "true")
	at("one/backend").ok("", "profile", "rename", "default", "a") // the first write on this machine
	at("one/backend").honest("", "profile", "rename", "a", "default")
	// A file may be copied within its repository.
	if err := os.Rename(at("two/api").path(), filepath.Join(root, "two", "aside")); err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(root, "two", "services.age")
	if err := os.WriteFile(copied, at("two/web").read(), 0o644); err != nil {
		t.Fatal(err)
	}
	at("two").honest("", "-f", copied, "env", "--", "true")
	if err := os.Rename(filepath.Join(root, "two", "aside"), at("two/api").path()); err != nil {
		t.Fatal(err)
	}
	at("two").honest("", "-f", copied, "env", "--", "true")
	mallory := newBox(t)
	mallory.ok("", "init", "-r", "me="+parseFile(t, at("one").read()).Find("default").Recipients[0].String)
	later := at("one/db")
	later.write(mallory.read())
	if r := later.run("", "get", "ONE"); r.code != 6 {
		t.Errorf("a new file of somebody's: exit code %d\n%s", r.code, r.stderr)
	}
	later.ok("", "--yes", "trust")
	later.honest("", "env", "--", "true")
	at("one/web").honest("", "env", "--", "true")
}

// A repository from an archive names programs in its configuration. git must not start any
// of them for us.
func TestHostileRepository(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(b *box, git func(...string), evil string){
		"the monitor of the file system": func(b *box, git func(...string), evil string) {
			git("config", "core.fsmonitor", evil)
			git("update-index", "--fsmonitor")
		},
		// The index names a tree in place of its files, and the tree is missing.
		"a fetch of what is missing": func(b *box, git func(...string), evil string) {
			git("sparse-checkout", "set", "--cone", "--sparse-index", "other")
			git("config", "core.repositoryFormatVersion", "1")
			git("config", "extensions.partialClone", "evil")
			git("config", "remote.evil.url", b.dir)
			git("config", "remote.evil.promisor", "true")
			git("config", "remote.evil.uploadpack", evil)
			objects, _ := filepath.Glob(filepath.Join(b.dir, ".git", "objects", "??", "*"))
			for _, object := range objects {
				id := filepath.Base(filepath.Dir(object)) + filepath.Base(object)
				if r := b.exec(exec.Command("git", "cat-file", "-t", id), ""); r.stdout == "tree\n" {
					os.Remove(object)
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBox(t)
			b.ok("", "init")
			ran := filepath.Join(b.home, "ran")
			evil := filepath.Join(b.home, "evil")
			executable(t, evil, "#!/bin/sh\nenv > "+ran+"\n")
			git := func(args ...string) {
				if r := b.exec(exec.Command("git", append([]string{"-c", "user.name=a", "-c", "user.email=a@example.org"}, args...)...), ""); r.code != 0 {
					t.Fatal(args, r.stderr)
				}
			}
			os.Mkdir(filepath.Join(b.dir, "hidden"), 0o755)
			os.WriteFile(filepath.Join(b.dir, "hidden", "x"), nil, 0o644)
			git("init", "-q")
			git("add", ".")
			git("commit", "-qm", "all")
			prepare(b, git, evil)
			os.Remove(ran)
			if b.exec(exec.Command("git", "ls-files"), ""); !exists(ran) {
				t.Skip("this git starts nothing there")
			}
			os.Remove(ran)
			b.forget()
			b.ok("", "env", "--", "true")
			if exists(ran) {
				t.Error("a program that the repository names was started")
			}
		})
	}
}

// Honest work that resembles these attacks needs no approval.
func TestHonestPlaces(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	b.ok("", "keygen")
	git := exec.Command("git", "init", "-q", "one")
	b.exec(git, "")
	root := b.dir
	at := func(dir string) *box {
		c := *b
		c.dir = filepath.Join(root, dir)
		if err := os.MkdirAll(c.dir, 0o755); err != nil {
			t.Fatal(err)
		}
		return &c
	}
	one := at("one")
	one.honest("", "init")
	one.honest("x", "set", "ONE", "-")
	// Two files in one directory; a copy; a moved repository; a directory below it.
	one.honest("", "init", "-f", "second.age")
	one.honest("x", "-f", "second.age", "set", "ONE", "-")
	one.honest("", "-f", filepath.Join(one.dir, "second.age"), "get", "ONE")
	copied := at("one/sub")
	copied.write(one.read())
	copied.honest("", "get", "ONE")
	if err := os.Rename(one.dir, filepath.Join(root, "moved")); err != nil {
		t.Fatal(err)
	}
	at("moved").honest("", "get", "ONE")
	below := at("moved/deep/er")
	below.honest("", "get", "ONE")
	// A separate repository within a known one.
	b.exec(exec.Command("git", "init", "-q", "moved/vendor"), "")
	vendor := at("moved/vendor")
	vendor.honest("", "init")
	vendor.honest("", "env", "--", "true")
	// A file by another person, on a machine that has never seen it.
	other := newBox(t)
	other.ok("", "init", "-r", "me="+parseFile(t, vendor.read()).Find("default").Recipients[0].String)
	b.exec(exec.Command("git", "init", "-q", "moved/vendor2"), "")
	vendor2 := at("moved/vendor2")
	vendor2.write(other.read())
	vendor2.honest("", "env", "--", "true")
}

// Many processes use the file for the first time at once. One was killed between two
// writes.
func TestFirstUseAtOnce(t *testing.T) {
	b := victim(t)
	for range 5 {
		b.forget()
		var wg sync.WaitGroup
		for range 12 {
			wg.Add(1)
			go func() {
				defer wg.Done()
				if r := b.run("", "env", "--", "true"); r.code != 0 {
					t.Errorf("exit code %d\n%s", r.code, r.stderr)
				}
			}()
		}
		wg.Wait()
	}
	memory := filepath.Join(b.home, ".local", "state", "credfile", "trust")
	entries, err := os.ReadDir(memory)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() != "places" {
			os.Remove(filepath.Join(memory, e.Name()))
		}
	}
	b.ok("", "env", "--", "true")
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
