package main

import (
	"fmt"
	"slices"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/against"
	"github.com/credfile/credfile/internal/gitrepo"
	"github.com/credfile/credfile/internal/jsondoc"
	"github.com/credfile/credfile/internal/term"
	"github.com/credfile/credfile/vaultfile"
)

// badStep is a commit, and what was found about its step from each of its parents.
type badStep struct {
	gitrepo.Commit
	found []stepFinding
}

type stepFinding struct {
	parent string
	against.Finding
}

// runSteps judges every step of the file's history, but not those that since has, by what the
// parents of its commit say.
func runSteps(a *app, since string) error {
	h, err := openHistory(a)
	if err != nil {
		return err
	}
	defer h.Close()
	if h.Shallow || h.Partial {
		return at(h.path, errIncomplete)
	}
	head, err := h.Resolve("HEAD")
	if err != nil {
		return at(h.path, neverCommitted())
	}
	from := ""
	if since != "" {
		if from, err = h.Resolve(since); err != nil {
			return at(h.path, err)
		}
	}
	steps, err := h.Steps(head, from)
	if err != nil {
		return at(h.path, err)
	}
	if len(steps) == 0 && since == "" {
		return at(h.path, neverCommitted())
	}
	j := &stepJudge{reader: &logReader{h: h}}
	var bad []badStep
	for i := range steps {
		found, err := j.judge(&steps[i])
		if err != nil {
			return at(h.path, err)
		}
		if len(found) > 0 {
			bad = append(bad, badStep{steps[i].Commit, found})
		}
	}
	return printSteps(a, h, jsondoc.Revision{Rev: since, Commit: from}, len(steps), bad)
}

type stepJudge struct{ reader *logReader }

// judge judges a commit by each parent in which the file is another.
func (j *stepJudge) judge(s *gitrepo.Step) (found []stepFinding, err error) {
	fail := func(err error) []stepFinding { return []stepFinding{{Finding: against.Finding{Err: err}}} }
	switch {
	case s.Kind != "":
		return fail(&gitrepo.KindError{Path: s.Path, Rev: s.Hash[:shortHash], Kind: s.Kind}), nil
	case s.Here == "":
		return fail(against.ErrDeleted), nil
	}
	now, err := j.reader.read(s.Here)
	if err == nil {
		err = many(now.Verify())
	}
	if err != nil {
		return fail(err), nil
	}
	for _, side := range s.Sides {
		list, err := j.side(s, side, now)
		if err != nil {
			return nil, err
		}
		for _, f := range list {
			if f.Kind != against.Behind || !j.chosen(s, now, f.ID) {
				found = append(found, stepFinding{side.Parent, f})
			}
		}
	}
	return found, nil
}

// chosen reports whether a merge took a profile as one of its parents has it. If so, that another
// one has a later revision is what whoever merged decided.
func (j *stepJudge) chosen(s *gitrepo.Step, now *vaultfile.File, id format.ID) bool {
	if len(s.Sides) < len(s.Parents) {
		return true // the whole file is as in one of them
	}
	return slices.ContainsFunc(s.Sides, func(side gitrepo.Side) bool {
		if side.Object == "" {
			return false
		}
		f, err := j.reader.read(side.Object)
		return err == nil && against.Same(now, f, id)
	})
}

func (j *stepJudge) side(s *gitrepo.Step, side gitrepo.Side, now *vaultfile.File) ([]against.Finding, error) {
	revisions := *j.reader.h.Revisions
	revisions.Path = s.Path
	p := &pullRequest{history: &history{&revisions, j.reader.h.path}, commit: side.Parent, headCommit: s.Hash, head: s.Hash[:shortHash], reader: j.reader}
	v := &p.versions
	v.Now, v.OneBase = now, true
	switch {
	case side.Parent == "":
		return nil, nil // the first commit: there is nothing to judge by
	case side.Object == "":
		return j.added(p)
	}
	p.rev = side.Parent[:shortHash]
	target, err := j.reader.read(side.Object)
	if err == nil {
		err = verifiedSeals(target)
	}
	if err != nil {
		return []against.Finding{{Err: &versionError{p.rev, err}}}, nil
	}
	v.Target, v.Base = target, target
	revisions.Path = side.Path
	v.Stood = p.stood()
	return against.Judge(*v)
}

// added judges a file that a commit added. Where there is no other file, it is taken as it is.
func (j *stepJudge) added(p *pullRequest) ([]against.Finding, error) {
	v := &p.versions
	p.rev = p.commit[:shortHash]
	if err := p.elsewhere(); isA[*copyError](err) {
		return []against.Finding{{Err: err}}, nil
	} else if err != nil {
		return nil, err
	}
	if v.Target == nil && len(v.Vouchers) == 0 {
		return nil, nil
	}
	v.Base, v.Stood = v.Target, p.stood()
	return against.Judge(*v)
}

func printSteps(a *app, h *history, since jsondoc.Revision, steps int, bad []badStep) error {
	refused := 0
	doc := jsondoc.Steps{Schema: jsondoc.Schema, File: h.path, Steps: steps, Commits: []jsondoc.Step{}}
	if since.Commit != "" {
		doc.Since = &since
	}
	for i := range bad {
		b := &bad[i]
		step := jsondoc.NewStep(&b.Commit)
		if !a.json {
			fmt.Fprintln(a.stdout, term.Escape(commitLine(&b.Commit)))
		}
		worst := against.Restored
		said := map[string]bool{}
		for _, f := range b.found {
			worst = min(worst, f.Kind)
			step.Add(f.parent, f.Finding)
			if text := stepText(&f); !a.json && !said[text] {
				said[text] = true
				fmt.Fprintln(a.stdout, "  "+term.Escape(text))
			}
		}
		if worst != against.Restored {
			refused++
		}
		doc.Commits = append(doc.Commits, step)
	}
	if a.json {
		if err := a.printJSON(doc); err != nil {
			return err
		}
	}
	switch {
	case refused > 0:
		return at(h.path, stepsRefused(refused, steps))
	case len(bad) > 0:
		return &exitCode{exitFound}
	case !a.json:
		a.say("%s: %s", h.path, stepsProven(steps))
	}
	return nil
}

func stepText(f *stepFinding) string {
	rev := "the commit before"
	if f.parent != "" {
		rev = f.parent[:shortHash]
	}
	if f.Kind == against.Restored {
		return restoredText(rev, &f.Finding)
	}
	return explain(&againstError{rev, f.Finding}).text
}
