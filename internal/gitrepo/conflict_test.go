package gitrepo

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const marked = "top\n<<<<<<< HEAD\nours\n||||||| base\nbase\n=======\ntheirs\n>>>>>>> side\nend\n"

// What git left between its markers are two versions of the whole file.
func TestMarkers(t *testing.T) {
	for _, c := range []struct{ name, text, ours, theirs string }{
		{"with the base", marked, "top\nours\nend\n", "top\ntheirs\nend\n"},
		{"without", strings.Replace(marked, "||||||| base\nbase\n", "", 1), "top\nours\nend\n", "top\ntheirs\nend\n"},
		{"longer markers", "<<<<<<<<< HEAD\na\n=========\nb\n>>>>>>>>> x\n", "a\n", "b\n"},
		{"carriage returns", "<<<<<<< HEAD\r\na\r\n=======\r\nb\r\n>>>>>>> x\r\n", "a\r\n", "b\r\n"},
		{"one side is empty", "<<<<<<< HEAD\n=======\nb\n>>>>>>> x\n", "", "b\n"},
		{"two", marked + marked, "top\nours\nend\ntop\nours\nend\n", "top\ntheirs\nend\ntop\ntheirs\nend\n"},
	} {
		conflict, ok := ReadConflict("", c.text, 1000, nil)
		if !ok || string(conflict.Ours) != c.ours || string(conflict.Theirs) != c.theirs || conflict.Base != nil {
			t.Errorf("%s: %v, %q, %q", c.name, ok, conflict.Ours, conflict.Theirs)
		}
	}
	for name, text := range map[string]string{"nothing": "", "six": "<<<<<< HEAD\n", "a title": "=======\n", "inside a line": " <<<<<<< HEAD\n", "no space": "<<<<<<<HEAD\n"} {
		if _, ok := ReadConflict("", text, 1000, nil); ok {
			t.Errorf("%s is a conflict", name)
		}
	}
}

// conflicted is a repository in the middle of a merge of f.
func conflicted(t *testing.T) (dir string) {
	return shell(t, `cd work
printf 'base\n' > f; git add f; git commit -qm base; git branch side
printf 'ours\n' > f; git commit -qam ours; git checkout -q side
printf 'theirs\n' > f; git commit -qam theirs; git checkout -q -
git merge -q side > /dev/null 2>&1 && exit 1 || true`)
}

// A conflict has the versions in git's index, also when the file is one side only, as after
// git checkout --ours.
func TestStages(t *testing.T) {
	dir := conflicted(t)
	path := filepath.Join(dir, "work", "f")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	check := func(what, content string) {
		t.Helper()
		c, ok := ReadConflict(path, content, 1000, os.Environ())
		if !ok || string(c.Base) != "base\n" || string(c.Ours) != "ours\n" || string(c.Theirs) != "theirs\n" || c.Objects.Ours == "" {
			t.Fatalf("%s: %v, %+v", what, ok, c)
		}
	}
	check("with markers", string(text))
	check("one side", "ours\n")
	if c, ok := ReadConflict(path, string(text), 3, os.Environ()); !ok || c.Base != nil || c.Ours != nil || c.Objects.Base == "" {
		t.Errorf("beyond the limit: %v, %+v", ok, c)
	}

	// The variables of a surrounding git, as in a hook, do not point elsewhere.
	other := conflicted(t)
	hook := append(os.Environ(), "GIT_DIR="+filepath.Join(other, "none"), "GIT_INDEX_FILE="+filepath.Join(other, "none"))
	if c, ok := ReadConflict(path, "ours\n", 1000, hook); !ok || string(c.Theirs) != "theirs\n" {
		t.Errorf("in a hook: %v, %+v", ok, c)
	}

	git := exec.Command("git", "-C", filepath.Join(dir, "work"), "-c", "user.name=x", "-c", "user.email=x@x", "commit", "-qam", "merged")
	if out, err := git.CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	if _, ok := ReadConflict(path, "ours\n", 1000, os.Environ()); ok {
		t.Error("a conflict after the merge")
	}
	if c, ok := ReadConflict(path, string(text), 1000, os.Environ()); !ok || string(c.Ours) != "ours\n" {
		t.Error("markers that were committed are a conflict, too")
	}
}

// Files are those that git tracks, by their names; a file that git does not track may be
// ignored or not.
func TestFiles(t *testing.T) {
	dir := shell(t, `cd work
mkdir a; touch a/x.age "b c.age" other untracked.age; printf 'hidden.age\n' > .gitignore; touch hidden.age
git add a "b c.age" other .gitignore; GIT_AUTHOR_DATE=2026-05-01T08:00:00Z git commit -qm add
echo x > a/x.age; GIT_AUTHOR_NAME=bob GIT_AUTHOR_EMAIL=bob@x GIT_AUTHOR_DATE=2026-05-02T08:00:00Z git commit -qam change`)
	root := filepath.Join(dir, "work")
	if got := Files(root, ".age", os.Environ()); !slices.Equal(got, []string{"a/x.age", "b c.age"}) {
		t.Errorf("%q", got)
	}
	if got := Files(t.TempDir(), ".age", os.Environ()); got != nil {
		t.Errorf("outside: %q", got)
	}
	path := filepath.Join(root, "a", "x.age")
	if added, changed := Added(path, os.Environ()), Changed(path, os.Environ()); !strings.HasSuffix(added, " 2026-05-01 x <x@x>") || !strings.HasSuffix(changed, " 2026-05-02 bob <bob@x>") {
		t.Errorf("added %q, changed %q", added, changed)
	}
	if got := Added(filepath.Join(root, "untracked.age"), os.Environ()); got != "" {
		t.Errorf("untracked: %q", got)
	}
	for name, want := range map[string]bool{"hidden.age": true, "untracked.age": false, "a/x.age": false} {
		if got := Ignored(filepath.Join(root, name), os.Environ()); got != want {
			t.Errorf("%s is ignored: %v", name, got)
		}
	}
	if !Ignored(filepath.Join(t.TempDir(), "x"), os.Environ()) {
		t.Error("where git can't be asked, a file counts as ignored")
	}
}

// A submodule is within its outer repository, and no other is.
func TestWithin(t *testing.T) {
	dir := shell(t, "git init -q outer; git -C outer -c protocol.file.allow=always submodule --quiet add ../work sub")
	find := func(at string) Repository {
		r, ok := Find(filepath.Join(dir, at))
		if !ok {
			t.Fatal(at)
		}
		return r
	}
	outer, sub, work := find("outer"), find("outer/sub"), find("work")
	if !sub.Within(outer) || outer.Within(sub) || outer.Within(outer) || work.Within(outer) {
		t.Errorf("%v %v %v %v", sub.Within(outer), outer.Within(sub), outer.Within(outer), work.Within(outer))
	}
}
