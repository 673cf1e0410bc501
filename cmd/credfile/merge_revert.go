package main

import (
	"bytes"
	"fmt"
	"path/filepath"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/atomicfile"
	"github.com/credfile/credfile/internal/gitrepo"
	"github.com/credfile/credfile/internal/machine"
)

// reverted returns the versions of a merge that undoes what a commit did to the file: the commit is
// the base, and the one before it the other side.
func (m *merging) reverted(rev string) (vs machine.Versions, err error) {
	if m.text, err = atomicfile.ReadText(m.path, format.MaxFile); err != nil {
		return vs, err
	}
	if m.real, err = filepath.EvalSymlinks(machine.Absolute(m.path)); err != nil {
		return vs, err
	}
	if c, ok := gitrepo.Versions(m.real, m.text, format.MaxFile, m.childEnv(nil)); ok {
		return vs, newConflict(gitrepo.Merging(m.real, m.childEnv(nil)), c)
	}
	h, err := openHistory(m.app)
	if err != nil {
		return vs, err
	}
	defer h.Close()
	is, err := h.version(rev)
	if err != nil {
		return vs, err
	}
	if _, err := h.Resolve(is.commit + "^2"); err == nil {
		return vs, errRevertMerge(rev)
	}
	was, err := h.version(is.commit + "^")
	if isAbsent(err) {
		return vs, errRevertFirst(rev)
	} else if err != nil {
		return vs, err
	}
	if bytes.Equal(is.text, was.text) {
		return vs, errRevertNothing(rev)
	}
	name := gitrepo.Describe(m.real, is.commit, m.childEnv(nil))
	m.op = gitrepo.Operation{Name: "revert", Ours: "the file", Theirs: "before " + name, Continue: "git commit"}
	vs = machine.Versions{Bases: [][]byte{is.text}, Ours: []byte(m.text), Theirs: was.text, Revert: true, Held: held(m.app, m.real, gitrepo.Operation{Commit: is.commit})}
	if bytes.Equal(vs.Ours, vs.Theirs) { // git revert has put it back already, with its keys and recipients
		vs.Ours = is.text
	}
	return vs, nil
}

func errRevertMerge(rev string) error {
	return &plainError{text: fmt.Sprintf("revision %q is a merge, so it has no single version before it", rev), code: exitUsage,
		hint: "name the commit of the merged branch that changed the file: credfile log"}
}

func errRevertFirst(rev string) error {
	return &plainError{text: fmt.Sprintf("the commit before revision %q does not have the file", rev), code: exitNotFound,
		hint: "to list the commits that changed it: credfile log"}
}

func errRevertNothing(rev string) error {
	return &plainError{text: fmt.Sprintf("revision %q did not change the file", rev), code: exitNotFound,
		hint: "to list the commits that did: credfile log"}
}
