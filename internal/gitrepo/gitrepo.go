// Package gitrepo reads what the tool needs to know about git repositories.
package gitrepo

import (
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Repository is the repository that contains a directory.
type Repository struct {
	Root   string // of the work tree
	Common string // directory shared by all its work trees
	// Unclaimed reports whether .git names a directory that does not point back, as an archive
	// can contain. Such a repository is known only by the path of .git, and ends here.
	Unclaimed bool
}

// Find returns the innermost repository that contains dir. It reads .git itself: starting
// git would take longer than the whole command.
func Find(dir string) (r Repository, ok bool) {
	for d := dir; ; d = filepath.Dir(d) {
		if common, claimed, ok := commonDir(d); ok {
			return Repository{Root: d, Common: common, Unclaimed: !claimed}, true
		}
		if d == filepath.Dir(d) {
			return Repository{}, false
		}
	}
}

// commonDir returns the common directory of the work tree whose root is dir. It follows a
// .git file or link only if the target points back.
func commonDir(dir string) (common string, claimed, ok bool) {
	git := filepath.Join(dir, ".git")
	info, err := os.Lstat(git)
	switch {
	case err != nil:
		return "", false, false
	case info.Mode()&os.ModeSymlink != 0:
		common, claimed = git, pointsBack(git, dir)
	case info.IsDir():
		common, claimed = git, true
	default:
		common, claimed = gitDir(dir)
	}
	if !claimed {
		if real, err := filepath.EvalSymlinks(dir); err == nil {
			dir = real
		}
		return filepath.Join(dir, ".git"), false, true
	}
	if real, err := filepath.EvalSymlinks(common); err == nil {
		common = real
	}
	return common, true, true
}

// gitDir follows a .git file ("gitdir: …") to the shared directory:
// gitrepository-layout(5). A linked work tree's directory names that file again, and in
// commondir the common directory. A submodule's names the work tree in its configuration.
func gitDir(dir string) (common string, ok bool) {
	file := filepath.Join(dir, ".git")
	text, ok := strings.CutPrefix(firstLine(file), "gitdir: ")
	if !ok {
		return "", false
	}
	git := join(dir, text)
	if back := firstLine(filepath.Join(git, "gitdir")); back != "" {
		common := firstLine(filepath.Join(git, "commondir"))
		ok = common != "" && same(join(git, back), file) &&
			same(filepath.Join(join(git, common), "worktrees", filepath.Base(git)), git)
		return join(git, common), ok
	}
	return git, pointsBack(git, dir)
}

// pointsBack reports whether a git directory names dir as its work tree.
func pointsBack(git, dir string) bool {
	worktree := workTree(filepath.Join(git, "config"))
	if own := workTree(filepath.Join(git, "config.worktree")); own != "" {
		worktree = own // where git sparse-checkout puts it
	}
	return worktree != "" && same(join(git, worktree), dir)
}

func same(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}

// workTree returns core.worktree from a configuration file, as written by git submodule.
func workTree(path string) string {
	section := ""
	for line := range strings.Lines(head(path, 1<<20)) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			section = strings.ToLower(line)
		}
		key, value, ok := strings.Cut(line, "=")
		if ok && section == "[core]" && strings.EqualFold(strings.TrimSpace(key), "worktree") {
			value = strings.TrimSpace(value)
			if text, err := strconv.Unquote(value); err == nil {
				value = text
			}
			return value
		}
	}
	return ""
}

// Within reports whether a repository is a submodule of outer, whose common directory then
// contains its own.
func (r Repository) Within(outer Repository) bool {
	rel, err := filepath.Rel(outer.Common, r.Common)
	return err == nil && rel != "." && filepath.IsLocal(rel)
}

func join(dir, path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(dir, path)
}

func firstLine(path string) string {
	line, _, _ := strings.Cut(head(path, 8192), "\n")
	return strings.TrimSuffix(line, "\r")
}

// head reads the beginning of a file, but only of a regular one: a FIFO would block forever.
func head(path string, limit int64) string {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return ""
	}
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	b, _ := io.ReadAll(io.LimitReader(f, limit))
	return string(b)
}
