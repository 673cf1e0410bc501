package main

import (
	"fmt"
	"strings"

	"github.com/credfile/credfile/internal/doctor"
	"github.com/credfile/credfile/internal/term"
)

// symptomText says what was found and where.
func symptomText(s *symptom) string {
	at := s.Path
	if s.Line > 0 {
		at = fmt.Sprintf("%s:%d", s.Path, s.Line)
	}
	git := ""
	switch {
	case s.tracked:
		git = ", and git tracks it"
	case s.exposed:
		git = ", and git add would add it"
	}
	const most = 3
	names := strings.Join(s.Names[:min(len(s.Names), most)], ", ") + more(len(s.Names)-most)
	switch s.kind {
	case string(doctor.Plaintext):
		what := "a secret in plain text" // a private key, or one whose name is not said
		if names != "" {
			what = fmt.Sprintf("%s in plain text (%s)", count(len(s.Names), "credential"), names)
		}
		return at + ": " + what + git
	case string(doctor.Image):
		return fmt.Sprintf("%s: %s gets into the image, where everyone can read it", at, names)
	case string(doctor.Pipeline):
		return fmt.Sprintf("%s: %s has its value in the file", at, names)
	case string(doctor.Server):
		return fmt.Sprintf("%s: %s in plain text (%s)%s", at, count(len(s.Names), "credential"), names, git)
	case string(doctor.Identity):
		return at + ": a private key of age" + git
	case "readable":
		return at + ": others on this machine can read your identities"
	case "long-lived":
		return fmt.Sprintf("%s: %s in profile %s is %s, which never expires", at, names, strings.Join(s.profiles, ", "), s.Format)
	}
	return fmt.Sprintf("%s: profiles %s have the same value (%s)", at, strings.Join(s.profiles, ", "), names)
}

// symptomFix says what to do about it.
func symptomFix(s *symptom) string {
	path := term.Quote(s.Path)
	fix := ""
	switch s.kind {
	case string(doctor.Plaintext):
		fix = "credfile import " + path + ", then delete it"
		if s.Format == "" {
			fix = "credfile set NAME, for each; then delete it"
		}
	case string(doctor.Image):
		return "pass it when it runs (credfile env -- docker run -e NAME …), or to the build as a secret"
	case string(doctor.Pipeline):
		return "credfile set " + s.Names[0] + ", and in the job: credfile env -- COMMAND"
	case string(doctor.Server):
		fix = "credfile set NAME, for each; then let credfile env start the server"
	case string(doctor.Identity):
		fix = "move it to where git doesn't see it: credfile keygen --import " + path
	case "readable":
		return "chmod 600 " + path
	case "long-lived":
		return "replace it regularly, and record when: credfile set " + s.Names[0] + " --expires 90d"
	default:
		return "give each profile a value of its own, so that access to one opens nothing else"
	}
	if s.tracked {
		fix += "; git rm --cached " + path + "; its history keeps the values: replace them"
	}
	return fix
}
