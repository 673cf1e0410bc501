package gitrepo

import (
	"fmt"
	"slices"
	"strings"
)

// Step is a commit in which a file is other than in one of the commit's parents.
type Step struct {
	Commit        // Was and Before are of the first side
	Sides  []Side // the parents from which it differs; one without a commit for a commit without parents
}

// Side is a parent of a commit, and the file there.
type Side struct {
	Parent       string
	Path, Object string // Object is "" if the file is not there
}

// ErrRenames reports that a file was renamed too often to follow it.
var ErrRenames = fmt.Errorf("it was renamed more than %d times", maxRenames)

// Steps returns the steps of a file from start on, but not those from since on, if it is not "".
// The newest is first. It follows renames on the way to each parent. A merge that leaves the file
// as it is in its first parent is among them, if the file differs from another parent's.
//
// Errors: [ErrMissing], [ErrRenames].
func (r *Revisions) Steps(start, since string) (list []Step, err error) {
	type walk struct{ start, path string }
	before, err := r.ancestry(since)
	if err != nil {
		return nil, r.lacking(err)
	}
	walks, seen := []walk{{start, r.Path}}, map[walk]bool{}
	for n := 0; n < len(walks); n++ {
		if n == maxRenames {
			return nil, ErrRenames
		}
		steps, err := r.steps(walks[n].start, walks[n].path, before)
		if err != nil {
			return nil, r.lacking(err)
		}
		for _, s := range steps {
			if seen[walk{s.Hash, s.Path}] {
				continue
			}
			seen[walk{s.Hash, s.Path}] = true
			for i := range s.Sides {
				side := &s.Sides[i]
				if side.Object != "" || s.Here == "" || side.Parent == "" {
					continue
				}
				side.Path, side.Object = r.renamed(&Commit{Hash: s.Hash, Parents: []string{side.Parent}, Path: s.Path})
				if next := (walk{side.Parent, side.Path}); side.Object != "" && !slices.Contains(walks, next) {
					walks = append(walks, next)
				}
			}
			list = append(list, s)
		}
	}
	return list, nil
}

// ancestry returns a commit and what it is based on. Git could leave such commits out itself, but
// then it would not compare a merge with those of its parents that are among them.
func (r *Revisions) ancestry(commit string) (map[string]bool, error) {
	all := map[string]bool{}
	if commit == "" {
		return all, nil
	}
	out, err := call{dir: r.dir, env: r.env, limit: maxList, wait: historyFor}.run("rev-list", "--end-of-options", commit)
	for hash := range strings.Lines(string(out)) {
		all[strings.TrimSuffix(hash, "\n")] = true
	}
	return all, err
}

// steps returns the steps of a path from start on, without those in before.
func (r *Revisions) steps(start, path string, before map[string]bool) ([]Step, error) {
	commits, err := r.reached(start, path)
	commits = slices.DeleteFunc(commits, func(c Commit) bool { return before[c.Hash] })
	if err != nil || len(commits) == 0 {
		return nil, err
	}
	most := 1
	list := make([]Step, len(commits))
	for i, c := range commits {
		list[i].Commit = c
		most = max(most, len(c.Parents))
	}
	for n := range most {
		changes, err := r.changed(commits, n, path)
		if err != nil {
			return nil, err
		}
		for i := range list {
			s := &list[i]
			for _, x := range changes[s.Hash] {
				if x.path != path {
					continue
				}
				side := Side{Path: path, Object: x.before}
				if n < len(s.Parents) {
					side.Parent = s.Parents[n]
				}
				s.Here, s.Kind = x.here, x.kind
				s.Sides = append(s.Sides, side)
			}
		}
	}
	var differ []Step
	for _, s := range list {
		if len(s.Sides) > 0 {
			s.Before = s.Sides[0].Object
			differ = append(differ, s)
		}
	}
	return differ, nil
}
