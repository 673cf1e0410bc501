//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/credfile/credfile/internal/racetest"
)

// hooked is a repository with the file and a remote.
func hooked(t *testing.T) *box {
	b := newBox(t)
	b.sh(`git config --global user.email me@example.org && git config --global user.name me && git config --global init.defaultBranch main
git init -q . && git init -q --bare ../remote.git && git remote add origin ../remote.git
printf '/node_modules\n' > .gitignore && credfile init --name alice && git add . && git commit -qm one`)
	return b
}

// guarded fails if a hook lets pass what goes back, or stops other work.
func (b *box) guarded() {
	b.t.Helper()
	b.sh(`git add . && git commit -qm tools && printf x | credfile set A - && git commit -qam two && git push -q origin main`)
	for _, c := range []struct{ name, script string }{
		{"pre-commit", "git checkout -q HEAD^ .credentials.age && ! git commit -m back"},
		{"pre-commit of a path", "! git commit -m back .credentials.age"},
		{"post-commit", "git reset -q --hard && git revert --no-edit HEAD"},
		{"pre-push", "! git push origin main"},
		{"post-merge", "git branch bad && git reset -q --hard HEAD^ && git merge --ff-only bad"},
		{"pre-merge-commit", "git reset -q --hard HEAD^ && git commit -q --allow-empty --no-verify -m ours && git checkout -q bad && git commit -q --allow-empty -m theirs &&" +
			"git checkout -q main && ! git merge --no-edit bad"},
		{"post-rewrite", "git reset -q --hard && git checkout -q bad && git rebase --force-rebase main"},
	} {
		r := b.exec(exec.Command("bash", "-ec", c.script), "")
		if out := r.stdout + r.stderr; r.code != 0 || !strings.Contains(out, `.credentials.age: profile "default" goes back from revision`) {
			b.t.Errorf("%s: exit code %d\n%s", c.name, r.code, out)
		}
	}
	b.sh("git checkout -q main && git push -q origin main")
}

// added adds to a file what setup prints after a line.
func added(t *testing.T, printed, after, path string) {
	t.Helper()
	_, rest, found := strings.Cut(printed, after)
	text := ""
	for line := range strings.Lines(rest) {
		if !strings.HasPrefix(line, "  ") {
			break
		}
		text += strings.TrimPrefix(line, "  ")
	}
	if !found || text == "" {
		t.Fatalf("%s", printed)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644)
	if err == nil {
		_, err = f.WriteString(text)
		f.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}

// npm returns a file of an npm package.
func npm(t *testing.T, name string) string {
	for _, dir := range filepath.SplitList(os.Getenv("NODE_PATH")) {
		if path := filepath.Join(dir, name); exists(path) {
			return path
		}
	}
	t.Skip("no " + name + " in NODE_PATH")
	return ""
}

// What setup prints for husky makes it run every hook.
func TestHusky(t *testing.T) {
	t.Parallel()
	bin := npm(t, "husky/bin.js")
	b := hooked(t)
	b.sh("node " + bin)
	printed := b.ok("", "git", "setup").stderr
	for _, m := range regexp.MustCompile(`add this line to (\S+): (.*)`).FindAllStringSubmatch(printed, -1) {
		if err := os.WriteFile(m[1], []byte(m[2]+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b.ok("", "git", "setup", "--check")
	b.guarded()
}

// What setup prints for lefthook makes it run every hook.
func TestLefthook(t *testing.T) {
	t.Parallel()
	bin := npm(t, "lefthook-linux-x64/bin/lefthook")
	b := hooked(t)
	b.env = append(b.env, "LEFTHOOK_BIN="+bin)
	config := filepath.Join(b.dir, "lefthook.yml")
	if err := os.WriteFile(config, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	added(t, b.ok("", "git", "setup").stderr, "lefthook.yml:\n", config)
	b.sh(bin + " install")
	b.ok("", "git", "setup", "--check")
	b.guarded()
}

// What setup prints for pre-commit, and the entry of this repository, make it run the hooks that
// can stop git. The others are installed beside it.
func TestPreCommit(t *testing.T) {
	racetest.Skip(t)
	t.Parallel()
	if _, err := exec.LookPath("pre-commit"); err != nil {
		t.Skip("no pre-commit")
	}
	b := hooked(t)
	b.env = append(b.env, "PRE_COMMIT_HOME="+filepath.Join(b.home, "pre-commit"))
	config := filepath.Join(b.dir, ".pre-commit-config.yaml")
	prepare := func(text string) {
		t.Helper()
		if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		b.sh("git add . && pre-commit install -t pre-commit -t pre-merge-commit -t pre-push")
	}
	prepare("repos:\n")
	added(t, b.ok("", "git", "setup").stderr, ".pre-commit-config.yaml:\n", config)
	b.ok("", "git", "setup", "--check")
	b.guarded()

	tools, err := exec.Command("go", "env", "GOMODCACHE", "GOCACHE").Output()
	if err != nil {
		t.Skip("no go")
	}
	dirs := strings.Fields(string(tools))
	source := filepath.Join(b.home, "source")
	r := b.exec(exec.Command("sh", "-ec", `mkdir "$1" && cd "$0" && git -c safe.directory='*' ls-files -co --exclude-standard -z '*.go' '*.bash' go.mod go.sum '*.txt' '*.tmpl' '*.md' .pre-commit-hooks.yaml |
xargs -0 cp --parents -t "$1" && cd "$1" && git init -q && git add . && git commit -qm source && git rev-parse HEAD`, repoPath("."), source), "")
	if r.code != 0 {
		t.Fatal(r.stderr)
	}
	o := hooked(t)
	o.env = append(o.env, "PRE_COMMIT_HOME="+filepath.Join(b.home, "pre-commit"), "GOMODCACHE="+dirs[0], "GOCACHE="+dirs[1], "GOFLAGS=-mod=mod", "GOPROXY=off", "GOTOOLCHAIN=local")
	b, config = o, filepath.Join(o.dir, ".pre-commit-config.yaml")
	prepare("repos:\n- repo: " + source + "\n  rev: " + r.stdout + "  hooks:\n  - id: credfile-verify\n")
	b.ok("", "git", "setup")
	b.ok("", "git", "setup", "--check")
	b.guarded()
	for _, c := range []struct {
		to   string
		code int
	}{{"bad", 1}, {"bad~3", 0}} { // as in CI
		b.sh("git checkout -q --detach " + c.to)
		if r := b.exec(exec.Command("pre-commit", "run", "--from-ref", "main", "--to-ref", c.to), ""); r.code != c.code || strings.Contains(r.stdout, "goes back") != (c.code == 1) {
			t.Errorf("%s: exit code %d\n%s", c.to, r.code, r.stdout)
		}
	}
}
