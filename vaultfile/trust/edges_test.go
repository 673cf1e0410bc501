package trust_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/credfile/credfile/vaultfile/trust"
)

// A removed profile that the user trusts again under the key that removed it has to be rotated, until
// it is.
func TestBroughtBack(t *testing.T) {
	known := &trust.Known{File: id("F")}
	see := func(s scene, trusted ...string) {
		j := trust.Judge(known, parseScene(t, "F", s))
		if trusted != nil {
			known.Trust(j, trusted...)
		} else {
			known.Learn(j)
		}
	}
	want := func(s scene, o trust.Options, want string) {
		t.Helper()
		if got := answer(trust.Judge(known, parseScene(t, "F", s)).Of("a"), o); got != want {
			t.Errorf("%s: %q, want %q", s, got, want)
		}
	}
	see("a=A/k1 b=B/b1")
	see("-a=A/k1 b=B/b1")
	want("a=A/k1 b=B/b1", trust.Options{Write: true}, "stops removed")
	see("a=A/k1 b=B/b1", "a")
	for range 2 { // whatever is learned meanwhile
		want("a=A/k1 b=B/b1", trust.Options{Write: true}, "rotate")
		see("a=A/k1:2 b=B/b1")
	}
	want("a=A/k1:2 b=B/b1", trust.Options{Write: true}, "rotate")
	see("a=A/k2:3<k1 b=B/b1")
	want("a=A/k2:3<k1 b=B/b1", trust.Options{Write: true}, "")
	want("a=A/k1:2 b=B/b1", trust.Options{Write: true}, "stops superseded")
}

// Whoever trusts a profile that was never removed need not rotate it.
func TestTrustedKey(t *testing.T) {
	known := &trust.Known{File: id("F")}
	known.Learn(trust.Judge(known, parseScene(t, "F", "a=A/k1 b=B/b1")))
	other := parseScene(t, "F", "a=A/x b=B/b1")
	known.Trust(trust.Judge(known, other), "a")
	for s, want := range map[scene]string{"a=A/x b=B/b1": "", "a=A/k1 b=B/b1": "refused superseded", "a=A/x2:2<x b=B/b1": "", "a=A/k2:2<k1 b=B/b1": "refused foreign"} {
		if got := answer(trust.Judge(known, parseScene(t, "F", s)).Of("a"), trust.Options{Write: true}); got != want && got != "stops superseded" {
			t.Errorf("%s: %q, want %q", s, got, want)
		}
	}
	if known.Profile(id("A")).Living() != true || known.Profile(id("C")) != nil {
		t.Error("what is known is another")
	}
}

// A voucher does not make up for an owner who is not allowed, nor does an owner who may be read.
func TestVouchedAtOthers(t *testing.T) {
	w := newSite(t)
	w.put("F", "a=A/f1", "f.age")
	w.want("first sight", w.use("F", "a=A/f1", w.place("f.age")), "")
	for name, o := range map[string]trust.Other{"another": {Path: ".git", UID: 1001}, "of the directory": {Path: ".git", UID: 1001, Here: true}} {
		place := w.place("e.age")
		place.Others = []trust.Other{o}
		w.want("a new file of "+name, w.use("E", "a=A/e1<f1", place), "refused owner")
		place.Above = []trust.Spot{{Repo: w.in, Path: "f.age"}}
		w.want("below another one, of "+name, w.use("E", "a=A/e1<f1", place), "refused owner")
	}
	w.want("a new file of nobody else", w.use("E", "a=A/e1<f1", w.place("e.age")), "")
}

// A file that is new in two repositories is vouched for in both.
func TestVouchedTwice(t *testing.T) {
	w := newSite(t)
	w.put("F", "a=A/f1", "f.age")
	w.put("G", "a=A/g1", "sub/g.age")
	inner := w.repository(filepath.Join(w.root, "sub"), 7)
	in := trust.Place{At: []trust.Spot{{Repo: inner, Path: "g.age"}}}
	w.want("first sight, inside", w.use("G", "a=A/g1", in), "")
	if err := os.Rename(filepath.Join(w.root, "sub", "g.age"), filepath.Join(w.root, "sub", "G")); err != nil {
		t.Fatal(err)
	}
	w.want("first sight", w.use("F", "a=A/f1", w.place("f.age")), "")
	if err := os.Rename(filepath.Join(w.root, "sub", "G"), filepath.Join(w.root, "sub", "g.age")); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		s    scene
		want string
	}{{"a=A/e1<g1", "refused new file"}, {"a=A/e1<f1", "refused new file"}, {"a=A/e1", "refused new file"}} {
		for _, order := range [][]trust.Spot{{{Repo: inner, Path: "e.age"}, {Repo: w.in, Path: "sub/e.age"}}, {{Repo: w.in, Path: "sub/e.age"}, {Repo: inner, Path: "e.age"}}} {
			w.want(string(c.s), w.use("E", c.s, trust.Place{At: order}), c.want)
		}
	}
}

// Only a file that is what it was vouches for a new one: not under another's name, and with its newest
// key.
func TestVouchersNow(t *testing.T) {
	w := newSite(t)
	w.put("F", "a=A/f1 b=B/f2", "f.age")
	w.want("first sight", w.use("F", "a=A/f1 b=B/f2", w.place("f.age")), "")
	for _, c := range []struct{ now, new scene }{
		{"a=B/f2", "a=A/e1<f2"}, {"a=A/x b=B/f2", "a=A/e1<x"}, {"?a=A/f1 b=B/f2", "a=A/e1<f1"}, {"a=A/f1 b=B/f2 n=N/n1<f1", "a=A/e1<n1"},
	} {
		w.put("F", c.now, "f.age")
		w.want(string(c.now), w.use("E", c.new, w.place("e.age")), "refused new file")
	}
	w.put("F", "a=A/f3:2<f1 b=B/f2", "f.age")
	w.want("by the key before", w.use("E", "a=A/e1<f1", w.place("e.age")), "refused new file")
	w.want("by its next key", w.use("E", "a=A/e1<f3", w.place("e.age")), "")
}

