package gitrepo

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// shell runs a script in a new directory, where "work" is the victim's own repository.
func shell(t *testing.T, script string) (dir string) {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("sh", "-ec", "git init -q work; git -C work commit -q --allow-empty -m x\n"+script)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "HOME="+dir, "GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_NAME=x", "GIT_AUTHOR_EMAIL=x@x", "GIT_COMMITTER_NAME=x", "GIT_COMMITTER_EMAIL=x@x")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return dir
}

func TestFind(t *testing.T) {
	for _, c := range []struct{ name, script, at, root, common string }{ // a common directory with ! is known by its path only
		{"a work tree", "mkdir -p work/a/b", "work/a/b", "work", "work/.git"},
		{"a linked work tree", "git -C work worktree add -q ../tree", "tree", "tree", "work/.git"},
		{"one with relative paths", "git -C work worktree add -q ../tree; printf 'gitdir: ../work/.git/worktrees/tree\n' > tree/.git", "tree", "tree", "work/.git"},
		{"one of a bare clone", "git clone -q --bare work bare.git; git -C bare.git worktree add -q ../tree", "tree", "tree", "bare.git"},
		{"a submodule", "git init -q outer; git -C outer -c protocol.file.allow=always submodule --quiet add ../work sub", "outer/sub", "outer/sub", "outer/.git/modules/sub"},
		{"an empty .git directory", "mkdir -p x/.git", "x", "x", "x/.git"},
		{"none", "mkdir x", "x", "", ""},
		// What an archive can contain.
		{"a .git file that names another repository", "mkdir evil; printf 'gitdir: ../work/.git\n' > evil/.git", "evil", "evil", "!evil/.git"},
		{"one that names another's work tree", "git -C work worktree add -q ../tree; mkdir evil; cp tree/.git evil/.git", "evil", "evil", "!evil/.git"},
		{"a directory that names it back, and another repository as the common one",
			"mkdir -p evil/gd; printf 'gitdir: gd\n' > evil/.git; printf '../.git\n' > evil/gd/gitdir; printf '../../work/.git\n' > evil/gd/commondir", "evil", "evil", "!evil/.git"},
		{"a link to another repository", "mkdir evil; ln -s ../work/.git evil/.git", "evil", "evil", "!evil/.git"},
		{"a link to a work tree's file", "git -C work worktree add -q ../tree; mkdir evil; ln -s ../tree/.git evil/.git", "evil", "evil", "!evil/.git"},
		{"a linked work tree that was moved", "git -C work worktree add -q ../tree; mv tree moved", "moved", "moved", "!moved/.git"},
		{"git's own directory elsewhere", "git init -q --separate-git-dir=$PWD/sep.git x", "x", "x", "!x/.git"},
		{"a submodule with a sparse checkout", "git init -q outer; git -C outer -c protocol.file.allow=always submodule --quiet add ../work sub; git -C outer/sub sparse-checkout set a", "outer/sub", "outer/sub", "outer/.git/modules/sub"},
		{"a .git directory with a commondir", "mkdir -p evil/.git; printf '../../work/.git\n' > evil/.git/commondir", "evil", "evil", "evil/.git"},
		{"a FIFO", "mkdir evil; mkfifo evil/.git", "evil", "evil", "!evil/.git"},
		{"a file within another repository", "mkdir work/evil; printf 'gitdir: ../../x\n' > work/evil/.git", "work/evil", "work/evil", "!work/evil/.git"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := shell(t, c.script)
			r, ok := Find(filepath.Join(dir, c.at))
			want := Repository{}
			if c.root != "" {
				common, unclaimed := strings.CutPrefix(c.common, "!")
				want = Repository{Root: filepath.Join(dir, c.root), Common: filepath.Join(dir, common), Unclaimed: unclaimed}
			}
			if !strings.HasPrefix(r.Root, dir) {
				r, ok = Repository{}, false // a repository around the temporary directory
			}
			if r != want || ok != (c.root != "") {
				t.Errorf("%+v, want %+v", r, want)
			}
		})
	}
}

