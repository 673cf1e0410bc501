package main

import (
	"os"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/against"
	"github.com/credfile/credfile/internal/atomicfile"
	"github.com/credfile/credfile/vaultfile"
)

// elsewhere looks through the other files of the receiving branch: for this one, which was moved,
// and for the keys that may vouch for a new one.
func (p *pullRequest) elsewhere() error {
	blobs, err := p.Tree(p.commit, ".age")
	if err != nil {
		return err
	}
	v := &p.versions
	v.Vouchers = map[format.Key]bool{}
	for _, b := range blobs {
		f, err := p.reader.read(b.Object)
		switch {
		case err != nil || b.Path == p.Path:
			continue
		case f.ID() != v.Now.ID():
			against.CurrentKeys(f, p.other(b.Path), v.Vouchers)
			continue
		}
		if p.keeps(b.Path) {
			return &copyError{p.rev, b.Path}
		}
		v.Target, p.moved = f, b.Path
	}
	return nil
}

// other returns another file on the side of the change, or nil if it can't be read.
func (p *pullRequest) other(path string) *vaultfile.File {
	if p.head == "" {
		text, err := atomicfile.Read(p.InTree(path), format.MaxFile)
		if err != nil {
			return nil
		}
		f, _ := parseVersion(path, text)
		return f
	}
	f, _ := p.elsewhereAt(path)
	return f
}

func (p *pullRequest) elsewhereAt(path string) (*vaultfile.File, error) {
	other, h := *p.Revisions, *p.history
	other.Path, h.Revisions = path, &other
	q := &pullRequest{history: &h, reader: p.reader}
	return q.at(p.headCommit, p.head)
}

// keeps reports whether a path of the receiving branch is still in use.
func (p *pullRequest) keeps(path string) bool {
	if p.head == "" {
		_, err := os.Lstat(p.InTree(path))
		return err == nil
	}
	f, err := p.elsewhereAt(path)
	return f != nil || err != nil
}
