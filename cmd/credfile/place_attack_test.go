//go:build unix

package main

import (
	"bytes"
	"encoding/hex"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/racetest"
)

// in returns the same machine with a directory below as the working directory.
func (b *box) in(dir string) *box {
	b.t.Helper()
	c := *b
	c.dir = filepath.Join(b.dir, dir)
	if err := os.MkdirAll(c.dir, 0o755); err != nil {
		b.t.Fatal(err)
	}
	c.env = append(append([]string{}, b.env...), "PWD="+c.dir) // as a shell sets it
	return &c
}

func (b *box) sh(script string) {
	b.t.Helper()
	if r := b.exec(exec.Command("sh", "-ec", script), ""); r.code != 0 {
		b.t.Fatalf("%s\n%s", script, r.stderr)
	}
}

// another returns a copy of the machine in its present state.
func (b *box) another(t testing.TB) *box {
	t.Helper()
	root := t.TempDir()
	old := filepath.Dir(b.home)
	if out, err := exec.Command("cp", "-a", old+"/.", root).CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	c := &box{t: t, home: filepath.Join(root, "home"), dir: strings.Replace(b.dir, old, root, 1)}
	for _, kv := range b.env {
		c.env = append(c.env, strings.ReplaceAll(kv, old, root))
	}
	return c
}

func (b *box) memoryDir() string {
	return filepath.Join(b.home, ".local", "state", "credfile", "trust")
}

// snapshot returns the contents of every regular file below the directories.
func snapshot(t testing.TB, dirs ...string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, dir := range dirs {
		filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() && !strings.HasSuffix(path, ".lock") {
				text, _ := os.ReadFile(path)
				all[path] = string(text)
			}
			return nil
		})
	}
	return all
}

// turnedAway runs commands that read and that write. Each must be refused for that reason,
// with nothing shown, started, written or remembered.
func (b *box) turnedAway(reason string, flags ...string) {
	b.t.Helper()
	before := snapshot(b.t, filepath.Dir(b.home))
	// One that reads and one that writes. TestPlaces tries the others.
	for _, args := range [][]string{{"env", "--", "sh", "-c", "touch started; env"}, {"set", "NEW", "-"}} {
		want := 6
		if args[0] == "env" {
			want = 125
		}
		r := b.run("a real value", append(append([]string{}, flags...), args...)...)
		if r.code != want || !strings.Contains(r.stderr, reason) {
			b.t.Errorf("%q: exit code %d, want %d and %q\n%s", args, r.code, want, reason, r.stderr)
		}
		if r.stdout != "" || strings.Contains(r.stderr, canary) {
			b.t.Errorf("%q: something came out: %q", args, r.stdout)
		}
	}
	if after := snapshot(b.t, filepath.Dir(b.home)); !maps.Equal(before, after) {
		for path, text := range after {
			if old, ok := before[path]; !ok || old != text {
				b.t.Errorf("%s was written", path)
			}
		}
	}
}

// letIn approves the file, which can then be used.
func (b *box) letIn(flags ...string) {
	b.t.Helper()
	b.ok("", append(append([]string{}, flags...), "--yes", "trust")...)
	for _, args := range [][]string{{"set", "ONE", "-"}, {"env", "--", "true"}} {
		b.honest("mine", append(append([]string{}, flags...), args...)...)
	}
}

// estate is a machine that knows a repository with two services, pay and docs. mallory is
// also a writer of docs. The root holds FORGED, made by a stranger, and VOUCHED, made by
// mallory's init, under names that no search finds.
type estate struct {
	victim, mallory *box
}

func newEstate(t *testing.T) *estate {
	b := newBox(t)
	b.env = append(b.env, "GIT_AUTHOR_NAME=x", "GIT_AUTHOR_EMAIL=x@x", "GIT_COMMITTER_NAME=x", "GIT_COMMITTER_EMAIL=x@x",
		"GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=protocol.file.allow", "GIT_CONFIG_VALUE_0=always")
	b.ok("", "keygen", "--name", "me")
	b.git("init", "-q", "-b", "main", "repo")
	b.dir = filepath.Join(b.dir, "repo")
	for _, dir := range []string{"pay", "docs"} {
		b.in(dir).ok("", "init", "--name", "me")
		b.in(dir).ok(canary+"-"+dir, "set", "ONE", "-")
	}
	m := newBox(t)
	m.env = append(m.env, b.env[len(b.env)-7:]...)
	m.ok("", "keygen", "--name", "mallory")
	b.in("docs").ok("", "rekey", "--add", "mallory=@"+filepath.Join(m.home, ".config", "credfile", "mallory.pub"))
	b.commit("begin")
	m.git("clone", "-q", b.dir, "repo")
	m.dir = filepath.Join(m.dir, "repo")
	m.in("docs").ok("", "get", "ONE")
	me := "me=" + parseFile(t, b.in("pay").read()).Find("default").Recipients[0].String
	fresh := m.in("tools")
	fresh.ok("", "init", "-r", me, "-r", "mallory=@"+filepath.Join(m.home, ".config", "credfile", "mallory.pub"))
	fresh.ok(canary+"-vouched", "set", "ONE", "-")
	b.put("VOUCHED", fresh.read())

	stranger := newBox(t)
	stranger.ok("", "keygen", "--name", "s")
	stranger.ok("", "init", "-r", me, "-r", "s=@"+filepath.Join(stranger.home, ".config", "credfile", "s.pub"))
	stranger.ok(canary+"-forged", "set", "ONE", "-")
	b.put("FORGED", stranger.read())
	return &estate{b, m}
}

