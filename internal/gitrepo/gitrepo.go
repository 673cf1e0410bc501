// Package gitrepo is what the tool asks of git repositories.
package gitrepo

import (
	"os"
	"path/filepath"
	"strings"
)

// Repository is one that a directory lies in.
type Repository struct {
	Root   string // of the work tree
	Common string // the directory that all its work trees share
	// Linked says that it may be there because of a commit of another one: .git
	// is a file (a submodule, a linked work tree), or the way to it is a link.
	Linked bool
}

// Find returns the innermost repository that dir lies in. It reads .git itself:
// to start git would take longer than the whole command.
func Find(dir string) (r Repository, ok bool) {
	for d := dir; ; d = filepath.Dir(d) {
		git := filepath.Join(d, ".git")
		if info, err := os.Stat(git); err == nil {
			real, err := filepath.EvalSymlinks(d)
			return Repository{Root: d, Common: commonDir(git, info), Linked: !info.IsDir() || err != nil || real != d}, true
		}
		if d == filepath.Dir(d) {
			return Repository{}, false
		}
	}
}

// commonDir follows a .git file ("gitdir: …") and the commondir file that git
// puts into a linked work tree's directory: gitrepository-layout(5).
func commonDir(git string, info os.FileInfo) string {
	if !info.IsDir() {
		text, ok := strings.CutPrefix(firstLine(git), "gitdir: ")
		if !ok {
			return git
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

// firstLine reads regular files alone: a FIFO would keep us for ever.
func firstLine(path string) string {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return ""
	}
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
