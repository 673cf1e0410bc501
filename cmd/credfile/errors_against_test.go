package main

import (
	"testing"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/against"
	"github.com/credfile/credfile/internal/gitrepo"
	"github.com/credfile/credfile/vaultfile"
	"github.com/credfile/credfile/vaultfile/trust"
)

// againstSamples returns every error of verify --against.
func againstSamples(t *testing.T) []sampleError {
	f, err := vaultfile.Parse(sampleText(t))
	if err != nil {
		t.Fatal(err)
	}
	name := f.Names()[0]
	known := &trust.Known{Seen: true, Profiles: []*trust.Profile{{ID: f.UnverifiedSections()[0].ID, Present: []format.Key{{1}}, Names: []string{name}}}}
	of := func(found against.Finding) error {
		found.Profile = name
		return at(sampleFile, &againstError{"main", found})
	}
	list := []sampleError{
		{"againstError, behind", of(against.Finding{Kind: against.Behind, Revision: 5, Current: 7})},
		{"againstError, deleted", of(against.Finding{Err: against.ErrDeleted})},
		{"againstError, another file", of(against.Finding{Err: against.ErrOtherFile})},
		{"againstError, a forged record", of(against.Finding{Err: against.ErrRecord})},
		{"againstError, a missing record", of(against.Finding{Err: against.ErrNoRecord})},
		{"copyError", at(sampleFile, &copyError{"main", "app/" + sampleFile})},
		{"stepsRefused", at(sampleFile, stepsRefused(2, 14))},
		{"gitrepo.ErrRenames", at(sampleFile, gitrepo.ErrRenames)},
		{"wentBack", at(sampleFile, wentBack(&against.Finding{Profile: name, Revision: 5, Current: 7}, hintBack("the merge", "ORIG_HEAD")))},
		{"wentBack, to one of the same number", at(sampleFile, wentBack(&against.Finding{Profile: name, Revision: 7, Current: 7}, ""))},
		{"wentBack, in a commit", at(sampleFile, wentBack(&against.Finding{Profile: name, Revision: 5, Current: 7}, hintUndo(true, "")))},
		{"wentBack, by a revert", at(sampleFile, wentBack(&against.Finding{Profile: name, Revision: 5, Current: 7}, hintUndo(true, "0123456789ab")))},
		{"hookError", at(sampleFile, &hookError{&againstError{"0123456789ab", against.Finding{Profile: name, Err: against.ErrNoRecord}}, hintBack("the rebase", "0123456789ab")})},
		{"errLink", at(sampleFile, errLink)},
		{"errIncomplete", at(sampleFile, errIncomplete)},
	}
	for _, why := range []error{trust.ErrNewFile, trust.ErrUnvouched, trust.ErrForeign, trust.ErrSuperseded, trust.ErrRemoved, trust.ErrGone, trust.ErrName} {
		refusal := &trust.Refusal{Verdict: trust.Judge(known, f).Of(name), Why: why}
		list = append(list, sampleError{"againstError, " + why.Error(), of(against.Finding{Err: refusal})})
	}
	return list
}
