package trust_test

import (
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/credfile/credfile/vaultfile/trust"
)

// site is a machine and a repository on it.
type site struct {
	t    *testing.T
	m    trust.Memory
	root string
	in   *trust.Repository
}

func newSite(t *testing.T) *site {
	w := &site{t: t, m: trust.Memory{Dir: filepath.Join(t.TempDir(), "trust")}, root: t.TempDir()}
	w.in = w.repository(w.root, 1)
	return w
}

// repository returns a repository that gets its mark when something in it is remembered.
func (w *site) repository(root string, mark byte) *trust.Repository {
	made := trust.Mark{mark}
	return &trust.Repository{Common: filepath.Join(root, ".git"), Root: root, MakeMark: func() (trust.Mark, error) { return made, nil }, Files: func() (files []string) {
		filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
			if rel, e := filepath.Rel(root, path); e == nil && filepath.Ext(path) == ".age" {
				files = append(files, filepath.ToSlash(rel))
			}
			return nil
		})
		return files
	}}
}

// put writes a file to paths of the repository.
func (w *site) put(file string, s scene, paths ...string) {
	w.t.Helper()
	for _, p := range paths {
		path := filepath.Join(w.root, filepath.FromSlash(p))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			w.t.Fatal(err)
		}
		if err := os.WriteFile(path, sceneBytes(w.t, file, s), 0o644); err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *site) place(path string) trust.Place {
	return trust.Place{At: []trust.Spot{{Repo: w.in, Path: path}}}
}

// use judges profile a of a file at a path for writing, and remembers what is accepted.
func (w *site) use(file string, s scene, place trust.Place) string {
	w.t.Helper()
	f := parseScene(w.t, file, s)
	sight, err := w.m.Load(f.ID(), place)
	if err != nil {
		w.t.Fatal(err)
	}
	got := answer(trust.Judge(sight.Known, f).Of("a"), trust.Options{Write: true})
	if err := sight.Learn(f); err != nil {
		w.t.Fatal(err)
	}
	return got
}

