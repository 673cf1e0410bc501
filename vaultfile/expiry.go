package vaultfile

import (
	"fmt"
	"time"
)

// Expiry returns the day, as its midnight in UTC, at whose end a credential expires;
// the zero time for never. Errors: [*NotFoundError].
func (p *Profile) Expiry(name string) (time.Time, error) {
	i, err := p.mustFind(name)
	if err != nil {
		return time.Time{}, err
	}
	return p.s.Entries[i].Expires, nil
}

// SetExpiry says on which day, in UTC, a credential expires; the zero time is never.
// It reports whether that changed anything. The value and its time stay: a later
// expiry does not mend what somebody who left knows.
//
// Errors: [*RoleError], [*NotFoundError], and one for a year that the format does not
// have.
func (p *Profile) SetExpiry(name string, day time.Time) (changed bool, err error) {
	if err := p.writable(); err != nil {
		return false, err
	}
	i, err := p.mustFind(name)
	if err != nil {
		return false, err
	}
	if !day.IsZero() {
		day = day.UTC().Truncate(24 * time.Hour)
		if day.Year() < 1970 || day.Year() > 9999 {
			return false, fmt.Errorf("the year %d is outside the format's range", day.Year())
		}
	}
	if p.s.Entries[i].Expires.Equal(day) {
		return false, nil
	}
	p.s.Entries[i].Expires, p.dirty = day, true
	return true, nil
}
