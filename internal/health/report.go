package health

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/kdf"
	"github.com/credfile/credfile/vaultfile"
)

// Report is a profile with its findings, worst first.
type Report struct {
	Section  *format.Profile
	Findings []Finding
}

// leastWriters is how many writers a profile should have: if the key of an only one is lost,
// no one can change it.
const leastWriters = 2

// Examine finds everything that is wrong with a profile, and what expires within so many
// days.
func Examine(s *format.Profile, today time.Time, within int) Report {
	r := Report{s, slices.Concat(Expiries(s, today, within), Exposures(s), FewWriters(s, leastWriters), BelowDefault(s), Classics(s), LongLivedKeys(s))}
	slices.SortStableFunc(r.Findings, func(x, y Finding) int {
		return cmp.Or(cmp.Compare(badness(x.Kind), badness(y.Kind)), x.Expires.Compare(y.Expires))
	})
	return r
}

// badness ranks the kinds of findings of Examine.
func badness(kind Kind) int {
	return slices.Index([]Kind{Expired, Exposed, Expiring, Writers, KDF, Classic, LongLived}, kind)
}

// Of returns the findings of one kind.
func (r *Report) Of(kind Kind) (list []Finding) {
	for _, f := range r.Findings {
		if f.Kind == kind {
			list = append(list, f)
		}
	}
	return list
}

// Urgent reports whether a finding calls for action.
func (r *Report) Urgent() bool {
	return slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Urgent() })
}

// Sort orders reports by their worst finding, then by how often they have it.
func Sort(reports []Report) {
	slices.SortStableFunc(reports, func(x, y Report) int {
		switch {
		case len(x.Findings) == 0 || len(y.Findings) == 0:
			return cmp.Compare(len(y.Findings), len(x.Findings))
		case x.Findings[0].Kind == y.Findings[0].Kind:
			worst := x.Findings[0].Kind
			return cmp.Compare(len(y.Of(worst)), len(x.Of(worst)))
		}
		return cmp.Compare(badness(x.Findings[0].Kind), badness(y.Findings[0].Kind))
	})
}

// Group is findings that the same kind of command fixes. They are of one kind.
type Group struct {
	Kind     Kind
	Findings []Finding
}

// Groups groups findings, worst first: those of values by profile, those of a lock or a role
// by recipient, across profiles, and all recipients that are not post-quantum.
func Groups(reports []Report) []Group {
	var list []Group
	at := map[[3]string]int{} // by kind, and profile or recipient
	for _, r := range reports {
		for _, f := range r.Findings {
			key := [3]string{string(f.Kind), f.Profile}
			switch {
			case f.Kind == Classic:
				key = [3]string{string(f.Kind)} // in many files, all recipients
			case f.Recipient != nil:
				key = [3]string{string(f.Kind), f.Who(), f.about()} // one name may have several keys
			}
			i, ok := at[key]
			if !ok {
				i = len(list)
				at[key] = i
				list = append(list, Group{Kind: f.Kind})
			}
			list[i].Findings = append(list[i].Findings, f)
		}
	}
	slices.SortStableFunc(list, func(x, y Group) int {
		return cmp.Or(cmp.Compare(badness(x.Kind), badness(y.Kind)), cmp.Compare(len(y.Findings), len(x.Findings)))
	})
	return list
}

// about tells findings on recipients of one name apart.
func (f *Finding) about() string {
	if f.Kind == KDF {
		return fmt.Sprint(f.Cost, f.Want)
	}
	return fmt.Sprint(f.Least, strings.Join(f.Names, " "))
}

// Knowing returns everyone who knows one of the values of some findings. Their lists end
// alike, so the longest has them all.
func Knowing(list []Finding) (most format.Leavers) {
	for _, f := range list {
		if len(f.KnownTo) > len(most) {
			most = f.KnownTo
		}
	}
	return most
}

// NextExpiry returns the first day on which a credential of a profile expires or has
// expired, or the zero time.
func NextExpiry(s *format.Profile) (next time.Time) {
	for i := range s.Entries {
		if t := s.Entries[i].Expires; !t.IsZero() && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	return next
}

// CheapestLock returns the cost of the cheapest passphrase lock, the easiest one to guess,
// or nil if there is none.
func CheapestLock(s *format.Profile) (least kdf.Params) {
	for i := range s.Recipients {
		if cost, ok := vaultfile.LockCost(&s.Recipients[i]); ok && (least == nil || cost.Work() < least.Work()) {
			least = cost
		}
	}
	return least
}

// ReaderNames returns the names of those who can only read.
func ReaderNames(s *format.Profile) []string {
	names := []string{}
	for i := range s.Recipients {
		if !s.Recipients[i].Writer {
			names = append(names, s.Recipients[i].Name)
		}
	}
	return names
}