func (b *box) put(path string, data []byte) {
	b.t.Helper()
	path = filepath.Join(b.dir, path)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		b.t.Fatal(err)
	}
}

// Row 8f: an attacker who can write to the repository puts a file where another one is known or
// would be found. In a place of its own the same file is fine, where fine says so.
func TestShadowed(t *testing.T) {
	t.Parallel()
	racetest.Skip(t)
	const (
		shadow = "in place of pay/.credentials.age, which this machine knows"
		other  = "this machine knows a different file at pay/.credentials.age"
		fresh  = "new in this repository and not approved on this machine"
		module = `git init -q ../mod; cp %s ../mod/.credentials.age; git -C ../mod add .; git -C ../mod commit -qm m; `
	)
	with := func(file string) string { return strings.Replace(module, "%s", file, 1) }
	const docs = "\"$PWD\"/docs/.credentials.age"
	known := newEstate(t).victim
	for _, c := range []struct {
		name   string
		attack string // run in the root of the repository
		cwd    string
		says   string
		fine   string // puts the same file in the directory fine, where it needs no approval
	}{
		{"a copy of a less important one between a service and its file", "cp docs/.credentials.age pay/src/", "pay/src", shadow, "cp docs/.credentials.age fine/"},
		{"and deeper", "cp docs/.credentials.age pay/src/", "pay/src/deep/er", shadow, ""},
		{"a link to the directory of a less important one", "rmdir pay/src; ln -s ../docs pay/src", "pay/src", shadow, "rmdir fine; ln -s docs fine"},
		{"a link to a less important one", "ln -s ../../docs/.credentials.age pay/src/.credentials.age", "pay/src", shadow, "ln -s ../docs/.credentials.age fine/.credentials.age"},
		{"a new one there, vouched for by its writer", "cp VOUCHED pay/src/.credentials.age", "pay/src", shadow, "cp VOUCHED fine/.credentials.age"},
		{"a forged one there", "cp FORGED pay/src/.credentials.age", "pay/src", shadow, ""},
		{"a copy above a service whose file was deleted", "rm pay/.credentials.age; cp docs/.credentials.age .", "pay", shadow, "cp docs/.credentials.age fine/"},
		{"a new one above it, vouched for", "rm pay/.credentials.age; cp VOUCHED .credentials.age", "pay/src", shadow, "cp VOUCHED fine/.credentials.age"},
		{"a forged one above it", "rm pay/.credentials.age; cp FORGED .credentials.age", "pay", shadow, ""},
		{"a new one in its place, vouched for", "cp VOUCHED pay/.credentials.age", "pay", other, "cp VOUCHED fine/.credentials.age"},
		{"a forged one in its place", "cp FORGED pay/.credentials.age", "pay/src", other, ""},
		{"a less important one in its place", "cp docs/.credentials.age pay/", "pay", "has been swapped", "cp docs/.credentials.age fine/"},
		{"two swapped", "mv pay/.credentials.age x; mv docs/.credentials.age pay; mv x docs/.credentials.age", "docs", "has been swapped: it is the file that this machine knows at pay/.credentials.age", ""},
		{"two directories swapped", "mv pay x; mv docs pay; mv x docs", "pay", "has been swapped", ""},
		{"a submodule with a forged one", with("FORGED") + "git submodule -q add ../mod lib", "lib", fresh, with("FORGED") + "rmdir fine; git clone -q ../mod fine"},
		{"a submodule with a new one below a service, vouched for", with("VOUCHED") + "git submodule -q add ../mod pay/lib", "pay/lib", shadow, with("VOUCHED") + "rmdir fine; git submodule -q add ../mod fine"},
		{"a submodule with a copy, below a service", with(docs) + "git submodule -q add ../mod pay/lib", "pay/lib", shadow, with(docs) + "rmdir fine; git submodule -q add ../mod fine"},
		{"a submodule in place of a service", with("FORGED") + "git rm -qr --cached pay; rm -r pay; git submodule -q add ../mod pay", "pay", other, ""},
		{"a submodule in a submodule", with("FORGED") + "git init -q ../mid; git -C ../mid submodule -q add \"$PWD\"/../mod in; git -C ../mid commit -qm m; git submodule -q add ../mid lib; git submodule -q update --init --recursive", "lib/in", fresh, ""},
		{"a submodule without a file, and one above it", with("docs/.credentials.age") + "git -C ../mod mv .credentials.age x; git -C ../mod commit -qm m; rm pay/.credentials.age; git submodule -q add ../mod pay/lib; cp VOUCHED pay/lib/.credentials.age", "pay/lib", shadow, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.fine != "" {
				b := known.another(t)
				b.in("fine")
				b.sh(c.fine)
				b.in("fine").honest("", "get", "ONE")
				b.in("fine").honest("x", "set", "NEW", "-")
			}
			b := known.another(t)
			b.in("pay/src")
			b.sh(c.attack)
			b.in(c.cwd).turnedAway(c.says)
			b.in(c.cwd).letIn()
		})
	}
}

