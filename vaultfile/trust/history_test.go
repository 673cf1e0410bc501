package trust_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
)

// commit is an honest state of the file in a git history.
type commit struct {
	s sheet
	// past has the words of all pieces in this commit and its ancestors.
	past map[string]bool
	// bore has the ids that each name had so far; reused, whether a name had two.
	bore   map[string]map[string]bool
	reused bool
}

// world is a history and the truth about it, independent of either judge.
type world struct {
	*rand.Rand
	commits, tips []*commit
	before        map[string][]string // a key, and all earlier keys of its profile that led to it
	owner         map[string]string   // the id of a key
	honest        map[string]bool     // the words of all honest pieces
	pieces        []piece             // the same pieces
	lines         map[string][]mark   // every line that ever existed, by profile id
	held          []string            // the attacker's keys
	writer        map[string]bool     // by id: the attacker is still a writer
	ids, keys     int
}

func newWorld(seed uint64) *world {
	w := &world{Rand: rand.New(rand.NewPCG(seed, 0)), before: map[string][]string{}, owner: map[string]string{},
		honest: map[string]bool{}, lines: map[string][]mark{}, writer: map[string]bool{}, held: []string{"x1", "x2"}}
	first := w.create("a")
	s := sheet{first}
	if w.chance(60) {
		b := w.create("b")
		if w.chance(70) {
			b.lines = []mark{{first.key, b.key}}
		}
		s = append(s, b)
	}
	w.commit(s)
	w.tips = w.commits[:1:1]
	return w
}

func (w *world) chance(percent int) bool { return w.IntN(100) < percent }

func pick[T any](w *world, from []T) T { return from[w.IntN(len(from))] }

func (w *world) create(name string) piece {
	id := string(rune('A' + w.ids))
	w.ids++
	w.writer[id] = w.chance(50)
	return piece{name: name, id: id, key: w.newKey(id, w.writer[id]), revision: 1}
}

func (w *world) newKey(id string, attacker bool, from ...string) string {
	w.keys++
	key := fmt.Sprintf("%c%d", id[0]+32, w.keys)
	w.owner[key] = id
	for _, k := range from {
		w.before[key] = append(append(w.before[key], k), w.before[k]...)
	}
	if attacker {
		w.held = append(w.held, key)
	}
	return key
}

// commit records an honest state.
func (w *world) commit(s sheet, parents ...*commit) *commit {
	c := &commit{s: s, past: map[string]bool{}, bore: map[string]map[string]bool{}}
	note := func(name, id string) {
		if c.bore[name] == nil {
			c.bore[name] = map[string]bool{}
		}
		c.bore[name][id] = true
		c.reused = c.reused || len(c.bore[name]) > 1
	}
	for _, p := range parents {
		maps.Copy(c.past, p.past)
		for name, ids := range p.bore {
			for id := range ids {
				note(name, id)
			}
		}
	}
	for _, p := range s {
		note(p.name, p.id)
		c.past[p.word()] = true
		if !w.honest[p.word()] {
			w.honest[p.word()] = true
			w.pieces = append(w.pieces, p)
		}
		for _, l := range p.lines {
			if !slices.Contains(w.lines[p.id], l) {
				w.lines[p.id] = append(w.lines[p.id], l)
			}
		}
	}
	w.commits = append(w.commits, c)
	return c
}

// draft is a file being changed.
type draft struct {
	w       *world
	s       []*piece
	changed []*piece
	may     func(*piece) bool // reports whether the author may write the profile
}

func (w *world) draft(s sheet, may func(*piece) bool) *draft {
	d := &draft{w: w, may: may}
	for _, p := range s {
		p.lines = slices.Clone(p.lines)
		d.s = append(d.s, &p)
	}
	return d
}

func (d *draft) sheet() (s sheet) {
	for _, p := range d.s {
		s = append(s, *p)
	}
	return s
}

func (d *draft) change(p *piece) {
	if !slices.Contains(d.changed, p) {
		d.changed = append(d.changed, p)
	}
}

func (d *draft) living() (ps []*piece) {
	for _, p := range d.s {
		if !p.removed {
			ps = append(ps, p)
		}
	}
	return ps
}

