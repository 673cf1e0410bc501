// Package front stays in front of another program that has to be given secrets: in
// files of a private directory, with its output masked, and then forwards signals as
// a shell would.
package front

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Dir is a private directory, held as long as this process lives or until it is let go:
// whoever finds one that nobody holds knows that its process is gone, in whatever
// namespace it was counted.
type Dir struct {
	Path   string
	OnDisk bool // the system has no place in memory
	hold   *os.File
}

// Kind is what a private directory is for, and how its name begins.
type Kind string

const (
	// Files are values that a command is given. What is left of them is removed.
	Files Kind = "files-"
	// Editing is a text in an editor. What is left of it may be somebody's work.
	Editing Kind = "edit-"
)

// PrivateDir makes a directory for this process alone, in memory where the system has
// such a place.
func PrivateDir(getenv func(string) string, kind Kind) (*Dir, error) {
	var first error
	for i, place := range places(getenv) {
		d, err := makeDir(place, kind)
		if err == nil {
			d.OnDisk = i == len(places(getenv))-1
			return d, nil
		}
		first = errors.Join(first, err)
	}
	return nil, first
}

// places are where private directories are made: those in memory, and last the one that
// every system has.
func places(getenv func(string) string) []string { return append(memoryDirs(getenv), os.TempDir()) }

// parent is the one directory of the user's in a place, so that nobody has to list a whole
// temporary directory.
func parent(place string) string {
	if uid := os.Geteuid(); uid >= 0 {
		return filepath.Join(place, "credfile-"+strconv.Itoa(uid))
	}
	return filepath.Join(place, "credfile") // Windows has a temporary directory for each user
}

func makeDir(place string, kind Kind) (*Dir, error) {
	if err := usable(place); err != nil {
		return nil, err
	}
	if err := os.Mkdir(parent(place), 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return nil, err
	}
	if !ours(parent(place)) {
		return nil, fmt.Errorf("%s is in the way, and other users can access it", parent(place))
	}
	for range 100 {
		path, err := os.MkdirTemp(parent(place), string(kind)) // with mode 0700
		if err != nil {
			return nil, err
		}
		if hold := holdDir(path); hold != nil {
			return &Dir{Path: path, hold: hold}, nil
		} // else somebody swept it
	}
	return nil, errors.New("can't lock a directory")
}

// usable refuses another user's directory, as su may leave it behind in XDG_RUNTIME_DIR: it
// is theirs to change under our hands, and a link could lead the sweep anywhere.
func usable(place string) error {
	info, err := os.Stat(place)
	if err == nil && !mine(info) && !shared(info) {
		err = fmt.Errorf("%s belongs to another user", place)
	}
	return err
}

// ours reports whether a directory is the user's, and nobody else can look into it.
func ours(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.IsDir() && mine(info) && private(info)
}

// Remove removes the directory with all that is in it.
func (d *Dir) Remove() {
	os.RemoveAll(d.Path)
	d.Leave()
}

// Leave lets the directory go as it is.
func (d *Dir) Leave() { letGo(d.hold) }

// Sweep removes private directories of the user's whose process is gone: one that was
// killed could not do it. A text in an editor is handed to keep first, which says whether
// the directory can go.
func Sweep(getenv func(string) string, keep func(path string) bool) {
	for _, place := range places(getenv) {
		if usable(place) != nil || !ours(parent(place)) {
			continue
		}
		entries, _ := os.ReadDir(parent(place))
		for _, entry := range entries {
			path := filepath.Join(parent(place), entry.Name())
			info, err := entry.Info()
			if err != nil || !info.IsDir() || !mine(info) {
				continue
			}
			hold := holdDir(path)
			if hold == nil {
				continue
			}
			if strings.HasPrefix(entry.Name(), string(Files)) || strings.HasPrefix(entry.Name(), string(Editing)) && keep(path) {
				os.RemoveAll(path)
			}
			letGo(hold)
		}
	}
}

// WriteFile writes a file that only the user can read, in a private directory.
func WriteFile(dir, name string, content []byte) (path string, err error) {
	path = filepath.Join(dir, name)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return "", err
	}
	_, err = f.Write(content)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	return path, err
}

// ReadFile reads a regular file back, up to limit bytes: an editor may have put
// anything in its place.
func ReadFile(path string, limit int64) ([]byte, error) {
	info, err := os.Lstat(path)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("it is no longer a regular file")
	case info.Size() > limit:
		return nil, fmt.Errorf("it is larger than %d MiB", limit>>20)
	}
	return os.ReadFile(path)
}
