package jsondoc

import (
	"time"

	"github.com/credfile/credfile/internal/changes"
	"github.com/credfile/credfile/internal/gitrepo"
)

type (
	// Log is the history of a file, the newest commit first.
	Log struct {
		Schema     int         `json:"schema"`
		File       string      `json:"file"`
		Incomplete bool        `json:"incomplete"`
		Commits    []LogCommit `json:"commits"`
	}
	// LogCommit is a commit that changed a file. Author and Date are what it claims.
	LogCommit struct {
		Commit   string          `json:"commit"`
		Date     string          `json:"date,omitempty"`
		Author   Author          `json:"claimed_author"`
		Merge    bool            `json:"merge"`
		Path     string          `json:"path"`
		Notes    []string        `json:"notes,omitempty"`
		Profiles []ProfileChange `json:"profiles"`
	}
	// Author is who a commit says wrote it.
	Author struct {
		Name  string `json:"name"`
		Email string `json:"email"`
	}
)

// NewLogCommit returns a commit, what it changed in profiles, and what happened to the file.
func NewLogCommit(c *gitrepo.Commit, profiles []changes.Profile, notes []string) LogCommit {
	doc := LogCommit{Commit: c.Hash, Author: Author{c.Author, c.Email}, Merge: len(c.Parents) > 1, Path: c.Path, Notes: notes, Profiles: NewProfileChanges(profiles)}
	if !c.Time.IsZero() {
		doc.Date = c.Time.Format(time.RFC3339)
	}
	return doc
}
