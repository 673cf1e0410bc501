package health

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/credfile/credfile/format"
)

// MaxDays limits periods in days or weeks: a hundred years.
const MaxDays = 36525

// The reasons why a text is no period, or no last day.
var (
	ErrPeriod = errors.New("not a period such as 14d or 2w")
	ErrDay    = errors.New("neither a period, a date nor never")
)

// PastError reports a last day that is in the past.
type PastError struct{ Day time.Time }

func (e *PastError) Error() string { return fmt.Sprintf("%s is in the past", format.FormatDate(e.Day)) }

// ParseDays parses a period such as 14d or 2w.
//
// Errors: [ErrPeriod].
func ParseDays(text string) (int, error) {
	if len(text) < 2 {
		return 0, ErrPeriod
	}
	unit := map[byte]int{'d': 1, 'w': 7}[text[len(text)-1]]
	n, err := strconv.ParseUint(text[:len(text)-1], 10, 16)
	if err != nil || unit == 0 || int(n)*unit > MaxDays {
		return 0, ErrPeriod
	}
	return int(n) * unit, nil
}

// ParseDay parses a credential's last day: a period from today, a date, or never, which is
// the zero time.
//
// Errors: [ErrDay], [*PastError].
func ParseDay(text string, today time.Time) (day time.Time, err error) {
	if text == "never" {
		return day, nil
	}
	day, ok := format.ParseDate(text)
	if !ok {
		days, err := ParseDays(text)
		if err != nil {
			return day, ErrDay
		}
		day = today.AddDate(0, 0, days)
	}
	if DaysLeft(today, day) < 0 {
		return day, &PastError{day}
	}
	return day, nil
}
