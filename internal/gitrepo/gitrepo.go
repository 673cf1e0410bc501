// Package gitrepo is what the tool asks of git repositories.
package gitrepo

import (
	"os"
	"path/filepath"
	"strings"
)

// Find returns the root of the work tree that dir lies in, and the repository's
// common directory, which all its work trees share; "" if dir is in none. It
// reads .git itself: to start git would take longer than the whole command.
func Find(dir string) (root, common string) {
	for d := dir; ; d = filepath.Dir(d) {
		if info, err := os.Stat(filepath.Join(d, ".git")); err == nil {
			if common := commonDir(filepath.Join(d, ".git"), info.IsDir()); common != "" {
				return d, common
			}
			return d, filepath.Join(d, ".git")
		}
		if d == filepath.Dir(d) {
			return "", ""
		}
	}
}

// commonDir follows a .git file ("gitdir: …") and the commondir file that git
// puts into a linked work tree's directory: gitrepository-layout(5).
func commonDir(git string, isDir bool) string {
	if !isDir {
		text, ok := strings.CutPrefix(firstLine(git), "gitdir: ")
		if !ok {
			return ""
		}
		git = join(filepath.Dir(git), text)
	}
	if common := firstLine(filepath.Join(git, "commondir")); common != "" {
		git = join(git, common)
	}
	if real, err := filepath.EvalSymlinks(git); err == nil {
		git = real
	}
	return git
}

func join(dir, path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(dir, path)
}

func firstLine(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	b := make([]byte, 8192)
	n, _ := f.Read(b)
	line, _, _ := strings.Cut(string(b[:n]), "\n")
	return strings.TrimSuffix(line, "\r")
}
