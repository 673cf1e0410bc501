package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/credfile/credfile/internal/atomicfile"
	"github.com/credfile/credfile/internal/userdir"
)

// completionFile returns where a shell looks for a script, and the line to add to its start-up file, if
// it has to be told. There is no file for PowerShell.
func completionFile(a *app, shell string) (path, line string) {
	home := userdir.Home(a.getenv)
	dir := func(variable, otherwise string) string {
		if dir := a.getenv(variable); filepath.IsAbs(dir) {
			return dir
		}
		return filepath.Join(home, filepath.FromSlash(otherwise))
	}
	switch shell {
	case "bash": // bash-completion(1), FILES
		path = filepath.Join(dir("XDG_DATA_HOME", ".local/share"), "bash-completion", "completions", "credfile")
		return path, "if bash-completion is not installed, add to ~/.bashrc: source " + path
	case "fish": // fish's documentation, Where to put completions
		return filepath.Join(dir("XDG_CONFIG_HOME", ".config"), "fish", "completions", "credfile.fish"), ""
	case "zsh":
		path = filepath.Join(dir("XDG_DATA_HOME", ".local/share"), "zsh", "site-functions", "_credfile")
		return path, "if it isn't there yet, add to ~/.zshrc, before compinit: fpath+=(" + filepath.Dir(path) + ")"
	}
	return "", "add to your profile: credfile completion powershell | Out-String | Invoke-Expression"
}

// installCompletion writes a shell's script, or removes it.
func installCompletion(a *app, shell string, script []byte, undo bool) error {
	path, line := completionFile(a, shell)
	if path == "" {
		a.say("%s", line)
		return nil
	}
	old, err := atomicfile.Read(path, 1<<20)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err == nil && !strings.Contains(string(old), "completion for credfile") {
		return at(path, errNotOurs)
	}
	switch {
	case undo && err != nil:
		a.say("nothing to do")
		return nil
	case undo:
		if err := os.Remove(path); err != nil {
			return err
		}
		a.say("removed: %s", path)
		return nil
	}
	if err := replaceFile(path, script); err != nil {
		return at(path, err)
	}
	a.say("written: %s", path)
	if line != "" {
		a.say("%s", line)
	}
	return nil
}

// replaceFile writes a file that anyone may read, and makes its directory.
func replaceFile(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	err := atomicfile.Create(path, 0o644, data)
	if errors.Is(err, fs.ErrExist) {
		err = atomicfile.Update(path, 1<<20, func([]byte) ([]byte, error) { return data, nil })
	}
	return err
}

var errNotOurs = &plainError{text: "it is another program's completion, and stays as it is", code: exitOther, hint: "to print the script: credfile completion SHELL"}
