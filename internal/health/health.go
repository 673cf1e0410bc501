// Package health finds what is wrong with the profiles of a file: credentials that expire,
// values that people who lost access still know, and keys and locks that are weaker than they
// should be. It reads verified sections, needs no key and decides nothing: a finding is a fact,
// and the caller has the words and the consequences.
package health

import (
	"time"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/kdf"
	"github.com/credfile/credfile/vaultfile"
)

// Kind is the kind of a finding. Its text is stable: docs/json.md lists it.
type Kind string

const (
	Expired    Kind = "expired"
	Exposed    Kind = "exposed"
	Expiring   Kind = "expiring"
	Missing    Kind = "missing"
	Writers    Kind = "few-writers"
	Passphrase Kind = "passphrase-only"
	KDF        Kind = "weak-kdf"
	Classic    Kind = "not-post-quantum"
	LongLived  Kind = "long-lived-key"
)

// Finding is one thing that is wrong with a profile.
type Finding struct {
	Kind    Kind
	Profile string
	Hidden  bool // the profile hides its names, and Credential is a label

	Credential string            // Expired, Expiring, Exposed, Missing
	Recipient  *format.Recipient // Classic, KDF; the first writer for Writers
	KnownTo    format.Leavers    // Exposed: who knows the value
	Expires    time.Time         // Expired, Expiring: the last day
	Days       int               // from today to Expires
	Names      []string          // Writers, Passphrase: the writers
	Least      int               // Writers: how many there should be
	Cost       kdf.Params        // KDF: what the lock costs
	Want       kdf.Params        // KDF: the least that it should cost; nil if its kind is not allowed
	Default    bool              // KDF: Want is the default
}

// Urgent reports whether the finding calls for action: a value has expired, or someone who
// lost access still knows it.
func (f *Finding) Urgent() bool { return f.Kind == Expired || f.Kind == Exposed }

// Who returns the name of the recipient that the finding is about, or "".
func (f *Finding) Who() string {
	if f.Recipient == nil {
		return ""
	}
	return f.Recipient.Name
}

// New returns a finding on a profile.
func New(s *format.Profile, kind Kind) Finding {
	return Finding{Kind: kind, Profile: s.Name, Hidden: s.Hidden}
}

// DaysLeft counts the days from today to a last day. A credential expires at the end of that
// day, so 0 is the last day, and less than 0 means that it has expired.
func DaysLeft(today, last time.Time) int {
	// In seconds, because a time.Duration overflows after 292 years.
	return int((last.Unix() - today.Unix()) / (24 * 60 * 60))
}

// Expiries finds the credentials that have expired or will within so many days. With within -1
// it finds only those that have expired.
func Expiries(s *format.Profile, today time.Time, within int) (list []Finding) {
	for i := range s.Entries {
		e := &s.Entries[i]
		left := DaysLeft(today, e.Expires)
		if e.IsComment() || e.Expires.IsZero() || left > within {
			continue
		}
		f := New(s, Expiring)
		if left < 0 {
			f.Kind = Expired
		}
		f.Credential, f.Expires, f.Days = e.Name, e.Expires, left
		list = append(list, f)
	}
	return list
}

// Exposures finds the values that people who lost access still know. A file may have tens of
// thousands of credentials and a thousand former recipients, so findings share one list.
func Exposures(s *format.Profile) (list []Finding) {
	leavers := s.Leavers()
	for i := range s.Entries {
		e := &s.Entries[i]
		know := leavers.Know(e.Time)
		if !e.HasValue() || len(know) == 0 {
			continue
		}
		f := New(s, Exposed)
		f.Credential, f.KnownTo = e.Name, know
		list = append(list, f)
	}
	return list
}

// Classics finds the recipients whose keys or locks a quantum computer could open.
func Classics(s *format.Profile) (list []Finding) {
	for i := range s.Recipients {
		if r := &s.Recipients[i]; !vaultfile.PostQuantum(r) {
			f := New(s, Classic)
			f.Recipient = r
			list = append(list, f)
		}
	}
	return list
}

// LongLivedKeys finds a profile that gives commands an access key of AWS that never expires, where a source
// could give them a session. What names hide is not known.
func LongLivedKeys(s *format.Profile) []Finding {
	has := map[string]bool{}
	for i := range s.Entries {
		if s.Entries[i].Kind == "aws" {
			return nil
		}
		has[s.Entries[i].Name] = true
	}
	if !has["AWS_ACCESS_KEY_ID"] || !has["AWS_SECRET_ACCESS_KEY"] || has["AWS_SESSION_TOKEN"] {
		return nil
	}
	f := New(s, LongLived)
	f.Credential = "AWS_ACCESS_KEY_ID"
	return []Finding{f}
}

// FewWriters finds a profile with fewer writers than least.
func FewWriters(s *format.Profile, least int) []Finding {
	f := New(s, Writers)
	f.Names, f.Least = s.Writers(), least
	if len(f.Names) >= least {
		return nil
	}
	for i := range s.Recipients {
		if r := &s.Recipients[i]; r.Writer && f.Recipient == nil {
			f.Recipient = r
		}
	}
	return []Finding{f}
}

// PassphraseOnly finds a profile whose writers all use passphrases, which anyone with the file
// can try to guess for as long as they like.
func PassphraseOnly(s *format.Profile) []Finding {
	for i := range s.Recipients {
		r := &s.Recipients[i]
		if _, passphrase := vaultfile.LockCost(r); r.Writer && !passphrase {
			return nil
		}
	}
	f := New(s, Passphrase)
	f.Names = s.Writers()
	return []Finding{f}
}

// WeakLocks finds the passphrase locks that cost less than a policy wants. weak returns false
// if a lock of that kind and cost is fine, else the least cost, or nil for a kind that is not
// allowed.
func WeakLocks(s *format.Profile, weak func(lock string, cost kdf.Params) (want kdf.Params, bad bool)) (list []Finding) {
	for i := range s.Recipients {
		r := &s.Recipients[i]
		cost, ok := vaultfile.LockCost(r)
		if !ok {
			continue
		}
		if want, bad := weak(r.Lock, cost); bad {
			f := New(s, KDF)
			f.Recipient, f.Cost, f.Want = r, cost, want
			list = append(list, f)
		}
	}
	return list
}

// BelowDefault finds the passphrase locks that cost less than the default of their kind,
// measured in memory times passes, as rekey --strengthen does.
func BelowDefault(s *format.Profile) []Finding {
	list := WeakLocks(s, func(lock string, cost kdf.Params) (kdf.Params, bool) {
		usual := kdf.Params(kdf.DefaultArgon2id)
		if lock == vaultfile.LockScrypt {
			usual = kdf.DefaultScrypt
		}
		return usual, cost.Work() < usual.Work()
	})
	for i := range list {
		list[i].Default = true
	}
	return list
}
