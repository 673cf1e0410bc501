package trust

import (
	"errors"
	"path/filepath"
	"runtime"
)

// StateDir returns the directory in which programs of this user keep what they know about
// credfiles, by the variables XDG_STATE_HOME, HOME and LocalAppData.
func StateDir(getenv func(string) string) (string, error) {
	// The XDG specification says to ignore a relative path.
	if dir := getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "credfile"), nil
	}
	if dir := getenv("LocalAppData"); runtime.GOOS == "windows" && filepath.IsAbs(dir) {
		return filepath.Join(dir, "credfile"), nil
	}
	if home := getenv("HOME"); filepath.IsAbs(home) {
		return filepath.Join(home, ".local", "state", "credfile"), nil
	}
	return "", errors.New("neither XDG_STATE_HOME nor HOME is set")
}

// UserMemory returns the memory that the credfile command uses, so that a program trusts
// what its user approved. Without a directory for it, it remembers nothing.
func UserMemory(getenv func(string) string) Memory {
	if dir, err := StateDir(getenv); err == nil {
		return Memory{Dir: filepath.Join(dir, "trust"), ReadOnly: othersHome(dir)}
	}
	return Memory{}
}
