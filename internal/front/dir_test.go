//go:build unix

package front

import (
	"os"
	"path/filepath"
	"testing"
)

// sweepPlace is a temporary directory only, as on systems without one in memory.
func sweepPlace(t *testing.T) (place string, getenv func(string) string) {
	place = t.TempDir()
	t.Setenv("TMPDIR", place)
	return place, func(string) string { return "" }
}

// Only directories that no process holds are removed, and texts only once they are kept.
func TestSweep(t *testing.T) {
	place, getenv := sweepPlace(t)
	mine, err := makeDir(place, Files)
	if err != nil {
		t.Fatal(err)
	}
	defer mine.Remove()
	gone := filepath.Join(parent(place), "files-gone")
	text := filepath.Join(parent(place), "edit-gone")
	unkept := filepath.Join(parent(place), "edit-unkept")
	other := filepath.Join(parent(place), "notes")
	outside := filepath.Join(place, "files-outside")
	for _, dir := range []string{gone, text, unkept, other, outside} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	target := t.TempDir()
	link := filepath.Join(parent(place), "files-link")
	if err := os.Symlink(target, link); err != nil {
		t.Fatal(err)
	}
	Sweep(getenv, func(path string) bool { return path == text })
	for dir, stays := range map[string]bool{mine.Path: true, gone: false, text: false, unkept: true, other: true, outside: true, target: true, link: true} {
		if _, err := os.Lstat(dir); (err == nil) != stays {
			t.Errorf("%s: %v", filepath.Base(dir), err)
		}
	}
	mine.Leave()
	if Sweep(getenv, func(string) bool { return false }); ours(mine.Path) {
		t.Error("what was let go stays")
	}
}

// Another user can change their directory under our hands: nothing is made or swept in it.
func TestOthersDirectories(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("needs the right to give files away, which root has")
	}
	place, getenv := sweepPlace(t)
	theirs := filepath.Join(place, "theirs")
	if err := os.Mkdir(theirs, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(theirs, 4242, 4242); err != nil {
		t.Fatal(err)
	}
	if d, err := makeDir(theirs, Files); err == nil {
		t.Errorf("made %s", d.Path)
	}
	left := filepath.Join(parent(theirs), "files-left")
	if err := os.MkdirAll(left, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", theirs)
	Sweep(getenv, func(string) bool { return true })
	if _, err := os.Stat(left); err != nil {
		t.Error("swept where another user can put a link")
	}
	t.Setenv("TMPDIR", place)
	// Their directory in the place of ours.
	dir := filepath.Join(parent(place), "files-x")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(parent(place), 4242, 4242); err != nil {
		t.Fatal(err)
	}
	if d, err := makeDir(place, Files); err == nil {
		t.Errorf("made %s", d.Path)
	}
	Sweep(getenv, func(string) bool { return false })
	if _, err := os.Stat(dir); err != nil {
		t.Error("swept in another user's directory")
	}
	// Their directory within ours.
	os.Chown(parent(place), os.Getuid(), os.Getgid())
	os.Chown(dir, 4242, 4242)
	Sweep(getenv, func(string) bool { return false })
	if _, err := os.Stat(dir); err != nil {
		t.Error("another user's directory was swept")
	}
	// Open to others.
	os.Chown(dir, os.Getuid(), os.Getgid())
	os.Chmod(parent(place), 0o755)
	if d, err := makeDir(place, Files); err == nil {
		t.Errorf("made %s", d.Path)
	}
	// A link to somewhere else.
	os.Rename(parent(place), place+"/elsewhere")
	os.Chmod(place+"/elsewhere", 0o700)
	if err := os.Symlink("elsewhere", parent(place)); err != nil {
		t.Fatal(err)
	}
	if d, err := makeDir(place, Files); err == nil {
		t.Errorf("made %s", d.Path)
	}
}
