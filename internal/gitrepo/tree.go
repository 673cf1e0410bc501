package gitrepo

import (
	"path/filepath"
	"strings"
)

// Blob is a regular file in a commit.
type Blob struct{ Path, Object string }

// Tree returns the regular files of a commit whose names end in suffix, at most 1,000.
func (r *Revisions) Tree(commit, suffix string) (list []Blob, err error) {
	out, err := r.git(maxList, "ls-tree", "-r", "-z", "--full-tree", "--end-of-options", commit)
	if err != nil {
		return nil, r.lacking(err)
	}
	for _, line := range strings.Split(string(out), "\x00") {
		entry, path, _ := strings.Cut(line, "\t")
		fields := strings.Fields(entry) // MODE TYPE OBJECT
		if len(fields) == 3 && kindOf(fields[0]) == "" && strings.HasSuffix(path, suffix) && len(list) < maxFiles {
			list = append(list, Blob{path, fields[2]})
		}
	}
	return list, nil
}

// InTree returns where a path, from the root of the work tree, is on this machine.
func (r *Revisions) InTree(path string) string { return filepath.Join(r.dir, filepath.FromSlash(path)) }
