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

// git runs git in a work tree and returns what it prints, limit bytes at most. A
// repository's own configuration can name programs: what git would start for these
// commands is switched off. A clone that lacks objects would fetch them, through
// whatever remote.NAME.uploadpack or a transport names (git-config(1), gitremote-helpers(7)).
func git(dir string, env []string, limit int64, args ...string) ([]byte, error) {
	// A FIFO that the configuration includes would keep git for ever.
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

// approved is git for a repository of which the user has said, or it was found, that whose it
// is is right: git need not ask that again.
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

// quietEnv is an environment in which git reads the repository alone, as it lies
// there: no variable of a surrounding git (a hook's index, say) points elsewhere.
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
	maxFiles = 1000     // that Files returns
	maxList  = 64 << 20 // bytes of a list of files
)

// Files lists the files of a work tree, and of its submodules, that git tracks and whose
// names end in suffix, as paths from its root. Where git says nothing, there are none.
func Files(root, suffix string, env []string) []string {
	out, err := approved(root, env, maxList, "ls-files", "-z", "--recurse-submodules", "--", "*"+suffix)
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.Exited() { // a submodule that is broken
		out, err = approved(root, env, maxList, "ls-files", "-z", "--", "*"+suffix)
	}
	if err != nil || len(out) == 0 {
		return nil
	}
	files := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
	return files[:min(len(files), maxFiles)]
}

// Stages are the versions of a file that a merge could not join, by the names of their
// objects; "" for a side that does not have the file.
type Stages struct{ Base, Ours, Theirs string }

// Unmerged returns the versions of a file that is in conflict in git's index.
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

// Added says who added a file and when, as git log tells it: anybody can write there what
// they like. "" where git knows nothing of it.
func Added(path string, env []string) string { return log(path, env, "--diff-filter=A") }

// Changed says who changed a file last, as Added does.
func Changed(path string, env []string) string { return log(path, env, "--diff-filter=AMR") }

func log(path string, env []string, filter string) string {
	out, err := approved(filepath.Dir(path), env, 4096, "log", "-1", filter, "--no-mailmap", "--date=short",
		"--format=%h %ad %an <%ae>", "--", ":(literal)"+filepath.Base(path))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}

// Ignored reports whether git would not take a file up: it is ignored, or git can't be
// asked. A file that is tracked is not ignored.
func Ignored(path string, env []string) bool {
	_, err := git(filepath.Dir(path), env, maxList, "check-ignore", "-q", "--", filepath.Base(path))
	var exit *exec.ExitError
	return !errors.As(err, &exit) || exit.ExitCode() != 1
}

// Blob returns the content of an object, limit bytes at most.
func Blob(dir, object string, limit int64, env []string) ([]byte, error) {
	return git(dir, env, limit, "cat-file", "blob", object)
}

// Operation reports whether git is in the middle of something that leaves conflicts:
// a merge, a rebase, a cherry-pick or a revert. It starts no program.
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

// Sides are the two versions in a file with conflict markers, as far as the file says:
// what git joined by itself is in both. ok is false where there are no markers.
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

// marker reports whether a line is a conflict marker: seven times the character, and
// then the end or a space (gitattributes(5), conflict-marker-size).
func marker(line []byte, c byte) bool {
	line = bytes.TrimRight(line, "\r\n")
	rest := bytes.TrimLeft(line, string(c))
	return len(line)-len(rest) >= 7 && (len(rest) == 0 || rest[0] == ' ')
}
