package main

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/credfile/credfile/internal/atomicfile"
	"github.com/credfile/credfile/internal/jsondoc"
	"github.com/credfile/credfile/internal/leak"
	"github.com/credfile/credfile/internal/term"
)

// readBaseline reads the baseline. One that is to be written need not exist.
func (r *scanRun) readBaseline() error {
	if r.o.baseline == "" {
		return nil
	}
	text, err := atomicfile.Read(r.o.baseline, leak.MaxBaseline)
	if r.o.update && errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		r.known, err = leak.ParseBaseline(text)
	}
	if err != nil {
		return badBaseline(r.o.baseline, err)
	}
	return nil
}

func (r *scanRun) writeBaseline(findings []leak.Finding) error {
	text := r.known.With(r.profiles, findings)
	err := atomicfile.Create(r.o.baseline, 0o644, text)
	if errors.Is(err, fs.ErrExist) {
		err = atomicfile.Update(r.o.baseline, leak.MaxBaseline, func([]byte) ([]byte, error) { return text, nil })
	}
	if err != nil {
		return at(r.o.baseline, cause(err))
	}
	r.a.say("%s: %s written", r.o.baseline, count(len(findings), "known finding"))
	return nil
}

// report prints the findings. Its error is the exit code.
func (r *scanRun) report() error {
	all := r.Findings(r.known)
	var found []leak.Finding
	for _, f := range all {
		if f.New > 0 {
			found = append(found, f)
		}
	}
	if r.o.update {
		if err := r.incomplete(); err != nil {
			return err
		}
		return r.writeBaseline(all)
	}
	if r.a.json {
		if err := r.a.printJSON(r.document(found, len(all)-len(found))); err != nil {
			return err
		}
	}
	for i := range found {
		if r.a.json {
			break
		}
		if _, err := fmt.Fprintln(r.a.stdout, term.Escape(leakLine(&found[i]))); err != nil {
			return err
		}
	}
	if !r.o.hook {
		r.summary(found, len(all)-len(found))
	}
	if len(found) > 0 {
		return &exitCode{exitFound}
	}
	return r.incomplete()
}

// incomplete returns an error if not all was searched.
func (r *scanRun) incomplete() error {
	switch {
	case r.unread > 0:
		return notAllRead(r.unread)
	case r.missing > 0:
		return notAllHere(r.missing)
	}
	return nil
}

func (r *scanRun) document(found []leak.Finding, known int) jsondoc.Scan {
	doc := jsondoc.Scan{Schema: jsondoc.Schema, File: r.path, Values: r.Values, Texts: r.Texts, Known: known, Findings: []jsondoc.Leak{}, LeftOut: r.leftOut}
	if r.gone() {
		doc.Gone = r.known.Gone(r.profiles)
	}
	for _, f := range found {
		one := jsondoc.Leak{Profile: f.Profile.Name(), Credential: f.Shown, Form: formNames[f.Form], Split: f.Split, Path: f.Path, Line: f.Line, Commit: f.Commit, Places: f.Places, Texts: f.Texts}
		one.In = leakKinds[f.Kind]
		doc.Findings = append(doc.Findings, one)
	}
	for _, s := range r.Skipped {
		doc.Skipped = append(doc.Skipped, jsondoc.NotScanned{Profile: s.Profile.Name(), Credential: s.Shown, Reason: reasons[s.Reason]})
	}
	return doc
}

// gone reports whether entries of the baseline without a finding are worth a word: not if only
// a part of the files was searched.
func (r *scanRun) gone() bool {
	return r.known != nil && !r.o.staged && (len(r.o.args) == 0 || r.o.history)
}
