//go:build unix

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/credfile/credfile/internal/racetest"
)

// Row 19: two hundred processes at once set a name each. Under the race detector there are fewer,
// so make test runs it again without.
func TestConcurrentSet(t *testing.T) {
	b := newBox(t)
	b.ok("", "init")
	n := 200
	if racetest.Enabled {
		n = 60
	}
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			r := b.run(fmt.Sprintf("value %d", i), "set", fmt.Sprintf("NAME_%d", i), "-")
			if r.code != 0 {
				t.Errorf("set %d: exit code %d: %s", i, r.code, r.stderr)
			}
		})
	}
	wg.Wait()
	out := b.ok("", "env", "--", "env").stdout
	for i := range n {
		if !strings.Contains(out, fmt.Sprintf("NAME_%d=value %d\n", i, i)) {
			t.Errorf("NAME_%d is lost", i)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(b.dir, ".*.new")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// Of many simultaneous init commands one wins, and the others leave its file alone.
func TestConcurrentInit(t *testing.T) {
	b := newBox(t)
	b.ok("", "init", "-f", "first") // creates the identity
	var wg sync.WaitGroup
	codes := make([]int, 20)
	for i := range codes {
		wg.Go(func() { codes[i] = b.run("", "init", "--name", fmt.Sprintf("n%d", i)).code })
	}
	wg.Wait()
	won := 0
	for _, c := range codes {
		if c == 0 {
			won++
		} else if c != 1 {
			t.Errorf("exit code %d", c)
		}
	}
	if won != 1 {
		t.Errorf("%d of them made the file", won)
	}
	b.ok("", "verify")
}

// asNobody makes a command run as an unprivileged user who owns the box: root is never
// denied permission.
func (b *box) asNobody(cmd *exec.Cmd) *exec.Cmd {
	if os.Geteuid() != 0 {
		return cmd
	}
	const nobody = 65534
	b.env = covered(b.t, b.env)
	// Other users can't enter Go's temporary directories, and so can't reach the program.
	for d := filepath.Dir(b.home); d != "/" && d != "/tmp"; d = filepath.Dir(d) {
		os.Chmod(d, 0o755)
	}
	filepath.Walk(filepath.Dir(b.home), func(path string, _ os.FileInfo, _ error) error {
		return os.Lchown(path, nobody, nobody)
	})
	program, err := exec.LookPath(cmd.Path)
	if err != nil {
		b.t.Fatal(err)
	}
	copied := filepath.Join(filepath.Dir(b.home), "credfile")
	if _, err := os.Stat(copied); err != nil {
		// With another program: a fork of another test may hold open a file that this
		// process writes.
		if out, err := exec.Command("cp", program, copied).CombinedOutput(); err != nil {
			b.t.Fatalf("%v %s", err, out)
		}
	}
	cmd.Path = copied
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	return cmd
}

func (b *box) runAsNobody(stdin string, args ...string) result {
	b.t.Helper()
	return b.exec(b.asNobody(exec.Command("credfile", args...)), stdin)
}

// Row 18: unusual kinds of files and directories.
func TestKindsOfFiles(t *testing.T) {
	t.Parallel()
	refused := func(t *testing.T, b *box, code int, reason string) {
		t.Helper()
		for _, args := range [][]string{{"set", "NEW", "-"}, {"unset", "ONE"}, {"import", "--from", "dotenv", "-"}} {
			r := b.runAsNobody("NEW=x", args...)
			if r.code != code || !strings.Contains(r.stderr, reason) {
				t.Errorf("%s: exit code %d, want %d and %q\n%s", args[0], r.code, code, reason, r.stderr)
			}
		}
	}
	start := func(t *testing.T) *box {
		b := newBox(t)
		b.runAsNobody("", "init")
		if r := b.runAsNobody("1", "set", "ONE", "-"); r.code != 0 {
			t.Fatal(r.stderr)
		}
		return b
	}
	t.Run("mode is kept", func(t *testing.T) {
		for _, mode := range []os.FileMode{0o600, 0o640, 0o644, 0o664} {
			b := start(t)
			os.Chmod(b.path(), mode)
			if r := b.runAsNobody("x", "set", "NEW", "-"); r.code != 0 {
				t.Fatal(r.stderr)
			}
			if info, _ := os.Stat(b.path()); info.Mode().Perm() != mode {
				t.Errorf("%v became %v", mode, info.Mode().Perm())
			}
		}
	})
	t.Run("symlink", func(t *testing.T) {
		b := start(t)
		real := filepath.Join(b.home, "real.age")
		os.Rename(b.path(), real)
		os.Symlink(real, b.path())
		if r := b.runAsNobody("x", "set", "NEW", "-"); r.code != 0 {
			t.Fatal(r.stderr)
		}
		if info, _ := os.Lstat(b.path()); info.Mode()&os.ModeSymlink == 0 {
			t.Error("the link was replaced")
		}
		if data, _ := os.ReadFile(real); !bytes.Contains(data, []byte("credential NEW")) {
			t.Error("its target was not")
		}
	})
	t.Run("symlink to nothing", func(t *testing.T) {
		b := start(t)
		os.Remove(b.path())
		os.Symlink("nowhere", b.path())
		refused(t, b, 4, "file does not exist")
		if r := b.runAsNobody("", "init"); r.code != 1 {
			t.Errorf("init over it: exit code %d", r.code)
		}
	})
	t.Run("hard link", func(t *testing.T) {
		b := start(t)
		os.Link(b.path(), b.path()+"2")
		refused(t, b, 1, "has hard links")
	})
	t.Run("read-only file", func(t *testing.T) {
		b := start(t)
		os.Chmod(b.path(), 0o444)
		refused(t, b, 1, "is not writable by you")
		if r := b.run("x", "set", "NEW", "-"); os.Geteuid() == 0 && (r.code != 1 || !strings.Contains(r.stderr, "is read-only")) {
			t.Errorf("as root: exit code %d\n%s", r.code, r.stderr)
		}
	})
	t.Run("unreadable file", func(t *testing.T) {
		b := start(t)
		os.Chmod(b.path(), 0o000)
		refused(t, b, 1, "permission denied")
	})
	t.Run("read-only directory", func(t *testing.T) {
		b := start(t)
		os.Chmod(b.dir, 0o555)
		defer os.Chmod(b.dir, 0o755)
		before := b.read()
		refused(t, b, 1, "is a directory that you can't write to")
		if !bytes.Equal(b.read(), before) {
			t.Error("the file was changed")
		}
		if r := b.runAsNobody("", "init", "-f", "new"); r.code != 1 || !strings.Contains(r.stderr, "is a directory that you can't write to") {
			t.Errorf("init: exit code %d\n%s", r.code, r.stderr)
		}
	})
	t.Run("directory", func(t *testing.T) {
		b := start(t)
		os.Remove(b.path())
		os.Mkdir(b.path(), 0o755)
		refused(t, b, 1, "is a directory")
	})
	t.Run("FIFO", func(t *testing.T) {
		b := start(t)
		os.Remove(b.path())
		syscall.Mkfifo(b.path(), 0o644)
		refused(t, b, 1, "is not a regular file")
		if r := b.runAsNobody("", "list"); r.code != 1 {
			t.Errorf("list: exit code %d", r.code)
		}
	})
	t.Run("device", func(t *testing.T) {
		b := start(t)
		for _, args := range [][]string{{"list"}, {"set", "NEW", "-"}} {
			r := b.runAsNobody("x", append([]string{"-f", "/dev/full"}, args...)...)
			if r.code != 1 || !strings.Contains(r.stderr, "is not a regular file") {
				t.Errorf("exit code %d\n%s", r.code, r.stderr)
			}
		}
	})
	t.Run("another user's file", func(t *testing.T) {
		if os.Geteuid() != 0 {
			t.Skip("needs root to make a file of another user")
		}
		b := start(t)
		cmd := b.asNobody(exec.Command("credfile", "set", "NEW", "-"))
		os.Chown(b.path(), 1234, 1234)
		os.Chmod(b.path(), 0o666)
		r := b.exec(cmd, "x")
		if r.code != 1 || !strings.Contains(r.stderr, "can't keep the owner") {
			t.Errorf("exit code %d\n%s", r.code, r.stderr)
		}
	})
	t.Run("what a killed writer left", func(t *testing.T) {
		b := start(t)
		left := filepath.Join(b.dir, "."+defaultFile+".new")
		os.WriteFile(left, bytes.Repeat([]byte("x"), 1<<20), 0o600)
		if r := b.runAsNobody("x", "set", "NEW", "-"); r.code != 0 {
			t.Fatal(r.stderr)
		}
		if _, err := os.Stat(left); err == nil {
			t.Error("it is still there")
		}
		if r := b.runAsNobody("", "verify"); r.code != 0 {
			t.Error(r.stderr)
		}
	})
	t.Run("a link where the new file would be", func(t *testing.T) {
		b := start(t)
		target := filepath.Join(b.home, "target")
		os.WriteFile(target, []byte("mine"), 0o644)
		os.Symlink(target, filepath.Join(b.dir, "."+defaultFile+".new"))
		if r := b.runAsNobody("x", "set", "NEW", "-"); r.code == 0 {
			t.Error("it was written through")
		}
		if data, _ := os.ReadFile(target); string(data) != "mine" {
			t.Error("the link's target was written")
		}
	})
}

// Memory that can't be read, as sudo may leave it, is an error. A home directory that can't
// be entered is not.
func TestUnreadableMemory(t *testing.T) {
	b := newBox(t)
	b.runAsNobody("", "init")
	b.runAsNobody("x", "set", "ONE", "-")
	memory := filepath.Join(b.home, ".local", "state", "credfile", "trust")
	entries, err := os.ReadDir(memory)
	if err != nil || len(entries) != 2 {
		t.Fatal(entries, err)
	}
	for _, e := range entries {
		os.Chmod(filepath.Join(memory, e.Name()), 0)
	}
	for _, args := range [][]string{{"get", "ONE"}, {"set", "ONE", "-"}} {
		if r := b.runAsNobody("y", args...); r.code != 6 || !strings.Contains(r.stderr, "permission denied") {
			t.Errorf("%q: exit code %d\n%s", args, r.code, r.stderr)
		}
	}
	os.Chmod(filepath.Join(b.home, ".local"), 0)
	if r := b.runAsNobody("", "get", "ONE"); r.code != 0 || r.stdout != "x" {
		t.Errorf("exit code %d %q\n%s", r.code, r.stdout, r.stderr)
	}
}

// A state directory that sudo left behind hides the memory: that is a warning, or an error
// with --strict. Root leaves nothing in another user's home.
func TestLeftByRoot(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("needs the right to give files away, which root has")
	}
	b := newBox(t)
	b.runAsNobody("", "init")
	if r := b.runAsNobody("1", "set", "ONE", "-"); r.code != 0 {
		t.Fatal(r.stderr)
	}
	state := filepath.Join(b.home, ".local", "state")
	b.ok("", "get", "ONE") // as root
	b.ok("2", "set", "TWO", "-")
	b.ok("", "trust", "--yes")
	filepath.Walk(state, func(path string, info os.FileInfo, err error) error {
		if err == nil && info.Sys().(*syscall.Stat_t).Uid == 0 {
			t.Errorf("root left %s", path)
		}
		return nil
	})
	pins := strings.TrimSpace(b.runAsNobody("", "trust", "--print").stdout)
	hide := func() {
		if err := os.Chown(filepath.Join(state, "credfile"), 0, 0); err != nil {
			t.Fatal(err)
		}
		os.Chmod(filepath.Join(state, "credfile"), 0o700)
	}
	nobody := func(args ...string) result {
		cmd := b.asNobody(exec.Command("credfile", args...))
		hide()
		return b.exec(cmd, "")
	}
	if r := nobody("get", "ONE"); r.code != 0 || !strings.Contains(r.stderr, "belongs to another user; trusting the file as it is") {
		t.Errorf("%d %s", r.code, r.stderr)
	}
	if r := nobody("--strict", "get", "ONE"); r.code != 6 || r.stdout != "" || !strings.Contains(r.stderr, "sudo chown -R") {
		t.Errorf("%d %s", r.code, r.stderr)
	}
	b.env = append(b.env, "CREDFILE_TRUST="+pins)
	if r := nobody("--strict", "get", "ONE"); r.code != 0 || r.stderr != "" {
		t.Errorf("%d %s", r.code, r.stderr)
	}
}