// Row 8f: a new file is only as good as its voucher, which is checked in its present state.
func TestVouchedFromElsewhere(t *testing.T) {
	t.Parallel()
	racetest.Skip(t)
	e := newEstate(t)
	vouched, err := os.ReadFile(filepath.Join(e.victim.dir, "VOUCHED"))
	if err != nil {
		t.Fatal(err)
	}
	docs := e.victim.in("docs").read()
	rotated := e.victim.rotated(docs, "default")
	pins := strings.TrimSpace(e.victim.in("docs").ok("", "trust", "--print").stdout)
	voucher := parseFile(t, docs).Find("default").Key
	// replaced changes the lines of a new file by mallory.
	replaced := func(change func(f *format.File, p *format.Profile)) func(b *box) {
		return func(b *box) {
			f := parseFile(t, vouched)
			p := f.Find("default")
			change(f, p)
			seal(f, p, e.mallory.signer(vouched, "default"))
			b.put("tools/.credentials.age", format.Marshal(f))
		}
	}
	memoryOf := func(b *box, id format.ID) string { return filepath.Join(b.memoryDir(), hex.EncodeToString(id[:])) }
	for _, c := range []struct {
		name   string
		change func(b *box)
		fine   bool
	}{
		{"as it was made", func(*box) {}, true},
		{"its voucher was replaced, as the other file shows", func(b *box) { b.in("docs").write(rotated) }, false},
		{"its voucher was replaced, as this machine knows", func(b *box) {
			b.in("docs").write(rotated)
			b.in("docs").honest("", "get", "ONE")
		}, false},
		{"and an older version lies there", func(b *box) {
			b.in("docs").write(rotated)
			b.in("docs").honest("", "get", "ONE")
			b.in("docs").write(docs)
		}, false},
		{"the other file is missing", func(b *box) { b.sh("rm docs/.credentials.age") }, false},
		{"the other file's section is damaged", func(b *box) {
			f := parseFile(t, docs)
			f.Find("default").Signature[3] ^= 1
			b.in("docs").write(format.Marshal(f))
		}, false},
		{"the other file is cut short", func(b *box) { b.in("docs").write(docs[:len(docs)/2]) }, false},
		{"the other file is only listed", func(b *box) { os.Remove(memoryOf(b, parseFile(t, docs).ID)) }, false},
		{"the other file lies only where it is not known", func(b *box) { b.sh("mkdir x; mv docs/.credentials.age x/") }, false},
		{"the other file's profile bears another one's name", func(b *box) {
			b.in("docs").ok("", "profile", "add", "second")
			f := parseFile(t, b.in("docs").read())
			p, signer := f.Find("default"), b.signer(b.in("docs").read(), "default")
			removedBy(f, f.Find("second"), b.signer(b.in("docs").read(), "second"))
			p.Name = "second"
			p.Revision++
			seal(f, p, signer)
			b.in("docs").write(format.Marshal(f))
		}, false},
		{"the other file is forged, by whoever vouches", func(b *box) {
			f := parseFile(t, docs)
			p, signer := forged(t, f.Find("default"))
			*f.Find("default") = *p
			seal(f, f.Find("default"), signer)
			b.in("docs").write(format.Marshal(f))
			replaced(func(f *format.File, p *format.Profile) {
				p.Vouched = []format.Vouched{vouchBy(f, p, publicOf(signer), p.Key, signer)}
			})(b)
		}, false},
		{"the line is another file's", replaced(func(f *format.File, _ *format.Profile) { f.ID[0] ^= 1 }), false},
		{"the line is signed by somebody else", replaced(func(f *format.File, p *format.Profile) {
			p.Vouched = []format.Vouched{vouchBy(f, p, voucher, p.Key, newSigner())}
		}), false},
		{"a second profile lacks its line", func(b *box) {
			f := parseFile(t, vouched)
			p, signer := forged(t, f.Find("default"))
			p.Name, p.ID = "second", format.ID{7}
			seal(f, p, signer)
			f.Profiles = append(f.Profiles, p)
			b.put("tools/.credentials.age", format.Marshal(f))
			b.in("tools").honest("", "get", "ONE")
			if r := b.in("tools").run("", "-p", "second", "get", "ONE"); r.code != 6 || r.stdout != "" {
				b.t.Errorf("exit code %d %s", r.code, r.stderr)
			}
		}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := e.victim.another(t)
			b.put("tools/.credentials.age", vouched)
			c.change(b)
			if c.fine {
				b.in("tools").ok("", "get", "ONE")
				ci := b.in("tools")
				ci.asCI("CREDFILE_TRUST="+pins, func() { ci.turnedAway("not listed in CREDFILE_TRUST") })
				return
			}
			b.in("tools").turnedAway("new in this repository and not approved on this machine")
			if strings.HasPrefix(c.name, "the line") {
				return // a forged line is damage, which can't be approved
			}
			b.in("tools").letIn()
		})
	}
}

