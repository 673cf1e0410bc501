package main

import (
	"bytes"
	"errors"
	"path/filepath"
	"strings"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/against"
	"github.com/credfile/credfile/internal/gitrepo"
	"github.com/credfile/credfile/internal/machine"
	"github.com/credfile/credfile/vaultfile"
	"github.com/credfile/credfile/vaultfile/trust"
)

// judge judges the credfiles among the changes.
func (h *hookRun) judge(s *hookStep) error {
	list, sure := h.tree.Credfiles(s.changes)
	if len(list) == 0 {
		return nil
	}
	if err := h.open(s, list[0].Path); err != nil {
		return err
	}
	var errs []error
	for i := range list {
		c := &list[i]
		if !sure[c.Path] && !h.isCredfile(c.Here) && !h.isCredfile(c.Before) {
			continue
		}
		err := h.file(s, c)
		var several manyErrors
		if !errors.As(err, &several) {
			several = manyErrors{err}
		}
		for _, err := range several {
			errs = append(errs, at(c.Path, err))
		}
	}
	return many(errs...)
}

// open gets ready to read versions, and heeds the user's settings only now: a commit of something else
// does not need them.
func (h *hookRun) open(s *hookStep, path string) error {
	if err := checkFlags(h.a); err != nil {
		return err
	}
	if h.reader == nil {
		r, err := gitrepo.OpenRevisions(filepath.Join(h.tree.Root, "x"), h.a.childEnv(nil))
		if err != nil {
			return err
		}
		h.reader = &logReader{h: &history{r, path}}
	}
	if s.commit == "" {
		s.commit = h.tree.Resolve(s.rev)
	}
	return nil
}

// isCredfile reports whether an object begins like a credfile, or does on a side of a conflict.
func (h *hookRun) isCredfile(object string) bool {
	if object == "" {
		return false
	}
	text, err := h.reader.h.Read(object, format.MaxFile)
	if c, marked := gitrepo.ReadConflict("", string(text), format.MaxFile, nil); marked {
		text = c.Ours
	}
	return err == nil && bytes.HasPrefix(text, []byte("credfile/"))
}

// file judges one file.
func (h *hookRun) file(s *hookStep, c *gitrepo.Change) error {
	switch {
	case c.Kind != "":
		return errLink // git tells nothing of submodules here
	case c.Here == "":
		if s.tell && !h.moved(s, c) {
			h.a.warn("%s", about(c.Path, deletedText(s.rev)))
		}
		return nil
	}
	text, err := h.reader.h.Read(c.Here, format.MaxFile)
	if err != nil {
		return err
	}
	path := filepath.Join(h.tree.Root, filepath.FromSlash(c.Path))
	if s.head == "" {
		if err := findConflict(h.a, path, string(text)); err != nil {
			return err
		}
	}
	now, err := parseVersion(c.Path, text)
	if err == nil {
		err = many(now.Verify())
	}
	if err != nil {
		return err
	}
	if c.Before == "" {
		return h.added(s, c, now)
	}
	before, err := h.reader.read(c.Before)
	if err == nil {
		err = verifiedSeals(before)
	}
	if err != nil {
		return nil // nothing to judge by, and whoever mends it must be able to
	}
	f, err := h.a.machine.Past(path, text)
	if err != nil {
		return err
	}
	if s.known {
		defer h.remembered(c, f, before)
	}
	return h.compare(s, c, [2]*vaultfile.File{before, now}, func() bool { return h.approved(f, before) })
}

// moved reports whether the file is at another path now.
func (h *hookRun) moved(s *hookStep, c *gitrepo.Change) bool {
	before, err := h.reader.read(c.Before)
	if err != nil {
		return true // it was no credfile
	}
	for i := range s.changes {
		if x := &s.changes[i]; x.Here != "" && x.Before == "" {
			if now, err := h.reader.read(x.Here); err == nil && now.ID() == before.ID() {
				return true
			}
		}
	}
	return false
}

