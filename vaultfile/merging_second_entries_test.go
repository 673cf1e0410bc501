package vaultfile_test

import (
	"maps"
	"slices"
)

// entries merges the credentials, sources and comments by name.
func (c *secondProfile) entries(r *draftProfile) {
	names := map[string]bool{}
	var order []string
	var sides [2]*draftProfile
	for side := range c.sides {
		p := *c.sides[side]
		if sides[side] = &p; c.suspect[side] {
			p.entries = c.confirmed(side)
		}
	}
	for _, e := range slices.Concat(sides[ours].entries, sides[theirs].entries, c.b.entries) {
		if !names[e.name] {
			names[e.name], order = true, append(order, e.name)
		}
	}
	got := map[string]draftEntry{}
	c.gone, c.renames, c.second = nil, nil, map[string]draftEntry{}
	for _, name := range order {
		c.entry(got, name, sides)
	}
	for _, name := range c.gone {
		delete(got, name)
	}
	for _, e := range c.renames {
		got[e.name] = e
	}
	for name, e := range got {
		if e.name != "" {
			got[name] = c.stillExposed(e)
		}
	}
	r.entries = inOrder(got, sides, c.second)
}

func rename(e draftEntry, name string) draftEntry {
	e.name = name
	return e
}

// confirmed returns the entries of a suspect side, in the order of the base. What the user does not
// confirm is as in the base.
func (c *secondProfile) confirmed(side int) []draftEntry {
	p, other := c.sides[side], c.sides[1-side]
	got := map[string]draftEntry{}
	for _, e := range slices.Concat(c.b.entries, p.entries) {
		b, x, o := c.b.entry(e.name), p.entry(e.name), other.entry(e.name)
		if _, done := got[e.name]; done {
			continue
		}
		got[e.name] = x
		switch {
		case x == b:
		case x.same(o) && o != b: // the other side made the same change
			got[e.name] = o
		case c.ask(question{"confirm value", c.id, e.name, side}).side != side:
			got[e.name] = b
		}
	}
	maps.DeleteFunc(got, func(_ string, e draftEntry) bool { return e == draftEntry{} })
	return inOrder(got, [2]*draftProfile{c.b, p}, nil)
}

// entry decides what becomes of one name.
func (c *secondProfile) entry(got map[string]draftEntry, name string, sides [2]*draftProfile) {
	none := draftEntry{}
	b := c.b.entry(name)
	e := [2]draftEntry{sides[ours].entry(name), sides[theirs].entry(name)}
	set := func(x draftEntry) {
		if x != none {
			got[x.name] = x
		}
	}
	kind := "two values"
	switch {
	case e[ours].same(e[theirs]):
		set(sameValue(b, e))
		return
	case e[theirs].same(b):
		set(e[ours])
		return
	case e[ours].same(b):
		set(e[theirs])
		return
	case b == none:
		kind = "two additions"
	case e[ours] == none || e[theirs] == none:
		kind = "changed and deleted"
	}
	if kind == "changed and deleted" {
		by := ours
		if e[theirs] == none {
			by = theirs
		}
		if renamed := c.renamed(b, sides[by]); renamed != "" {
			c.renamedAndChanged(got, name, renamed, by, e[1-by])
			return
		}
	}
	a := c.ask(question{kind, c.id, name, 0})
	if a.both != "" {
		set(e[ours])
		if e[ours] == none || e[theirs] == none {
			set(e[a.side])
		} else {
			c.second[name] = rename(e[theirs], a.both)
		}
		return
	}
	set(e[a.side])
}

// renamed returns the new name of a credential that the side renamed: one that the base does not
// have, with the value and the time. The first one in byte order, if there are several.
func (c *secondProfile) renamed(b draftEntry, p *draftProfile) (name string) {
	for _, e := range p.entries {
		if c.b.entry(e.name) == (draftEntry{}) && e.kind == b.kind && e.value == b.value && e.time == b.time && (name == "" || e.name < name) {
			name = e.name
		}
	}
	return name
}

