package main

import (
	"slices"
	"sync"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/gitrepo"
	"github.com/credfile/credfile/vaultfile"
	"github.com/credfile/credfile/vaultfile/merge"
)

// profileKey is a key of a profile.
type profileKey struct {
	id  format.ID
	key format.Key
}

// held returns a function that finds the writers who had a key of a profile, in the history of a side:
// of HEAD and what git merged into it already, or of the commit that theirs is from. If that is unknown, it
// looks in all branches and tags. A merge asks it only of keys that were replaced.
func held(a *app, path string, op gitrepo.Operation) func(merge.Side, format.ID, format.Key) []string {
	var sides [2]func() map[profileKey][]string
	for side, starts := range [][]string{append([]string{"HEAD"}, op.Others...), {op.Commit}} {
		sides[side] = sync.OnceValue(func() map[profileKey][]string {
			writers := map[profileKey][]string{}
			for _, start := range starts {
				if err := addWritersOf(a, path, start, writers); err != nil {
					return nil
				}
			}
			return writers
		})
	}
	return func(side merge.Side, id format.ID, key format.Key) []string {
		return sides[side]()[profileKey{id, key}]
	}
}

// addWritersOf adds all writers that a file had in a commit's history, by key; in that of all branches and
// tags, if start is empty.
func addWritersOf(a *app, path, start string, writers map[profileKey][]string) error {
	h, err := historyAt(a, path)
	if err != nil {
		return err
	}
	defer h.Close()
	contents := h.Contents
	if start == "" {
		start, contents = "HEAD", h.AllContents
	}
	commit, err := h.Resolve(start)
	if err != nil {
		return err
	}
	objects, err := contents(commit)
	if err == nil && (h.Shallow || h.Partial) {
		err = errIncomplete
	}
	if err != nil {
		return err
	}
	seen := map[[16]byte]bool{}
	for _, object := range objects {
		text, err := h.Read(object, format.MaxFile)
		if err != nil {
			continue
		}
		f, err := vaultfile.Parse(text)
		if err != nil {
			continue
		}
		for _, s := range f.UnverifiedSections() {
			if d := f.Digest(s); !seen[d] && f.VerifyProfile(s.Name) == nil {
				seen[d] = true
				addWriters(writers, s)
			}
		}
	}
	return nil
}

func addWriters(writers map[profileKey][]string, s *format.Profile) {
	at := profileKey{s.ID, s.Key}
	for _, r := range s.Recipients {
		if r.Writer && !slices.Contains(writers[at], r.String) {
			writers[at] = append(writers[at], r.String)
		}
	}
}