// Row 8f: a file of which only the id and the place are remembered is trusted on first use there,
// but not elsewhere.
func TestOnlyListed(t *testing.T) {
	t.Parallel()
	racetest.Skip(t)
	known := newEstate(t).victim
	f := parseFile(t, known.in("docs").read())
	p, signer := forged(t, f.Find("default"))
	*f.Find("default") = *p
	seal(f, f.Find("default"), signer)
	if err := os.Remove(filepath.Join(known.memoryDir(), hex.EncodeToString(f.ID[:]))); err != nil {
		t.Fatal(err)
	}
	b := known.another(t)
	b.put("tools/.credentials.age", format.Marshal(f))
	b.in("tools").turnedAway("new in this repository")
	b.put("pay/src/.credentials.age", format.Marshal(f))
	b.in("pay/src").turnedAway("it would be used in place of pay/.credentials.age")
	b.in("pay").write(format.Marshal(f))
	b.in("pay").turnedAway("this machine knows a different file at pay/.credentials.age")
	b = known.another(t)
	b.in("docs").honest("", "env", "--", "true")
	b.put("tools/.credentials.age", format.Marshal(f)) // its keys are known now
	if r := b.in("tools").run("", "get", "ONE"); r.code != 6 || !strings.Contains(r.stderr, "has a new key") {
		t.Errorf("exit code %d\n%s", r.code, r.stderr)
	}
}

// The file of a service is gone, and the search goes on to a known file. Reading warns;
// writing needs approval.
func TestNearerOneGone(t *testing.T) {
	t.Parallel()
	racetest.Skip(t)
	known := newEstate(t).victim
	known.ok("", "init")
	known.ok(canary+"-root", "set", "ONE", "-")
	known.in("docs").ok("", "--yes", "trust")
	const says = "pay/.credentials.age is missing, so this"
	known.in("pay").honest("", "get", "ONE")
	known.sh("rm pay/.credentials.age")
	for _, end := range [][]string{{"--yes", "trust"}, {"-f", "../.credentials.age", "set", "TWO", "-"}} {
		b := known.another(t).in("pay")
		before := snapshot(t, filepath.Dir(b.dir))
		for i, args := range [][]string{{"get", "ONE"}, {"get", "ONE"}, {"env", "--", "true"}} {
			r := b.ok("", args...)
			if strings.Contains(r.stderr, "warning: "+says) != (i == 0) {
				t.Errorf("%d %q: %s", i, args, r.stderr)
			}
		}
		for _, args := range [][]string{{"--strict", "get", "ONE"}, {"set", "NEW", "-"}, {"unset", "ONE"}, {"rotate"}} {
			if r := b.run("x", args...); r.code != 6 || r.stdout != "" || !strings.Contains(r.stderr, says) {
				t.Errorf("%q: exit code %d %q\n%s", args, r.code, r.stdout, r.stderr)
			}
		}
		if !maps.Equal(before, snapshot(t, filepath.Dir(b.dir))) {
			t.Error("something was written")
		}
		b.ok("x", end...)
		if end[0] == "--yes" {
			b.honest("x", "set", "NEW", "-")
			b.honest("", "--strict", "get", "ONE")
		} else if !bytes.Contains(b.in("..").read(), []byte("TWO")) {
			t.Error("not written")
		}
	}
}
