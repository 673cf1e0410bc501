package gitrepo

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// switchedOff is what git is told, so that nothing in a repository starts a program.
var switchedOff = []string{"-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "protocol.allow=never", "-c", "log.showSignature=false", "--no-pager"}

// git runs git in a work tree and returns at most limit bytes of its output. A repository's
// own configuration can name programs, so whatever git would start for these commands is
// switched off. A clone that lacks objects would fetch them through any program that
// remote.NAME.uploadpack or a transport names (git-config(1), gitremote-helpers(7)).
func git(dir string, env []string, limit int64, args ...string) ([]byte, error) {
	return call{dir: dir, env: env, limit: limit}.run(args...)
}

// call is one run of git.
type call struct {
	dir    string
	env    []string
	limit  int64 // of its output, in bytes
	stdin  []byte
	stderr io.Writer
	wait   time.Duration // 0 for that of most
	index  string        // "" for the usual one
}

func (c call) run(args ...string) ([]byte, error) {
	// A FIFO included by the configuration would block git forever.
	ctx, cancel := context.WithTimeout(context.Background(), cmp.Or(c.wait, gitWait))
	defer cancel()
	cmd := command(ctx, c.dir, c.env, args...)
	if c.index != "" {
		cmd.Env = append(cmd.Env, "GIT_INDEX_FILE="+c.index)
	}
	if cmd.Stderr = c.stderr; c.stdin != nil {
		cmd.Stdin = bytes.NewReader(c.stdin)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(out, c.limit+1))
	if int64(len(b)) > c.limit {
		cancel()
		err = errors.New("git printed too much")
	}
	return b, errors.Join(err, cmd.Wait())
}

func command(ctx context.Context, dir string, env []string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "git", append(slices.Clone(switchedOff), args...)...)
	cmd.Dir, cmd.Env, cmd.WaitDelay = dir, quietEnv(env), time.Second
	return cmd
}

// approved runs git in a repository whose ownership was checked or approved by the user, so
// that git need not check it again.
func approved(dir string, env []string, limit int64, args ...string) ([]byte, error) {
	r, ok := Find(dir)
	if !ok {
		return nil, errors.New("no repository")
	}
	root, err := filepath.EvalSymlinks(r.Root)
	if err != nil {
		return nil, err
	}
	return git(dir, env, limit, append([]string{"-c", "safe.directory=" + root}, args...)...)
}

// quietEnv returns an environment in which git reads only this repository: no variable of a
// surrounding git (such as a hook's index) points elsewhere.
func quietEnv(env []string) []string {
	var quiet []string
	for _, kv := range env {
		if len(kv) < 4 || !strings.EqualFold(kv[:4], "GIT_") || strings.HasPrefix(kv, "GIT_CONFIG_NOSYSTEM=") {
			quiet = append(quiet, kv)
		}
	}
	return append(quiet, "GIT_OPTIONAL_LOCKS=0", "GIT_NO_LAZY_FETCH=1", "GIT_NO_REPLACE_OBJECTS=1", "GIT_GRAFT_FILE="+os.DevNull, "GIT_ALLOW_PROTOCOL=",
		"GIT_TERMINAL_PROMPT=0", "LC_ALL=C")
}

const gitWait = 10 * time.Second

const (
	maxFiles = 1000     // most files that Files returns
	maxList  = 64 << 20 // most bytes in a list of files
)

// Files lists the files of a work tree and its submodules that git tracks and whose names
// end in suffix, as paths from the root. It returns none if git fails.
func Files(root, suffix string, env []string) []string {
	out, err := approved(root, env, maxList, "ls-files", "-z", "--recurse-submodules", "--", "*"+suffix)
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.Exited() { // a broken submodule
		out, err = approved(root, env, maxList, "ls-files", "-z", "--", "*"+suffix)
	}
	if err != nil || len(out) == 0 {
		return nil
	}
	files := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
	return files[:min(len(files), maxFiles)]
}

// Known returns the files of a work tree that git tracks, and those that the next git add would add, as paths
// from the root. It leaves out what git can't say.
func Known(root string, env []string) (tracked, exposed map[string]bool) {
	list := func(run func(string, []string, int64, ...string) ([]byte, error), args ...string) map[string]bool {
		paths := map[string]bool{}
		if out, err := run(root, env, maxList, append([]string{"ls-files", "-z"}, args...)...); err == nil {
			for _, path := range strings.Split(string(out), "\x00") {
				paths[path] = true
			}
		}
		return paths
	}
	if tracked = list(approved, "--recurse-submodules"); len(tracked) == 0 { // a broken submodule
		tracked = list(approved)
	}
	return tracked, list(git, "--others", "--exclude-standard")
}

// Added returns who added a file and when, from git log, or "" if git does not know the
// file. Anyone can write anything in the log.
func Added(path string, env []string) string { return log(path, env, "--diff-filter=A") }

// Changed returns who last changed a file, in the same form as Added.
func Changed(path string, env []string) string { return log(path, env, "--diff-filter=AMR") }

func log(path string, env []string, filter string) string {
	out, err := approved(filepath.Dir(path), env, 4096, "log", "-1", filter, "--no-mailmap", "--date=short",
		"--format=%h %ad %an <%ae>", "--", ":(literal)"+filepath.Base(path))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}

// Ignored reports whether git would not track a file: it is ignored, or git can't be asked.
// A tracked file is not ignored.
func Ignored(path string, env []string) bool {
	_, err := git(filepath.Dir(path), env, maxList, "check-ignore", "-q", "--", filepath.Base(path))
	var exit *exec.ExitError
	return !errors.As(err, &exit) || exit.ExitCode() != 1
}

// Keeps reports whether git has a file in its index, and in the history of what is checked out. It says
// no for a repository that git doesn't trust.
func Keeps(path string, env []string) (index, history bool) {
	asks := func(args ...string) bool {
		out, err := git(filepath.Dir(path), env, maxList, append(args, "--", ":(literal)"+filepath.Base(path))...)
		return err == nil && len(out) > 0
	}
	return asks("ls-files", "-z"), asks("log", "-1", "--format=%h")
}

// Exposed reports whether the next git add would add a file, by its absolute path. It returns
// the root of the repository, and the file's path from there.
func Exposed(path string, env []string) (root, file string, exposed bool) {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	r, ok := Find(filepath.Dir(path))
	if !ok || Ignored(path, env) {
		return "", "", false
	}
	file, err := filepath.Rel(r.Root, path)
	return r.Root, filepath.ToSlash(file), err == nil
}
