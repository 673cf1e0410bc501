package trust_test

import (
	"encoding/hex"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/credfile/credfile/vaultfile"
	"github.com/credfile/credfile/vaultfile/trust"
)

// What is remembered besides keys comes back as it was, or not at all.
func TestBesidesKeys(t *testing.T) {
	m := trust.Memory{Dir: filepath.Join(t.TempDir(), "trust")}
	load := func() *trust.Sight {
		s, err := m.Load(id("F"), outside("/f"))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	f := parseScene(t, "F", "a=A/k1 b=B/k2<k1")
	s := load()
	if err := errors.Join(s.Learn(f), s.AllowName("PATH"), s.AllowName("PATH"), s.Note(func(k *trust.Known) { k.LastLock = "phrase"; k.Told([]byte("x")) })); err != nil {
		t.Fatal(err)
	}
	s = load()
	want := "alice writer " + vaultfile.Fingerprint(aliceRecipient)
	if p := s.Profile(id("A")); len(p.Recipients) != 1 || p.Recipients[0] != want {
		t.Errorf("recipients: %q, want %q", p.Recipients, want)
	}
	if !s.Untold || s.LastLock != "phrase" || !slices.Equal(s.AllowNames, []string{"PATH"}) || !s.Known.Told([]byte("x")) {
		t.Errorf("%+v", s.Known)
	}
	path := filepath.Join(m.Dir, hex.EncodeToString(sceneID("F")))
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"lock .x\n", "lock \n", "lock a b\n", "allow A=B\n", "told x\n", "untold x\n"} {
		if err := os.WriteFile(path, append(slices.Clone(good), bad...), 0o600); err != nil {
			t.Fatal(err)
		}
		var damage *trust.MemoryError
		if _, err := m.Load(id("F"), outside("/f")); !errors.As(err, &damage) {
			t.Errorf("%q is read: %v", bad, err)
		}
	}
	if err := os.WriteFile(path, good, 0o600); err != nil {
		t.Fatal(err)
	}
	if s = load(); s.Trust(f, trust.AllProfiles) != nil || load().Untold {
		t.Error("who trusts a file is told of it")
	}
}

// Where nothing can be kept, nothing is known. That is no damage.
func TestNoPlace(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := trust.Memory{Dir: filepath.Join(file, "trust")}.Load(id("F"), outside("/f"))
	if err != nil || s.Seen || s.Misfit != nil {
		t.Fatalf("%+v, %v", s, err)
	}
	err = s.Learn(parseScene(t, "F", "a=A/k1"))
	if !trust.NoPlace(err) || trust.NoPlace(nil) || trust.NoPlace(errors.New("another")) {
		t.Errorf("%v", err)
	}
}

// A memory that is nowhere removes nothing from the working directory.
func TestForgetNowhere(t *testing.T) {
	t.Chdir(t.TempDir())
	name := hex.EncodeToString(sceneID("F"))
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := (trust.Memory{}).Forget(id("F"), outside("/f")); err != nil || !exists(name) {
		t.Errorf("%v", err)
	}
}

// Forget forgets the file and who was at its place, and no other place.
func TestForgetPlaces(t *testing.T) {
	w := newSite(t)
	w.put("F", "a=A/f1", "f.age")
	w.put("G", "a=A/g1", "g.age")
	w.want("first sight", w.use("F", "a=A/f1", w.place("f.age")), "")
	place := w.place("f.age")
	place.Above = []trust.Spot{{Repo: w.in, Path: "g.age"}}
	if err := w.m.Forget(id("F"), place); err != nil {
		t.Fatal(err)
	}
	w.want("the other one's place", w.use("E", "a=A/e1", w.place("g.age")), "refused other file")
	w.want("the other one", w.use("G", "a=A/forged", w.place("g.age")), "refused foreign")
	w.want("another one at the place", w.use("E", "a=A/e1", w.place("f.age")), "refused other file")
	w.want("the file, with any key", w.use("F", "a=A/anew", w.place("f.age")), "")
	// The last file of a repository leaves nothing.
	alone := outside("/alone")
	w.want("first sight, outside", w.use("H", "a=A/h1", alone), "")
	if err := w.m.Forget(id("H"), alone); err != nil {
		t.Fatal(err)
	}
	w.want("another one outside", w.use("E", "a=A/e1", alone), "")
}