func (d *draft) drop(p *piece) {
	d.s = slices.DeleteFunc(d.s, func(o *piece) bool { return o == p })
	d.changed = slices.DeleteFunc(d.changed, func(o *piece) bool { return o == p })
}

// vouch models Profile.VouchFor.
func (d *draft) vouch(by, other *piece, instead string) {
	old := other.lines
	lines := slices.DeleteFunc(slices.Clone(old), func(l mark) bool {
		return l.key == by.key || l.key == instead && !slices.ContainsFunc(old, func(o mark) bool { return o.next == instead })
	})
	other.lines = slices.Insert(lines, 0, mark{by.key, other.key})
	d.change(other)
}

// rotate makes a new key, and renews the lines by the old one. It is what removes the
// attacker's access, once and on all branches.
func (d *draft) rotate(p *piece) {
	old := p.key
	stays := slices.Contains(d.w.held, old) && d.w.writer[p.id] && d.w.chance(25)
	d.w.writer[p.id] = stays
	p.key = d.w.newKey(p.id, stays, old)
	p.lines = slices.Insert(p.lines, 0, mark{old, p.key})
	d.change(p)
	for _, o := range d.living() {
		if o != p && o.by(old) && d.may(o) {
			d.vouch(p, o, old)
		}
	}
}

// renewStale finds vouchers that have rotated since, as the tool does before it writes.
func (d *draft) renewStale() {
	for i := 0; i < len(d.changed); i++ {
		p := d.changed[i]
		current := func(o *piece) bool { return o != p && p.by(o.key) }
		former := func(o *piece) bool {
			return o != p && d.may(o) && !o.by(p.key) && slices.ContainsFunc(o.lines, func(l mark) bool { return p.by(l.key) })
		}
		if slices.ContainsFunc(d.living(), current) {
			continue
		}
		if i := slices.IndexFunc(d.living(), former); i >= 0 {
			d.vouch(d.living()[i], p, "")
		}
	}
}

// remove leaves a removed block, and has another profile renew the lines by this one.
func (d *draft) remove(p *piece) {
	for _, o := range d.living() {
		i := slices.IndexFunc(d.living(), func(v *piece) bool { return v != o && v != p && d.may(v) })
		if o != p && o.by(p.key) && d.may(o) && i >= 0 {
			d.vouch(d.living()[i], o, p.key)
		}
	}
	d.drop(p)
	d.s = append(d.s, &piece{name: p.name, id: p.id, key: p.key, lines: p.lines, removed: true})
}

// freeName mostly returns a name that no profile ever had.
func (d *draft) freeName() string {
	bad := func(name string) bool {
		return slices.ContainsFunc(d.s, func(p *piece) bool { return !p.removed && p.name == name })
	}
	if p := pick(d.w, d.w.pieces); d.w.chance(12) && !bad(p.name) {
		return p.name
	}
	d.w.keys++
	return fmt.Sprintf("n%d", d.w.keys)
}

// merge merges two honest states, taking each profile from the side that is ahead. If both
// sides changed a profile, a writer merges it: two rotations get a new key, which both keys
// vouch for. It returns nil on a conflict.
func (w *world) merge(a, b *commit) sheet {
	var s sheet
	done := map[string]bool{}
	for _, p := range slices.Concat(a.s, b.s) {
		if done[p.id] {
			continue
		}
		done[p.id] = true
		ours, inA := a.s.of(p.id)
		theirs, inB := b.s.of(p.id)
		switch {
		case !inA || inB && a.past[theirs.word()] == false && b.past[ours.word()]:
			s = append(s, theirs)
		case !inB || a.past[theirs.word()]:
			s = append(s, ours)
		case ours.removed || theirs.removed || ours.name != theirs.name:
			return nil
		default:
			s = append(s, w.mergeBoth(ours, theirs))
		}
	}
	names := map[string]bool{}
	for _, p := range s {
		if !p.removed && names[p.name] {
			return nil
		}
		names[p.name] = names[p.name] || !p.removed
	}
	if len(names) == 0 || !slices.ContainsFunc(s, func(p piece) bool { return !p.removed }) {
		return nil
	}
	return s
}

