package main

import (
	"fmt"
	"strings"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/health"
	"github.com/credfile/credfile/kdf"
)

// mostNames is how many of those who know a value are named. The rest are counted.
const mostNames = 16

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
	case health.KDF:
		return fmt.Sprintf("the lock of %s uses %s: %s", p.Recipient.Name, p.Cost, wantedCost(p))
	}
	return fmt.Sprintf("%s (%s) is not post-quantum", p.Recipient.Name, kind(p.Recipient))
}

func exposedTo(p *health.Finding) string {
	return strings.Join(p.KnownTo[:min(len(p.KnownTo), mostNames)].Names(), ", ") + more(len(p.KnownTo)-mostNames)
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
	case health.KDF:
		return "credfile rekey --strengthen " + p.Recipient.Name
	case health.Classic:
		return "credfile rekey --replace " + p.Recipient.Name + "=RECIPIENT"
	}
	return "credfile rekey --add NAME=RECIPIENT" + in
}

// exposedMost returns everyone who knows one of the values. The lists end alike, so the longest
// has them all.
func exposedMost(ps []health.Finding) (most format.Leavers) {
	for _, p := range ps {
		if len(p.KnownTo) > len(most) {
			most = p.KnownTo
		}
	}
	return most
}
