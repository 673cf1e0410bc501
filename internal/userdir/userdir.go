// Package userdir finds the directories of one user: the XDG Base Directory Specification
// and, on Windows, the application data directories.
package userdir

import (
	"fmt"
	"path/filepath"
	"runtime"
)

var goos = runtime.GOOS // for tests

// Config returns the directory of what the user keeps, such as identities.
func Config(getenv func(string) string) (string, error) {
	return dir(getenv, "XDG_CONFIG_HOME", "AppData", ".config")
}

// State returns the directory of what this machine remembers.
func State(getenv func(string) string) (string, error) {
	return dir(getenv, "XDG_STATE_HOME", "LocalAppData", filepath.Join(".local", "state"))
}

// dir returns our directory in the one that a variable names, or in the user's home. The
// specification says to ignore a relative path.
func dir(getenv func(string) string, xdg, windows, inHome string) (string, error) {
	if dir := getenv(xdg); filepath.IsAbs(dir) {
		return filepath.Join(dir, "credfile"), nil
	}
	if dir := getenv(windows); goos == "windows" && filepath.IsAbs(dir) {
		return filepath.Join(dir, "credfile"), nil
	}
	if home := Home(getenv); filepath.IsAbs(home) {
		return filepath.Join(home, inHome, "credfile"), nil
	}
	return "", fmt.Errorf("neither %s nor HOME is set", xdg)
}

// Home returns the user's home or "". On Windows only some shells set HOME.
func Home(getenv func(string) string) string {
	if home := getenv("HOME"); home != "" || goos != "windows" {
		return home
	}
	return getenv("USERPROFILE")
}