func (w *world) mergeBoth(ours, theirs piece) piece {
	m := ours
	if slices.Contains(w.before[theirs.key], ours.key) {
		m = theirs
	}
	m.revision = max(ours.revision, theirs.revision) + 1
	if ours.key != theirs.key && !slices.Contains(w.before[ours.key], theirs.key) && !slices.Contains(w.before[theirs.key], ours.key) {
		m.key = w.newKey(m.id, false, ours.key, theirs.key)
		m.lines = []mark{{ours.key, m.key}, {theirs.key, m.key}}
	}
	for _, l := range slices.Concat(m.lines, ours.lines, theirs.lines) {
		if !m.by(l.key) && l.key != m.key && (l.next == m.key || m.by(l.next)) {
			m.lines = append(m.lines, l)
		}
	}
	return m
}

// attack makes a file out of everything the attacker can get. By rows of docs/security.md: it replaces
// the whole file, replaces, adds and removes profiles, and forges vouchers (8), takes other names
// (8a), forges removals with every key and name (8b), vouches with replaced keys (8c), repeats old
// lines and extends them across merges (8d), brings removed profiles back (9a), and signs with
// replaced keys, next to honest profiles as after a merge (10). Paths, wraps, former recipients and values are not
// in a sheet (8e to 9, 9b, 10a).
func (w *world) attack() sheet {
	s := slices.Clone(pick(w, w.commits).s)
	if w.chance(60) {
		s = slices.Clone(pick(w, w.tips).s)
	}
	if w.chance(10) {
		s = w.usurp(s)
	}
	for range 1 + w.IntN(4) {
		at := w.IntN(len(s))
		switch w.IntN(8) {
		case 0, 1:
			s = put(s, pick(w, w.pieces))
		case 2:
			if len(s) > 1 {
				s = slices.Delete(s, at, at+1)
			}
		case 3:
			s[at].bad = !s[at].removed
		default:
			s = put(s, w.forge())
		}
	}
	if !slices.ContainsFunc(s, func(p piece) bool { return !p.removed }) {
		return pick(w, w.commits).s
	}
	return s
}

// usurp replaces each profile by one of the attacker's with the same name.
func (w *world) usurp(s sheet) (all sheet) {
	for _, p := range s {
		if w.chance(50) {
			p.id = pick(w, []string{"X", "Y"})
		}
		all = put(all, w.sign(p))
	}
	return all
}

// put adds a piece, and removes those that can't be in the same file.
func put(s sheet, p piece) sheet {
	s = slices.DeleteFunc(s, func(o piece) bool { return o.id == p.id || !p.removed && !o.removed && o.name == p.name })
	return append(s, p)
}

// forge makes a piece of any name and id, as the attacker can sign it.
func (w *world) forge() piece {
	p := pick(w, w.pieces)
	if w.chance(15) {
		p.id = pick(w, []string{"X", "Y"})
	}
	if w.chance(20) {
		p.name = pick(w, w.pieces).name
	} else if w.chance(10) {
		p.name = "n"
	}
	return w.sign(p)
}

// sign puts a piece under one of the attacker's keys, with lines that the attacker can make and lines
// of the same profile seen before.
func (w *world) sign(p piece) piece {
	var own []string
	for _, k := range w.held {
		if w.owner[k] == p.id {
			own = append(own, k)
		}
	}
	p.key = pick(w, w.held)
	if len(own) > 0 && w.chance(50) {
		p.key = pick(w, own)
	} else if w.chance(50) {
		p.key = pick(w, w.held[:2])
	}
	p.removed, p.lines = w.chance(20), nil
	if p.revision = pick(w, []int{1, p.revision, p.revision + 1, 50}); p.removed {
		p.revision = 0
	}
	p.revision = max(p.revision, 1)
	for range w.IntN(5) {
		ends := []string{p.key}
		for _, l := range p.lines {
			ends = append(ends, l.key)
		}
		var can []mark
		for _, l := range w.lines[p.id] {
			if slices.Contains(ends, l.next) && !slices.Contains(ends, l.key) {
				can = append(can, l, l)
			}
		}
		for _, k := range w.held {
			if !slices.Contains(ends, k) {
				can = append(can, mark{k, pick(w, ends)})
			}
		}
		if len(can) > 0 {
			p.lines = append(p.lines, pick(w, can))
		}
	}
	return p
}
