package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/health"
	"github.com/credfile/credfile/internal/jsondoc"
	"github.com/credfile/credfile/kdf"
)

// findingWords has both halves of a finding.
func findingWords(p *health.Finding) (message, fix string) { return findingText(p), findingFix(p) }

// findingText says what is wrong.
func findingText(p *health.Finding) string {
	switch p.Kind {
	case health.Expired, health.Expiring:
		return p.Credential + " " + lastDayText(p.Expires, p.Days)
	case health.Exposed:
		return fmt.Sprintf("%s is exposed to %s, who had access and may still know it", p.Credential, exposedTo(p))
	case health.Missing:
		return p.Credential + " is missing"
	case health.Writers:
		return fmt.Sprintf("%s (%s), but %d required", count(len(p.Names), "writer"), strings.Join(p.Names, ", "), p.Least)
	case health.Passphrase:
		return fmt.Sprintf("all writers (%s) use only a passphrase", strings.Join(p.Names, ", "))
	case health.LongLived:
		return p.Credential + " never expires; a source can give commands a session of an hour instead"
	case health.KDF:
		return fmt.Sprintf("the lock of %s uses %s: %s", p.Recipient.Name, p.Cost, wantedCost(p))
	}
	return fmt.Sprintf("%s (%s) is not post-quantum", p.Recipient.Name, jsondoc.Kind(p.Recipient))
}

func exposedTo(p *health.Finding) string {
	return strings.Join(p.KnownTo[:min(len(p.KnownTo), jsondoc.MostNames)].Names(), ", ") + more(len(p.KnownTo)-jsondoc.MostNames)
}

func wantedCost(p *health.Finding) string {
	switch want := p.Want.(type) {
	case nil:
		return "--min-kdf does not allow " + p.Recipient.Lock
	case kdf.Argon2id:
		if !p.Default {
			return fmt.Sprintf("at least argon2id:%d:%d is required", want.KiB, want.Passes)
		}
	default:
		if !p.Default {
			return fmt.Sprintf("at least %s is required", want)
		}
	}
	return fmt.Sprintf("weaker than the default, %s", p.Want)
}

// findingFix returns the command that fixes it.
func findingFix(p *health.Finding) string {
	in := " -p " + p.Profile
	switch p.Kind {
	case health.Expired, health.Expiring, health.Exposed:
		if p.Hidden {
			return "credfile edit" + in // set takes real names, which are unknown here
		}
		if p.Kind != health.Exposed {
			in += " --expires 90d"
		}
		return "credfile set " + p.Credential + in
	case health.Missing:
		return "credfile set " + p.Credential + in
	case health.LongLived:
		return "credfile source add AWS aws" + in
	case health.KDF:
		return "credfile rekey --strengthen " + p.Recipient.Name
	case health.Classic:
		return "credfile rekey --replace " + p.Recipient.Name + "=RECIPIENT"
	}
	return "credfile rekey --add NAME=RECIPIENT" + in
}

// cut shortens a name, which may have 128 characters.
func cut(name string, most int) string {
	if len(name) > most {
		return name[:most-1] + "…"
	}
	return name
}

// few lists as many names as a cell holds, but at least one, and counts the rest.
func few(names []string) string {
	text := ""
	for i, name := range names {
		name = cut(name, maxCell)
		if i > 0 && len(text)+len(name)+2 > maxCell {
			return fmt.Sprintf("%s +%d", text, len(names)-i)
		}
		if i > 0 {
			text += ", "
		}
		text += name
	}
	return text
}

func more(n int) string {
	if n <= 0 {
		return ""
	}
	return fmt.Sprintf(" and %d more", n)
}

// lastDayText describes an expiry that is so many days away.
func lastDayText(expires time.Time, left int) string {
	date := format.FormatDate(expires)
	switch {
	case left < 0:
		return "expired on " + date
	case left == 0:
		return fmt.Sprintf("expires today (%s, at the end of the day in UTC)", date)
	}
	return fmt.Sprintf("expires on %s, in %s", date, count(left, "day"))
}

// expiryText describes an expiry that has passed or is at most within days away. For any
// other it returns "".
func expiryText(today, expires time.Time, within int) string {
	if expires.IsZero() {
		return ""
	}
	left := health.DaysLeft(today, expires)
	if left > within {
		return ""
	}
	return lastDayText(expires, left)
}

// expiresText returns the end of a message about a change.
func expiresText(day time.Time) string {
	if day.IsZero() {
		return ", never expires"
	}
	return ", expires " + format.FormatDate(day)
}

// Limits that keep the output to one screen. The last line counts the rest.
const (
	maxRows   = 20
	maxAdvice = 16
	maxCell   = 20 // characters of a list of names
	maxName   = 32 // of a credential's name in advice

	statusDays = 14 // days within which an expiry is a problem
	soonDays   = 7  // days within which env and set warn of one
)
