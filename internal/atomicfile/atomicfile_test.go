//go:build linux

package atomicfile

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func newFile(t *testing.T, content string) string {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func content(t *testing.T, path string) string {
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Anyone who can read the file can lock it: the error names that process.
func TestHolder(t *testing.T) {
	path := newFile(t, "x")
	cmd := exec.Command("flock", "-F", path, "sleep", "60") // as a separate process
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { cmd.Process.Kill(); cmd.Wait() }()
	for range 500 {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		taken := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil
		f.Close()
		if taken {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	err = lock(f, 50*time.Millisecond)
	var locked *HeldError
	if !errors.As(err, &locked) || !errors.Is(err, ErrHeld) || locked.PID != cmd.Process.Pid || locked.Program == "" {
		t.Errorf("%v, want process %d", err, cmd.Process.Pid)
	}
}

// If a program that does not lock the file changes it during an update, its content is what
// gets edited in the end.
func TestChangedMeanwhile(t *testing.T) {
	for name, change := range map[string]func(path string) error{
		"in place": func(path string) error { return os.WriteFile(path, []byte("theirs"), 0o644) },
		"replaced": func(path string) error {
			return errors.Join(os.WriteFile(path+"2", []byte("theirs"), 0o644), os.Rename(path+"2", path))
		},
		"same size": func(path string) error { return os.WriteFile(path, []byte("there!"), 0o644) },
	} {
		t.Run(name, func(t *testing.T) {
			path := newFile(t, "before")
			var seen []string
			err := Update(path, 100, func(old []byte) ([]byte, error) {
				seen = append(seen, string(old))
				if len(seen) == 1 {
					if err := change(path); err != nil {
						t.Fatal(err)
					}
					if err := os.Chtimes(path, time.Time{}, time.Now().Add(time.Hour)); err != nil { // not in the same tick of the clock
						t.Fatal(err)
					}
				}
				return append(old, '+'), nil
			})
			if got := content(t, path); err != nil || len(seen) != 2 || got != seen[1]+"+" || seen[1] == "before" {
				t.Errorf("%v, seen %q, and there is %q", err, seen, got)
			}
		})
	}
}

// Another user's file or a link in the staged file's place is not written through.
func TestStaged(t *testing.T) {
	victim := newFile(t, "precious")
	for name, plant := range map[string]func(staged string) error{
		"a hard link":     func(staged string) error { return os.Link(victim, staged) },
		"a symbolic link": func(staged string) error { return os.Symlink(victim, staged) },
		"a FIFO":          func(staged string) error { return syscall.Mkfifo(staged, 0o600) },
		"a directory":     func(staged string) error { return os.Mkdir(staged, 0o700) },
		"another user's": func(staged string) error {
			return errors.Join(os.WriteFile(staged, nil, 0o666), os.Chown(staged, 4242, 4242))
		},
	} {
		t.Run(name, func(t *testing.T) {
			if os.Getuid() != 0 && name == "another user's" {
				t.Skip("needs the right to give files away, which root has")
			}
			dir := t.TempDir()
			victim = newFile(t, "precious")
			path := filepath.Join(dir, "file")
			if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
				t.Fatal(err)
			}
			staged := filepath.Join(dir, ".file.new")
			if err := plant(staged); err != nil {
				t.Fatal(err)
			}
			before, _ := os.Lstat(staged)
			err := Update(path, 100, func([]byte) ([]byte, error) { return []byte("new"), nil })
			if err == nil || content(t, path) != "old" || content(t, victim) != "precious" {
				t.Errorf("%v; %q, %q", err, content(t, path), content(t, victim))
			}
			if after, err := os.Lstat(staged); err != nil || !os.SameFile(before, after) || strings.Contains(after.Name(), "gone") {
				t.Errorf("what stood there is gone: %v", err)
			}
		})
	}
}
