package gitrepo

import (
	"bytes"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
)

// Revisions reads earlier versions of one file from git.
type Revisions struct {
	Path string // of the file, from the root of the work tree
	// Shallow and Partial report whether this clone has only a part of the history: its newest
	// commits, or commits without all of their files.
	Shallow, Partial bool

	dir     string // the root of the work tree
	env     []string
	objects objects
}

// Reasons why there are no earlier versions.
var (
	ErrNoRepository = errors.New("it is not in a git repository")
	ErrNoGit        = errors.New("git is not installed")
	ErrOwner        = errors.New("git does not read this repository, since it belongs to another user")
	ErrMissing      = errors.New("this clone does not have that version")
)

// RevisionError reports a revision that does not exist. In a shallow clone, it may exist
// elsewhere.
type RevisionError struct {
	Rev     string
	Shallow bool
}

func (e *RevisionError) Error() string { return fmt.Sprintf("no revision %q", e.Rev) }

// AbsentError reports that a revision does not have the file.
type AbsentError struct{ Path, Rev string }

func (e *AbsentError) Error() string {
	return fmt.Sprintf("revision %q does not have %s", e.Rev, e.Path)
}

// KindError reports that a path is something else than a regular file.
type KindError struct{ Path, Rev, Kind string }

func (e *KindError) Error() string {
	return fmt.Sprintf("%s is %s in revision %q, not a file", e.Path, e.Kind, e.Rev)
}

// SizeError reports that a version of the file is too large.
type SizeError struct{ Limit int64 }

func (e *SizeError) Error() string {
	return fmt.Sprintf("this version of the file is larger than %d MiB", e.Limit>>20)
}

// OpenRevisions finds the repository of a file, which need not exist. Errors:
// [ErrNoRepository], [ErrNoGit], [ErrOwner].
func OpenRevisions(path string, env []string) (*Revisions, error) {
	dir, err := filepath.EvalSymlinks(filepath.Dir(path)) // if the file is a link, so it is in git
	if err != nil {
		return nil, err
	}
	var stderr bytes.Buffer
	c := call{dir: dir, env: env, limit: maxLine, stderr: &stderr}
	out, err := c.run("rev-parse", "--show-toplevel", "--show-prefix", "--is-shallow-repository", "--git-common-dir")
	lines := strings.Split(string(out), "\n")
	switch {
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, exec.ErrDot):
		return nil, ErrNoGit
	case strings.Contains(stderr.String(), "dubious ownership"), strings.Contains(stderr.String(), "unsafe repository"):
		return nil, ErrOwner
	case err != nil, len(lines) != 5, lines[0] == "":
		return nil, ErrNoRepository
	}
	r := &Revisions{Path: lines[1] + filepath.Base(path), Shallow: lines[2] == "true", dir: filepath.FromSlash(lines[0]), env: env}
	r.objects.start = r.startObjects
	packs, _ := filepath.Glob(filepath.Join(escapeGlob(join(dir, lines[3])), "objects", "pack", "*.promisor"))
	r.Partial = len(packs) > 0
	return r, nil
}

// escapeGlob makes filepath.Glob take a directory as it is.
func escapeGlob(dir string) string {
	return strings.NewReplacer("[", "[[]", "*", "[*]", "?", "[?]").Replace(dir)
}

// maxLine is the most that is read of git's short answers.
const maxLine = 64 << 10

// Close ends what was started.
func (r *Revisions) Close() { r.objects.stop() }

func (r *Revisions) git(limit int64, args ...string) ([]byte, error) {
	return git(r.dir, r.env, limit, args...)
}

// literal is a pathspec that means one path and nothing else.
func literal(path string) string { return ":(top,literal)" + path }

// Resolve returns the commit that a revision names. Errors: [*RevisionError].
func (r *Revisions) Resolve(rev string) (commit string, err error) {
	out, err := r.git(maxLine, "rev-parse", "--verify", "--quiet", "--end-of-options", rev+"^{commit}")
	commit = strings.TrimSuffix(string(out), "\n")
	if err != nil || !isHash(commit) {
		return "", &RevisionError{rev, r.Shallow}
	}
	return commit, nil
}

// isHash reports whether text is the full name of an object.
func isHash(text string) bool {
	return (len(text) == 40 || len(text) == 64) && strings.Trim(text, "0123456789abcdef") == ""
}

// Object returns the name of the file's content in a commit. rev is for errors, which are
// [*AbsentError] and [*KindError].
func (r *Revisions) Object(commit, rev string) (object string, err error) {
	out, err := r.git(maxLine, "ls-tree", "-z", "--full-tree", "--end-of-options", commit, "--", ":(literal)"+r.Path)
	if err != nil {
		return "", r.lacking(err)
	}
	for _, line := range strings.Split(string(out), "\x00") {
		entry, path, _ := strings.Cut(line, "\t")
		fields := strings.Fields(entry) // MODE TYPE OBJECT
		if path != r.Path || len(fields) != 3 {
			continue
		}
		if kind := kindOf(fields[0]); kind != "" {
			return "", &KindError{r.Path, rev, kind}
		}
		return fields[2], nil
	}
	return "", &AbsentError{r.Path, rev}
}

// kindOf says what is not a regular file, by its mode in git.
func kindOf(mode string) string {
	switch mode {
	case "120000":
		return "a symbolic link"
	case "160000":
		return "a submodule"
	case "040000", "040755":
		return "a directory"
	}
	return ""
}

// lacking says of a failure of git in a clone without the whole history that this is why.
func (r *Revisions) lacking(err error) error {
	if r.Partial {
		return ErrMissing
	}
	return err
}

// Bases returns the best common ancestors of two commits. There may be several, or none.
func (r *Revisions) Bases(a, b string) ([]string, error) {
	out, err := r.git(maxList, "merge-base", "--all", a, b)
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 1 {
		return nil, nil
	}
	return strings.Fields(string(out)), err
}
