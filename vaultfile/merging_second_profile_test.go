package vaultfile_test

import "slices"

// secondProfile merges one profile, three ways.
type secondProfile struct {
	*secondMerge
	id            string
	b             *draftProfile
	sides         [2]*draftProfile
	fork, suspect [2]bool
	gone          []string              // new names that the user does not want
	renames       []draftEntry          // with the new name and the new value
	second        map[string]draftEntry // theirs, kept behind ours under another name
}

func (c *secondProfile) keys(r *draftProfile) {
	o, t := c.sides[ours], c.sides[theirs]
	under, other := o, t
	revision := [2]int{o.revision, t.revision}
	switch {
	case o.key == t.key || slices.Contains(o.lines, t.key) || c.b.key == t.key:
	case slices.Contains(t.lines, o.key) || c.b.key == o.key:
		under, other = t, o
	default: // both rotated apart
		r.key, r.lines = "new", []string{o.key, t.key}
	}
	if r.key == "" {
		r.key = under.key
	}
	for side := range c.sides {
		if c.fork[side] && !c.fork[1-side] {
			revision[side] = min(revision[side], revision[1-side]+1048576)
		}
	}
	r.revision = max(revision[ours], revision[theirs]) + 1
	for _, line := range slices.Concat(under.lines, other.lines) {
		if !slices.Contains(r.lines, line) && line != r.key {
			r.lines = append(r.lines, line)
		}
	}
}

// hasKey reports whether someone has the key of a side that is the result's, and is none of its people, or
// no writer anymore.
func (c *secondProfile) hasKey(r *draftProfile) bool {
	for _, p := range c.sides {
		for _, x := range p.people {
			is := byKey(r.people, x.key)
			if p.key == r.key && (is == nil || x.writer && !is.writer) {
				return true
			}
		}
	}
	return false
}

func (c *secondProfile) name(r *draftProfile) {
	var names [2]string
	for side, p := range c.sides {
		if names[side] = p.name; c.suspect[side] && p.name != c.sides[1-side].name {
			names[side] = c.b.name
		}
	}
	switch {
	case names[ours] == names[theirs], names[theirs] == c.b.name:
		r.name = names[ours]
	case names[ours] == c.b.name:
		r.name = names[theirs]
	default:
		r.name = names[c.ask(question{"two profile names", c.id, "", 0}).side]
	}
}

// former keeps the lines of both sides. Whoever was a recipient of a side and is not one of the
// result knows its values.
func (c *secondProfile) former(r *draftProfile) {
	lines := slices.Concat(c.sides[ours].former, c.sides[theirs].former)
	for side, p := range c.sides {
		changed := false
		for _, e := range p.entries {
			changed = changed || e != c.b.entry(e.name)
		}
		for _, x := range p.people {
			b, name := byKey(c.b.people, x.key), x.name
			if b != nil {
				name = b.name
			}
			if byKey(r.people, x.key) == nil && (changed || (b == nil || byKey(c.sides[1-side].people, x.key) != nil) && !c.hasNewLine(x.name, 1-side)) {
				lines = append(lines, draftFormer{name, c.now})
			}
		}
	}
	r.former = exposing(lines, r.entries)
}

// exposing returns the lines that expose something, each once.
func exposing(lines []draftFormer, entries []draftEntry) (former []draftFormer) {
	for _, f := range lines {
		exposes := func(e draftEntry) bool { return e.name != "" && e.kind == "" && e.time <= f.time }
		if slices.ContainsFunc(entries, exposes) && !slices.Contains(former, f) {
			former = append(former, f)
		}
	}
	return former
}
