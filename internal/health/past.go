package health

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/credfile/credfile/format"
)

// Past collects what each recipient could read in earlier versions of a file. A former line has
// only what is in the file today.
type Past struct {
	seen   map[[16]byte]bool // sections, by digest
	access map[reader]*known
	names  map[string]string // of recipients, by recipient string: the newest
	order  []reader
}

// reader is a recipient of a profile.
type reader struct {
	id        format.ID
	recipient string
}

// known is what a recipient of a profile could read.
type known struct {
	profile string               // its newest name then
	times   map[string]time.Time // of each credential's newest value
	hidden  int                  // the most credentials with hidden names in one version
}

// Add adds a section of a version of the file. Its digest is that of its bytes. Versions are added from
// the newest to the oldest.
func (p *Past) Add(s *format.Profile, digest [16]byte) {
	if p.seen[digest] {
		return
	}
	if p.seen == nil {
		p.seen, p.access, p.names = map[[16]byte]bool{}, map[reader]*known{}, map[string]string{}
	}
	p.seen[digest] = true
	for i := range s.Recipients {
		r := &s.Recipients[i]
		if p.names[r.String] == "" {
			p.names[r.String] = r.Name
		}
		at := reader{s.ID, r.String}
		k := p.access[at]
		if k == nil {
			k = &known{profile: s.Name, times: map[string]time.Time{}}
			p.access[at], p.order = k, append(p.order, at)
		}
		k.add(s)
	}
}

func (k *known) add(s *format.Profile) {
	n := 0
	for i := range s.Entries {
		e := &s.Entries[i]
		if !e.HasValue() {
			continue
		}
		if n++; !s.Hidden && e.Time.After(k.times[e.Name]) {
			k.times[e.Name] = e.Time
		}
	}
	if s.Hidden {
		k.hidden = max(k.hidden, n)
	}
}

// Since is what became of a credential that someone could read.
type Since string

// The states. Their text is stable: docs/json.md lists it.
const (
	Unchanged Since = "unchanged" // not set again since
	SetAgain  Since = "set"       // set again, or confirmed
	Gone      Since = "gone"      // removed or renamed
)

// Lost is what someone could read of a profile which they have no access to now.
type Lost struct {
	Person  string // the name of the recipient
	OldKey  bool   // they have access with another key
	Profile string
	Values  []LostValue // by name
	Hidden  int         // how many more there are, with hidden names
}

// LostValue is a credential that someone could read.
type LostValue struct {
	Name  string
	Since Since
}

// Lost returns what people could read who have no access to a profile of the file now, by person and
// profile. now has the file's sections.
func (p *Past) Lost(now []*format.Profile) (list []Lost) {
	for _, at := range p.order {
		i := slices.IndexFunc(now, func(s *format.Profile) bool { return s.ID == at.id })
		var s *format.Profile
		if i >= 0 {
			s = now[i]
		}
		if s != nil && slices.ContainsFunc(s.Recipients, func(r format.Recipient) bool { return r.String == at.recipient }) {
			continue
		}
		k := p.access[at]
		x := Lost{Person: p.names[at.recipient], Profile: k.profile, Hidden: k.hidden}
		if s != nil {
			x.Profile = s.Name
			x.OldKey = slices.ContainsFunc(s.Recipients, func(r format.Recipient) bool { return r.Name == x.Person })
		}
		for name, last := range k.times {
			x.Values = append(x.Values, LostValue{name, since(s, name, last)})
		}
		slices.SortFunc(x.Values, func(a, b LostValue) int { return strings.Compare(a.Name, b.Name) })
		list = append(list, x)
	}
	slices.SortStableFunc(list, func(a, b Lost) int {
		return cmp.Or(strings.Compare(a.Person, b.Person), strings.Compare(a.Profile, b.Profile))
	})
	return list
}

func since(s *format.Profile, name string, last time.Time) Since {
	if s == nil {
		return Gone
	}
	for i := range s.Entries {
		if e := &s.Entries[i]; e.Name == name && e.HasValue() {
			if e.Time.After(last) {
				return SetAgain
			}
			return Unchanged
		}
	}
	return Gone
}
