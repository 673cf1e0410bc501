package health

import (
	"errors"
	"strings"
	"time"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/kdf"
)

// ExpiredOnly is a number of days that matches only what has expired.
const ExpiredOnly = -1

// Policy is what profiles must fulfil.
type Policy struct {
	Dates          bool // find what has expired or will within so many days
	Within         int
	Exposed        bool // find values known to people who lost access
	Writers        int  // the least number
	PassphraseOnly bool // find profiles whose writers use only passphrases
	Minima         Minima
	Classic        bool // find what is not post-quantum
}

// Check finds where a profile does not fulfil the policy.
func (p *Policy) Check(s *format.Profile, today time.Time) (list []Finding) {
	if p.Dates {
		list = append(list, Expiries(s, today, p.Within)...)
	}
	if p.Exposed {
		list = append(list, Exposures(s)...)
	}
	list = append(list, FewWriters(s, p.Writers)...)
	if p.PassphraseOnly {
		list = append(list, PassphraseOnly(s)...)
	}
	if len(p.Minima) > 0 {
		list = append(list, WeakLocks(s, p.Minima.weak)...)
	}
	if p.Classic {
		list = append(list, Classics(s)...)
	}
	return list
}

// Minima has the least costs of passphrase locks, by kind of lock. Other kinds are not
// allowed.
type Minima map[string]kdf.Params

// The reasons why a minimum is refused, besides the limits of package kdf.
var (
	ErrMinimum      = errors.New("invalid form")
	ErrMinimumTwice = errors.New("second one for a kind of lock")
)

// Add adds a minimum, in the form argon2id:KIB:PASSES or scrypt:LOGN, and returns its kind
// of lock.
func (m Minima) Add(text string) (lock string, err error) {
	full := text
	switch {
	case strings.HasPrefix(text, "argon2id:") && strings.Count(text, ":") == 2:
		full += ":1" // lanes don't affect the cost
	case !strings.HasPrefix(text, "scrypt:"):
		return "", ErrMinimum
	}
	least, err := kdf.Parse(full)
	if err != nil {
		return "", err
	}
	lock, _, _ = strings.Cut(text, ":")
	if m[lock] != nil {
		return lock, ErrMinimumTwice
	}
	m[lock] = least
	return lock, nil
}

// weak compares the cost of a lock with the policy. Each parameter must be met.
func (m Minima) weak(lock string, cost kdf.Params) (want kdf.Params, bad bool) {
	switch least := m[lock].(type) {
	case kdf.Argon2id:
		has, ok := cost.(kdf.Argon2id)
		return least, !ok || has.KiB < least.KiB || has.Passes < least.Passes
	case kdf.Scrypt:
		has, ok := cost.(kdf.Scrypt)
		return least, !ok || has.LogN < least.LogN
	}
	return nil, true // no minimum for this kind of lock
}

// Absent finds the credentials that a profile lacks, among names that are all different.
// has looks up a name.
func Absent(s *format.Profile, names []string, has func(name string) bool) (list []Finding) {
	for _, name := range names {
		if !has(name) {
			f := New(s, Missing)
			f.Credential = name
			list = append(list, f)
		}
	}
	return list
}

// Visible returns a look-up of the names in a profile that does not hide them.
func Visible(s *format.Profile) func(name string) bool {
	is := map[string]bool{}
	for i := range s.Entries {
		if !s.Entries[i].IsComment() {
			is[s.Entries[i].Name] = true
		}
	}
	return func(name string) bool { return is[name] }
}
