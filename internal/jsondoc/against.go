package jsondoc

import (
	"errors"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/against"
	"github.com/credfile/credfile/internal/changes"
	"github.com/credfile/credfile/internal/gitrepo"
	"github.com/credfile/credfile/vaultfile/trust"
)

type (
	// Against is a change, judged by the branch that will receive it.
	Against struct {
		Schema    int              `json:"schema"`
		File      string           `json:"file"`
		Against   Revision         `json:"against"`
		To        *Revision        `json:"to,omitempty"` // missing for the file as it is
		NewFile   bool             `json:"new_file,omitempty"`
		MovedFrom string           `json:"moved_from,omitempty"`
		Findings  []AgainstFinding `json:"findings"`
		Profiles  []ProfileChange  `json:"profiles"`
	}
	// AgainstFinding is something wrong with a change.
	AgainstFinding struct {
		Kind     string `json:"kind"`
		Reason   string `json:"reason,omitempty"`
		Profile  string `json:"profile,omitempty"`
		ID       string `json:"id,omitempty"`
		Revision uint64 `json:"revision,omitempty"`
		Current  uint64 `json:"current,omitempty"`
	}
)

var againstKinds = map[against.Kind]string{against.Refused: "refused", against.Behind: "behind", against.Restored: "restored"}

// againstReasons maps reasons to words.
var againstReasons = map[error]string{
	against.ErrOtherFile: "other-file", against.ErrDeleted: "deleted", against.ErrCopy: "copy", against.ErrRecord: "record", against.ErrNoRecord: "no-record",
}

// NewAgainst describes what was found about a change, and what it changes.
func NewAgainst(path string, rev Revision, found []against.Finding, list []changes.Profile) Against {
	return Against{Schema: Schema, File: path, Against: rev, Findings: NewAgainstFindings(found), Profiles: NewProfileChanges(list)}
}

// Steps are the commits of a file's history that don't follow from their parents.
type Steps struct {
	Schema  int       `json:"schema"`
	File    string    `json:"file"`
	Since   *Revision `json:"since,omitempty"`
	Steps   int       `json:"steps"` // how many were checked
	Commits []Step    `json:"commits"`
}

// Step is a commit, and what was found. Author and Date are what it claims.
type Step struct {
	Commit   string        `json:"commit"`
	Date     string        `json:"date,omitempty"`
	Author   Author        `json:"claimed_author"`
	Merge    bool          `json:"merge"`
	Path     string        `json:"path"`
	Findings []StepFinding `json:"findings"`
}

// StepFinding is something wrong with a commit, judged by one of its parents.
type StepFinding struct {
	Parent string `json:"parent,omitempty"`
	AgainstFinding
}

// NewStep describes a commit.
func NewStep(c *gitrepo.Commit) Step {
	x := NewLogCommit(c, nil, nil)
	return Step{Commit: x.Commit, Date: x.Date, Author: x.Author, Merge: x.Merge, Path: x.Path}
}

// Add adds what was found when the commit was judged by a parent.
func (s *Step) Add(parent string, f against.Finding) {
	s.Findings = append(s.Findings, StepFinding{parent, NewAgainstFindings([]against.Finding{f})[0]})
}

// NewAgainstFindings describes what is wrong with a change.
func NewAgainstFindings(found []against.Finding) []AgainstFinding {
	list := []AgainstFinding{}
	for _, f := range found {
		x := AgainstFinding{Kind: againstKinds[f.Kind], Profile: f.Profile, Revision: f.Revision, Current: f.Current}
		if f.ID != (format.ID{}) {
			x.ID = format.Base64.EncodeToString(f.ID[:])
		}
		var refusal *trust.Refusal
		if errors.As(f.Err, &refusal) {
			x.Reason = refusals[refusal.Why]
		} else if f.Err != nil {
			x.Reason = "damaged"
			for err, word := range againstReasons {
				if errors.Is(f.Err, err) {
					x.Reason = word
				}
			}
		}
		list = append(list, x)
	}
	return list
}
