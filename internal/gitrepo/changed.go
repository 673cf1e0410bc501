package gitrepo

import (
	"path/filepath"
	"slices"
	"strings"
)

// Change is a path at which two trees differ, or a tree and the index.
type Change struct {
	Path         string // from the root of the work tree
	Here, Before string // the contents, "" where there is no regular file
	Kind         string // what is there now, if not a regular file
}

// WorkTree is a work tree in which git runs a hook.
type WorkTree struct {
	Repository
	Index string // that git made for a commit, as GIT_INDEX_FILE names it; "" for the usual one
	env   []string
}

// HookTree finds the work tree of a hook, which git starts at its root.
func HookTree(dir, index string, env []string) (*WorkTree, error) {
	r, ok := Find(dir)
	if !ok {
		return nil, ErrNoRepository
	}
	if index != "" {
		index = join(dir, index)
	}
	return &WorkTree{r, index, env}, nil
}

func (w *WorkTree) git(args ...string) ([]byte, error) {
	root, err := filepath.EvalSymlinks(w.Root)
	if err != nil {
		return nil, err
	}
	return call{dir: w.Root, env: w.env, limit: maxList, index: w.Index}.run(append([]string{"-c", "safe.directory=" + root}, args...)...)
}

var rawFormat = []string{"--raw", "-z", "--no-abbrev", "--no-renames", "--no-ext-diff", "--no-textconv", "--ignore-submodules=all"}

// Staged returns what a commit of the index would change.
func (w *WorkTree) Staged() ([]Change, error) {
	out, err := w.git(append(append([]string{"diff-index", "--cached"}, rawFormat...), "HEAD", "--")...)
	if err == nil {
		return changesIn(out)
	}
	if _, born := w.git("rev-parse", "--verify", "--quiet", "HEAD^{commit}"); born == nil {
		return nil, err
	}
	out, err = w.git("ls-files", "-z", "--stage")
	var list []Change
	for _, line := range strings.Split(string(out), "\x00") {
		entry, path, _ := strings.Cut(line, "\t")
		if fields := strings.Fields(entry); len(fields) == 3 { // MODE OBJECT STAGE
			c := Change{Path: path, Here: fields[1], Kind: kindOf(fields[0])}
			if c.Kind != "" {
				c.Here = ""
			}
			list = append(list, c)
		}
	}
	return list, err
}

// Between returns what differs between two commits.
func (w *WorkTree) Between(a, b string) ([]Change, error) {
	out, err := w.git(append(append([]string{"diff-tree", "-r"}, rawFormat...), "--end-of-options", a, b, "--")...)
	if err != nil {
		return nil, err
	}
	return changesIn(out)
}

// All returns the files of a commit as what it changes.
func (w *WorkTree) All(commit string) ([]Change, error) {
	nothing := "4b825dc642cb6eb9a060e54bf8d69288fbee4904" // git's names of an empty tree
	if len(commit) == 64 {
		nothing = "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321"
	}
	return w.Between(nothing, commit)
}

func changesIn(raw []byte) (list []Change, err error) {
	all, err := parseRaw(string(raw))
	for _, x := range all[""] {
		list = append(list, Change{x.path, x.here, x.before, x.kind})
	}
	return list, err
}

// maxLooked is how many files are looked into to find credfiles by what they begin with.
const maxLooked = 2000

// Credfiles returns the changes that may be of a credfile: by the path, or by how the file in the
// work tree begins. sure reports whether its path alone says so.
func (w *WorkTree) Credfiles(list []Change) (may []Change, sure map[string]bool) {
	sure = map[string]bool{}
	named := w.named()
	for _, c := range list {
		base := c.Path[strings.LastIndexByte(c.Path, '/')+1:]
		sure[c.Path] = base == ".credentials.age" || slices.Contains(named, c.Path)
		if sure[c.Path] || strings.HasSuffix(base, ".age") ||
			len(list) <= maxLooked && strings.HasPrefix(head(filepath.Join(w.Root, filepath.FromSlash(c.Path)), 12), "credfile/") {
			may = append(may, c)
		}
	}
	return may, sure
}

// named returns the paths for which git was set up, if not by the name that every credfile has.
func (w *WorkTree) named() (paths []string) {
	for line := range strings.Lines(head(filepath.Join(w.Common, "info", "attributes"), maxHook)) {
		if path, ok := strings.CutSuffix(strings.TrimSpace(line), " "+attributes(true)); ok && strings.HasPrefix(path, "/") {
			paths = append(paths, path[1:])
		}
	}
	return paths
}

// Resolve returns the commit that a revision names, or "".
func (w *WorkTree) Resolve(rev string) string {
	out, err := w.git("rev-parse", "--verify", "--quiet", "--end-of-options", rev+"^{commit}")
	if name := strings.TrimSpace(string(out)); err == nil && isHash(name) {
		return name
	}
	return ""
}

// Base returns a best common ancestor of two commits, or "".
func (w *WorkTree) Base(a, b string) string {
	out, err := w.git("merge-base", "--end-of-options", a, b)
	if name := strings.TrimSpace(string(out)); err == nil && isHash(name) {
		return name
	}
	return ""
}

// Message returns the message of a commit.
func (w *WorkTree) Message(commit string) string {
	out, err := w.git("log", "-1", "--no-show-signature", "--format=%B", "--end-of-options", commit, "--")
	if err != nil {
		return ""
	}
	return string(out)
}

// Rebase tells, while git rebases, on what it puts the commits, and which one was the tip before; ""
// if git does not say.
func (w *WorkTree) Rebase() (onto, before string, ok bool) {
	dir := stateDir(filepath.Join(w.Root, "x"))
	state := filepath.Join(dir, "rebase-merge")
	if exists(state) {
		return firstLine(filepath.Join(state, "onto")), firstLine(filepath.Join(state, "orig-head")), true
	}
	if state = filepath.Join(dir, "rebase-apply"); !exists(filepath.Join(state, "rebasing")) {
		return "", "", false
	}
	// git rebase --apply is git am: each line has a commit, and what it became.
	if _, first, ok := strings.Cut(firstLine(filepath.Join(state, "rewritten")), " "); ok {
		onto = w.Resolve(first + "^")
	}
	return onto, "", true
}

// IsHash reports whether text is the full name of an object, and not of none.
func IsHash(text string) bool { return isHash(text) && strings.Trim(text, "0") != "" }