func (c *secondProfile) renamedAndChanged(got map[string]draftEntry, name, renamed string, by int, changed draftEntry) {
	a := c.ask(question{"renamed and changed", c.id, name + " " + renamed, 0})
	switch {
	case a.both != "":
		both := c.sides[by].entry(renamed)
		both.kind, both.value, both.time, both.expires, both.file = changed.kind, changed.value, changed.time, changed.expires, changed.file
		c.renames = append(c.renames, both)
	case a.side == by:
	default:
		got[name] = changed
		c.gone = append(c.gone, renamed)
	}
}

// sameValue returns what both sides have, with the time that one side changed, or with the later one.
func sameValue(b draftEntry, e [2]draftEntry) draftEntry {
	switch {
	case e[theirs].time == b.time:
		return e[ours]
	case e[ours].time == b.time, e[theirs].time > e[ours].time:
		return e[theirs]
	}
	return e[ours]
}

// stillExposed gives an entry the earlier time that its value has on a side, if a new former line
// there exposes it.
func (c *secondProfile) stillExposed(e draftEntry) draftEntry {
	time := e.time
	for _, p := range c.sides {
		x := p.entry(e.name)
		for _, f := range p.former {
			if e.kind == "" && x.kind == "" && x.value == e.value && x.time < time && x.time <= f.time && !slices.Contains(c.b.former, f) {
				e.time = min(e.time, x.time)
			}
		}
	}
	return e
}

// inOrder puts the entries in the order of ours, and what is kept second behind them. What only theirs
// has goes after its nearest predecessor there.
func inOrder(got map[string]draftEntry, sides [2]*draftProfile, second map[string]draftEntry) (entries []draftEntry) {
	var end *draftEntry
	for _, e := range sides[ours].entries {
		if x, ok := got[e.name]; ok && e.name != "" {
			entries = append(entries, x)
		}
		if x, ok := second[e.name]; ok {
			entries = append(entries, x)
		}
	}
	for i, e := range sides[theirs].entries {
		x, ok := got[e.name]
		if !ok || e.name == "" || sides[ours].entry(e.name) != (draftEntry{}) {
			continue
		}
		at := 0
		for _, before := range sides[theirs].entries[:i] {
			is := func(e draftEntry) bool { return e.name == before.name }
			if k := slices.IndexFunc(entries, is); k >= 0 {
				at = k + 1
			}
		}
		entries = slices.Insert(entries, at, x)
	}
	if x, ok := got[""]; ok {
		end = &x
	}
	if end != nil {
		entries = append(entries, *end)
	}
	return entries
}

// revert is a merge with a version from before the base: it gives values only.
func (m *secondMerge) revert(b, o, t *draftProfile) *draftProfile {
	c := &secondProfile{secondMerge: m, id: o.id, b: b, sides: [2]*draftProfile{o, t}}
	old := *t
	got := map[string]draftEntry{}
	replaced := t.key != b.key
	var left []string // whoever has the older version, and lost access since
	for _, x := range t.people {
		if t.key != o.key && byKey(o.people, x.key) == nil {
			left = append(left, x.name)
		}
	}
	var known []draftFormer
	for _, e := range t.entries {
		was := b.entry(e.name)
		if e.same(was) {
			e = was
		} else {
			former := slices.Concat(b.former, o.former)
			secret := e.name != "" && e.kind == ""
			exposed := secret && len(left) > 0 || replaced && len(former) > 0
			for _, f := range former {
				exposed = exposed || secret && e.time <= f.time
			}
			if exposed {
				if m.ask(question{"exposed value", o.id, e.name, theirs}).side != theirs {
					e = was
				} else if secret {
					for _, name := range left {
						known = append(known, draftFormer{name, e.time})
					}
				}
			} else if e.name != "" {
				e.time = m.now
			}
		}
		got[e.name] = e
	}
	maps.DeleteFunc(got, func(_ string, e draftEntry) bool { return e == draftEntry{} })
	old.entries = inOrder(got, [2]*draftProfile{b, t}, nil)
	r := *o
	c.sides[theirs] = &old
	c.entries(&r)
	if slices.Equal(r.entries, o.entries) {
		return o
	}
	r.former = exposing(slices.Concat(o.former, known), r.entries)
	r.revision, r.rewritten = max(o.revision, b.revision)+1, true
	return &r
}
