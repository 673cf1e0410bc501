package gitrepo

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// everything lists and reads all that there is: the work tree, the index and the history. It
// returns what the history has, each as "PATH: FIRST LINE", sorted.
func everything(t *testing.T, r *Revisions) (contents []string, missing int) {
	t.Helper()
	if _, err := r.Listed(); err != nil {
		t.Error(err)
	}
	if _, err := r.Staged(""); err != nil {
		t.Error(err)
	}
	return read(t, r, "")
}

func read(t *testing.T, r *Revisions, since string) (contents []string, missing int) {
	t.Helper()
	list, err := r.Introduced(since)
	if err != nil {
		t.Fatal(err)
	}
	var objects []string
	for i := 0; i < len(list); i++ {
		if list[i].Object == "" {
			contents = append(contents, list[i].Path+", known")
			list = slices.Delete(list, i, i+1)
			i--
			continue
		}
		objects = append(objects, list[i].Object)
	}
	missing, err = r.ReadEach(objects, func(i int, content io.Reader) error {
		b, err := io.ReadAll(content)
		first, _, _ := strings.Cut(string(b), "\n")
		if list[i].Path != "" {
			contents = append(contents, list[i].Path+": "+first)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(contents)
	return contents, missing
}

func TestIntroduced(t *testing.T) {
	dir := shell(t, `cd work; git symbolic-ref HEAD refs/heads/main; echo base > f; git add .; git commit -qm first
git checkout -qb side; echo side > f; echo "only there" > s; git add .; git commit -qm side; git checkout -q main
echo main > f; git commit -qam main; git merge -q side >/dev/null || true; echo both > f; git add .; git commit -qm merged
git tag before; echo gone > g; cp g copy; ln -s target l; git add .; git commit -qm more; git rm -q g; git commit -qm removed
git checkout -qb other; echo "on a branch" > b; git add .; git commit -qm branch; git checkout -q main; git commit -q --allow-empty -m nothing
git -c protocol.file.allow=always submodule --quiet add "$PWD" module; git commit -qm module`)
	r, err := OpenAt(filepath.Join(dir, "work"), os.Environ())
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	all, missing := everything(t, r)
	want := []string{".gitmodules: [submodule \"module\"]", "b: on a branch", "copy: gone", "f: base", "f: both", "f: main", "f: side", "g, known", "l: target", "s: only there"}
	if !slices.Equal(all, want) || missing != 0 {
		t.Errorf("%q, %d missing", all, missing)
	}
	if some, _ := read(t, r, mustResolve(t, r, "before")); !slices.Equal(some, []string{want[0], "copy: gone", "g, known", "l: target"}) {
		t.Errorf("since: %q", some)
	}
	list, err := r.Introduced("")
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range list {
		if x.Path == "s" && x.Commit != mustResolve(t, r, "side") {
			t.Errorf("s is from %s", x.Commit)
		}
	}
	commits := 0
	for _, x := range list {
		if x.Path == "" && x.Commit == x.Object {
			commits++
		}
	}
	if commits != 10 { // one is shell's
		t.Errorf("%d commits", commits)
	}
}

func TestStaged(t *testing.T) {
	dir := shell(t, `cd work; git symbolic-ref HEAD refs/heads/unborn; seq 99 > f; seq 50 > old; echo ignored > .gitignore`)
	work := filepath.Join(dir, "work")
	r, err := OpenAt(work, os.Environ())
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	git := func(args ...string) {
		t.Helper()
		cmd := exec.Command("git", append([]string{"-c", "user.name=a", "-c", "user.email=a@example.org"}, args...)...)
		cmd.Dir = work
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%q: %v %s", args, err, out)
		}
	}
	check := func(what, index string, want ...string) {
		t.Helper()
		list, err := r.Staged(index)
		var got []string
		for _, x := range list {
			got = append(got, x.Path+map[bool]string{true: " changed"}[x.Before != ""])
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q %v", what, got, err)
		}
	}
	check("nothing", "")
	git("add", ".")
	check("before the first commit", "", ".gitignore", "f", "old")
	git("commit", "-qm", "one")
	check("a commit later", "")
	os.WriteFile(filepath.Join(work, "f"), []byte("x\n"), 0o644)
	check("not added", "")
	git("mv", "old", "new")
	git("rm", "-q", "--cached", ".gitignore")
	check("moved, removed", "", "new changed")
	git("add", "f")
	os.Symlink("target", filepath.Join(work, "link"))
	git("add", "link")
	check("a link", "", "f changed", "link", "new changed")
	git("reset", "-q", "link")
	os.Remove(filepath.Join(work, "link"))
	os.Link(filepath.Join(work, ".git", "index"), filepath.Join(work, ".git", "other"))
	git("reset", "-q")
	check("reset", "")
	check("another index", filepath.Join(work, ".git", "other"), "f changed", "new changed")

	os.WriteFile(filepath.Join(work, "ignored"), nil, 0o644)
	os.WriteFile(filepath.Join(work, "a\nb"), nil, 0o644)
	list, err := r.Listed()
	if slices.Sort(list); err != nil || !slices.Equal(list, []string{".gitignore", "a\nb", "f", "new", "old"}) {
		t.Errorf("%q %v", list, err)
	}
}

func TestReadEach(t *testing.T) {
	dir := shell(t, `cd work; seq 9 > f; git add .; git commit -qm one; git rev-parse HEAD:f > ../f`)
	r, err := OpenAt(filepath.Join(dir, "work"), os.Environ())
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	b, _ := os.ReadFile(filepath.Join(dir, "f"))
	f, none := strings.TrimSpace(string(b)), strings.Repeat("1", 40)
	var got []int
	missing, err := r.ReadEach([]string{f, none, f}, func(i int, content io.Reader) error {
		got = append(got, i)
		one := make([]byte, 1) // the rest is skipped
		_, err := content.Read(one)
		return err
	})
	if missing != 1 || err != nil || !slices.Equal(got, []int{0, 2}) {
		t.Error(missing, err, got)
	}
	stop := errors.New("stop")
	if _, err := r.ReadEach([]string{f, f}, func(int, io.Reader) error { return stop }); !errors.Is(err, stop) {
		t.Error(err)
	}
	if missing, err := r.ReadEach(nil, nil); missing != 0 || err != nil {
		t.Error(missing, err)
	}
}

func TestParseCombined(t *testing.T) {
	h, none := strings.Repeat("a", 40), strings.Repeat("0", 40)
	for line, want := range map[string]string{
		":100644 100644 " + none + " " + h + " M": h, ":100644 000000 " + h + " " + none + " D": "", ":100644 120000 " + none + " " + h + " T": h,
		":000000 160000 " + none + " " + h + " A": "", "::100644 100644 100755 " + none + " " + none + " " + h + " MM": h,
	} {
		if got, err := parseCombined(line); got != want || err != nil {
			t.Errorf("%q: %q %v", line, got, err)
		}
	}
	for _, line := range []string{"", ":", "x", h, ":100644 100644 " + h + " x M", "::100644 100644 " + h + " " + h + " M"} {
		if got, err := parseCombined(line); err == nil {
			t.Errorf("%q: %q", line, got)
		}
	}
}

// A clone without the contents of earlier commits says how many it lacks, and fetches none.
func TestPartial(t *testing.T) {
	dir := shell(t, `cd work; echo one > f; echo gone > g; git add .; git commit -qm one; echo two > f; git rm -q g; git commit -qam two; cd ..
git -C work config uploadpack.allowFilter true; git clone -q --filter=blob:none "file://$PWD/work" part`)
	r, err := OpenAt(filepath.Join(dir, "part"), os.Environ())
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if all, missing := everything(t, r); !slices.Equal(all, []string{"f: two"}) || missing != 2 || !r.Partial {
		t.Errorf("%q, %d missing, %v", all, missing, r.Partial)
	}
}

func TestEmptyRepository(t *testing.T) {
	dir := shell(t, `git init -q empty`)
	r, err := OpenAt(filepath.Join(dir, "empty"), os.Environ())
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if all, missing := everything(t, r); len(all) != 0 || missing != 0 {
		t.Errorf("%q, %d missing", all, missing)
	}
}
