package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/cli"
	"github.com/credfile/credfile/internal/gitrepo"
	"github.com/credfile/credfile/vaultfile/merge"
)

// answers are the user's choices.
type answers struct {
	*app
	op     gitrepo.Operation
	reveal bool
	given  []answer
	err    error // of the terminal
	asked  bool  // the user left a question open
}

type answer struct{ name, choice string }

func (s *answers) parse(list []string) error {
	for _, text := range list {
		name, choice, ok := strings.Cut(text, "=")
		if !ok || name == "" || choice == "" {
			return &usageError{Text: fmt.Sprintf("--resolve %q must be NAME=ours, NAME=theirs or NAME=NEWNAME", text), Hint: "for example: --resolve API_KEY=theirs"}
		}
		if slices.ContainsFunc(s.given, func(x answer) bool { return x.name == name }) {
			return &usageError{Text: fmt.Sprintf("--resolve %s is given twice", name), Hint: "decide each conflict once"}
		}
		s.given = append(s.given, answer{name: name, choice: choice})
	}
	return nil
}

// check returns an error for a choice that decides no conflict, or more than one, or in a way that
// it can't be decided. taken reports whether a profile has a credential or the file a profile of that name.
func (s *answers) check(conflicts []merge.Conflict, taken func(merge.Conflict, string) bool) error {
	for _, x := range s.given {
		var about []merge.Conflict
		for _, c := range conflicts {
			if resolvable(c) && isNamed(c, x.name) {
				about = append(about, c)
			}
		}
		switch {
		case len(about) == 0:
			return &usageError{Text: fmt.Sprintf("--resolve %s: there is no such conflict", x.name), Hint: "to list the conflicts: credfile merge --non-interactive"}
		case len(about) > 1:
			return &usageError{Text: fmt.Sprintf("--resolve %s: there are %d such conflicts", x.name, len(about)), Hint: fmt.Sprintf("name the profile: --resolve %s:%s=%s", about[0].Profile, conflictName(about[0]), x.choice)}
		}
		if _, why := s.choice(about[0], x.choice, taken); why != "" {
			return &usageError{Text: fmt.Sprintf("--resolve %s=%s: %s", x.name, x.choice, why), Hint: "see credfile help merge"}
		}
	}
	return nil
}

// choice returns what a word chooses, or why it can't be chosen.
func (s *answers) choice(c merge.Conflict, word string, taken func(merge.Conflict, string) bool) (choice merge.Choice, why string) {
	switch {
	case word == "ours" && c.Kind != merge.OneNameTwoProfiles:
		return merge.Choice{}, ""
	case word == "theirs" && c.Kind != merge.OneNameTwoProfiles:
		return merge.Choice{Side: merge.Theirs}, ""
	case !keepsBoth(c):
		return choice, "it must be ours or theirs"
	case cli.Distance(strings.ToLower(word), "ours") < 2, cli.Distance(strings.ToLower(word), "theirs") < 3, word == s.op.Ours, word == s.op.Theirs:
		return choice, "it must be ours, theirs or a new name that is not so much like these"
	case !format.ValidName(word):
		return choice, "it is not a valid name"
	case taken(c, word):
		return choice, "that name is taken"
	}
	return merge.Choice{Both: word}, ""
}

// decide returns what --resolve says, or asks.
func (s *answers) decide(taken func(merge.Conflict, string) bool) merge.Decide {
	return func(c merge.Conflict) (merge.Choice, bool) {
		if !resolvable(c) {
			return merge.Choice{}, false
		}
		for _, x := range s.given {
			if isNamed(c, x.name) {
				choice, why := s.choice(c, x.choice, taken)
				return choice, why == ""
			}
		}
		if s.nonInteractive || s.json || !s.dialog.HasTerminal() || s.asked || s.err != nil {
			return merge.Choice{}, false
		}
		return s.ask(c, taken)
	}
}

func (s *answers) ask(c merge.Conflict, taken func(merge.Conflict, string) bool) (merge.Choice, bool) {
	for _, line := range conflictLines(s.op, c, s.reveal) {
		s.say("%s", line)
	}
	for {
		word, err := s.dialog.Line(question(s.op, c))
		if word = strings.TrimSpace(word); err != nil || word == "" {
			s.err, s.asked = err, true
			return merge.Choice{}, false
		}
		choice, why := s.choice(c, word, taken)
		if why == "" {
			return choice, true
		}
		s.say("%s: %s", word, why)
	}
}

// isNamed reports whether a name is that of a conflict, with its profile before a colon if need be.
func isNamed(c merge.Conflict, name string) bool {
	return name == conflictName(c) || name == c.Profile+":"+conflictName(c)
}

func conflictName(c merge.Conflict) string {
	switch c.Kind {
	case merge.RecipientTwoNames, merge.RecipientTwoStrings, merge.ConfirmAccess, merge.ConfirmRemoval:
		return c.Names[merge.Ours]
	case merge.NoProfile:
		return "profiles"
	}
	return cmp.Or(c.Credential, c.Profile)
}

// resolvable reports whether the user can decide a conflict by a choice of sides.
func resolvable(c merge.Conflict) bool {
	return c.Kind != merge.NotWriter && c.Kind != merge.RefusedSide
}

// keepsBoth reports whether a conflict can be resolved by another name.
func keepsBoth(c merge.Conflict) bool {
	switch c.Kind {
	case merge.TwoValues, merge.TwoAdditions:
		return c.Credential != "" && c.Ours != nil && c.Theirs != nil
	case merge.OneNameTwoProfiles:
		return true
	}
	return false
}
