//go:build linux

package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// What replaces a file is private, also if a killed writer left a staged file that is not.
func TestReplace(t *testing.T) {
	path := newFile(t, "old")
	left := filepath.Join(filepath.Dir(path), ".file.new")
	if err := errors.Join(os.Chmod(path, 0o644), os.WriteFile(left, nil, 0o644)); err != nil {
		t.Fatal(err)
	}
	if err := Replace(path, nil); err != nil || content(t, path) != "" {
		t.Errorf("%v, %q", err, content(t, path))
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	alone(t, filepath.Dir(path), "file")
	link := path + ".link"
	if err := errors.Join(os.Remove(path), os.WriteFile(left, nil, 0o644), os.Symlink(path, link)); err != nil {
		t.Fatal(err)
	}
	if err := Create(path, 0o600, []byte("new")); err != nil {
		t.Error(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if err := Replace(link, []byte("x")); err == nil || content(t, path) != "new" {
		t.Errorf("%v, %q", err, content(t, path))
	}
}

// alone fails if there is anything in the directory but these names.
func alone(t *testing.T, dir string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if strings.Join(got, " ") != strings.Join(names, " ") {
		t.Errorf("%q, want %q", got, names)
	}
}

// An update replaces the content and keeps the mode. An edit that changes nothing or fails
// leaves the very file.
func TestUpdate(t *testing.T) {
	path := newFile(t, "old")
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	before, _ := os.Stat(path)
	broken := errors.New("broken")
	for _, edit := range []func([]byte) ([]byte, error){
		func([]byte) ([]byte, error) { return nil, nil },
		func([]byte) ([]byte, error) { return []byte("new"), broken },
	} {
		if err := Update(path, 100, edit); err != nil && err != broken {
			t.Error(err)
		}
		if after, err := os.Stat(path); err != nil || !os.SameFile(before, after) || content(t, path) != "old" {
			t.Errorf("the file was replaced: %q, %v", content(t, path), err)
		}
	}
	err := Update(path, 100, func(old []byte) ([]byte, error) { return append(old, "+new"...), nil })
	after, _ := os.Stat(path)
	if err != nil || content(t, path) != "old+new" || after.Mode() != before.Mode() || os.SameFile(before, after) {
		t.Errorf("%v, %q, %v", err, content(t, path), after.Mode())
	}
	alone(t, filepath.Dir(path), "file")
	if err := Update(path+"2", 100, func([]byte) ([]byte, error) { return []byte("new"), nil }); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

// Writers that wait for each other lose nothing, although each replaces the file that the next
// one waits for.
func TestConcurrentUpdates(t *testing.T) {
	path := newFile(t, "")
	var wg sync.WaitGroup
	const n = 50
	for i := range n {
		wg.Go(func() {
			if err := Update(path, 1000, func(old []byte) ([]byte, error) { return append(old, strconv.Itoa(i)+" "...), nil }); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if words := strings.Fields(content(t, path)); len(words) != n {
		t.Errorf("%d of %d are there: %q", len(words), n, words)
	}
	alone(t, filepath.Dir(path), "file")
}

// Kinds of files that a replacement would change silently are refused, with the same reason
// before the work as after it.
func TestRefused(t *testing.T) {
	for name, make := range map[string]func(path string) error{
		"is a directory":        func(path string) error { return errors.Join(os.Remove(path), os.Mkdir(path, 0o700)) },
		"is not a regular file": func(path string) error { return errors.Join(os.Remove(path), syscall.Mkfifo(path, 0o600)) },
		"is read-only":          func(path string) error { return os.Chmod(path, 0o444) },
		"has hard links":        func(path string) error { return os.Link(path, path+"2") },
	} {
		t.Run(name, func(t *testing.T) {
			path := newFile(t, "old")
			if err := make(path); err != nil {
				t.Fatal(err)
			}
			var refused *RefusedError
			err := Update(path, 100, func([]byte) ([]byte, error) { return []byte("new"), nil })
			if !errors.As(err, &refused) || !strings.HasPrefix(refused.Reason, name) {
				t.Errorf("Update: %v", err)
			}
			if again := Replaceable(path); again == nil || again.Error() != err.Error() {
				t.Errorf("Replaceable: %v, Update: %v", again, err)
			}
			if _, err := os.Lstat(filepath.Join(filepath.Dir(path), ".file.new")); err == nil {
				t.Error("something is left")
			}
		})
	}
	path := newFile(t, "old")
	if err := Replaceable(path); err != nil || content(t, path) != "old" {
		t.Errorf("%v", err)
	}
	alone(t, filepath.Dir(path), "file")
}

// The target of a link is replaced, and the link stays.
func TestLink(t *testing.T) {
	path := newFile(t, "old")
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	if err := Update(link, 100, func([]byte) ([]byte, error) { return []byte("new"), nil }); err != nil || content(t, path) != "new" {
		t.Errorf("%v, %q", err, content(t, path))
	}
	if to, err := os.Readlink(link); err != nil || to != path {
		t.Errorf("%q, %v", to, err)
	}
	alone(t, filepath.Dir(link), "link")
}

// No more than the limit and a byte is read, so that the caller sees that there is more. What
// would block is refused.
func TestRead(t *testing.T) {
	path := newFile(t, "0123456789")
	for limit, want := range map[int64]string{3: "0123", 9: "0123456789", 10: "0123456789", 100: "0123456789"} {
		if b, err := Read(path, limit); err != nil || string(b) != want {
			t.Errorf("limit %d: %q, %v", limit, b, err)
		}
	}
	fifo := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{fifo, t.TempDir(), "/dev/zero"} {
		var refused *RefusedError
		if b, err := Read(path, 100); !errors.As(err, &refused) {
			t.Errorf("%s: %q, %v", path, b, err)
		}
	}
}

// A new file is whole or not there. An existing one stays, be it a link to nothing.
func TestCreate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := Create(path, 0o640, []byte("new")); err != nil || content(t, path) != "new" {
		t.Errorf("%v", err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode() != 0o640 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	if err := Create(path, 0o640, []byte("newer")); !errors.Is(err, fs.ErrExist) || content(t, path) != "new" {
		t.Errorf("%v, %q", err, content(t, path))
	}
	nowhere := filepath.Join(filepath.Dir(path), "nowhere")
	if err := os.Symlink("nothing", nowhere); err != nil {
		t.Fatal(err)
	}
	if err := Create(nowhere, 0o600, nil); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a link to nothing: %v", err)
	}
	alone(t, filepath.Dir(path), "file", "nowhere")

	// Of many at once, one wins.
	path = filepath.Join(t.TempDir(), "file")
	var wg sync.WaitGroup
	errs := make([]error, 20)
	for i := range errs {
		wg.Go(func() { errs[i] = Create(path, 0o600, []byte(strconv.Itoa(i))) })
	}
	wg.Wait()
	won := -1
	for i, err := range errs {
		switch {
		case err == nil && won < 0:
			won = i
		case !errors.Is(err, fs.ErrExist):
			t.Errorf("%d: %v", i, err)
		}
	}
	if won < 0 || content(t, path) != strconv.Itoa(won) {
		t.Errorf("%d won, and there is %q", won, content(t, path))
	}
	alone(t, filepath.Dir(path), "file")
}

// What a killed writer left is taken over and has no effect.
func TestLeft(t *testing.T) {
	path := newFile(t, "old")
	if err := os.WriteFile(filepath.Join(filepath.Dir(path), ".file.new"), []byte("a longer rest of something"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := Update(path, 100, func(old []byte) ([]byte, error) { return append(old, '+'), nil }); err != nil || content(t, path) != "old+" {
		t.Errorf("%v, %q", err, content(t, path))
	}
	if info, err := os.Stat(path); err != nil || info.Mode() != 0o644 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	alone(t, filepath.Dir(path), "file")
}

// A program that keeps changing the file is not overwritten, and does not hang us.
func TestKeepsChanging(t *testing.T) {
	path := newFile(t, "0")
	n := 0
	err := Update(path, 100, func([]byte) ([]byte, error) {
		n++
		err := os.WriteFile(path, []byte(strconv.Itoa(n)), 0o644)
		return []byte("ours"), errors.Join(err, os.Chtimes(path, time.Time{}, time.Unix(int64(n), 0)))
	})
	if !errors.Is(err, ErrChanged) || content(t, path) != strconv.Itoa(n) || n < 2 {
		t.Errorf("%v after %d, %q", err, n, content(t, path))
	}
	alone(t, filepath.Dir(path), "file")
}
