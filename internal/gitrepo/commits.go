package gitrepo

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Commit is a commit that changed a file. Its author and time are what it says of itself.
type Commit struct {
	Hash          string
	Parents       []string
	Time          time.Time
	Author, Email string

	Path, Was string // of the file, here and in the first parent
	// Here and Before are the file's content here and in the first parent; "" if there is none.
	Here, Before string
	Kind         string // what the path is here, if not a regular file
	// Cut reports whether the commit has a parent that this clone does not have, so that what
	// it changed is not known.
	Cut bool
}

const (
	maxRenames = 64               // of one file
	maxAuthor  = 256              // bytes of a name
	historyFor = 90 * time.Second // a walk through a long history
)

// Commits returns the commits that changed the file, from start on, the newest first.
// It follows renames. A merge is among them if the file differs from the first parent's.
//
// Errors: [ErrMissing].
func (r *Revisions) Commits(start string) (list []Commit, err error) {
	type walk struct{ start, path string }
	walks, seen := []walk{{start, r.Path}}, map[string]bool{}
	for n := 0; n < len(walks) && n < maxRenames; n++ {
		path := walks[n].path
		commits, err := r.touched(walks[n].start, path)
		if err != nil {
			return list, r.lacking(err)
		}
		for _, c := range commits {
			if seen[c.Hash+path] {
				continue
			}
			seen[c.Hash+path] = true
			if c.Before == "" && c.Here != "" && len(c.Parents) > 0 {
				c.Was, c.Before = r.renamed(&c)
				if next := (walk{c.Parents[0], c.Was}); c.Before != "" && !slices.Contains(walks, next) {
					walks = append(walks, next)
				}
			}
			if r.Shallow && len(c.Parents) == 0 {
				c.Cut = r.hasParent(c.Hash)
			}
			list = append(list, c)
		}
	}
	return list, nil
}

// Contents returns the file's content in every version that any branch or tag has, the newest
// first. It follows the renames before start.
//
// Errors: [ErrMissing].
func (r *Revisions) Contents(start string) (objects []string, err error) {
	here, err := r.Commits(start)
	if err != nil {
		return nil, err
	}
	paths := []string{r.Path}
	for _, c := range here {
		if !slices.Contains(paths, c.Was) {
			paths = append(paths, c.Was)
		}
	}
	seen := map[string]bool{"": true}
	for _, path := range paths {
		list, err := r.touched("", path)
		if err != nil {
			return nil, r.lacking(err)
		}
		for _, c := range append(list, here...) {
			for _, object := range []string{c.Here, c.Before} {
				if !seen[object] {
					seen[object] = true
					objects = append(objects, object)
				}
			}
		}
	}
	return objects, nil
}

// touched returns the commits from start on that changed a path; of all branches and tags, if start is
// empty.
func (r *Revisions) touched(start, path string) ([]Commit, error) {
	list, err := r.reached(start, path)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	changes, err := r.changed(list, 0, path)
	if err != nil {
		return nil, err
	}
	for i := range list {
		c := &list[i]
		for _, x := range changes[c.Hash] {
			if x.path == path {
				c.Here, c.Before, c.Kind = x.here, x.before, x.kind
			}
		}
	}
	return slices.DeleteFunc(list, func(c Commit) bool { return len(changes[c.Hash]) == 0 }), nil
}

// reached returns the commits from start on in which a path is other than in one of their parents.
func (r *Revisions) reached(start, path string) ([]Commit, error) {
	c := call{dir: r.dir, env: r.env, limit: maxList, wait: historyFor}
	args := []string{"rev-list", "--date-order", "--full-history", "--format=%H%x00%P%x00%at%x00%an%x00%ae%x00"}
	if start == "" {
		args = append(args, "--all")
	} else {
		args = append(args, "--end-of-options", start)
	}
	out, err := c.run(append(args, "--", literal(path))...)
	if err != nil {
		return nil, err
	}
	list, err := parseCommits(string(out))
	for i := range list {
		list[i].Path, list[i].Was = path, path
	}
	return list, err
}

