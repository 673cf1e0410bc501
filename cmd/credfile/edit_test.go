//go:build linux

package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/credfile/credfile/internal/editdoc"
	"github.com/credfile/credfile/internal/racetest"
)

// nowhere fails if an edit left the text in any place that it uses.
func (b *box) nowhere(what string) {
	b.t.Helper()
	for _, dir := range []string{"/dev/shm", b.home, b.dir, b.tmp()} {
		filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
			if err == nil && filepath.Dir(path) == "/dev/shm" && strings.HasPrefix(d.Name(), "test-") && !slices.Contains(b.env, "XDG_RUNTIME_DIR="+path) {
				return fs.SkipDir // another test's, which may still be running
			}
			if err != nil || !d.Type().IsRegular() || d.Name() == "editor" || living(path) {
				return nil
			}
			if text, err := os.ReadFile(path); err == nil && bytes.Contains(text, []byte(what)) {
				b.t.Errorf("%s holds what was edited", path)
			}
			return nil
		})
	}
	if left, _ := filepath.Glob("/dev/shm/credfile-*/*"); len(left) > 0 {
		for _, dir := range left {
			if files, _ := filepath.Glob(dir + "/[^.]*"); len(files) > 0 && !living(dir) {
				b.t.Errorf("%s is left", dir)
			}
		}
	}
}

// living reports whether a running process, of another test, holds something in /dev/shm.
func living(path string) bool {
	parts := strings.Split(path, "/") // "", dev, shm, credfile-UID, NAME
	if len(parts) < 5 || !strings.HasPrefix(parts[3], "credfile-") {
		return false
	}
	f, err := os.Open(strings.Join(parts[:5], "/"))
	if err != nil {
		return true // removed meanwhile
	}
	defer f.Close()
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil
}

// tmp is the temporary directory of a box.
func (b *box) tmp() string {
	dir := filepath.Join(b.home, "tmp")
	os.MkdirAll(dir, 0o700)
	return dir
}

// editor makes a script the editor.
func (b *box) editor(script string) {
	b.t.Helper()
	path := filepath.Join(b.home, "editor")
	executable(b.t, path, "#!/bin/sh\n"+script)
	b.env = append(slices.DeleteFunc(b.env, func(kv string) bool { return strings.HasPrefix(kv, "EDITOR=") || strings.HasPrefix(kv, "TMPDIR=") }),
		"EDITOR="+path, "TMPDIR="+b.tmp())
}

// Row 22: a signal arrives while the editor hangs. The text is kept, encrypted, the private
// directory is gone, and the file is unchanged.
func TestEditSignals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		send syscall.Signal
		code int
	}{{"terminated", syscall.SIGTERM, 130}, {"hung up", syscall.SIGHUP, 130}} {
		t.Run(c.name, func(t *testing.T) {
			b := victim(t)
			b.editor(`sed 's/^\[default\]/&\nNEW = "` + canary + `-typed"/' "$1" > "$1.new" && mv "$1.new" "$1"
touch "$HOME/ready"; sleep 60`)
			before := b.read()
			cmd := exec.Command("credfile", "edit")
			cmd.Dir, cmd.Env = b.dir, b.env
			var stderr bytes.Buffer
			cmd.Stderr = &stderr
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			b.wait("ready")
			cmd.Process.Signal(c.send)
			cmd.Wait()
			if code := cmd.ProcessState.ExitCode(); code != c.code || !strings.Contains(stderr.String(), "credfile edit --resume") {
				t.Errorf("exit code %d\n%s", code, &stderr)
			}
			if !bytes.Equal(before, b.read()) {
				t.Error("the file was written")
			}
			b.nowhere(canary)
			b.resumes()
			if got := b.ok("", "get", "NEW").stdout; got != canary+"-typed" {
				t.Errorf("%q", got)
			}
		})
	}
}

