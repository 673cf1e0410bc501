package main

import (
	"fmt"
	"strconv"
	"time"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/health"
	"github.com/credfile/credfile/internal/resolve"
)

// soonDays is how many days in advance env warns that a credential expires.
const soonDays = 7

// maxDays limits periods in days or weeks: a hundred years.
const maxDays = 36525

// startOfDay returns midnight of the current day in UTC.
func startOfDay(a *app) time.Time { return a.now().UTC().Truncate(24 * time.Hour) }

// parseDays parses a period such as 14d or 2w.
func parseDays(flag, text string) (int, error) {
	usage := &usageError{text: fmt.Sprintf("%s needs days or weeks, such as 14d or 2w, up to %d days", flag, maxDays), hint: "for example: " + flag + " 14d"}
	if len(text) < 2 {
		return 0, usage
	}
	unit := map[byte]int{'d': 1, 'w': 7}[text[len(text)-1]]
	n, err := strconv.ParseUint(text[:len(text)-1], 10, 16)
	if err != nil || unit == 0 || int(n)*unit > maxDays {
		return 0, usage
	}
	return int(n) * unit, nil
}

// expiryFlag parses the value of set --expires: days or weeks from now, a date, or never,
// which is the zero time. It returns nil if the flag is not given.
func expiryFlag(a *app, text string, given bool) (*time.Time, error) {
	if !given {
		return nil, nil
	}
	if text == "never" {
		return &time.Time{}, nil
	}
	day, ok := format.ParseDate(text)
	if !ok {
		days, err := parseDays("--expires", text)
		if err != nil {
			return nil, &usageError{text: "--expires needs days or weeks from now (90d, 12w), a date (2027-05-01) or never",
				hint: "for example: --expires 90d"}
		}
		day = startOfDay(a).AddDate(0, 0, days)
	}
	if health.DaysLeft(startOfDay(a), day) < 0 {
		return nil, &usageError{text: fmt.Sprintf("--expires %s is in the past", format.FormatDate(day)), hint: "for example: --expires 90d"}
	}
	return &day, nil
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
