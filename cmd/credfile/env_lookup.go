package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
)

// lookup finds the command as a shell does, except in relative directories of PATH. A file
// in a repository could have the name of a system command.
func (a *app) lookup(name string) (string, error) {
	if runtime.GOOS == "windows" {
		path, ok := windowsLookup(name, a.getenv("PATH"), a.getenv("PATHEXT"), func(path string) bool { return executable(path) == nil })
		if !ok {
			return "", notFound(name)
		}
		return path, nil
	}
	if strings.ContainsRune(name, filepath.Separator) {
		return name, executable(name)
	}
	var denied error
	for _, dir := range filepath.SplitList(a.getenv("PATH")) {
		if !filepath.IsAbs(dir) {
			continue
		}
		path := filepath.Join(dir, name)
		err := executable(path)
		if err == nil {
			return path, nil
		}
		var plain *plainError
		if denied == nil && errors.As(err, &plain) && plain.code == exitNotRunning {
			denied = err
		}
	}
	if denied != nil {
		return "", denied
	}
	return "", notFound(name)
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
		return notFound(path)
	case err != nil:
		return startError(path, err)
	case info.IsDir():
		return startError(path, errors.New("is a directory"))
	case runtime.GOOS != "windows" && info.Mode()&0o111 == 0:
		return startError(path, fs.ErrPermission)
	}
	return nil
}

func notFound(name string) error {
	return &plainError{text: fmt.Sprintf("command not found: %s", name), code: exitNoCommand}
}

func startError(name string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return notFound(name)
	}
	return &plainError{text: fmt.Sprintf("can't run %s: %v", name, err), code: exitNotRunning}
}

// startError explains why the command did not start, and names the value that is too large.
func (g *given) startError(command []string, err error) error {
	if !errors.Is(err, syscall.E2BIG) {
		return startError(command[0], err)
	}
	values, largest := 0, variable{}
	for _, v := range g.passed(g.vars) {
		values += len(v.value)
		if len(v.value) > len(largest.value) {
			largest = v
		}
	}
	if values < len(strings.Join(command, " ")) {
		return &plainError{text: "the arguments are too large for this system", code: exitNotRunning}
	}
	return &plainError{text: fmt.Sprintf("the environment is too large for this system; the largest value is %s (%d KiB)", largest.name, len(largest.value)>>10),
		code: exitNotRunning, hint: fmt.Sprintf("use --as-file %s or --except %[1]s", largest.credential)}
}
