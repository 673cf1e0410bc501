package merge

import (
	"slices"
	"time"
)

// Entry is a credential with the comment above it. Without a name, it is the comment at the
// end of a profile.
type Entry struct {
	Name    string
	Kind    string // of a source, whose definition is the value
	Comment string // its lines, each with its LF
	Value   string
	Time    time.Time // zero for a value that is set by the merge itself
	Expires time.Time
	File    bool // programs get it as a file
	Unsure  bool // of a base: several disagree on it, so it is like nothing else
}

// same compares a credential's value, comment and expiry as one. It ignores the time, since
// two people may have set the same value.
func (e *Entry) same(o *Entry) bool {
	if e == nil || o == nil {
		return e == o
	}
	return !e.Unsure && !o.Unsure && e.Kind == o.Kind && e.Value == o.Value && e.Comment == o.Comment && e.Expires.Equal(o.Expires) && e.File == o.File
}

// identical is same with the time.
func (e *Entry) identical(o *Entry) bool { return e.same(o) && (e == nil || e.Time.Equal(o.Time)) }

// Entries merges the credentials of a profile by name. It keeps the order of ours. A name
// only in theirs goes after its nearest predecessor there that is present. If both sides
// changed a credential, ours stays and there is a conflict.
func Entries(base, ours, theirs []Entry) (merged []Entry, conflicts []Conflict) {
	x := index{find(base), find(ours), find(theirs), map[string][]Entry{}}
	for _, list := range [][]Entry{ours, theirs} {
		for i := range list {
			if _, done := x.merged[list[i].Name]; done {
				continue
			}
			var conflict *Conflict
			if x.merged[list[i].Name], conflict = x.merge(list[i].Name); conflict != nil {
				conflicts = append(conflicts, *conflict)
			}
		}
	}
	return x.order(ours, theirs), conflicts
}

// mergeEntries is Entries for a profile, with the user's choices.
func (m *merger) mergeEntries(base *Profile, profile string, sides [2][]Entry) []Entry {
	merged, conflicts := Entries(base.Entries, sides[Ours], sides[Theirs])
	x := index{find(base.Entries), find(sides[Ours]), find(sides[Theirs]), map[string][]Entry{}}
	for i := range merged {
		x.merged[merged[i].Name] = merged[i : i+1]
	}
	for _, c := range conflicts {
		c.ID, c.Profile = base.ID, profile
		if choice, ok := m.choose(c); ok {
			x.resolve(c, choice)
		}
	}
	return x.order(sides[Ours], sides[Theirs])
}

// resolve applies the user's choice.
func (x index) resolve(c Conflict, choice Choice) {
	chosen := []*Entry{c.Ours, c.Theirs}[choice.Side]
	x.merged[c.Credential] = list(chosen)
	switch {
	case c.Kind == RenamedAndChanged && choice.Both != "":
		changed, renamer := c.Ours, x.theirs
		if changed == nil {
			changed, renamer = c.Theirs, x.ours
		}
		both := *renamer[c.Renamed]
		both.Kind, both.Value, both.Time, both.Expires, both.File = changed.Kind, changed.Value, changed.Time, changed.Expires, changed.File
		x.merged[c.Credential], x.merged[c.Renamed] = nil, list(&both)
	case c.Kind == RenamedAndChanged && chosen != nil:
		x.merged[c.Renamed] = nil
	case choice.Both != "" && c.Ours != nil && c.Theirs != nil:
		second := *c.Theirs
		second.Name = choice.Both
		x.merged[c.Credential] = []Entry{*c.Ours, second}
	}
}

func list(e *Entry) []Entry {
	if e == nil {
		return nil
	}
	return []Entry{*e}
}

// order puts the merged entries in the order of ours.
func (x index) order(ours, theirs []Entry) (ordered []Entry) {
	for i := range ours {
		ordered = append(ordered, x.merged[ours[i].Name]...)
	}
	for i := range theirs {
		if name := theirs[i].Name; x.ours[name] == nil {
			ordered = slices.Insert(ordered, after(ordered, theirs[:i]), x.merged[name]...)
		}
	}
	return endLast(ordered)
}

// confirmed returns the entries of a suspect side with only those changes that the user confirms,
// or that the other side made, too.
func (m *merger) confirmed(base *Profile, ps [2]*Profile, side Side) []Entry {
	was, is, other := find(base.Entries), find(ps[side].Entries), find(ps[side.other()].Entries)
	x := index{was, was, is, map[string][]Entry{}}
	decide := func(name string) {
		b, e := was[name], is[name]
		x.merged[name] = list(b)
		switch {
		case e.identical(b):
			return
		case e.same(other[name]) && !other[name].identical(b): // both did it; the time is the other side's
			x.merged[name] = list(other[name])
			return
		}
		c := Conflict{Kind: ConfirmValue, ID: base.ID, Profile: ps[side].Name, Credential: name, Side: side, Base: b, Ours: b, Theirs: b}
		if side == Ours {
			c.Ours = e
		} else {
			c.Theirs = e
		}
		if choice, ok := m.choose(c); ok && choice.Side == side {
			x.merged[name] = list(e)
		}
	}
	for i := range base.Entries {
		decide(base.Entries[i].Name)
	}
	for i := range ps[side].Entries {
		if name := ps[side].Entries[i].Name; was[name] == nil {
			decide(name)
		}
	}
	return x.order(base.Entries, ps[side].Entries)
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

// index has the entries by name.
type index struct {
	base, ours, theirs map[string]*Entry
	merged             map[string][]Entry
}

func find(entries []Entry) map[string]*Entry {
	m := make(map[string]*Entry, len(entries))
	for i := range entries {
		m[entries[i].Name] = &entries[i]
	}
	return m
}

// merge merges one name. Nothing means that the credential does not exist.
func (x index) merge(name string) ([]Entry, *Conflict) {
	base, ours, theirs := x.base[name], x.ours[name], x.theirs[name]
	switch {
	case ours == nil && theirs == nil:
		return nil, nil
	case ours.same(theirs): // the time may differ, if one side confirmed it, or both did
		kept := func(e *Entry) bool { return base != nil && base.Time.Equal(e.Time) }
		if !kept(theirs) && (kept(ours) || theirs.Time.After(ours.Time)) {
			return list(theirs), nil
		}
		return list(ours), nil
	case theirs.same(base):
		return list(ours), nil
	case ours.same(base):
		return list(theirs), nil
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
		return list(theirs), c // don't lose what was typed
	}
	return list(ours), c
}

// renamed returns the new name of a credential on a side: a name not in the base that has
// the credential's old value and time, since renaming keeps both.
func (x index) renamed(was *Entry, side map[string]*Entry) string {
	found := ""
	for name, e := range side {
		if x.base[name] == nil && e.Kind == was.Kind && e.Value == was.Value && e.Time.Equal(was.Time) && (found == "" || name < found) {
			found = name
		}
	}
	return found
}
