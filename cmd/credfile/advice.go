package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/health"
)

// advice is a line of status: problems that the same kind of command fixes.
type advice struct {
	kind     health.Kind
	problems []health.Finding
}

// advise groups problems into lines, worst first: those of values by profile, those of a
// lock or a role by recipient, across profiles.
func advise(rows []statusRow) []advice {
	var list []advice
	at := map[[3]string]int{} // by kind, and profile or recipient
	for _, r := range rows {
		for _, p := range r.problems {
			key := [3]string{string(p.Kind), p.Profile}
			switch {
			case p.Kind == health.Classic:
				key = [3]string{string(p.Kind)} // in many files, all recipients
			case p.Recipient != nil:
				key = [3]string{string(p.Kind), p.Who(), findingText(&p)} // one name may have several keys
			}
			i, ok := at[key]
			if !ok {
				i = len(list)
				at[key] = i
				list = append(list, advice{kind: p.Kind})
			}
			list[i].problems = append(list[i].problems, p)
		}
	}
	slices.SortStableFunc(list, func(x, y advice) int {
		return cmp.Or(cmp.Compare(badness(x.kind), badness(y.kind)), cmp.Compare(len(y.problems), len(x.problems)))
	})
	return list
}

// String returns the line: the problem, then the fix in parentheses.
func (x advice) String() string {
	p := &x.problems[0]
	text := ""
	switch x.kind {
	case health.Expired:
		text = fmt.Sprintf("%s: %s", p.Profile, x.credentials("expired", true))
	case health.Expiring:
		text = fmt.Sprintf("%s: %s", p.Profile, x.credentials(fmt.Sprintf("expires within %d days", statusDays), true))
	case health.Exposed:
		to := exposedMost(x.problems).Names()
		text = fmt.Sprintf("%s: %s", p.Profile, x.credentials("exposed to "+few(to), false))
	case health.Writers:
		text = fmt.Sprintf("%s is the only writer of %s; if their key is lost, no one can change the profile", p.Who(), x.profiles())
	case health.Classic:
		text = "not post-quantum: " + x.recipients()
	default:
		text = fmt.Sprintf("%s, in %s", findingText(p), x.profiles())
	}
	return fmt.Sprintf("%s (%s)", text, findingFix(p))
}

// credentials says what the credentials are and, unless their names are hidden, names some.
func (x advice) credentials(are string, dates bool) string {
	most := 3
	if dates {
		most = 2
	}
	if x.problems[0].Hidden {
		return fmt.Sprintf("%s: %s with hidden names", are, count(len(x.problems), "credential"))
	}
	var names []string
	for _, p := range x.problems[:min(len(x.problems), most)] {
		name := cut(p.Credential, maxName)
		if dates {
			name += " (" + format.FormatDate(p.Expires) + ")"
		}
		names = append(names, name)
	}
	return are + ": " + strings.Join(names, ", ") + more(len(x.problems)-most)
}

func (x advice) recipients() string {
	const most = 3
	var names []string
	for _, p := range x.problems {
		names = append(names, p.Who())
	}
	names = unique(names)
	shown := names[:min(len(names), most)]
	return strings.Join(shown, ", ") + more(len(names)-most)
}

func (x advice) profiles() string {
	var names []string
	for _, p := range x.problems {
		names = append(names, p.Profile)
	}
	return few(names)
}

func more(n int) string {
	if n <= 0 {
		return ""
	}
	return fmt.Sprintf(" and %d more", n)
}
