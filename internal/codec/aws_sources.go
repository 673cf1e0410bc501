package codec

import (
	"slices"
	"strings"
)

// Source says how a value is obtained, of a kind of credfile's own: see docs/sources.md.
type Source struct {
	Kind     string
	Settings map[string]any // strings and booleans
}

// awsSettings are the settings of a section that say how to log in.
var awsSettings = []string{
	"role_arn", "source_profile", "credential_source", "external_id", "mfa_serial", "role_session_name", "duration_seconds", "web_identity_token_file",
	"sso_session", "sso_start_url", "sso_region", "sso_account_id", "sso_role_name", "sso_registration_scopes",
}

const (
	whyRole      reason = "is a way to log in that is not complete; a source can say it: credfile source add NAME aws (see docs/sources.md)"
	whyMachine   reason = "is the role of a machine in AWS, which credfile can't use"
	whyNoSSO     reason = "names an sso-session that is not in this file"
	whyNoSource  reason = "needs source_profile: the profile from which to assume the role"
	whyLoop      reason = "assumes roles in a circle"
	whyChain     reason = "builds on more than two other roles, one on the other"
	whyMFA       reason = "is the MFA device of a role that is not assumed with an access key"
	whyDuration  reason = "is not a number of seconds that a role can have: from 900 to 43200, or to 3600 if it is assumed from another role"
	whyTokenFile reason = "is not the absolute path of a file"
	whyOfRole    reason = "belongs to a role, which has no profile of its own in a credfile"
	whyBase      reason = "names a profile whose login can't be imported"
	whyTwo       reason = "is a role beside a login at IAM Identity Center, of which the AWS CLI takes one"
	whyKeyToo    reason = "names a profile with a role and an access key, of which the AWS CLI takes the key here"
	whyNamed     reason = "is of a profile named AWS, which is the name of the source that the role is assumed from"
	whyBroken    reason = "belongs to a login with another line that can't be imported"
)

// awsBase is the name of the source of a section itself. Roles that are assumed from it are sources of the
// same profile, with the names of their sections.
const awsBase = "AWS"

// maxChain is how many roles can build on each other: four sources can, with the base.
const maxChain = 3

// awsSection is a section with what it says of logins.
type awsSection struct {
	name  string
	lines map[string]int // by setting
	set   map[string]string
	roles []*awsSection // static keys are here, and roles that are assumed with them
	mfa   string        // the device that is asked for before those are assumed
	home  *awsSection   // whose profile its source is in
	keys  bool          // it has an access key in this file
	bad   bool          // it has a login that can't be imported
}

// awsLogins are the sections of a file.
type awsLogins struct {
	sections map[string]*awsSection
	order    []*awsSection
	pairs    []Pair
	problems []Problem
}

// awsSources turns settings that say how to log in into sources. All other pairs stay as they are, but for
// the region, which a source gives itself.
func awsSources(pairs []Pair, problems []Problem) ([]Pair, []Problem) {
	l := &awsLogins{sections: map[string]*awsSection{}, problems: problems}
	broken := map[string]bool{}
	for _, p := range problems {
		if slices.Contains(awsSettings, p.Name) {
			broken[p.Section], l.section(p.Section).bad = true, true
		}
	}
	for _, p := range pairs {
		if slices.Contains(awsSettings, p.Name) && broken[p.Section] {
			l.problem(p, whyBroken)
		} else if slices.Contains(awsSettings, p.Name) || p.Name == "region" {
			l.section(p.Section).add(p)
		} else if p.Name == "aws_access_key_id" || p.Name == "aws_secret_access_key" {
			l.section(p.Section).keys = true
		}
	}
	for _, s := range l.order {
		l.find(s)
	}
	for _, s := range l.order {
		l.base(s)
	}
	for _, bases := range []bool{true, false} {
		for _, s := range l.order {
			if (len(s.roles) > 0) == bases {
				l.define(s)
			}
		}
	}
	l.withoutBase()
	for _, p := range pairs {
		s := l.sections[p.Section]
		switch {
		case strings.HasPrefix(p.Section, ssoSession) && !slices.Contains(awsSettings, p.Name):
			l.problem(p, whyKey)
		case slices.Contains(awsSettings, p.Name), s != nil && s.home == s && p.Name == "region":
		case s != nil && s.home != nil && s.home != s && p.Name == "region":
		case s != nil && s.home != nil && s.home != s && p.Name == "output":
			l.problem(p, whyOfRole)
		default:
			l.pairs = append(l.pairs, p)
		}
	}
	slices.SortStableFunc(l.pairs, func(a, b Pair) int { return a.Line - b.Line })
	slices.SortStableFunc(l.problems, func(a, b Problem) int { return a.Line - b.Line })
	return l.pairs, l.problems
}

