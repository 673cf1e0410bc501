package codec

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// define makes the source of a section.
func (l *awsLogins) define(s *awsSection) {
	d := map[string]any{}
	copyTo(d, s, map[string]string{"region": "region"})
	switch {
	case len(s.roles) > 0: // with an access key, that all roles share
		if s.mfa = cmp.Or(s.set["mfa_serial"], s.sharedMFA()); s.mfa != "" {
			d["mfa_serial"] = s.mfa
		}
		l.source(s, s.name, awsBase, d, s.roles[0].line())
	case s.home == nil:
		if s.line() > 0 && !strings.HasPrefix(s.name, ssoSession) {
			l.refuse(s, "mfa_serial", whyRole)
		}
	case s.sso():
		page, _, _ := strings.Cut(s.set["sso_start_url"], "#") // what follows stays in the browser
		d["sso_start_url"] = strings.TrimRight(page, "/")
		copyTo(d, s, map[string]string{"sso_region": "sso_region", "sso_account_id": "account_id", "sso_role_name": "role_name"})
		l.source(s, s.name, awsBase, d, s.line())
	default:
		l.role(s, d)
	}
}

// copyTo takes settings by the names that a source has for them.
func copyTo(d map[string]any, s *awsSection, names map[string]string) {
	for from, to := range names {
		if s.set[from] != "" {
			d[to] = s.set[from]
		}
	}
}

// role defines a role.
func (l *awsLogins) role(s *awsSection, d map[string]any) {
	copyTo(d, s, map[string]string{"role_arn": "role_arn", "external_id": "external_id", "role_session_name": "session_name", "mfa_serial": "mfa_serial"})
	seconds := 0
	if text := s.set["duration_seconds"]; text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 900 || n > 43200 {
			l.refuse(s, "duration_seconds", whyDuration)
			return
		}
		seconds = n
		d["duration"] = fmt.Sprintf("%ds", n)
	}
	name := awsBase
	if s.home != s {
		name, d["on_demand"] = s.name, true
		from := l.sections[s.set["source_profile"]]
		direct := slices.Contains(from.roles, s) && (seconds > 3600 || s.set["mfa_serial"] != from.mfa)
		if !direct && !from.ofItself() {
			d["from"] = awsBase
			if from.home != from {
				d["from"] = from.name
			}
			if slices.Contains(from.roles, s) {
				delete(d, "mfa_serial") // the base asks for it, once for all
			}
		}
		if d["from"] != nil && d["mfa_serial"] != nil {
			l.refuse(s, "mfa_serial", whyMFA)
			return
		} else if d["from"] != nil && seconds > 3600 {
			l.refuse(s, "duration_seconds", whyDuration)
			return
		}
	}
	if path := s.set["web_identity_token_file"]; path != "" && s.home == s {
		if !strings.HasPrefix(path, "/") {
			l.refuse(s, "web_identity_token_file", whyTokenFile)
			return
		}
		d["web_identity"] = "file:" + path
	}
	l.source(s, s.home.name, name, d, s.line())
}

func (l *awsLogins) source(s *awsSection, profile, name string, d map[string]any, line int) {
	l.pairs = append(l.pairs, Pair{Section: profile, Name: name, Line: line, Source: &Source{Kind: "aws", Settings: d}})
}

// withoutBase refuses roles that are assumed from what can't be imported, and roles that are assumed from
// those.
func (l *awsLogins) withoutBase() {
	for range maxChain {
		there := map[key]bool{}
		for _, p := range l.pairs {
			there[key{p.Section, p.Name}] = true
		}
		l.pairs = slices.DeleteFunc(l.pairs, func(p Pair) bool {
			from, _ := p.Source.Settings["from"].(string)
			if from == "" || there[key{p.Section, from}] {
				return false
			}
			l.refuse(l.section(p.Name), "source_profile", whyBase)
			return true
		})
	}
}

// sharedMFA returns the MFA device of the roles that are assumed with an access key, if it is one.
func (s *awsSection) sharedMFA() (serial string) {
	for _, role := range s.roles {
		switch other := role.set["mfa_serial"]; {
		case other == "" || other == serial:
		case serial != "":
			return ""
		default:
			serial = other
		}
	}
	return serial
}