// A repository that could have no mark is known by its path, until it has one. One whose mark is
// unusable is the one known at its path.
func TestMarksOfOne(t *testing.T) {
	w := newSite(t)
	w.in.MakeMark = func() (trust.Mark, error) { return trust.Mark{}, errors.New("read-only") }
	w.want("first sight", w.use("F", "a=A/f1", w.place("f.age")), "")
	w.want("another one, without a mark", w.use("E", "a=A/e1", w.place("f.age")), "refused other file")
	w.in = w.repository(w.root, 1)
	w.in.Mark = trust.Mark{1}
	w.want("another one, once there is a mark", w.use("E", "a=A/e1", w.place("f.age")), "refused other file")
	w.want("the file", w.use("F", "a=A/f1", w.place("f.age")), "")
	w.in = w.repository(w.root, 1)
	w.in.Unusable = true
	w.want("another one, under a mark that is unusable", w.use("E", "a=A/e1", w.place("f.age")), "refused other file")
	w.want("the file, under that mark", w.use("F", "a=A/f1", w.place("f.age")), "")
}

// A place has every name of the file, where the search looked, and where it would have gone on.
func TestPlaces(t *testing.T) {
	top, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	repo := filepath.Join(top, "repo")
	deep := filepath.Join(repo, "a", "b")
	if err := os.MkdirAll(deep, 0o755); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("git", "init", "-q", repo).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, path := range []string{filepath.Join(repo, "a", "x.age"), filepath.Join(top, "x.age"), filepath.Join(top, "out", "in", "x.age")} {
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, nil, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	link := filepath.Join(deep, "x.age")
	if err := os.Symlink(filepath.Join("..", "x.age"), link); err != nil {
		t.Skip("needs symbolic links")
	}
	names := func(spots []trust.Spot) string {
		var list []string
		for _, s := range spots {
			list = append(list, strings.TrimPrefix(strings.TrimPrefix(s.Repo.Root+"/"+s.Path, repo+"/"), "/"))
			if s.Repo.Root == "" {
				list[len(list)-1] = strings.TrimPrefix(s.Repo.Common, top)
			}
		}
		return strings.Join(list, " ")
	}
	for what, c := range map[string]struct {
		l                 trust.Locator
		path              string
		at, passed, above string
	}{
		"found above":      {trust.Locator{Name: "x.age", Dir: deep, Home: top}, filepath.Join(repo, "a", "x.age"), "a/x.age", "a/b/x.age", "x.age"},
		"named":            {trust.Locator{Name: "x.age", Dir: deep, Home: top, Meant: true}, filepath.Join(repo, "a", "x.age"), "a/x.age", "", "x.age"},
		"another name":     {trust.Locator{Name: "y.age", Dir: deep, Home: top}, filepath.Join(repo, "a", "x.age"), "a/x.age", "a/b/y.age", ""},
		"found here":       {trust.Locator{Name: "x.age", Dir: filepath.Join(repo, "a"), Home: top}, filepath.Join(repo, "a", "x.age"), "a/x.age", "", "x.age"},
		"a link":           {trust.Locator{Name: "x.age", Dir: deep, Home: top}, link, "a/b/x.age a/x.age", "a/b/x.age", "a/x.age x.age"},
		"outside git":      {trust.Locator{Name: "x.age", Dir: filepath.Join(top, "out", "in"), Home: top}, filepath.Join(top, "out", "in", "x.age"), "/out/in/x.age", "", "/out/x.age /x.age"},
		"no place to look": {trust.Locator{Name: "x.age", Home: top}, filepath.Join(top, "x.age"), "/x.age", "", ""},
	} {
		p := c.l.Place(c.path)
		if got, want := names(p.At)+", "+names(p.Passed)+", "+names(p.Above), c.at+", "+c.passed+", "+c.above; got != want || p.Meant != c.l.Meant {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
	}
}

// A repository that can't be recorded is not recorded as one that has a mark.
func TestUnwritable(t *testing.T) {
	w := newSite(t)
	mark := trust.Mark{1}
	record := filepath.Join(w.m.Dir, "repository-"+hex.EncodeToString(mark[:]))
	w.in.MakeMark = func() (trust.Mark, error) { return mark, os.MkdirAll(filepath.Join(record, "in the way"), 0o700) }
	f := parseScene(t, "F", "a=A/k1")
	s, err := w.m.Load(id("F"), w.place("f.age"))
	if err != nil {
		t.Fatal(err)
	}
	var memory *trust.MemoryError
	if err := s.Learn(f); !errors.As(err, &memory) || memory.Path != record {
		t.Errorf("%v, want one of %s", err, record)
	}
}
