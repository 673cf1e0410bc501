package main

import (
	"time"

	"github.com/credfile/credfile/internal/health"
	"github.com/credfile/credfile/internal/resolve"
)

// soonDays is how many days in advance env warns that a credential expires.
const soonDays = 7

// startOfDay returns midnight of the current day in UTC.
func startOfDay(a *app) time.Time { return a.now().UTC().Truncate(24 * time.Hour) }

// expiryFlag parses the value of set --expires. It returns nil if the flag is not given.
func expiryFlag(a *app, text string, given bool) (*time.Time, error) {
	if !given {
		return nil, nil
	}
	day, err := health.ParseDay(text, startOfDay(a))
	return &day, err
}

// warnExpiring warns about credentials for the command that have expired or soon will,
// which may explain a failure of the command.
func warnExpiring(a *app, vars []resolve.Variable) {
	const most = 5
	n := 0
	for _, v := range vars {
		text := expiryText(startOfDay(a), v.Expires, soonDays)
		if text == "" {
			continue
		}
		if n++; n <= most {
			a.warn("%s: %s %s", v.Profile, v.Credential, text)
		}
	}
	if n > most {
		a.warn("%d more have expired or will soon; to list them: credfile status", n-most)
	}
}