func everybody(fs.FileInfo) bool { return true }

// A secret in a work tree is exposed unless git ignores it.
func TestExposed(t *testing.T) {
	dir := shell(t, "mkdir work/a; touch work/a/key work/ignored; echo /ignored > work/.gitignore; touch outside; ln -s work/a/key link")
	for path, want := range map[string]string{"work/a/key": "a/key", "link": "a/key", "work/ignored": "", "outside": ""} {
		root, file, exposed := Exposed(filepath.Join(dir, path), os.Environ())
		if exposed != (want != "") || file != want || exposed && root != filepath.Join(dir, "work") {
			t.Errorf("%s: %s, %s, %v", path, root, file, exposed)
		}
	}
}

func TestMark(t *testing.T) {
	dir := shell(t, "git init -q other")
	common := filepath.Join(dir, "work", ".git")
	if _, ok := ReadMark(common, everybody); ok {
		t.Fatal("a mark that nobody left")
	}
	var wg sync.WaitGroup
	marks := make([]Mark, 12)
	for i := range marks {
		wg.Add(1)
		go func() {
			defer wg.Done()
			var err error
			if marks[i], err = MakeMark(common, everybody); err != nil {
				t.Error(err)
			}
		}()
	}
	wg.Wait()
	m, ok := ReadMark(common, everybody)
	for _, made := range marks {
		if !ok || made != m {
			t.Errorf("%x, %x was made", m, made)
		}
	}
	entries, _ := os.ReadDir(common)
	for _, e := range entries {
		if info, _ := e.Info(); strings.HasPrefix(e.Name(), MarkFile) && (e.Name() != MarkFile || info.Mode() != 0o444) {
			t.Errorf("%s %v is left", e.Name(), info.Mode())
		}
	}
	text, err := os.ReadFile(filepath.Join(common, MarkFile))
	if err != nil || len(text) != 23 {
		t.Errorf("%q %v", text, err)
	}
	if _, ok := ReadMark(common, func(fs.FileInfo) bool { return false }); ok {
		t.Error("somebody else's mark")
	}

	// Anything else in its place is no mark, and prevents making one.
	other := filepath.Join(dir, "other", ".git")
	for name, put := range map[string]func(path string) error{
		"a link":      func(p string) error { return os.Symlink(filepath.Join(common, MarkFile), p) },
		"a directory": func(p string) error { return os.Mkdir(p, 0o755) },
		"a FIFO":      func(p string) error { return exec.Command("mkfifo", p).Run() },
		"empty":       func(p string) error { return os.WriteFile(p, nil, 0o444) },
		"longer":      func(p string) error { return os.WriteFile(p, append(text, '\n'), 0o444) },
		"shorter":     func(p string) error { return os.WriteFile(p, text[:22], 0o444) },
		"no base64":   func(p string) error { return os.WriteFile(p, []byte("!"+string(text[1:])), 0o444) },
		"zero":        func(p string) error { return os.WriteFile(p, []byte(strings.Repeat("A", 22)+"\n"), 0o444) },
	} {
		path := filepath.Join(other, MarkFile)
		if err := put(path); err != nil {
			t.Fatal(name, err)
		}
		if m, ok := ReadMark(other, everybody); ok {
			t.Errorf("%s is read as %x", name, m)
		}
		if m, err := MakeMark(other, everybody); err == nil {
			t.Errorf("%s is replaced by %x", name, m)
		}
		os.Remove(path)
	}
	if _, err := MakeMark(t.TempDir(), everybody); err == nil {
		t.Error("a mark in what is no repository")
	}
	if _, err := MakeMark(other, func(fs.FileInfo) bool { return false }); err == nil {
		t.Error("a mark in somebody else's repository")
	}
}
