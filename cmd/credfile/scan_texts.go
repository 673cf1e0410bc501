package main

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/credfile/credfile/internal/gitrepo"
	"github.com/credfile/credfile/internal/leak"
)

// named searches the files and directories that the user named.
func (r *scanRun) named() error {
	for _, arg := range r.o.args {
		info, err := os.Stat(arg) // a link that the user names is followed
		if err != nil {
			return at(r.Mask(arg), cause(err))
		}
		if !info.IsDir() {
			r.file(arg, arg)
			continue
		}
		err = filepath.WalkDir(arg, func(path string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				r.cantRead(path, err)
			case d.IsDir() && d.Name() == ".git" && path != arg:
				return fs.SkipDir
			case !d.IsDir():
				r.entry(path, path)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// cause is an error of the file system without the path, which may contain a value.
func cause(err error) error {
	var path *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fs.ErrNotExist
	case errors.As(err, &path):
		return path.Err
	}
	return err
}

func (r *scanRun) cantRead(path string, err error) {
	if r.unread++; r.unread <= mostWarnings {
		r.a.warn("can't read %s: %v", r.Mask(path), cause(err))
	}
}

const mostWarnings = 10

// entry searches what a directory has under a name: a file, or the text of a link. Nothing
// else is opened: a FIFO would block.
func (r *scanRun) entry(path, shown string) {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist): // deleted
	case err != nil:
		r.cantRead(shown, err)
	case info.Mode().IsRegular():
		r.file(path, shown)
	case info.Mode()&fs.ModeSymlink != 0:
		target, err := os.Readlink(path)
		if err == nil {
			err = r.text(leak.Text{Path: shown}, strings.NewReader(target))
		}
		if err != nil {
			r.cantRead(shown, err)
		}
	}
}

func (r *scanRun) file(path, shown string) {
	f, err := os.Open(path)
	if err == nil {
		err = r.text(leak.Text{Path: shown}, f)
		f.Close()
	}
	if err != nil {
		r.cantRead(shown, err)
	}
}

// text searches a text and its path.
func (r *scanRun) text(t leak.Text, content io.Reader) error {
	r.Path(t)
	return r.Read(t, content)
}

// openTree finds the work tree around the current directory.
func (r *scanRun) openTree() (*gitrepo.Revisions, error) {
	dir, err := r.a.getwd()
	if err != nil {
		return nil, err
	}
	tree, err := gitrepo.OpenAt(dir, r.a.childEnv(nil))
	if err != nil {
		return nil, noTree(dir, err)
	}
	return tree, nil
}

// workTree searches the files that git tracks or would add.
func (r *scanRun) workTree(tree *gitrepo.Revisions) error {
	paths, err := tree.Listed()
	for _, path := range paths {
		r.entry(tree.InTree(path), path)
	}
	return err
}

// staged searches what the index has and HEAD has not. A line that HEAD's version of the file
// has as well is no finding: the commit does not add it.
func (r *scanRun) staged(tree *gitrepo.Revisions) error {
	index := r.a.getenv("GIT_INDEX_FILE") // of git commit -a, in a hook
	if index != "" && !filepath.IsAbs(index) {
		dir, err := r.a.getwd()
		if err != nil {
			return err
		}
		index = filepath.Join(dir, index)
	}
	list, err := tree.Staged(index)
	if err != nil {
		return err
	}
	var objects []string
	var files []*gitrepo.Staged // of each object; nil for a version in HEAD
	for i := range list {
		if list[i].Before != "" {
			objects, files = append(objects, list[i].Before), append(files, nil)
		}
		objects, files = append(objects, list[i].Object), append(files, &list[i])
	}
	r.missing = len(list)
	_, err = tree.ReadEach(objects, func(i int, content io.Reader) error {
		if files[i] == nil {
			return r.Known(content)
		}
		r.missing--
		return r.text(leak.Text{Path: files[i].Path}, content)
	})
	return err
}

// historyOf searches the history, or what came after a revision.
func (r *scanRun) historyOf(tree *gitrepo.Revisions, since string) error {
	if since != "" {
		commit, err := tree.Resolve(since)
		if err != nil {
			return err
		}
		since = commit
	}
	list, err := tree.Introduced(since)
	if err != nil {
		return err
	}
	var objects []string
	var texts []leak.Text // of each object
	for _, x := range list {
		t := leak.Text{Path: x.Path, Commit: x.Commit}
		if t.Path == "" {
			t.Kind = leak.Commit
		}
		if x.Object == "" {
			r.Path(t)
			continue
		}
		objects, texts = append(objects, x.Object), append(texts, t)
	}
	r.missing, err = tree.ReadEach(objects, func(i int, content io.Reader) error { return r.text(texts[i], content) })
	if tree.Shallow {
		r.a.warn("%s", deepen)
	}
	return err
}
