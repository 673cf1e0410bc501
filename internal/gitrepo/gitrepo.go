// Package gitrepo is what the tool asks of git repositories.
package gitrepo

import (
	"os"
	"os/exec"
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

// maxFiles bounds what Files returns.
const maxFiles = 1000

// Files lists the files of a work tree that git tracks and whose names end in suffix,
// as paths from its root. Where git says nothing, there are none. git gets env alone,
// and runs nothing that the repository names: its monitor of the file system is the
// one program that ls-files would start.
func Files(root, suffix string, env []string) []string {
	cmd := exec.Command("git", "-c", "core.fsmonitor=false", "ls-files", "-z", "--", "*"+suffix)
	cmd.Dir, cmd.Env = root, append(env, "GIT_OPTIONAL_LOCKS=0")
	out, err := cmd.Output()
	if err != nil || len(out) == 0 {
		return nil
	}
	files := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
	return files[:min(len(files), maxFiles)]
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
