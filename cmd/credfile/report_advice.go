package main

import (
	"fmt"
	"strings"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/health"
)

// advice is a line of status: findings that the same kind of command fixes.
type advice health.Group

func advise(rows []health.Report) (list []advice) {
	for _, g := range health.Groups(rows) {
		list = append(list, advice(g))
	}
	return list
}

// String returns the line: the problem, then the fix in parentheses.
func (x advice) String() string {
	p := &x.Findings[0]
	text := ""
	switch x.Kind {
	case health.Expired:
		text = fmt.Sprintf("%s: %s", p.Profile, x.credentials("expired", true))
	case health.Expiring:
		text = fmt.Sprintf("%s: %s", p.Profile, x.credentials(fmt.Sprintf("expires within %d days", statusDays), true))
	case health.Exposed:
		to := health.Knowing(x.Findings).Names()
		text = fmt.Sprintf("%s: %s", p.Profile, x.credentials("exposed to "+few(to), false))
	case health.Writers:
		text = fmt.Sprintf("%s is the only writer of %s; if their key is lost, no one can change the profile", p.Who(), x.profiles())
	case health.Classic:
		text = "not post-quantum: " + x.recipients()
	case health.LongLived:
		text = p.Profile + ": " + findingText(p)
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
	if x.Findings[0].Hidden {
		return fmt.Sprintf("%s: %s with hidden names", are, count(len(x.Findings), "credential"))
	}
	var names []string
	for _, p := range x.Findings[:min(len(x.Findings), most)] {
		name := cut(p.Credential, maxName)
		if dates {
			name += " (" + format.FormatDate(p.Expires) + ")"
		}
		names = append(names, name)
	}
	return are + ": " + strings.Join(names, ", ") + more(len(x.Findings)-most)
}

func (x advice) recipients() string {
	const most = 3
	var names []string
	for _, p := range x.Findings {
		names = append(names, p.Who())
	}
	names = unique(names)
	shown := names[:min(len(names), most)]
	return strings.Join(shown, ", ") + more(len(names)-most)
}

func (x advice) profiles() string {
	var names []string
	for _, p := range x.Findings {
		names = append(names, p.Profile)
	}
	return few(names)
}
