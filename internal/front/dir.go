// Package front runs another program that needs secrets: it puts them in files in a private
// directory, masks the program's output, and forwards signals as a shell would.
package front

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Dir is a private directory. This process holds it until it exits or lets go of it. A
// directory that no process holds belongs to a dead process, whatever its PID namespace.
type Dir struct {
	Path   string
	OnDisk bool // the system has no place in memory
	hold   *os.File
}

// Kind is the purpose of a private directory, and the beginning of its name.
type Kind string

const (
	// Files holds values for a command. Leftovers are removed.
	Files Kind = "files-"
	// Editing holds a text in an editor. Leftovers may be a user's work.
	Editing Kind = "edit-"
)

// PrivateDir makes a directory for this process alone, in memory if the system has a place
// there.
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

// places returns the places for private directories: those in memory, and last the one that
// every system has.
func places(getenv func(string) string) []string { return append(memoryDirs(getenv), os.TempDir()) }

// parent is the user's only directory in a place, so that Sweep need not list a
// whole temporary directory.
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
		return nil, fmt.Errorf("%s is in the way, and is not a private directory of yours", parent(place))
	}
	for range 100 {
		path, err := os.MkdirTemp(parent(place), string(kind)) // with mode 0700
		if err != nil {
			return nil, err
		}
		if hold := holdDir(path); hold != nil {
			return &Dir{Path: path, hold: hold}, nil
		} // else another process swept it
	}
	return nil, errors.New("can't lock a directory")
}

// usable refuses another user's directory, as su may leave it in XDG_RUNTIME_DIR. Its owner
// could change it under our hands, and a link could lead the sweep anywhere.
func usable(place string) error {
	info, err := os.Stat(place)
	if err == nil && !mine(info) && !shared(info) {
		err = fmt.Errorf("%s belongs to another user", place)
	}
	return err
}

// ours reports whether a directory is the user's, and closed to all others.
func ours(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.IsDir() && mine(info) && private(info)
}

// Remove removes the directory and everything in it.
func (d *Dir) Remove() {
	os.RemoveAll(d.Path)
	d.Leave()
}

// Leave lets go of the directory and leaves its content.
func (d *Dir) Leave() { letGo(d.hold) }

// Sweep removes the user's private directories whose process is gone: a killed process
// could not remove its own. Before removing a text in an editor it calls keep, which
// reports whether the directory can go.
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

// ReadFile reads a regular file back, up to limit bytes. An editor may have put anything in
// its place.
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
