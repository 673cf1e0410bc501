package codec

import (
	"regexp"
	"strings"
	"sync"
)

const whyToken reason = "has a token in place of a name, and names are not encrypted; to take it under another name: credfile set NAME"

// tokenForm matches what is a secret by its form.
var tokenForm = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^((gh[oprsu]|github_pat|npm|dckr_pat|hf|[rs]k_live|[rs]k_test|shpat|dop_v1)_|(glpat|gldt|pypi|xox[a-z])-)[A-Za-z0-9_-]{16,}$|^[A-Za-z0-9]{40,}$`)
})

// withoutTokens drops pairs whose names are secret: some services take a token as the user of a login, and
// anything as its password.
func withoutTokens(pairs []Pair, problems []Problem) ([]Pair, []Problem) {
	var kept []Pair
	for i := range problems {
		if isToken(problems[i].Name, "") {
			problems[i].Name = ""
		}
	}
	for _, p := range pairs {
		if isToken(p.Name, string(p.Value)) {
			problems = append(problems, Problem{Line: p.Line, Section: p.Section, Reason: string(whyToken)})
		} else {
			kept = append(kept, p)
		}
	}
	return kept, problems
}

func isToken(name, value string) bool {
	user := name
	if i := strings.LastIndexByte(name, '@'); i >= 0 {
		user = name[:i]
	}
	return user != name && value == "x-oauth-basic" || strings.ContainsAny(user, "0123456789") && tokenForm().MatchString(user)
}