func (l *awsLogins) section(name string) *awsSection {
	if l.sections[name] == nil {
		s := &awsSection{name: name, lines: map[string]int{}, set: map[string]string{}}
		l.sections[name] = s
		l.order = append(l.order, s)
	}
	return l.sections[name]
}

func (s *awsSection) add(p Pair) { s.lines[p.Name], s.set[p.Name] = p.Line, string(p.Value) }

func (l *awsLogins) problem(p Pair, why reason) {
	l.problems = append(l.problems, Problem{Line: p.Line, Section: p.Section, Name: p.Name, Reason: string(why)})
}

// refuse reports one setting, and that the others of the section can't be imported without it.
func (l *awsLogins) refuse(s *awsSection, setting string, why reason) {
	for _, name := range s.logins() {
		reason := whyBroken
		if name == setting {
			reason = why
		}
		l.problem(Pair{Section: s.name, Name: name, Line: s.lines[name]}, reason)
	}
	s.home, s.bad, s.set, s.lines = nil, true, map[string]string{}, map[string]int{}
}

// logins returns the settings that say how to log in, in their order.
func (s *awsSection) logins() (names []string) {
	for name := range s.lines {
		if name != "region" {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, func(a, b string) int { return s.lines[a] - s.lines[b] })
	return names
}

// first returns the first of these settings, or "".
func (s *awsSection) first() string {
	if names := s.logins(); len(names) > 0 {
		return names[0]
	}
	return ""
}

// line returns its line, or 0.
func (s *awsSection) line() int { return s.lines[s.first()] }

// find finds the profile that a section's source belongs to.
func (l *awsLogins) find(s *awsSection) {
	switch {
	case strings.HasPrefix(s.name, ssoSession), s.line() == 0:
	case s.set["credential_source"] != "":
		l.refuse(s, "credential_source", whyMachine)
	case s.sso() && s.set["role_arn"] != "":
		l.refuse(s, "role_arn", whyTwo)
	case s.sso():
		l.findSSO(s)
	case s.set["role_arn"] == "" && slices.Equal(s.logins(), []string{"mfa_serial"}): // of roles, if there are any
	case s.set["role_arn"] == "":
		l.refuse(s, s.first(), whyRole)
	case s.set["web_identity_token_file"] != "":
		s.home = s
	case s.set["source_profile"] == "":
		l.refuse(s, "role_arn", whyNoSource)
	case s.name == awsBase && s.set["source_profile"] != s.name:
		l.refuse(s, "role_arn", whyNamed)
	default:
		seen := []string{s.name}
		home := s
		for home.assumes() {
			name := home.set["source_profile"]
			if slices.Contains(seen, name) {
				l.refuse(s, "source_profile", whyLoop)
				return
			}
			seen = append(seen, name)
			if home = l.section(name); home.assumes() && home.keys {
				l.refuse(s, "source_profile", whyKeyToo)
				return
			} else if home.assumes() && len(seen) > maxChain {
				l.refuse(s, "source_profile", whyChain)
				return
			}
		}
		s.home = home
	}
}

func (s *awsSection) sso() bool { return s.set["sso_account_id"] != "" || s.set["sso_role_name"] != "" }

// assumes reports whether a section is a role that is assumed from another. A token in a file comes before
// that.
func (s *awsSection) assumes() bool {
	return s.set["role_arn"] != "" && s.set["web_identity_token_file"] == "" && s.set["source_profile"] != "" && !s.ofItself()
}

// ofItself reports whether a section is a role that is assumed with its own access key. Others are then
// assumed with that, too, and not with the role.
func (s *awsSection) ofItself() bool {
	return s.set["role_arn"] != "" && s.set["web_identity_token_file"] == "" && s.set["source_profile"] == s.name
}

// ssoSession is how the name of a section begins that is not a profile's.
const ssoSession = "sso-session "

func (l *awsLogins) findSSO(s *awsSection) {
	if name := s.set["sso_session"]; name != "" {
		session := l.sections[ssoSession+name]
		if session == nil {
			l.refuse(s, "sso_session", whyNoSSO)
			return
		}
		s.set["sso_start_url"], s.set["sso_region"] = session.set["sso_start_url"], session.set["sso_region"]
	}
	for _, name := range []string{"sso_start_url", "sso_region", "sso_account_id", "sso_role_name"} {
		if s.set[name] == "" {
			l.refuse(s, s.first(), whyRole)
			return
		}
	}
	s.home = s
}

// base collects the roles that are assumed with the access key of a profile.
func (l *awsLogins) base(s *awsSection) {
	if s.home != nil && s.home != s && s.set["source_profile"] == s.home.name && s.home.set["role_arn"] == "" && !s.home.sso() && !s.home.bad {
		s.home.roles, s.home.home = append(s.home.roles, s), s.home
	}
}
