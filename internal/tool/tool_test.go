//go:build unix

package tool

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// program writes a shell script, and returns its directory.
func program(t *testing.T, dir, name, script string) string {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+script), 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestFind(t *testing.T) {
	root := t.TempDir()
	bin := program(t, filepath.Join(root, "bin"), "opener", "")
	tree := filepath.Join(root, "home", "tree")
	inTree := program(t, filepath.Join(tree, "bin"), "opener", "")
	inHome := program(t, filepath.Join(root, "home", "bin"), "opener", "")
	link := filepath.Join(root, "link")
	linked := filepath.Join(root, "linked")
	for _, err := range []error{
		os.Mkdir(filepath.Join(tree, ".git"), 0o755), os.Mkdir(filepath.Join(root, "home", ".git"), 0o755), os.MkdirAll(filepath.Join(tree, "sub", ".git"), 0o755),
		os.Symlink(inTree, link), os.Mkdir(linked, 0o755), os.Symlink(filepath.Join(inTree, "opener"), filepath.Join(linked, "opener")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(tree)
	for _, test := range []struct {
		about  string
		path   []string
		inside string
		want   string
	}{
		{"outside", []string{bin}, tree, bin},
		{"in the work tree", []string{inTree, bin}, tree, bin},
		{"in the work tree, asked in a submodule", []string{inTree}, filepath.Join(tree, "sub"), ""},
		{"through a link to a directory of the work tree", []string{link}, tree, ""},
		{"a link to a program of the work tree", []string{linked}, tree, ""},
		{"in a relative directory", []string{"bin", "", "."}, tree, ""},
		{"in a home that is a repository", []string{inHome}, filepath.Join(root, "home"), inHome},
		{"nowhere", []string{root}, tree, ""},
	} {
		environ := []string{"PATH=" + strings.Join(test.path, ":"), "HOME=" + filepath.Join(root, "home")}
		found, err := Find("opener", environ, []string{test.inside}, nil)
		switch {
		case test.want == "" && !errors.Is(err, ErrMissing):
			t.Errorf("%s: %v", test.about, err)
		case test.want != "" && (err != nil || found.Path != filepath.Join(test.want, "opener")):
			t.Errorf("%s: %+v, %v", test.about, found, err)
		}
	}
}

func TestEnvironment(t *testing.T) {
	bin := program(t, t.TempDir(), "opener", "")
	dir := t.TempDir()
	t.Chdir(dir)
	found, err := Find("opener", []string{"PATH=rel:" + bin, "HOME=/home/alice", "SECRET=x", "LC_ALL=C", "LC=x", "KEPT=1", "KEPT_FILE=key.txt", "OTHER_FILE=x"}, nil, []string{"KEPT", "KEPT_*"})
	if err != nil {
		t.Fatal(err)
	}
	here, _ := os.Getwd()
	want := []string{"PATH=" + bin, "HOME=/home/alice", "LC_ALL=C", "KEPT=1", "KEPT_FILE=" + filepath.Join(here, "key.txt")}
	if !slices.Equal(found.Environ, want) {
		t.Errorf("%q, want %q", found.Environ, want)
	}
	// What it starts itself is not the work tree's either, whatever else it keeps.
	found, err = Find("opener", []string{"PATH=rel:" + bin, "SECRET=x"}, nil, []string{"*"})
	if want := []string{"PATH=" + bin, "SECRET=x"}; err != nil || !slices.Equal(found.Environ, want) {
		t.Errorf("%q, want %q, %v", found.Environ, want, err)
	}
}

func TestRun(t *testing.T) {
	run := func(script, text string, limits Limits) (string, error) {
		bin := program(t, t.TempDir(), "opener", script)
		found, err := Find("opener", []string{"PATH=" + bin + ":/usr/bin:/bin"}, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		b, err := found.Run([]byte(text), limits, "an argument")
		return string(b), err
	}
	usual := Limits{Wait: time.Minute, Size: 1000}
	if out, err := run(`cat; echo " $1"; ls -A; echo noise >&2`, "text", usual); out != "text an argument\n" || err != nil {
		t.Errorf("%q, %v", out, err)
	}
	if out, err := run("pwd; stat -c %a .", "", usual); err != nil || !strings.HasSuffix(out, "\n700\n") {
		t.Errorf("%q, %v", out, err)
	} else if _, err := os.Stat(strings.Split(out, "\n")[0]); err == nil {
		t.Errorf("the directory is still there")
	}
	var exit *ExitError
	if _, err := run("echo secret >&2; exit 51", "", usual); !errors.As(err, &exit) || exit.Code != 51 || strings.Contains(err.Error(), "secret") {
		t.Errorf("%v", err)
	}
	if _, err := run("yes", "", usual); err != ErrLarge {
		t.Errorf("%v", err)
	}
	if _, err := run("sleep 60", "", Limits{Wait: 50 * time.Millisecond, Size: 1}); err != ErrTime {
		t.Errorf("%v", err)
	}
	if out, err := run("exec 0<&-; echo done", strings.Repeat("x", 1<<20), usual); out != "done\n" || err != nil {
		t.Errorf("a program that doesn't read: %q, %v", out, err)
	}
}
