// Package front stays in front of another program that has to be given secrets: in
// files of a private directory, with its output masked, and then forwards signals as
// a shell would.
package front

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// prefix begins the names of private directories, before the process's id and the
// namespace in which it is counted.
const prefix = "credfile-"

// PrivateDir makes a directory for this process alone, in memory where the system has
// such a place; onDisk says that it has none.
func PrivateDir(getenv func(string) string) (dir string, onDisk bool, err error) {
	for _, parent := range memoryDirs(getenv) {
		if dir, err = makeDir(parent); err == nil {
			return dir, false, nil
		}
	}
	dir, err = makeDir(os.TempDir())
	return dir, true, err
}

func makeDir(parent string) (string, error) {
	// Another user's directory, as su may leave it behind in XDG_RUNTIME_DIR, is his to
	// change under our hands.
	if info, err := os.Stat(parent); err != nil {
		return "", err
	} else if !mine(info) && !shared(info) {
		return "", fmt.Errorf("%s is another user's", parent)
	}
	return os.MkdirTemp(parent, prefix+strconv.Itoa(os.Getpid())+"-"+namespace()+"-") // with mode 0700
}

// Sweep removes private directories of the user's whose process is gone: one that was
// killed could not do it.
func Sweep(getenv func(string) string) {
	for _, parent := range append(memoryDirs(getenv), os.TempDir()) {
		names, err := filepath.Glob(filepath.Join(parent, prefix+"*"))
		if err != nil {
			continue
		}
		for _, path := range names {
			pid, rest, _ := strings.Cut(strings.TrimPrefix(filepath.Base(path), prefix), "-")
			n, err := strconv.Atoi(pid)
			info, statErr := os.Lstat(path)
			if !strings.HasPrefix(rest, namespace()+"-") {
				continue // of a container that shares the place, and counts its processes anew
			}
			if err != nil || statErr != nil || !info.IsDir() || !mine(info) || running(n) {
				continue
			}
			os.RemoveAll(path)
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
		return nil, fmt.Errorf("it is not a regular file any more")
	case info.Size() > limit:
		return nil, fmt.Errorf("it is larger than %d MiB", limit>>20)
	}
	return os.ReadFile(path)
}