// added judges a new file. Whoever adds one that nothing vouches for may have to: it is told, and
// what the receiving branch asks for is checked there.
func (h *hookRun) added(s *hookStep, c *gitrepo.Change, now *vaultfile.File) error {
	if s.commit == "" {
		return nil // the first commit
	}
	revisions := *h.reader.h.Revisions
	revisions.Path = c.Path
	p := &pullRequest{history: &history{&revisions, c.Path}, rev: s.rev, commit: s.commit, head: s.head, headCommit: s.head, reader: h.reader}
	p.versions.Now = now
	err := p.elsewhere()
	if err == nil && p.versions.Target != nil {
		return h.compare(s, c, [2]*vaultfile.File{p.versions.Target, now}, func() bool { return false })
	}
	if isA[*copyError](err) {
		h.odd(s, c, err)
	}
	if err != nil || len(p.versions.Vouchers) == 0 {
		return nil
	}
	found, err := against.Judge(p.versions)
	for _, f := range found {
		h.odd(s, c, &againstError{s.rev, f})
	}
	return err
}

func (h *hookRun) odd(s *hookStep, c *gitrepo.Change, err error) {
	if s.tell {
		h.a.warn("%s", about(c.Path, explain(err).text))
	}
}

// compare judges a version by the one before. What the user approved on this machine is not refused, or
// there would be no way to commit a merge in which they decided something that the other does not know.
func (h *hookRun) compare(s *hookStep, c *gitrepo.Change, versions [2]*vaultfile.File, approved func() bool) error {
	before, now := versions[0], versions[1]
	v := against.Versions{Now: now, Target: before, Stood: func(format.ID, [16]byte) (bool, error) { return false, nil }}
	if !s.rewrites {
		v.OneBase, v.Base = true, before
	}
	found, err := against.Judge(v)
	if err != nil {
		return err
	}
	var errs []error
	for _, f := range found {
		switch {
		case f.Kind == against.Refused && approved():
			h.odd(s, c, &againstError{s.rev, f})
		case f.Kind == against.Refused:
			errs = append(errs, &hookError{err: &againstError{s.rev, f}, hint: s.hint(false)})
		case s.rewrites:
			h.odd(s, c, wentBack(&f, ""))
		default:
			errs = append(errs, wentBack(&f, s.hint(f.Revision < f.Current)))
		}
	}
	return many(errs...)
}

// remembered tells what this machine's memory refuses of the profiles that the change touches. On an
// older branch it knows more than HEAD, and honest work there must be possible.
func (h *hookRun) remembered(c *gitrepo.Change, f *file, before *vaultfile.File) {
	for _, section := range f.UnverifiedSections() {
		if against.Same(f.File, before, section.ID) {
			continue
		}
		err := f.Check(section.Name, machine.Read)
		r, ok := errors.AsType[*trust.Refusal](err)
		if err == nil || ok && r.Pinned() && r.Others() { // CREDFILE_TRUST lists only what this machine needs
			continue
		}
		h.a.warn("%s", about(c.Path, explain(err).text))
	}
}

// approved reports whether this machine accepted the file byte for byte, and trusts it still, though it
// knows everything that the version before shows: a key that replaced another, and what was removed.
func (h *hookRun) approved(f *file, before *vaultfile.File) bool {
	judged, err := f.Judge()
	if err != nil || judged[0].FirstSight {
		return false
	}
	for _, v := range judged[0].Verdicts {
		if !v.Accepted || f.Check(v.Name, machine.Write) != nil {
			return false
		}
	}
	sight, err := f.Sight()
	if err != nil {
		return false
	}
	for _, v := range trust.Judge(sight.Known, before).Verdicts {
		switch v.State {
		case trust.Present, trust.Old, trust.Removed, trust.Gone:
		default:
			return false
		}
	}
	for _, r := range before.Removed() {
		if p := sight.Profile(r.ID); p != nil && p.RemovedBy == (format.Key{}) {
			return false
		}
	}
	return true
}

// isHook reports whether git runs this as a hook, which the user's settings must not stop.
func isHook(args []string) bool {
	return len(args) > 1 && args[0] == "git" && strings.HasPrefix(args[1], "hook")
}
