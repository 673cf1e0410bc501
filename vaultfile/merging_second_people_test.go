package vaultfile_test

import "slices"

func byKey(people []draftPerson, key string) *draftPerson {
	for i := range people {
		if people[i].key == key {
			return &people[i]
		}
	}
	return nil
}

func byName(people []draftPerson, name string) *draftPerson {
	for i := range people {
		if people[i].name == name {
			return &people[i]
		}
	}
	return nil
}

// match finds who someone became: by key, then by name. Who has the key of another one of from is
// that one.
func match(x draftPerson, from, to []draftPerson) *draftPerson {
	if p := byKey(to, x.key); p != nil {
		return p
	}
	if p := byName(to, x.name); p != nil && byKey(from, p.key) == nil {
		return p
	}
	return nil
}

// people merges the recipients.
func (c *secondProfile) people(r *draftProfile) {
	sides := [2][]draftPerson{c.access(ours), c.access(theirs)}
	for _, b := range c.b.people {
		o, t := match(b, c.b.people, sides[ours]), match(b, c.b.people, sides[theirs])
		if o != nil && t != nil { // not removed
			r.people = append(r.people, c.person(b, *o, *t))
		}
	}
	added := [2][]draftPerson{c.added(sides[ours]), c.added(sides[theirs])}
	for _, o := range added[ours] {
		if t := byKey(added[theirs], o.key); t != nil {
			x := o
			x.writer = o.writer && t.writer
			if o.name != t.name {
				x.name = [2]string{o.name, t.name}[c.ask(question{"one recipient with two names", c.id, o.name + " " + t.name, 0}).side]
			}
			r.people = append(r.people, x)
		} else if c.mayAdd(o, ours) {
			r.people = append(r.people, o)
		}
	}
	for _, t := range added[theirs] {
		if byKey(added[ours], t.key) == nil && c.mayAdd(t, theirs) {
			r.people = append(r.people, t)
		}
	}
	r.people = c.unique(r.people)
}

// added returns those who are nobody of the base.
func (c *secondProfile) added(people []draftPerson) (added []draftPerson) {
	for _, x := range people {
		if c.was(x, people) == nil {
			added = append(added, x)
		}
	}
	return added
}

// was returns who of the base someone is.
func (c *secondProfile) was(x draftPerson, people []draftPerson) *draftPerson {
	for i, b := range c.b.people {
		if m := match(b, c.b.people, people); m != nil && m.key == x.key {
			return &c.b.people[i]
		}
	}
	return nil
}

// unique lets the user decide on one person under two names, and on two people with one name.
func (c *secondProfile) unique(people []draftPerson) (left []draftPerson) {
	for _, x := range people {
		i := slices.IndexFunc(left, func(o draftPerson) bool { return o.key == x.key })
		if i < 0 {
			left = append(left, x)
			continue
		}
		names := [2]string{byKey(c.sides[ours].people, x.key).name, byKey(c.sides[theirs].people, x.key).name}
		left[i].writer = left[i].writer && x.writer
		left[i].name = names[c.ask(question{"one recipient with two names", c.id, names[ours] + " " + names[theirs], 0}).side]
	}
	people, left = left, nil
	for _, x := range people {
		i := slices.IndexFunc(left, func(o draftPerson) bool { return o.name == x.name })
		if i < 0 {
			left = append(left, x)
			continue
		}
		chosen := c.sides[c.ask(question{"one recipient with two keys", c.id, x.name + " " + x.name, 0}).side].people
		if o := byKey(chosen, x.key); o != nil && o.name == x.name {
			left[i] = x
		}
	}
	return left
}

// mayAdd reports whether someone whom only one side has is added.
func (c *secondProfile) mayAdd(x draftPerson, side int) bool {
	return !c.hasNewLine(x.name, 1-side)
}

// hasNewLine reports whether a side has a former line of that name that the base does not have.
func (c *secondProfile) hasNewLine(name string, side int) bool {
	if c.sides[side].key == c.b.key { // nobody was removed
		return false
	}
	for _, f := range c.sides[side].former {
		if f.name == name && !slices.Contains(c.b.former, f) {
			return true
		}
	}
	return false
}

// person merges name, role and key, each by itself.
func (c *secondProfile) person(b, o, t draftPerson) draftPerson {
	r := o
	if o.writer == b.writer {
		r.writer = t.writer
	}
	newName := [2]bool{o.name != b.name, t.name != b.name}
	newKey := [2]bool{o.key != b.key, t.key != b.key}
	switch {
	case o.key != t.key && newKey[ours] && newKey[theirs], o.name != t.name && (newKey[ours] && newName[theirs] || newKey[theirs] && newName[ours]):
		x := [2]draftPerson{o, t}[c.ask(question{"one recipient with two keys", c.id, o.name + " " + t.name, 0}).side]
		x.writer = o.writer && t.writer
		return x
	case newName[ours] && newName[theirs] && o.name != t.name:
		r.name = [2]string{o.name, t.name}[c.ask(question{"one recipient with two names", c.id, o.name + " " + t.name, 0}).side]
	case newName[theirs]:
		r.name = t.name
	}
	if newKey[theirs] {
		r.key = t.key
	}
	return r
}

// access returns the recipients of a side, but for what only a fork gives and the user does not
// confirm.
func (c *secondProfile) access(side int) (people []draftPerson) {
	p, other := c.sides[side], c.sides[1-side]
	for _, b := range c.b.people {
		x, o := match(b, c.b.people, p.people), match(b, c.b.people, other.people)
		if x == nil && p.key == c.b.key { // nobody was removed
			x = &b
		}
		switch {
		case o == nil || x != nil && *x == *o: // the other side removed them, or made the same change
		case c.suspect[side]:
			x = c.suspected(b, x, side)
		case c.fork[side]:
			x = c.forked(b, x, side)
		}
		if x != nil {
			people = append(people, *x)
		}
	}
	for _, x := range p.people {
		o := byKey(c.added(other.people), x.key)
		switch {
		case c.was(x, p.people) != nil:
			continue
		case o != nil && *o == x, !c.fork[side]:
		case c.suspect[side]:
			continue
		case o == nil && c.ask(question{"confirm access", c.id, x.name, side}).side != side:
			continue
		}
		people = append(people, x)
	}
	return people
}

// suspected returns what becomes of someone whom a suspect fork may have changed. That is left out,
// but the user decides whether it removed them, or their key.
func (c *secondProfile) suspected(b draftPerson, x *draftPerson, side int) *draftPerson {
	if x == nil || x.key != b.key {
		if c.ask(question{"confirm removal", c.id, b.name, side}).side == side {
			return nil
		}
	}
	return &b
}

// forked returns what becomes of someone to whom a fork may have given something. What it took
// away, with new keys, needs no question.
func (c *secondProfile) forked(b draftPerson, x *draftPerson, side int) *draftPerson {
	if x == nil {
		return nil
	}
	took := b
	if c.sides[side].key != c.b.key {
		took.writer = b.writer && x.writer
	}
	given := x.writer && !b.writer || x.key != b.key || x.name != b.name
	switch {
	case !given:
		return &took
	case c.ask(question{"confirm access", c.id, x.name, side}).side == side:
		return x
	case x.key != b.key && c.sides[side].key != c.b.key:
		return nil
	}
	return &took
}
