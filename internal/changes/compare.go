package changes

import (
	"slices"
	"time"

	"github.com/credfile/credfile/format"
)

// compare fills in what changed from one section of a profile to another.
func (p *Profile) compare(old, now *format.Profile) {
	if p.Rotated && (old.Hidden || now.Hidden) {
		p.unlabelled(old, now) // a new key gives new labels
	} else {
		p.credentials(old, now)
	}
	p.comments(old, now)
	p.recipients(old, now)
	p.forgotten(old, now)
}

func byName(s *format.Profile) map[string]*format.Entry {
	m := make(map[string]*format.Entry, len(s.Entries))
	for i := range s.Entries {
		if e := &s.Entries[i]; !e.IsComment() {
			m[e.Name] = e
		}
	}
	return m
}

func (p *Profile) credentials(old, now *format.Profile) {
	was, is := byName(old), byName(now)
	renamed := renames(was, is, p.Hidden)
	from := map[string]string{} // by the name before
	for i := range now.Entries {
		e := &now.Entries[i]
		c := Credential{Name: e.Name, Expires: e.Expires, File: e.File}
		o := was[e.Name]
		switch {
		case e.IsComment():
			continue
		case o == nil && renamed[e.Name] != "":
			c.What, c.Was = Rename, renamed[e.Name]
			from[c.Was] = e.Name
		case o == nil:
			c.What = Add
		case !o.Time.Equal(e.Time):
			c.What = Value
		case o.Sealed != e.Sealed:
			c.What = Sealed
			p.Resealed = !p.Rotated
		}
		if o != nil && !o.Expires.Equal(e.Expires) {
			c.What |= Expiry
		}
		if o != nil && o.File != e.File {
			c.What |= AsFile
		}
		if c.What != 0 && (c.What != Sealed || !p.Rotated) {
			p.Credentials = append(p.Credentials, c)
		}
	}
	for i := range old.Entries {
		if e := &old.Entries[i]; !e.IsComment() && is[e.Name] == nil && from[e.Name] == "" {
			p.Credentials = append(p.Credentials, Credential{Name: e.Name, What: Remove})
		}
	}
	p.Order = !slices.Equal(order(old, now, from, p.Rotated), order(now, old, flip(from), p.Rotated))
}

// likeness is what a credential keeps when it is renamed.
type likeness struct {
	time, expires time.Time
	size          int // of the sealed value
}

func likenessOf(e *format.Entry, hidden bool) likeness {
	l := likeness{e.Time.UTC(), e.Expires.UTC(), len(e.Sealed)}
	if hidden {
		l.size = 0 // the name is in the value
	}
	return l
}

// renames returns the earlier names of credentials that seem to be renamed. Where there are
// two that it could be, none was.
func renames(was, is map[string]*format.Entry, hidden bool) map[string]string {
	gone, made := map[likeness][]string{}, map[likeness][]string{}
	for name, e := range was {
		if is[name] == nil {
			gone[likenessOf(e, hidden)] = append(gone[likenessOf(e, hidden)], name)
		}
	}
	for name, e := range is {
		if was[name] == nil {
			made[likenessOf(e, hidden)] = append(made[likenessOf(e, hidden)], name)
		}
	}
	renamed := map[string]string{}
	for l, names := range made {
		if len(names) == 1 && len(gone[l]) == 1 {
			renamed[names[0]] = gone[l][0]
		}
	}
	return renamed
}

func flip(m map[string]string) map[string]string {
	flipped := make(map[string]string, len(m))
	for k, v := range m {
		flipped[v] = k
	}
	return flipped
}

