package gitrepo

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"time"
)

// walkFor limits how long git takes to list all files or all commits.
const walkFor = time.Hour

// Listed returns the files of the work tree that git tracks, or would with git add, as paths
// from its root.
func (r *Revisions) Listed() (paths []string, err error) {
	seen := map[string]bool{}
	err = r.walk(walk{args: []string{"ls-files", "-z", "--cached", "--others", "--exclude-standard"}}, func(next func() (string, error)) error {
		for {
			path, err := next()
			if err != nil {
				return err
			}
			if !seen[path] { // a conflict has several versions
				seen[path] = true
				paths = append(paths, path)
			}
		}
	})
	return paths, err
}

// Staged is a file that the next commit changes. Object is its content in the index. Before is
// that in HEAD, under the same name or the one before; "" if there is none.
type Staged struct{ Path, Object, Before string }

// Staged returns the files in the index that HEAD does not have as they are. index is the file
// that git has as its index now, such as in a hook; "" for its own.
func (r *Revisions) Staged(index string) (list []Staged, err error) {
	head, err := r.Resolve("HEAD")
	if err != nil { // before the first commit
		out, err := r.git(maxLine, "hash-object", "-t", "tree", "--stdin")
		if head = strings.TrimSpace(string(out)); err != nil || !isHash(head) {
			return nil, errors.Join(err, errOutput)
		}
	}
	w := walk{index: index, args: []string{"diff-index", "--cached", "--raw", "-z", "--no-abbrev", "-M", "-l1000", "--no-ext-diff", "--no-textconv", "--end-of-options", head}}
	err = r.walk(w, func(next func() (string, error)) error {
		for {
			x, err := nextStaged(next)
			if err != nil {
				return err
			}
			if x.Object != "" {
				list = append(list, x)
			}
		}
	})
	if err != nil {
		return nil, r.lacking(err)
	}
	return list, nil
}

// nextStaged reads an entry of git diff-index --raw.
func nextStaged(next func() (string, error)) (x Staged, err error) {
	line, err := next()
	if err != nil {
		return x, err
	}
	x.Object, err = parseCombined(line)
	if err != nil {
		return x, err
	}
	words := strings.Fields(line) // :MODE MODE OBJECT OBJECT STATUS
	if kindOf(words[0][1:]) == "" {
		x.Before = present(words[2])
	}
	if x.Path, err = next(); err == nil && strings.HasPrefix(words[4], "R") {
		x.Path, err = next()
	}
	if err != nil {
		err = errOutput
	}
	return x, err
}

// Introduced is content that a commit brought in. Without a path, it is the commit itself.
// Without an object, the path is new and the content is known.
type Introduced struct{ Commit, Path, Object string }

// Introduced returns each content that the history brought in, once, with the first commit
// that has it, and the commits: all that the repository's references reach or, with since,
// those that HEAD reaches and since does not. The oldest is first.
func (r *Revisions) Introduced(since string) (list []Introduced, err error) {
	args := []string{"rev-list", "--reverse", "--topo-order", "--all"}
	if head, err := r.Resolve("HEAD"); err == nil {
		if args = append(args, head); since != "" {
			args = []string{"rev-list", "--reverse", "--topo-order", head, "^" + since}
		}
	}
	commits, err := call{dir: r.dir, env: r.env, limit: 1 << 30, wait: walkFor}.run(args...)
	if err != nil {
		return nil, r.lacking(err)
	}
	args = []string{"diff-tree", "--stdin", "-c", "--root", "-r", "-z", "--raw", "--no-abbrev", "--no-renames", "--no-ext-diff", "--no-textconv"}
	seen, commit := map[string]bool{}, ""
	take := func(path, object string) {
		switch {
		case object == "":
			return
		case !seen[object]:
			list = append(list, Introduced{commit, path, object})
		case !seen["/"+path]:
			list = append(list, Introduced{commit, path, ""})
		}
		seen[object], seen["/"+path] = true, true
	}
	// Commits that change nothing are not in the output.
	for hash := range strings.FieldsSeq(string(commits)) {
		commit = hash
		take("", hash)
	}
	err = r.walk(walk{args: args, stdin: commits}, func(next func() (string, error)) error {
		for {
			line, err := next()
			if err != nil {
				return err
			}
			if isHash(line) {
				commit = line
				continue
			}
			path, err := next()
			if err != nil {
				return errOutput
			}
			object, err := parseCombined(line)
			if err != nil {
				return err
			}
			take(path, object)
		}
	})
	if err != nil {
		return nil, r.lacking(err)
	}
	return list, nil
}

// parseCombined reads an entry of git diff-tree --raw, in which a merge has a colon, a mode and
// an object for each parent. It returns the object of a file here, or "".
func parseCombined(line string) (object string, err error) {
	entry := strings.TrimLeft(line, ":")
	parents := len(line) - len(entry)
	words := strings.Fields(entry) // MODE… MODE OBJECT… OBJECT STATUS
	if parents == 0 || len(words) != 2*parents+3 || !isHash(words[2*parents+1]) {
		return "", errOutput
	}
	if kind := kindOf(words[parents]); kind != "" && words[parents] != "120000" {
		return "", nil
	}
	return present(words[2*parents+1]), nil
}

// walk is a run of git whose output has fields that each end in NUL.
type walk struct {
	args  []string
	stdin []byte
	index string // "" for git's own
}

// walk lets read take the output field by field, until [io.EOF]. It does not expect all of it
// in memory.
func (r *Revisions) walk(w walk, read func(next func() (string, error)) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), walkFor)
	defer cancel()
	cmd := command(ctx, r.dir, r.env, w.args...)
	if w.index != "" {
		cmd.Env = append(cmd.Env, "GIT_INDEX_FILE="+w.index)
	}
	if w.stdin != nil {
		cmd.Stdin = bytes.NewReader(w.stdin)
	}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return err
	}
	b := bufio.NewReader(out)
	err = read(func() (string, error) {
		field, err := b.ReadString(0)
		if errors.Is(err, io.EOF) && field != "" {
			return "", errOutput
		}
		return strings.TrimSuffix(field, "\x00"), err
	})
	if errors.Is(err, io.EOF) {
		return cmd.Wait()
	}
	cancel()
	_ = cmd.Wait()
	return err
}

// OpenAt is [OpenRevisions] for a directory instead of a file.
func OpenAt(dir string, env []string) (*Revisions, error) {
	return OpenRevisions(filepath.Join(dir, "x"), env)
}
