package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/against"
	"github.com/credfile/credfile/internal/atomicfile"
	"github.com/credfile/credfile/internal/changes"
	"github.com/credfile/credfile/internal/gitrepo"
	"github.com/credfile/credfile/internal/jsondoc"
	"github.com/credfile/credfile/internal/term"
	"github.com/credfile/credfile/vaultfile"
)

// pullRequest is a change to the file, and the branch that will receive it.
type pullRequest struct {
	*history
	rev, commit string // of the receiving branch
	head        string // "" for the file as it is
	headCommit  string // or HEAD's
	versions    against.Versions
	moved       string // the file's path in the receiving branch, if it is another
	reader      *logReader
}

// runAgainst judges the file by a revision, without a key and without this machine's memory.
func runAgainst(a *app, rev, head string) error {
	h, err := openHistoryOfGone(a)
	if err != nil {
		return err
	}
	defer h.Close()
	p := &pullRequest{history: h, rev: rev, head: head, reader: &logReader{h: h}}
	found, err := p.judge()
	if err != nil {
		return at(h.path, err)
	}
	return printAgainst(a, p, found)
}

// openHistoryOfGone is openHistory for a file that may be gone.
func openHistoryOfGone(a *app) (*history, error) {
	h, err := openHistory(a)
	var none *noFileError
	if !errors.As(err, &none) {
		return h, err
	}
	r, err := gitrepo.OpenRevisions(filepath.Join(none.Dir, none.Name), a.childEnv(nil))
	if err != nil {
		return nil, none
	}
	return &history{r, none.Name}, nil
}

func (p *pullRequest) judge() ([]against.Finding, error) {
	if p.Shallow || p.Partial {
		return nil, errIncomplete
	}
	var err error
	if p.commit, err = p.Resolve(p.rev); err != nil {
		return nil, err
	}
	if p.headCommit, err = p.Resolve(orHead(p.head)); err != nil {
		return nil, err
	}
	v := &p.versions
	if v.Now, err = p.now(); err != nil {
		return nil, err
	}
	if v.Target, err = p.at(p.commit, p.rev); err != nil {
		return nil, err
	}
	if err := p.base(); err != nil {
		return nil, err
	}
	switch {
	case v.Now == nil && v.Target == nil:
		return nil, fs.ErrNotExist
	case v.Now == nil && v.OneBase && v.Base == nil:
		return nil, nil // it was added after the histories parted
	case v.Now == nil:
		return []against.Finding{{Err: against.ErrDeleted}}, nil
	}
	if err := v.Now.Verify(); err != nil {
		return nil, many(err)
	}
	if v.Target == nil {
		if err := p.elsewhere(); isA[*copyError](err) {
			return []against.Finding{{Err: err}}, nil
		} else if err != nil {
			return nil, err
		}
	}
	if err := verifiedSeals(v.Target); err != nil {
		return nil, &versionError{p.rev, err}
	}
	v.Stood = p.stood()
	return against.Judge(*v)
}

// now reads the version that is judged. It is nil if the file is gone.
func (p *pullRequest) now() (*vaultfile.File, error) {
	if p.head != "" {
		return p.at(p.headCommit, p.head)
	}
	switch info, err := os.Lstat(p.path); {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	case info.Mode()&fs.ModeSymlink != 0:
		return nil, errLink // git has the link, and not what it leads to
	}
	text, err := atomicfile.ReadText(p.path, format.MaxFile)
	if err != nil {
		return nil, err
	}
	return parseVersion(p.path, []byte(text))
}

// at reads the file in a commit. It is nil if the commit does not have it.
func (p *pullRequest) at(commit, rev string) (*vaultfile.File, error) {
	object, err := p.Object(commit, rev)
	if isA[*gitrepo.AbsentError](err) {
		return nil, nil
	}
	var f *vaultfile.File
	if err == nil {
		f, err = p.reader.read(object)
	}
	if err != nil {
		return nil, &versionError{rev, err}
	}
	return f, nil
}

// base reads the file where the histories parted. A version that can't be read counts as if there
// were no such commit.
func (p *pullRequest) base() error {
	bases, err := p.Bases(p.commit, p.headCommit)
	if err != nil || len(bases) != 1 {
		return err
	}
	v := &p.versions
	v.Base, err = p.at(bases[0], bases[0])
	v.OneBase = err == nil
	return nil
}

func verifiedSeals(f *vaultfile.File) error {
	if f == nil {
		return nil
	}
	for _, name := range f.Names() {
		if _, err := f.Profile(name); err != nil {
			return err
		}
	}
	return nil
}

// stood returns a function that looks for a section in the history of the receiving branch.
func (p *pullRequest) stood() func(format.ID, [16]byte) (bool, error) {
	type section struct {
		id     format.ID
		digest [16]byte
	}
	var all map[section]bool
	return func(id format.ID, digest [16]byte) (bool, error) {
		if all == nil {
			there := *p.Revisions
			there.Path = cmp.Or(p.moved, p.Path)
			commits, err := there.Commits(p.commit)
			if err != nil {
				return false, err
			}
			all = map[section]bool{}
			for i := range commits {
				f, err := p.reader.read(commits[i].Here)
				if err != nil {
					continue // no file, or one that can't be read
				}
				for _, s := range f.UnverifiedSections() {
					all[section{s.ID, f.Digest(s)}] = true
				}
			}
		}
		return all[section{id, digest}], nil
	}
}

// changes returns what the change changes: not what the receiving branch changed meanwhile.
func (p *pullRequest) changes() (list []changes.Profile) {
	v := &p.versions
	if v.Now == nil {
		return nil
	}
	for _, c := range (&changes.Comparer{}).Compare(v.Target, v.Now).Profiles {
		if v.Touched(c.ID) {
			list = append(list, c)
		}
	}
	return list
}

func printAgainst(a *app, p *pullRequest, found []against.Finding) error {
	list := p.changes()
	if a.json {
		doc := jsondoc.NewAgainst(p.path, jsondoc.Revision{Rev: p.rev, Commit: p.commit}, found, list)
		if p.head != "" {
			doc.To = &jsondoc.Revision{Rev: p.head, Commit: p.headCommit}
		}
		doc.NewFile, doc.MovedFrom = p.versions.Target == nil, p.moved
		if err := a.printJSON(doc); err != nil {
			return err
		}
	} else {
		for i := range list {
			fmt.Fprintln(a.stdout, term.Escape(changeLine(&list[i], plainName, mostShown(a))))
		}
	}
	var errs []error
	restored := false
	for _, f := range found {
		if f.Kind != against.Restored {
			errs = append(errs, &againstError{p.rev, f})
			continue
		}
		restored = true
		if !a.json {
			fmt.Fprintln(a.stdout, term.Escape(restoredText(p.rev, &f)))
		}
	}
	switch {
	case len(errs) > 0:
		return at(p.path, many(errs...))
	case restored:
		return &exitCode{exitFound}
	case !a.json:
		a.say("%s", about(p.path, provenText(p)))
	}
	return nil
}
