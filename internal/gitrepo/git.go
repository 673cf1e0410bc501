package gitrepo

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// git runs git in a work tree and returns at most limit bytes of its output. A repository's
// own configuration can name programs, so whatever git would start for these commands is
// switched off. A clone that lacks objects would fetch them through any program that
// remote.NAME.uploadpack or a transport names (git-config(1), gitremote-helpers(7)).
func git(dir string, env []string, limit int64, args ...string) ([]byte, error) {
	// A FIFO included by the configuration would block git forever.
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, "git", append([]string{"-c", "core.fsmonitor=false", "-c", "log.showSignature=false", "--no-pager"}, args...)...)
	cmd.Dir, cmd.Env, cmd.WaitDelay = dir, quietEnv(env), time.Second
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(out, limit+1))
	if int64(len(b)) > limit {
		cancel()
		err = errors.New("git printed too much")
	}
	return b, errors.Join(err, cmd.Wait())
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
		if !strings.HasPrefix(kv, "GIT_") || strings.HasPrefix(kv, "GIT_CONFIG_NOSYSTEM=") {
			quiet = append(quiet, kv)
		}
	}
	return append(quiet, "GIT_OPTIONAL_LOCKS=0", "GIT_NO_LAZY_FETCH=1", "GIT_ALLOW_PROTOCOL=", "GIT_TERMINAL_PROMPT=0")
}

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

// Stages are the versions of a file that a merge could not join, by object name; "" for a
// side without the file.
type Stages struct{ Base, Ours, Theirs string }

// Unmerged returns the versions of a file that has a conflict in git's index.
func Unmerged(path string, env []string) (s Stages, ok bool) {
	out, err := git(filepath.Dir(path), env, maxList, "ls-files", "--unmerged", "-z", "--", ":(literal)"+filepath.Base(path))
	if err != nil {
		return s, false
	}
	for _, line := range strings.Split(string(out), "\x00") {
		fields := strings.Fields(line) // MODE OBJECT STAGE\tPATH
		if len(fields) < 3 {
			continue
		}
		switch fields[2] {
		case "1":
			s.Base = fields[1]
		case "2":
			s.Ours = fields[1]
		case "3":
			s.Theirs = fields[1]
		}
		ok = true
	}
	return s, ok
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

// Blob returns the content of an object, at most limit bytes.
func Blob(dir, object string, limit int64, env []string) ([]byte, error) {
	return git(dir, env, limit, "cat-file", "blob", object)
}

// Operation reports whether git is in the middle of an operation that leaves conflicts: a
// merge, a rebase, a cherry-pick or a revert. It starts no program.
func Operation(path string) bool {
	r, ok := Find(filepath.Dir(path))
	if !ok {
		return false
	}
	dir := filepath.Join(r.Root, ".git")
	if text, found := strings.CutPrefix(firstLine(dir), "gitdir: "); found {
		dir = join(r.Root, text)
	}
	for _, name := range []string{"MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge", "rebase-apply"} {
		if _, err := os.Lstat(filepath.Join(dir, name)); err == nil {
			return true
		}
	}
	return false
}

// Sides returns the two versions in a file with conflict markers, as far as they can be
// recovered: what git merged by itself is in both. ok is false if there are no markers.
func Sides(b []byte) (ours, theirs []byte, ok bool) {
	const none, inOurs, inBase, inTheirs = 0, 1, 2, 3
	in := none
	for line := range bytes.Lines(b) {
		switch {
		case marker(line, '<') && in == none:
			in, ok = inOurs, true
		case marker(line, '|') && in == inOurs:
			in = inBase
		case marker(line, '=') && (in == inOurs || in == inBase):
			in = inTheirs
		case marker(line, '>') && in == inTheirs:
			in = none
		default:
			if in == none || in == inOurs {
				ours = append(ours, line...)
			}
			if in == none || in == inTheirs {
				theirs = append(theirs, line...)
			}
		}
	}
	return ours, theirs, ok
}

// marker reports whether a line is a conflict marker: the character seven times, then the
// end or a space (gitattributes(5), conflict-marker-size).
func marker(line []byte, c byte) bool {
	line = bytes.TrimRight(line, "\r\n")
	rest := bytes.TrimLeft(line, string(c))
	return len(line)-len(rest) >= 7 && (len(rest) == 0 || rest[0] == ' ')
}
