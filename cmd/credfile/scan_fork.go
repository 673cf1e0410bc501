package main

import (
	"encoding/json"
	"fmt"

	"github.com/credfile/credfile/internal/atomicfile"
)

// othersChange returns why a CI job runs on a change whose author has no access to the
// repository, or "". Scan refuses that: who chooses the text learns from the result whether a
// value is in it, and could find out values piece by piece.
func othersChange(a *app) string {
	if a.getenv("GITHUB_EVENT_NAME") == "pull_request_target" {
		return "GITHUB_EVENT_NAME is pull_request_target"
	}
	if source, own := a.getenv("CI_MERGE_REQUEST_SOURCE_PROJECT_ID"), a.getenv("CI_PROJECT_ID"); source != "" && source != own {
		return "CI_MERGE_REQUEST_SOURCE_PROJECT_ID is not CI_PROJECT_ID"
	}
	path := a.getenv("GITHUB_EVENT_PATH")
	if path == "" {
		return ""
	}
	const most = 32 << 20
	text, err := atomicfile.Read(path, most)
	if err != nil {
		return "GITHUB_EVENT_PATH can't be read"
	}
	var event githubEvent
	if len(text) > most || json.Unmarshal(text, &event) != nil {
		return "GITHUB_EVENT_PATH is not a GitHub event"
	}
	return event.others()
}

// githubEvent is the part of an event's payload that says where a change comes from.
type githubEvent struct {
	PullRequest *struct {
		Head, Base struct{ Repo *githubRepo }
	} `json:"pull_request"`
	WorkflowRun *struct {
		HeadRepository *githubRepo `json:"head_repository"`
	} `json:"workflow_run"`
	Repository *githubRepo
}

type githubRepo struct {
	FullName string `json:"full_name"`
}

func (e *githubEvent) others() string {
	same := func(a, b *githubRepo) bool {
		return a != nil && b != nil && a.FullName == b.FullName && a.FullName != ""
	}
	switch {
	case e.PullRequest != nil && !same(e.PullRequest.Head.Repo, e.PullRequest.Base.Repo):
		return fmt.Sprintf("GITHUB_EVENT_PATH says that the pull request comes from %s", e.PullRequest.Head.Repo.name())
	case e.WorkflowRun != nil && !same(e.WorkflowRun.HeadRepository, e.Repository):
		return fmt.Sprintf("GITHUB_EVENT_PATH says that the workflow ran for %s", e.WorkflowRun.HeadRepository.name())
	}
	return ""
}

func (r *githubRepo) name() string {
	if r == nil || r.FullName == "" {
		return "a deleted repository"
	}
	return r.FullName
}
