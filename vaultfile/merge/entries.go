package merge

import (
	"slices"
	"time"
)

// Entry is a credential with the comment above it. Without a name, it is the comment at the
// end of a profile.
type Entry struct {
	Name    string
	Comment string // its lines, each with its LF
	Value   string
	Time    time.Time
	Expires time.Time
}

// same compares a credential's value, comment and expiry as one. It ignores the time, since
// two people may have set the same value.
func (e *Entry) same(o *Entry) bool {
	if e == nil || o == nil {
		return e == o
	}
	return e.Value == o.Value && e.Comment == o.Comment && e.Expires.Equal(o.Expires)
}

// Entries merges the credentials of a profile by name. It keeps the order of ours. A name
// only in theirs goes after its nearest predecessor there that is present. If both sides
// changed a credential, ours stays and there is a conflict.
func Entries(base, ours, theirs []Entry) (merged []Entry, conflicts []Conflict) {
	from := index{find(base), find(ours), find(theirs)}
	for i := range ours {
		e, conflict := from.choose(ours[i].Name)
		if conflict != nil {
			conflicts = append(conflicts, *conflict)
		}
		if e != nil {
			merged = append(merged, *e)
		}
	}
	for i := range theirs {
		name := theirs[i].Name
		if from.ours[name] != nil {
			continue
		}
		e, conflict := from.choose(name)
		if conflict != nil {
			conflicts = append(conflicts, *conflict)
		}
		if e != nil {
			merged = slices.Insert(merged, after(merged, theirs[:i]), *e)
		}
	}
	return endLast(merged), conflicts
}

// after returns the position for an entry: after its nearest predecessor.
func after(merged, predecessors []Entry) int {
	for i := len(predecessors) - 1; i >= 0; i-- {
		at := slices.IndexFunc(merged, func(e Entry) bool { return e.Name == predecessors[i].Name })
		if at >= 0 && merged[at].Name != "" {
			return at + 1
		}
	}
	return 0
}

// endLast keeps the comment without a credential at the end.
func endLast(entries []Entry) []Entry {
	i := slices.IndexFunc(entries, func(e Entry) bool { return e.Name == "" })
	if i < 0 || i == len(entries)-1 {
		return entries
	}
	end := entries[i]
	return append(slices.Delete(entries, i, i+1), end)
}

type index struct{ base, ours, theirs map[string]*Entry }

func find(entries []Entry) map[string]*Entry {
	m := make(map[string]*Entry, len(entries))
	for i := range entries {
		m[entries[i].Name] = &entries[i]
	}
	return m
}

// choose merges one name. Nil means that the credential does not exist.
func (x index) choose(name string) (*Entry, *Conflict) {
	base, ours, theirs := x.base[name], x.ours[name], x.theirs[name]
	switch {
	case ours.same(theirs):
		if ours != nil && theirs.Time.After(ours.Time) && !(base != nil && base.Time.Equal(theirs.Time)) { // theirs confirmed it
			return theirs, nil
		}
		return ours, nil
	case theirs.same(base):
		return ours, nil
	case ours.same(base):
		return theirs, nil
	}
	c := &Conflict{Credential: name, Kind: TwoValues, Base: base, Ours: ours, Theirs: theirs}
	switch {
	case base == nil:
		c.Kind = TwoAdditions
	case ours == nil || theirs == nil:
		c.Kind = ChangedAndUnset
		side := x.ours
		if theirs == nil {
			side = x.theirs
		}
		if x.renamed(base, side) != "" {
			c.Kind, c.Renamed = RenamedAndChanged, x.renamed(base, side)
		}
	}
	if ours == nil {
		return theirs, c // don't lose what was typed
	}
	return ours, c
}

// renamed returns the new name of a credential on a side: a name not in the base that has
// the credential's old value and time, since renaming keeps both.
func (x index) renamed(was *Entry, side map[string]*Entry) string {
	found := ""
	for name, e := range side {
		if x.base[name] == nil && e.Value == was.Value && e.Time.Equal(was.Time) && (found == "" || name < found) {
			found = name
		}
	}
	return found
}