// changed returns what commits changed at a path since their n-th parent. A commit without parents
// changed everything that it has.
func (r *Revisions) changed(list []Commit, n int, path string) (map[string][]rawChange, error) {
	var ask bytes.Buffer
	for _, c := range list {
		if n < len(c.Parents) {
			fmt.Fprintln(&ask, c.Hash, c.Parents[n])
		} else if n == 0 {
			fmt.Fprintln(&ask, c.Hash)
		}
	}
	c := call{dir: r.dir, env: r.env, limit: maxList, wait: historyFor, stdin: ask.Bytes()}
	out, err := c.run("diff-tree", "--stdin", "--root", "-r", "-z", "--raw", "--no-abbrev", "--no-renames", "--no-ext-diff", "--no-textconv",
		"--", literal(path))
	if err != nil {
		return nil, err
	}
	return parseRaw(string(out))
}

// parseCommits reads what git rev-list prints: for each commit, a line of its own and then
// five fields that end in NUL.
func parseCommits(text string) (list []Commit, err error) {
	fields := strings.Split(text, "\x00")
	for ; len(fields) > 5; fields = fields[5:] {
		c := Commit{Hash: fields[0][strings.LastIndexByte(fields[0], '\n')+1:], Parents: strings.Fields(fields[1])}
		if !isHash(c.Hash) || slices.ContainsFunc(c.Parents, func(p string) bool { return !isHash(p) }) {
			return nil, errOutput
		}
		if seconds, err := strconv.ParseInt(fields[2], 10, 64); err == nil && seconds >= 0 && seconds < 1<<37 {
			c.Time = time.Unix(seconds, 0).UTC()
		}
		c.Author, c.Email = fields[3][:min(len(fields[3]), maxAuthor)], fields[4][:min(len(fields[4]), maxAuthor)]
		list = append(list, c)
	}
	if strings.TrimSpace(fields[0]) != "" || len(fields) != 1 {
		return nil, errOutput
	}
	return list, nil
}

var errOutput = fmt.Errorf("git printed something unexpected")

// rawChange is a path that a commit changed.
type rawChange struct{ path, was, here, before, kind string }

// parseRaw reads what git diff-tree --stdin -z --raw prints: the name of a commit, and for
// each path :MODE MODE OBJECT OBJECT STATUS, the path and, for a rename, the new path. Each
// ends in NUL.
func parseRaw(text string) (map[string][]rawChange, error) {
	all, commit := map[string][]rawChange{}, ""
	fields := strings.Split(strings.TrimSuffix(text, "\x00"), "\x00")
	for len(fields) > 0 && text != "" {
		line := fields[0]
		if fields = fields[1:]; isHash(line) {
			commit = line
			continue
		}
		entry, ok := strings.CutPrefix(line, ":")
		words := strings.Fields(entry) // MODE MODE OBJECT OBJECT STATUS
		if !ok || len(words) != 5 || len(fields) == 0 {
			return nil, errOutput
		}
		x := rawChange{path: fields[0], was: fields[0], before: present(words[2]), here: present(words[3])}
		fields = fields[1:]
		if strings.HasPrefix(words[4], "R") {
			if len(fields) == 0 {
				return nil, errOutput
			}
			x.path, fields = fields[0], fields[1:]
		}
		if kindOf(words[0]) != "" {
			x.before = ""
		}
		if x.kind = kindOf(words[1]); x.kind != "" {
			x.here = ""
		}
		all[commit] = append(all[commit], x)
	}
	return all, nil
}

// present returns the name of an object, or "" for git's name of nothing.
func present(object string) string {
	if strings.Trim(object, "0") == "" {
		return ""
	}
	return object
}

// renamed returns the path and the content of the file in the first parent of a commit that
// seems to add it.
func (r *Revisions) renamed(c *Commit) (path, object string) {
	out, err := call{dir: r.dir, env: r.env, limit: maxList, wait: historyFor}.run("diff-tree", "-r", "-z", "--raw", "--no-abbrev", "-M", "-l1000",
		"--diff-filter=R", "--no-ext-diff", "--no-textconv", c.Parents[0], c.Hash)
	if err != nil {
		return c.Path, ""
	}
	changes, _ := parseRaw(string(out))
	for _, x := range changes[""] {
		if x.path == c.Path {
			return x.was, x.before
		}
	}
	return c.Path, ""
}

// hasParent reports whether a commit has a parent, in this clone or not.
func (r *Revisions) hasParent(commit string) bool {
	b, err := r.objects.read(commit, "commit", 1<<20)
	head, _, _ := strings.Cut(string(b), "\n\n")
	return err != nil || strings.Contains(head, "\nparent ")
}