func (w *site) trust(file string, s scene, place trust.Place) {
	w.t.Helper()
	f := parseScene(w.t, file, s)
	sight, err := w.m.Load(f.ID(), place)
	if err == nil {
		err = sight.Trust(f, trust.AllProfiles)
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *site) want(what, got, want string) {
	w.t.Helper()
	if got != want {
		w.t.Errorf("%s: %q, want %q", what, got, want)
	}
}

// TestPlaceTable has each row of the table in the specification.
func TestPlaceTable(t *testing.T) {
	w := newSite(t)
	w.put("F", "a=A/f1", "x/f.age")
	w.put("G", "a=A/g1 b=B/g2", "y/g.age")
	if err := os.WriteFile(filepath.Join(w.root, "broken.age"), []byte("credfile/1 "+b64(sceneID("H"))+"\nnothing\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	w.want("first sight", w.use("F", "a=A/f1", w.place("x/f.age")), "")
	w.want("all of the repository was taken", w.use("G", "a=A/forged", w.place("y/g.age")), "refused foreign")
	w.want("this file", w.use("F", "a=A/f2:2<f1", w.place("x/f.age")), "")
	w.want("this file is judged by its id", w.use("F", "a=A/forged", w.place("x/f.age")), "refused foreign")
	w.want("swapped", w.use("G", "a=A/g1 b=B/g2", w.place("x/f.age")), "refused swapped")
	w.want("another file where one was", w.use("E", "a=A/e1<f2", w.place("x/f.age")), "refused other file")
	w.want("moved", w.use("G", "a=A/g1 b=B/g2", w.place("z/g.age")), "")
	w.want("and its new path is known", w.use("F", "a=A/f2:2<f1", w.place("z/g.age")), "refused swapped")
	w.want("a new file", w.use("E", "a=A/e1", w.place("new/e.age")), "refused new file")
	w.want("a new file that an old key vouches for", w.use("E", "a=A/e1<f1", w.place("new/e.age")), "refused new file")
	w.want("listed without keys, elsewhere", w.use("H", "a=A/h1", w.place("h.age")), "refused new file")
	w.want("listed without keys, where it was listed", w.use("H", "a=A/h1", w.place("broken.age")), "")
	w.want("and then elsewhere", w.use("H", "a=A/h1", w.place("h.age")), "")
	// Only present files vouch: the one in the work tree is older than what is known.
	w.want("a voucher that was replaced here", w.use("E", "a=A/e1<f2", w.place("new/e.age")), "refused new file")
	w.put("F", "a=A/f2:2<f1", "x/f.age")
	w.want("a new file that is vouched for", w.use("E", "a=A/e1<f2", w.place("new/e.age")), "")
	w.want("and is known then", w.use("E", "a=A/e1<f2", w.place("new/e.age")), "")
	if err := os.Rename(filepath.Join(w.root, "x"), filepath.Join(w.root, "moved")); err != nil {
		t.Fatal(err)
	}
	w.want("a voucher that was moved", w.use("C", "a=A/c1<f2", w.place("c.age")), "")
	w.put("F", "a=A/f1", "x/f.age") // unchanged at its path: copies elsewhere don't count then
	w.want("a voucher at another path than its own", w.use("B", "a=A/b1<f2", w.place("b.age")), "refused new file")
	w.want("known, elsewhere", w.use("E", "a=A/e1:2<f2", w.place("elsewhere/e.age")), "")
	w.want("no voucher helps where another file was", w.use("D", "a=A/d1<f2", w.place("y/g.age")), "refused other file")
	w.trust("D", "a=A/d1", w.place("y/g.age"))
	w.want("until the user trusts it", w.use("D", "a=A/d1", w.place("y/g.age")), "")
	w.want("and the other one is not known there any more", w.use("G", "a=A/g1 b=B/g2", w.place("y/g.age")), "refused swapped")
}

// TestShadow: every path that the search looks at counts.
func TestShadow(t *testing.T) {
	w := newSite(t)
	w.put("F", "a=A/f1", "svc/.credentials.age")
	w.put("G", "a=A/g1", "tools/.credentials.age")
	w.want("first sight", w.use("F", "a=A/f1", w.place("svc/.credentials.age")), "")
	between := w.place("svc/sub/.credentials.age")
	between.Above = []trust.Spot{{Repo: w.in, Path: "svc/.credentials.age"}, {Repo: w.in, Path: ".credentials.age"}}
	w.want("a copy between a service and its file", w.use("G", "a=A/g1", between), "refused shadow")
	w.want("a new one that is vouched for", w.use("E", "a=A/e1<f1", between), "refused shadow")
	above := w.place(".credentials.age")
	above.Passed = between.Above[:1]
	w.want("a copy above one that was deleted", w.use("G", "a=A/g1", above), "refused shadow")
	w.want("a new one that is vouched for, above", w.use("E", "a=A/e1<f1", above), "refused shadow")
	w.want("where none is passed", w.use("G", "a=A/g1", w.place(".credentials.age")), "")
	// Known at its place, and found past a missing one.
	w.want("past one that is gone", w.use("G", "a=A/g1", above), "refused passed")
	f := parseScene(t, "G", "a=A/g1")
	sight, err := w.m.Load(f.ID(), above)
	if err != nil {
		t.Fatal(err)
	}
	v := trust.Judge(sight.Known, f).Of("a")
	w.want("to read it", answer(v, trust.Options{}), "")
	w.want("to read it with --strict", answer(v, trust.Options{Strict: true}), "refused passed")
	w.trust("G", "a=A/g1", above)
	w.want("trusted", w.use("G", "a=A/g1", above), "")
}

// TestSubmodule: the outer repository decides, and knows the file from its first use.
func TestSubmodule(t *testing.T) {
	w := newSite(t)
	w.put("F", "a=A/f1", ".credentials.age")
	w.put("G", "a=A/g1", "sub/.credentials.age")
	w.want("first sight", w.use("F", "a=A/f1", w.place(".credentials.age")), "")
	in := w.place("sub/.credentials.age")
	inner := w.repository(filepath.Join(w.root, "sub"), 7)
	in.At = append([]trust.Spot{{Repo: inner, Path: ".credentials.age"}}, in.At...)
	in.Above = []trust.Spot{{Repo: w.in, Path: ".credentials.age"}}
	w.want("a file that came with it", w.use("G", "a=A/g1", in), "")
	w.want("another one there", w.use("E", "a=A/e1", in), "refused other file")
	in.At[0].Path, in.At[1].Path = "x/.credentials.age", "sub/x/.credentials.age"
	w.want("a new one, below the outer one's", w.use("E", "a=A/e1<f1", in), "refused shadow")
}

// TestNowhere: with no memory directory, nothing is read from the working directory.
func TestNowhere(t *testing.T) {
	w := newSite(t)
	place := w.place("f.age")
	place.Others = []trust.Other{{Path: ".git", UID: 1001}}
	w.trust("F", "a=A/f1", place)
	w.want("trusted", w.use("F", "a=A/f1", place), "")
	t.Chdir(w.m.Dir)
	w.in.Mark, w.m.Dir = trust.Mark{1}, ""
	w.want("what lies here", w.use("F", "a=A/f1", place), "refused owner")
}

// TestMark: a repository is known by its mark, and nothing in it pushes out what is known
// of another.
func TestMark(t *testing.T) {
	w := newSite(t)
	w.want("first sight", w.use("F", "a=A/f1", w.place("f.age")), "")
	moved := w.repository(t.TempDir(), 9)
	moved.Mark = trust.Mark{1}
	w.in = moved
	w.want("moved", w.use("E", "a=A/e1", w.place("e.age")), "refused new file")
	w.want("moved, the file", w.use("F", "a=A/f2:2<f1", w.place("f.age")), "")

	// Another clone at the old path.
	w.in = w.repository(w.root, 2)
	sight, err := w.m.Load(id("E"), w.place("e.age"))
	if err != nil || sight.Misfit != nil {
		t.Fatal(err, sight.Misfit)
	}
	if b := sight.Before(); b == nil || strings.Join(b.Gone, " ") != "f.age" {
		t.Errorf("what was there before: %+v", b)
	}
	w.want("a clone at an old path", w.use("E", "a=A/e1", w.place("e.age")), "")

	// A repository with more paths than are remembered.
	w.in = w.repository(t.TempDir(), 3)
	f := parseScene(t, "X", "a=A/x1")
	many := w.place("p0.age")
	for i := range trust.MaxPaths + 3 {
		many.At = append(many.At, trust.Spot{Repo: w.in, Path: fmt.Sprintf("p%d.age", i)})
	}
	w.in.Files = func() (files []string) {
		for _, spot := range many.At[:trust.MaxPaths+2] {
			files = append(files, spot.Path)
		}
		return files
	}
	for _, spot := range many.At {
		path := filepath.Join(w.in.Root, spot.Path)
		if err := os.WriteFile(path, sceneBytes(t, "X", "a=A/x1"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if sight, err = w.m.Load(f.ID(), w.place("p0.age")); err == nil {
		err = sight.Learn(f)
	}
	if err != nil {
		t.Fatal(err)
	}
	w.want("at a path that is not learned, as if not known", w.use("Y", "a=A/y1", w.place(fmt.Sprintf("p%d.age", trust.MaxPaths+2))), "refused new file")
	w.want("at one that is", w.use("Y", "a=A/y1", w.place("p7.age")), "refused other file")
	w.in = moved
	w.want("and the other repository is what it was", w.use("E", "a=A/e1", w.place("f.age")), "refused other file")
}

// TestOwners: another user's files are refused until the user approves them.
func TestOwners(t *testing.T) {
	w := newSite(t)
	place := w.place("f.age")
	place.Others = []trust.Other{{Path: "/x/.git", UID: 1001}}
	w.want("a .git of another user", w.use("F", "a=A/f1", place), "refused owner")
	meant := place
	meant.Meant = true
	w.want("meant", w.use("F", "a=A/f1", meant), "")
	w.want("known, and of another user", w.use("F", "a=A/f1", place), "refused owner")
	w.trust("F", "a=A/f1", place)
	w.want("trusted", w.use("F", "a=A/f1", place), "")
	place.Others[0].UID = 1002
	w.want("of a third one", w.use("F", "a=A/f1", place), "refused owner")
	place.Others[0] = trust.Other{Path: "f.age", UID: 1002, File: true}
	w.want("a file that is known at its place", w.use("F", "a=A/f1", place), "")
	place = w.place("g.age")
	place.Others = []trust.Other{{Path: "g.age", UID: 1002, File: true}}
	w.want("one that is not", w.use("F", "a=A/f1", place), "refused owner")
	// Root without sudo: the owner of the working directory counts for what is known.
	place = w.place("f.age")
	place.Others = []trust.Other{{Path: ".git", UID: 1003, Here: true}}
	f := parseScene(t, "F", "a=A/f1")
	sight, err := w.m.Load(f.ID(), place)
	if err != nil {
		t.Fatal(err)
	}
	v := trust.Judge(sight.Known, f).Of("a")
	w.want("to read it", answer(v, trust.Options{}), "")
	w.want("to write it", answer(v, trust.Options{Write: true}), "refused owner")
	other := newSite(t)
	place = other.place("f.age")
	place.Others = []trust.Other{{Path: ".git", UID: 1003, Here: true}}
	other.want("at first sight", other.use("F", "a=A/f1", place), "refused owner")
}

// TestCarriedOver: what earlier versions knew of places is read once, and still applies.
func TestCarriedOver(t *testing.T) {
	w := newSite(t)
	w.want("first sight", w.use("F", "a=A/f1", outside("/out/f.age")), "")
	for name := range remembered(t, w.m) {
		if strings.HasPrefix(name, "path-") {
			if err := os.Remove(filepath.Join(w.m.Dir, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	F, G := id("F"), id("G")
	known := filepath.Join(w.m.Dir, hex.EncodeToString(F[:]))
	b, err := os.ReadFile(known)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(b), "credfile-trust/2", "credfile-trust/1", 1) + fmt.Sprintf("place %q\n", w.in.Common+"//own.age")
	places := fmt.Sprintf("%x %q\n%x %q\n%x %q\n", F[:], "/out/f.age", F[:], w.in.Common+"//f.age", G[:], w.in.Common+"//g.age")
	for path, text := range map[string]string{known: text, filepath.Join(w.m.Dir, "places"): places} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	w.want("outside git", w.use("E", "a=A/e1", outside("/out/f.age")), "refused other file")
	w.want("in a repository", w.use("E", "a=A/e1", w.place("f.age")), "refused other file")
	w.want("what the file's own memory knew", w.use("E", "a=A/e1", w.place("own.age")), "refused other file")
	w.want("the file", w.use("F", "a=A/f1", w.place("f.age")), "")
	w.want("listed", w.use("G", "a=A/g1", w.place("g.age")), "")
	if exists(filepath.Join(w.m.Dir, "places")) {
		t.Error("it is not read once")
	}
	w.in = w.repository(w.root, 1)
	w.in.Mark = trust.Mark{1}
	w.want("after it got its mark", w.use("E", "a=A/e1", w.place("own.age")), "refused other file")
}

// TestNewerMemory: what a newer version knows is neither ignored nor lost.
func TestNewerMemory(t *testing.T) {
	w := newSite(t)
	w.want("first sight", w.use("F", "a=A/f1", w.place("f.age")), "")
	for name, text := range remembered(t, w.m) {
		path := filepath.Join(w.m.Dir, name)
		head, rest, _ := strings.Cut(text, " ")
		newer := head[:len(head)-1] + "9 " + rest + "unheard of\n"
		if err := os.WriteFile(path, []byte(newer), 0o600); err != nil {
			t.Fatal(err)
		}
		w.in.Mark = trust.Mark{1}
		_, err := w.m.Load(id("F"), w.place("f.age"))
		if strings.HasPrefix(name, "path-") {
			continue // not read if the mark is known
		}
		var memory *trust.MemoryError
		if !errors.As(err, &memory) || !errors.Is(err, trust.ErrNewer) || memory.Path != path {
			t.Errorf("%s: %v", name, err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

func sceneID(file string) []byte {
	i := id(file)
	return i[:]
}
