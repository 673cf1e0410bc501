package vaultfile

import (
	"fmt"
	"time"
)

// Expiry returns the day, as midnight UTC, at the end of which a credential expires, or the
// zero time if it never does. Errors: [*NotFoundError].
func (p *Profile) Expiry(name string) (time.Time, error) {
	i, err := p.mustFind(name)
	if err != nil {
		return time.Time{}, err
	}
	return p.s.Entries[i].Expires, nil
}

// SetExpiry sets the day, in UTC, on which a credential expires; the zero time means never.
// It reports whether anything changed. The value and its time don't change: a later expiry
// does not undo what former recipients know.
//
// Errors: [*RoleError], [*NotFoundError], and one for a year outside the format's range.
func (p *Profile) SetExpiry(name string, day time.Time) (changed bool, err error) {
	if err := p.writable(); err != nil {
		return false, err
	}
	i, err := p.mustFindCredential(name)
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
