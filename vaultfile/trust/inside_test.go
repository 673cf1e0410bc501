package trust

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/credfile/credfile/format"
)

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o600)); err != nil {
		t.Fatal(err)
	}
}

// isMemory tells whether an error is about a file of the memory.
func isMemory(err error, path string) bool {
	var e *MemoryError
	return errors.As(err, &e) && strings.Contains(err.Error(), path)
}

// A memory that must not be written isn't, whatever is asked of it.
func TestReadOnly(t *testing.T) {
	m := Memory{Dir: t.TempDir(), ReadOnly: true}
	id := format.ID{1}
	write(t, m.path(id), "what is known")
	write(t, filepath.Join(m.Dir, "places"), "no line\n")
	for what, err := range map[string]error{
		"AllowPlugin":  m.AllowPlugin("x"),
		"Forget":       m.Forget(id, Place{}),
		"updateRecord": m.updateRecord("path-x", func(*record) {}),
	} {
		if !isMemory(err, m.Dir) || !errors.Is(err, fs.ErrPermission) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := m.carryOver(false); err != nil {
		t.Errorf("old places are read: %v", err)
	}
	entries, err := os.ReadDir(m.Dir)
	if err != nil || len(entries) != 2 {
		t.Errorf("%v, %v", entries, err)
	}
	if b, err := os.ReadFile(m.path(id)); err != nil || string(b) != "what is known" {
		t.Errorf("%q, %v", b, err)
	}
}

// What can't be written or removed is said.
func TestMemoryFails(t *testing.T) {
	id, repo := format.ID{1}, &Repository{Common: "/f"}
	place := Place{At: []Spot{{Repo: repo}}}
	for what, c := range map[string]struct {
		in  string // a directory that has something in it
		do  func(m Memory) error
		who string
	}{
		"AllowPlugin": {"plugins", func(m Memory) error { return m.AllowPlugin("x") }, "plugins"},
		"Forget":      {fmt.Sprintf("%x", id), func(m Memory) error { return m.Forget(id, Place{}) }, "01000000"},
		"a place":     {pathName("/f"), func(m Memory) error { return m.Forget(id, place) }, "path-"},
		"old places":  {"places", func(m Memory) error { return m.Forget(id, place) }, "places"},
	} {
		m := Memory{Dir: t.TempDir()}
		write(t, filepath.Join(m.Dir, c.in, "something"), "x")
		if err := c.do(m); !isMemory(err, c.who) {
			t.Errorf("%s: %v", what, err)
		}
	}
	m := Memory{Dir: filepath.Join(t.TempDir(), "file")}
	write(t, m.Dir, "")
	if err := m.AllowPlugin("x"); !isMemory(err, m.Dir) {
		t.Errorf("below a file: %v", err)
	}
	if err := (Memory{}).AllowPlugin("x"); err == nil || !strings.Contains(err.Error(), "XDG_STATE_HOME") {
		t.Errorf("nowhere: %v", err)
	}
	if err := (Memory{}).Forget(id, place); err != nil {
		t.Errorf("what is not remembered: %v", err)
	}
}

// A damaged record is never written over, and Forget removes it.
func TestDamagedRecord(t *testing.T) {
	m, name := Memory{Dir: t.TempDir()}, pathName("/f")
	path := filepath.Join(m.Dir, name)
	key := format.Base64.EncodeToString(make([]byte, 16))
	good := recordIntro + " " + name + "\nat \"/f\"\nmark " + key + "\nowner 7\nfile " + key + " \"\"\n"
	if r, err := parseRecord(name, []byte(good)); err != nil || r.at != "/f" || len(r.owners) != 1 || !r.known() || r.changed {
		t.Fatalf("%+v, %v", r, err)
	}
	for _, bad := range []string{
		strings.Replace(good, "\"/f\"", "/f", 1), strings.Replace(good, "mark "+key, "mark "+key[1:], 1), strings.Replace(good, "owner 7", "owner x", 1),
		strings.Replace(good, "owner 7", "owner 4294967296", 1), strings.Replace(good, "file "+key, "file x", 1), strings.Replace(good, " \"\"\n", " \n", 1),
		good + "unknown x\n", good + "\n", strings.TrimSuffix(good, "\n"), strings.Replace(good, "path-", "path-0", 1), "\n",
	} {
		write(t, path, bad)
		if err := m.updateRecord(name, func(r *record) { r.at = "/elsewhere" }); !isMemory(err, name) {
			t.Errorf("%q: %v", bad, err)
		}
		if b, err := os.ReadFile(path); err != nil || string(b) != bad {
			t.Errorf("%q became %q", bad, b)
		}
		if r, err := m.readRecord(name); !isMemory(err, name) || r.known() {
			t.Errorf("%q is read: %v", bad, err)
		}
	}
	if err := m.Forget(format.ID{1}, Place{Passed: []Spot{{Repo: &Repository{Common: "/f"}}}}); err != nil || there(path) {
		t.Errorf("forgotten: %v", err)
	}
}

// Places of earlier versions are taken over whole, or refused.
func TestOldPlaces(t *testing.T) {
	id := strings.Repeat("0a", 16)
	for _, line := range []string{id + " /f", id + " ", id, "x" + id[1:] + ` "/f"`, id[2:] + ` "/f"`, id + `00 "/f"`, ` "/f"`} {
		m := Memory{Dir: t.TempDir()}
		list := filepath.Join(m.Dir, "places")
		write(t, list, id+" \"/g\"\n"+line+"\n")
		if err := m.carryOver(false); !isMemory(err, list) || !there(list) || there(filepath.Join(m.Dir, pathName("/g"))) {
			t.Errorf("%q: %v", line, err)
		}
		if err := m.carryOver(true); err != nil || there(list) || !there(filepath.Join(m.Dir, pathName("/g"))) {
			t.Errorf("%q, without what is damaged: %v", line, err)
		}
	}
	m := Memory{Dir: t.TempDir()}
	write(t, filepath.Join(m.Dir, "places", "something"), "")
	if err := m.carryOver(false); !isMemory(err, "places") {
		t.Errorf("a directory: %v", err)
	}
	if err := (oldPlaces{}).addFiles(filepath.Join(m.Dir, "no")); err == nil {
		t.Error("no directory is no error")
	}
	old := oldPlaces{}
	write(t, filepath.Join(m.Dir, id), "credfile-trust/1 x\nplace \"/repo/.git//a/b.age\"\nplace x\n")
	if err := old.addFiles(m.Dir); err != nil || len(old) != 1 || old[pathName("/repo/.git")].where(format.ID{10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10}) != "a/b.age" {
		t.Errorf("%v, %v", old, err)
	}
}

// Only what begins like a credfile has an id, and only a regular file inside the repository.
func TestIDAt(t *testing.T) {
	root := t.TempDir()
	want := format.ID{1, 2, 3}
	intro := "credfile/1 " + format.Base64.EncodeToString(want[:])
	for name, text := range map[string]string{
		"repo/good.age": intro + "\nthe rest", "repo/short.age": intro[:len(intro)-1], "repo/bits.age": intro[:len(intro)-1] + "B", "repo/empty.age": "", "outside.age": intro + "\n",
	} {
		write(t, filepath.Join(root, name), text)
	}
	repo := &Repository{Root: filepath.Join(root, "repo")}
	if err := os.Symlink("good.age", filepath.Join(repo.Root, "link.age")); err != nil {
		t.Skip("needs symbolic links")
	}
	if err := os.Mkdir(filepath.Join(repo.Root, "dir.age"), 0o755); err != nil {
		t.Fatal(err)
	}
	if id, ok := idAt(repo, "good.age"); !ok || id != want {
		t.Errorf("%x, %v", id, ok)
	}
	for _, rel := range []string{"short.age", "bits.age", "empty.age", "link.age", "dir.age", "none.age", "../outside.age", "../repo/good.age"} {
		if id, ok := idAt(repo, rel); ok {
			t.Errorf("%s has the id %x", rel, id)
		}
	}
	if _, ok := fileID(filepath.Join(repo.Root, "none.age")); ok {
		t.Error("no file has an id")
	}
}

func TestSameFile(t *testing.T) {
	dir := t.TempDir()
	a, b, none := filepath.Join(dir, "a"), filepath.Join(dir, "b"), filepath.Join(dir, "none")
	write(t, a, "")
	write(t, b, "")
	if !sameFile(a, filepath.Join(dir, ".", "a")) || sameFile(a, b) || sameFile(a, none) || sameFile(none, a) || sameFile(none, none) {
		t.Error("two files are one")
	}
}

// Row 8e: a repository that fills what is remembered of it pushes nothing out.
func TestFullPaths(t *testing.T) {
	r, id, other := newRecord("x"), format.ID{1}, format.ID{2}
	for i := range MaxPaths + 10 {
		r.set(fmt.Sprint(i), id)
	}
	r.set("0", other)
	if len(r.order) != MaxPaths || len(r.paths) != MaxPaths || r.paths["0"] != other || r.paths[fmt.Sprint(MaxPaths-1)] != id {
		t.Errorf("%d paths, of which the first is of %x", len(r.order), r.paths["0"])
	}
}