// Row 22: the terminal is closed while the editor runs.
func TestEditTerminalClosed(t *testing.T) {
	t.Parallel()
	b := victim(t)
	b.editor(`sed 's/^\[default\]/&\nNEW = "` + canary + `-typed"/' "$1" > "$1.new" && mv "$1.new" "$1"
echo "$1" > "$HOME/where"; touch "$HOME/ready"; sleep 60`)
	before := b.read()
	c := newConsole(b)
	c.sees("ready> ")
	c.types("credfile edit\r")
	b.wait("ready")
	c.close()
	for range 500 {
		if kept, _ := filepath.Glob(filepath.Join(b.home, ".local/state/credfile/edit/*")); len(kept) > 0 {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	where, err := os.ReadFile(filepath.Join(b.home, "where"))
	if err != nil {
		t.Fatal(err)
	}
	for range 500 {
		if !exists(filepath.Dir(strings.TrimSpace(string(where)))) {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if !bytes.Equal(before, b.read()) {
		t.Error("the file was written")
	}
	b.nowhere(canary)
	b.resumes()
}

// Row 22: a signal while a save waits for another writer leaves the file unchanged and nothing
// beside it.
func TestSaveSignals(t *testing.T) {
	t.Parallel()
	b := victim(t)
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT} {
		before := b.read()
		other, err := os.Open(b.path())
		if err != nil {
			t.Fatal(err)
		}
		if err := syscall.Flock(int(other.Fd()), syscall.LOCK_EX); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("credfile", "set", "ONE", "-")
		cmd.Dir, cmd.Env, cmd.Stdin = b.dir, b.env, strings.NewReader(canary+"-new")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		waitsForLock(t, cmd.Process.Pid)
		cmd.Process.Signal(s)
		cmd.Wait()
		if cmd.ProcessState.ExitCode() == 0 {
			t.Errorf("%v: it ended well", s)
		}
		other.Close()
		if !bytes.Equal(before, b.read()) {
			t.Errorf("%v: the file was written", s)
		}
		if entries, _ := os.ReadDir(b.dir); len(entries) != 1 {
			t.Errorf("%v: something lies beside the file: %v", s, entries)
		}
		b.nowhere(canary + "-new")
	}
	b.ok(canary+"-new", "set", "ONE", "-")
}

// waitsForLock returns when the process waits for a file that another one holds.
func waitsForLock(t *testing.T, pid int) {
	t.Helper()
	waiting := regexp.MustCompile(fmt.Sprintf(`(?m)^\d+: -> FLOCK +ADVISORY +WRITE +%d `, pid))
	for range 3000 {
		locks, err := os.ReadFile("/proc/locks")
		if err != nil {
			t.Fatal(err)
		}
		if waiting.Match(locks) {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("it does not wait for the file")
}

// resumes continues with the text of a failed edit.
func (b *box) resumes() {
	b.t.Helper()
	b.editor(`touch "$1"`)
	if r := b.ok("", "edit", "--resume"); !strings.Contains(r.stderr, "NEW added") {
		b.t.Errorf("resumed: %s", r.stderr)
	}
}

// wait waits for a file in the box's home.
func (b *box) wait(name string) {
	b.t.Helper()
	for range 1000 {
		if _, err := os.Stat(filepath.Join(b.home, name)); err == nil {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	b.t.Fatalf("%s does not come", name)
}

// If edit is killed, the next run of any command removes what it left in memory.
func TestEditKilled(t *testing.T) {
	t.Parallel()
	b := victim(t)
	b.ownMemory() // what a killed process leaves is not in the way of other tests
	b.editor(`echo "$1" > "$HOME/where"; touch "$HOME/ready"; exec sleep 60`)
	cmd := exec.Command("credfile", "edit")
	cmd.Dir, cmd.Env = b.dir, b.env
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // the editor lives on
	b.wait("ready")
	cmd.Process.Kill()
	cmd.Wait()
	where, err := os.ReadFile(filepath.Join(b.home, "where"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(strings.TrimSpace(string(where))); err != nil {
		t.Fatal("there was nothing to remove")
	}
	b.ok("", "version")
	if _, err := os.Stat(strings.TrimSpace(string(where))); err == nil {
		t.Error("the next run did not remove it")
	}
	b.nowhere(canary)
}

// Row 21: real editors with their default configuration leave no value in a swap, backup, undo or
// history file.
func TestRealEditors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		editor string
		steps  [][2]string
	}{
		{"vim", [][2]string{{"TWO", "/ONE\r0f\"a"}, {"INSERT", canary + "-new\x1b:wq\r"}}},
		{"nano", [][2]string{{"TWO", "\x17"}, {"Search", "ONE =\r\x05\x1b[D" + canary + "-new"}, {"-new", "\x0f"}, {"Write", "\r"}, {"Wrote", "\x18"}}},
		{"emacs -nw -Q --no-splash", [][2]string{{"TWO", "\x13ONE\r\x05\x02" + canary + "-new\x18\x13"}, {"Wrote", "\x18\x03"}}},
	} {
		t.Run(c.editor, func(t *testing.T) {
			needTool(t, strings.Fields(c.editor)[0])
			b := victim(t)
			b.env = append(b.env, "EDITOR="+c.editor, "TERM=xterm", "TMPDIR="+b.tmp())
			r, screen := b.inEditor([]string{"edit", "-p", "default"}, c.steps...)
			if r.code != 0 || !strings.Contains(r.stderr, "default: ONE changed") {
				t.Fatalf("exit code %d\n%s\n%q", r.code, r.stderr, screen[max(0, len(screen)-2000):])
			}
			if got := b.ok("", "get", "ONE").stdout; !strings.Contains(got, canary+"-new") {
				t.Errorf("%q", got)
			}
			b.nowhere(canary)
		})
	}
}

// A colleague's comment does not set editor options, even if the user enables modelines.
func TestModelines(t *testing.T) {
	t.Parallel()
	needTool(t, "vim")
	b := victim(t)
	b.editor(`sed -i 's/^ONE/# vim: set fileencoding=utf-16 :\nONE/' "$1"`)
	b.ok("", "edit", "-p", "default")
	if err := os.WriteFile(filepath.Join(b.home, ".vimrc"), []byte("set modeline modelines=100\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	b.env = append(b.env, "EDITOR=vim", "TERM=xterm", "TMPDIR="+b.tmp())
	r, screen := b.inEditor([]string{"edit", "-p", "default"}, [2]string{"TWO", "/^ONE =\r0f\"a"}, [2]string{"INSERT", canary + "-new\x1b:wq\r"})
	if r.code != 0 || !strings.Contains(r.stderr, "default: ONE changed") {
		t.Fatalf("exit code %d\n%s\n%q", r.code, r.stderr, screen[max(0, len(screen)-2000):])
	}
}

// Random documents, saved by a scripted editor, are stored exactly: values, comments, order
// and expiry.
func TestEditRandom(t *testing.T) {
	racetest.Skip(t)
	t.Parallel()
	b := newBox(t)
	b.ok("", "init", "--name", "me")
	b.editor(`cat "$HOME/next" > "$1"`)
	random := rand.New(rand.NewPCG(8, 9))
	edits := 0
	for range 42 { // each run saves a document that differs in about 250 places
		var entries []editdoc.Entry
		for _, n := range random.Perm(300)[:200+random.IntN(100)] {
			e := editdoc.Entry{Name: fmt.Sprint("N", n), Value: randomValue(random)}
			if random.IntN(4) == 0 {
				e.Comment = []string{"# a comment\n", "\n# after an empty line\n", "# two\n#lines\n", "  # indented\n"}[random.IntN(4)]
			}
			if random.IntN(5) == 0 {
				e.Expires = time.Date(2027, time.Month(1+random.IntN(12)), 1+random.IntN(28), 0, 0, 0, 0, time.UTC)
			}
			entries = append(entries, e)
			edits++
		}
		want := editdoc.Render(nil, []editdoc.Profile{{Name: "default", Entries: entries}})
		if err := os.WriteFile(filepath.Join(b.home, "next"), want, 0o600); err != nil {
			t.Fatal(err)
		}
		b.ok("", "edit")
		saved := b.env
		b.editor(`cp "$1" "$HOME/seen"`)
		b.ok("", "edit")
		b.env = saved
		b.editor(`cat "$HOME/next" > "$1"`)
		seen, err := os.ReadFile(filepath.Join(b.home, "seen"))
		if err != nil {
			t.Fatal(err)
		}
		_, got, _ := bytes.Cut(seen, []byte("\n\n"))
		if !bytes.Equal(got, want) {
			t.Fatalf("%d bytes, want %d", len(got), len(want))
		}
	}
	if edits < 10000 {
		t.Errorf("%d edits", edits)
	}
	b.ok("", "verify")
}

func randomValue(random *rand.Rand) []byte {
	alphabet := []string{"a", "B", "7", " ", "'", `"`, `\`, "\n", "\t", "\r", "#", "=", "ä", "\x1b", "{", "\x00", "\xff"}
	limit := len(alphabet)
	if random.IntN(8) > 0 {
		limit -= 2 // only text
	}
	var v []byte
	for range random.IntN(20) {
		v = append(v, alphabet[random.IntN(limit)]...)
	}
	return v
}

// ownMemory gives a box an in-memory directory that other tests don't sweep.
func (b *box) ownMemory() {
	b.t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "test-")
	if err != nil {
		b.t.Skip(err)
	}
	b.t.Cleanup(func() { os.RemoveAll(dir) })
	b.env = append(b.env, "XDG_RUNTIME_DIR="+dir)
}

// Row 21: what an editor saves after the edit is over, or after its process was killed, is neither
// lost nor left in plaintext.
func TestEditSavedLate(t *testing.T) {
	t.Parallel()
	const change = `sed 's/^\[default\]/&\nNEW = "` + canary + `-typed"/' "$1" > "$1.new" && mv "$1.new" "$1"`
	t.Run("a window that was not told to wait", func(t *testing.T) {
		t.Parallel()
		b := victim(t)
		b.ownMemory()
		b.editor(`cp "$1" "$HOME/copy"; echo "$1" > "$HOME/where"; true`)
		if r := b.ok("", "edit"); !strings.Contains(r.stderr, "code --wait") {
			t.Error(r.stderr)
		}
		where, err := os.ReadFile(filepath.Join(b.home, "where"))
		if err != nil {
			t.Fatal(err)
		}
		if exists(strings.TrimSpace(string(where))) {
			t.Error("the text is left")
		}
		script := exec.Command("sh", "-c", `set -- "`+strings.TrimSpace(string(where))+`"; umask 022; mkdir -p "$(dirname "$1")"; mv "$HOME/copy" "$1"; `+change)
		if r := b.exec(script, ""); r.code != 0 {
			t.Fatal(r.stderr)
		}
		if r := b.ok("", "list"); !strings.Contains(r.stderr, "edit --resume") {
			t.Error(r.stderr)
		}
		b.ok(canary+"-meanwhile", "set", "OTHER", "-")
		b.resumes()
		if got := b.ok("", "get", "NEW").stdout; got != canary+"-typed" {
			t.Errorf("%q", got)
		}
		b.ok("", "get", "OTHER")
		os.Remove(filepath.Join(b.home, "where"))
		b.nowhere(canary)
	})
	t.Run("the process was killed", func(t *testing.T) {
		t.Parallel()
		b := victim(t)
		b.ownMemory()
		b.editor(change + `; touch "$HOME/ready"; sleep 60`)
		cmd := exec.Command("credfile", "edit")
		cmd.Dir, cmd.Env = b.dir, b.env
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		b.wait("ready")
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		cmd.Wait()
		if r := b.ok("", "version"); !strings.Contains(r.stderr, "edit --resume") {
			t.Error(r.stderr)
		}
		b.resumes()
		if got := b.ok("", "get", "NEW").stdout; got != canary+"-typed" {
			t.Errorf("%q", got)
		}
		b.nowhere(canary)
	})
	t.Run("killed, and nothing was saved", func(t *testing.T) {
		t.Parallel()
		b := victim(t)
		b.ownMemory()
		b.editor(`touch "$HOME/ready"; sleep 60`)
		cmd := exec.Command("credfile", "edit")
		cmd.Dir, cmd.Env = b.dir, b.env
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		b.wait("ready")
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		cmd.Wait()
		if r := b.ok("", "version"); r.stderr != "" {
			t.Error(r.stderr)
		}
		b.nowhere(canary)
	})
}