// Plugins that may run are those of the memory, and never of the working directory.
func TestPluginsNowhere(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("plugins", []byte("evil\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := (trust.Memory{}).Plugins(); len(got) > 0 {
		t.Errorf("%q may run", got)
	}
	if got := (trust.Memory{Dir: "."}).Plugins(); !slices.Equal(got, []string{"evil"}) {
		t.Errorf("of this directory, %q may run", got)
	}
}

// A repository that another one brought, by a submodule or a link, is in a place in both.
func TestBroughtBy(t *testing.T) {
	top, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	outer, elsewhere := filepath.Join(top, "outer"), filepath.Join(top, "elsewhere")
	git := func(args ...string) {
		t.Helper()
		if out, err := exec.Command("git", args...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	git("init", "-q", outer)
	git("init", "-q", elsewhere)
	if err := os.Mkdir(filepath.Join(outer, ".git", "modules"), 0o755); err != nil {
		t.Fatal(err)
	}
	module := filepath.Join(outer, ".git", "modules", "sub")
	git("init", "-q", "--separate-git-dir", module, filepath.Join(outer, "sub"))
	git("config", "--file", filepath.Join(module, "config"), "core.worktree", "../../../sub")
	if err := os.Symlink(elsewhere, filepath.Join(outer, "link")); err != nil {
		t.Skip("needs symbolic links")
	}
	for dir, want := range map[string]string{
		"link": filepath.Join(outer, "link") + " x.age, " + outer + " link/x.age",
		"sub":  filepath.Join(outer, "sub") + " x.age, " + outer + " sub/x.age",
	} {
		path := filepath.Join(outer, dir, "x.age")
		var got []string
		for _, spot := range (&trust.Locator{Name: "x.age", Dir: filepath.Dir(path)}).Place(path).At {
			got = append(got, spot.Repo.Root+" "+spot.Path)
		}
		if !strings.HasPrefix(strings.Join(got, ", "), want) {
			t.Errorf("%s: %q, want %s", dir, got, want)
		}
	}
}

// Who was told something once is told again only after much else.
func TestTold(t *testing.T) {
	k := &trust.Known{File: id("F")}
	if k.Told([]byte("a"), []byte("bc")) || k.Told([]byte("ab"), []byte("c")) || !k.Told([]byte("a"), []byte("bc")) {
		t.Error("two states are one")
	}
	for i := range 62 {
		k.Told([]byte(fmt.Sprint(i)))
	}
	if !k.Told([]byte("a"), []byte("bc")) {
		t.Error("it is forgotten too early")
	}
	if k.Told([]byte("another")) || k.Told([]byte("a"), []byte("bc")) {
		t.Error("it is never forgotten")
	}
}

// Neighbours are the known files that are there, each once and without this one.
func TestNeighbours(t *testing.T) {
	w := newSite(t)
	w.put("F", "a=A/f1", "f.age")
	w.put("G", "a=A/g1", "z/g.age", "b/copy.age")
	w.put("H", "a=A/h1", "h.age")
	w.want("first sight", w.use("F", "a=A/f1", w.place("f.age")), "")
	if err := errors.Join(os.Remove(filepath.Join(w.root, "h.age")), os.Rename(filepath.Join(w.root, "z"), filepath.Join(w.root, "y")), os.Remove(filepath.Join(w.root, "b", "copy.age"))); err != nil {
		t.Fatal(err)
	}
	w.put("N", "a=A/n1", "new.age")
	s, err := w.m.Load(id("F"), w.place("f.age"))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := s.Neighbours(), []string{filepath.Join(w.root, "y", "g.age")}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if s, err = w.m.Load(id("F"), outside(filepath.Join(w.root, "f.age"))); err != nil || s.Neighbours() != nil {
		t.Errorf("outside: %q, %v", s.Neighbours(), err)
	}
}

// Outside git, each path counts: a file below a known one is not the one that was meant.
func TestShadowOutside(t *testing.T) {
	w := newSite(t)
	w.want("first sight", w.use("F", "a=A/f1", outside("/d/x.age")), "")
	below := outside("/d/sub/x.age")
	below.Above = outside("/d/x.age").At
	w.want("another one below it", w.use("G", "a=A/g1", below), "refused shadow")
	w.want("the same one below it", w.use("F", "a=A/f1", below), "")
	w.want("and where it was", w.use("F", "a=A/f1", outside("/d/x.age")), "")
}

// A name that a profile had in an earlier revision is its own, too.
func TestEarlierName(t *testing.T) {
	known := &trust.Known{File: id("F")}
	for _, s := range []scene{"a=A/k1:5 b=B/b1", "z=A/k1:3 b=B/b1"} {
		known.Learn(trust.Judge(known, parseScene(t, "F", s)))
	}
	p := known.Profile(id("A"))
	if p.Name() != "a" || p.Revision != 5 || !known.Bore("z", id("C")) || known.Bore("z", id("A")) {
		t.Errorf("%+v", p)
	}
	if got := answer(trust.Judge(known, parseScene(t, "F", "b=B/b1 z=C/c1<b1")).Of("z"), trust.Options{}); got != "refused name" {
		t.Errorf("another one of that name: %q", got)
	}
}
