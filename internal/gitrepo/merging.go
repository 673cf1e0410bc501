package gitrepo

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
)

// Operation is what git is in the middle of.
type Operation struct {
	Name         string   // "merge", "rebase", "cherry-pick", "revert", or "" if unknown
	Ours, Theirs string   // the two sides, by branch or commit
	Continue     string   // the command that ends it
	Commit       string   // that theirs is from, or "" if unknown
	Others       []string // the commits that ours has already in an octopus, of which theirs is the last
}

// Merging tells what git does to a file that has a conflict, and what the sides are. In a rebase
// they are the other way around: ours is what the commits are put on.
func Merging(path string, env []string) (o Operation) {
	dir := stateDir(path)
	there := func(name string) string { return firstLine(filepath.Join(dir, name)) }
	here := strings.TrimPrefix(there("HEAD"), "ref: refs/heads/")
	switch {
	case there("rebase-merge/head-name") != "" || there("rebase-apply/head-name") != "":
		o = Operation{Name: "rebase", Ours: there("rebase-merge/onto"), Theirs: there("REBASE_HEAD"), Continue: "git rebase --continue"}
		if o.Ours == "" {
			o.Ours, o.Theirs = there("rebase-apply/onto"), there("rebase-apply/original-commit")
		}
	case exists(filepath.Join(dir, "rebase-apply", "applying")):
		o = Operation{Name: "am", Ours: here, Continue: "git am --continue"}
	case there("MERGE_HEAD") != "":
		heads := strings.Fields(head(filepath.Join(dir, "MERGE_HEAD"), 8192))
		last := len(heads) - 1
		o = Operation{Name: "merge", Ours: here, Theirs: heads[last], Continue: "git commit", Others: heads[:last]}
	case there("CHERRY_PICK_HEAD") != "":
		o = Operation{Name: "cherry-pick", Ours: here, Theirs: there("CHERRY_PICK_HEAD"), Continue: "git cherry-pick --continue"}
	case there("REVERT_HEAD") != "":
		o = Operation{Name: "revert", Ours: here, Theirs: there("REVERT_HEAD"), Continue: "git revert --continue"}
	default:
		o = Operation{Ours: here, Continue: "git commit (after git stash pop: git stash drop)"}
	}
	if isHash(o.Theirs) {
		o.Commit = o.Theirs
	}
	o.Ours, o.Theirs = known(path, o.Ours, "this side", env), known(path, o.Theirs, "the other side", env)
	if o.Name == "revert" {
		o.Theirs = "before " + o.Theirs
	}
	return o
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// Describe returns a commit's short name with its subject.
func Describe(path, commit string, env []string) string { return known(path, commit, commit, env) }

// known returns a branch's name as it is, and a commit with its subject.
func known(path, name, unknown string, env []string) string {
	switch {
	case name == "":
		return unknown
	case len(name) != 40 && len(name) != 64 || strings.Trim(name, "0123456789abcdef") != "":
		return name
	}
	out, err := approved(filepath.Dir(path), env, 1000, "log", "-1", "--no-show-signature", "--format=%h (%s)", "--end-of-options", name, "--")
	if text := strings.TrimSpace(string(out)); err == nil && text != "" {
		return text
	}
	return name[:12]
}

// stateDir returns git's directory for the work tree of a file, where it keeps what it is doing.
func stateDir(path string) string {
	r, ok := Find(filepath.Dir(path))
	if !ok {
		return ""
	}
	dir := filepath.Join(r.Root, ".git")
	if text, found := strings.CutPrefix(firstLine(dir), "gitdir: "); found {
		dir = join(r.Root, text)
	}
	return dir
}

// Stage puts the content of a file into git's index as its only version, and runs no filter.
func Stage(path string, content []byte, env []string) error {
	dir := filepath.Dir(path)
	out, err := write(dir, env, content, "hash-object", "-w", "--no-filters", "--stdin")
	if err != nil {
		return err
	}
	name, err := approved(dir, env, maxList, "ls-files", "--full-name", "-z", "--", ":(literal)"+filepath.Base(path))
	full, _, found := strings.Cut(string(name), "\x00")
	if err != nil || !found {
		return errors.Join(err, errors.New("git does not track the file"))
	}
	r, _ := Find(dir)
	mode := "100644"
	if info, err := os.Stat(path); err == nil && info.Mode()&0o100 != 0 {
		mode = "100755"
	}
	if _, err = write(r.Root, env, nil, "update-index", "--cacheinfo", mode+","+strings.TrimSpace(string(out))+","+full); err == nil {
		refresh(r.Root, full, env)
	}
	return err
}

// refresh tells git's index that a file is as staged. Else git merge --abort takes it for changed, and
// refuses. If the file has a filter, git would run that, so it is left out.
func refresh(root, path string, env []string) {
	out, err := approved(root, env, maxList, "check-attr", "-z", "filter", "--", path)
	fields := strings.Split(string(out), "\x00") // PATH ATTRIBUTE VALUE
	if err == nil && len(fields) > 2 && (fields[2] == "unspecified" || fields[2] == "unset") {
		_, _ = write(root, env, nil, "add", "--refresh", "--", literal(path))
	}
}

// write runs a git command that changes the repository.
func write(dir string, env []string, stdin []byte, args ...string) ([]byte, error) {
	r, ok := Find(dir)
	if !ok {
		return nil, errors.New("no repository")
	}
	root, err := filepath.EvalSymlinks(r.Root)
	if err != nil {
		return nil, err
	}
	return call{dir: dir, env: env, limit: maxList, stdin: stdin}.run(append([]string{"-c", "safe.directory=" + root}, args...)...)
}