// order returns what a section has in common with another, in its order. The names are those
// of the later section: from has these by earlier ones, and in the later section itself, the
// other way round.
func order(s, other *format.Profile, from map[string]string, rotated bool) (list []string) {
	common := map[string]bool{}
	for i := range other.Entries {
		if e := &other.Entries[i]; !e.IsComment() {
			common[e.Name] = true
		} else if !rotated {
			common["#"+string(e.Sealed)] = true
		}
	}
	for i := range s.Entries {
		e := &s.Entries[i]
		switch {
		case e.IsComment() && common["#"+string(e.Sealed)]:
			list = append(list, "#"+string(e.Sealed))
		case e.IsComment():
		case common[e.Name]:
			list = append(list, e.Name)
		case from[e.Name] != "":
			list = append(list, max(e.Name, from[e.Name])) // the same in both sections
		}
	}
	return list
}

// unlabelled compares credentials whose labels can't be compared: those of the same time and
// expiry count as the same.
func (p *Profile) unlabelled(old, now *format.Profile) {
	left := map[likeness]int{}
	for _, e := range byName(old) {
		left[likenessOf(e, true)]++
	}
	for i := range now.Entries {
		e := &now.Entries[i]
		if e.IsComment() {
			continue
		}
		if l := likenessOf(e, true); left[l] > 0 {
			left[l]--
		} else {
			p.Credentials = append(p.Credentials, Credential{Name: e.Name, What: Add, Expires: e.Expires, File: e.File})
		}
	}
	for i := range old.Entries {
		e := &old.Entries[i]
		if l := likenessOf(e, true); !e.IsComment() && left[l] > 0 {
			left[l]--
			p.Credentials = append(p.Credentials, Credential{Name: e.Name, What: Remove})
		}
	}
}

// comments finds out whether comments changed. Under a new key, only their number shows.
func (p *Profile) comments(old, now *format.Profile) {
	texts := func(s *format.Profile) (list []string) {
		for i := range s.Entries {
			if e := &s.Entries[i]; e.IsComment() && p.Rotated {
				list = append(list, "")
			} else if e.IsComment() {
				list = append(list, string(e.Sealed))
			}
		}
		slices.Sort(list)
		return list
	}
	p.Comments = p.State == Changed && !slices.Equal(texts(old), texts(now))
}

func (p *Profile) recipients(old, now *format.Profile) {
	before := map[string]*format.Recipient{} // those whose name is gone, by key
	for i := range old.Recipients {
		if r := &old.Recipients[i]; now.Recipient(r.Name) == nil {
			before[r.String] = r
		}
	}
	for i := range now.Recipients {
		r := &now.Recipients[i]
		x := Recipient{Name: r.Name, Writer: r.Writer}
		was := old.Recipient(r.Name)
		if was == nil && before[r.String] != nil {
			was = before[r.String]
			delete(before, r.String)
			x.What, x.Was = Rename, was.Name
		}
		if was == nil {
			x.What = Add
		} else {
			x.What |= differ(was, r)
		}
		if x.What != 0 {
			p.Recipients = append(p.Recipients, x)
		}
	}
	for i := range old.Recipients {
		if r := &old.Recipients[i]; before[r.String] != nil {
			p.Recipients = append(p.Recipients, Recipient{Name: r.Name, What: Remove, Writer: r.Writer})
		}
	}
}

func differ(was, is *format.Recipient) (what What) {
	if was.Writer != is.Writer {
		what |= Role
	}
	if was.String != is.String {
		what |= Key
	}
	if was.Lock != is.Lock || string(was.Message) != string(is.Message) {
		what |= Lock
	}
	return what
}

// forgotten finds records that someone lost access that are gone, although they still know the
// value of a credential.
func (p *Profile) forgotten(old, now *format.Profile) {
	for _, o := range old.Former {
		kept := slices.ContainsFunc(now.Former, func(n format.Former) bool { return n.Name == o.Name && !n.Time.Before(o.Time) })
		knows := slices.ContainsFunc(now.Entries, func(e format.Entry) bool { return e.HasValue() && !e.Time.After(o.Time) })
		if !kept && knows && !slices.Contains(p.Forgotten, o.Name) {
			p.Forgotten = append(p.Forgotten, o.Name)
		}
	}
}
