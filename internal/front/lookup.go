package front

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
)

// Lookup finds a command as a shell does, except in relative directories of PATH. A file
// in a repository could have the name of a system command. Errors: [MissingError],
// [StartError].
func Lookup(name string, getenv func(string) string) (string, error) {
	if runtime.GOOS == "windows" {
		path, ok := windowsLookup(name, getenv("PATH"), getenv("PATHEXT"), func(path string) bool { return executable(path) == nil })
		if !ok {
			return "", &MissingError{name}
		}
		return path, nil
	}
	if strings.ContainsRune(name, filepath.Separator) {
		return name, executable(name)
	}
	var denied error
	for _, dir := range filepath.SplitList(getenv("PATH")) {
		if !filepath.IsAbs(dir) {
			continue
		}
		path := filepath.Join(dir, name)
		err := executable(path)
		if err == nil {
			return path, nil
		}
		var cannot *StartError
		if denied == nil && errors.As(err, &cannot) {
			denied = err
		}
	}
	if denied != nil {
		return "", denied
	}
	return "", &MissingError{name}
}

// windowsLookup finds a command as cmd.exe does, with the extensions in PATHEXT, but
// neither in the working directory nor in relative directories of PATH.
func windowsLookup(name, path, pathext string, is func(string) bool) (string, bool) {
	if pathext == "" {
		pathext = ".COM;.EXE;.BAT;.CMD"
	}
	endings := strings.Split(strings.ToLower(pathext), ";")
	try := func(file string) (string, bool) {
		lower := strings.ToLower(file)
		for _, ending := range endings {
			if ending != "" && strings.HasSuffix(lower, ending) && is(file) {
				return file, true
			}
		}
		for _, ending := range endings {
			if ending != "" && is(file+ending) {
				return file + ending, true
			}
		}
		return "", false
	}
	if strings.ContainsAny(name, `\/:`) {
		return try(name)
	}
	for _, dir := range strings.Split(path, ";") {
		dir = strings.Trim(dir, `"`)
		drive := len(dir) > 2 && dir[1] == ':' && (dir[2] == '\\' || dir[2] == '/')
		if !drive && !strings.HasPrefix(dir, `\\`) {
			continue
		}
		if file, ok := try(strings.TrimRight(dir, `\/`) + `\` + name); ok {
			return file, true
		}
	}
	return "", false
}

func executable(path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return &MissingError{path}
	case err != nil:
		return NotStarted(path, err)
	case info.IsDir():
		return NotStarted(path, errors.New("is a directory"))
	case runtime.GOOS != "windows" && info.Mode()&0o111 == 0:
		return NotStarted(path, fs.ErrPermission)
	}
	return nil
}
