package trust_test

import (
	"slices"
	"testing"

	"github.com/credfile/credfile/internal/racetest"
	"github.com/credfile/credfile/internal/tally"
	"github.com/credfile/credfile/vaultfile"
	"github.com/credfile/credfile/vaultfile/trust"
)

// TestHistories plays random histories of a file with three people and an attacker who was
// once a writer, and has both judges look at every state. Two invariants hold, whatever the judges
// agree on:
//
//   - nothing that no current writer made is accepted by a machine that saw newer ([play.checkForged]);
//   - no honest forward state is refused ([play.checkForward]).
//
// To replay a failure alone, set CREDFILE_SEED=N CREDFILE_HISTORIES=1.
func TestHistories(t *testing.T) {
	n := 2000
	if testing.Short() || racetest.Enabled { // the race detector is several times slower
		n = 300
	}
	first, n := tally.Seeds(t, n)
	var c counts
	failures := 0
	for seed := first; seed < first+n && failures < 5; seed++ {
		c.histories++
		p := newPlay(t, uint64(seed), &c)
		p.run()
		if p.failed != "" {
			failures++
			t.Errorf("CREDFILE_SEED=%d: %s\n\treplay: CREDFILE_SEED=%[1]d CREDFILE_HISTORIES=1 go test -run TestHistories ./vaultfile/trust", seed, p.failed)
		}
	}
	t.Logf("seeds %d to %d; %d states judged; %+v", first, first+n-1, c.states, c)
	tally.Add(t, tally.Judged, c.states, failures)
}

func newPlay(t *testing.T, seed uint64, n *counts) *play {
	p := &play{world: newWorld(seed), t: t, n: n, narrow: map[string]bool{}, files: map[scene]*vaultfile.File{}}
	for _, name := range []string{"A", "B", "C"} {
		p.machines = append(p.machines, newMachine(name))
	}
	if p.chance(25) {
		for range 2 {
			p.narrow[pick(p.world, p.machines).name+" "+pick(p.world, []string{"A", "B", "C"})] = true
		}
	}
	return p
}

func (p *play) run() {
	for range 10 + p.IntN(16) {
		m := pick(p.world, p.machines)
		c := pick(p.world, p.commits)
		if p.chance(60) {
			c = pick(p.world, p.tips)
		}
		switch n := p.IntN(100); {
		case n < 40:
			p.work(m, p.IntN(len(p.tips)))
		case n < 52 || !m.second.seen:
			p.look(m, c.s, c, true)
		case n < 57:
			p.tips = append(p.tips, c)
		case n < 65:
			p.mergeTips(p.IntN(len(p.tips)), p.IntN(len(p.tips)))
		case n < 69:
			p.word(m, c)
		default:
			p.n.attacks++
			p.look(m, p.attack(), nil, p.chance(50))
			if c := pick(p.world, p.tips); p.failed == "" {
				p.look(m, c.s, c, false) // a refused file does not get in the way of honest ones
			}
		}
		if p.failed != "" {
			return
		}
	}
}

func (p *play) mergeTips(i, k int) {
	a, b := p.tips[i], p.tips[k]
	if a == b {
		return
	}
	if s := p.merge(a, b); s != nil {
		p.tips[i] = p.commit(s, a, b)
		p.tips[k] = p.tips[i]
		p.tips = slices.Compact(p.tips)
	}
}

// word has the user trust a name, or everything, in an honest state.
func (p *play) word(m *machine, c *commit) {
	names := []string{"*", "*"}
	for _, o := range c.s {
		names = append(names, o.name)
	}
	if p.chance(30) {
		names = p.names()
	}
	p.say(m, c.s, pick(p.world, names))
}

func (p *play) say(m *machine, s sheet, name string) {
	f := p.file(s)
	j, r := p.compare(m, m.known, m.second, f, s, "before trust")
	missing := r.missing()
	p.note(m, r, nil, false, nil)
	for range 2 {
		m.known.Trust(j, name)
		m.second.trust(r, name)
		m.log = append(m.log, "trust "+name+": "+string(s.scene()))
		j, r = p.compare(m, m.known, m.second, f, s, "trusted")
	}
	_, there := s.living(name)
	for id := range missing {
		if (!there || name == "*") && !r.missing()[id] {
			m.alive[id] = false
			for k := range m.keys[id] {
				add(m.dead, id, k)
				add(m.spoiled, id, k)
			}
		}
	}
	for _, o := range s {
		if o.bad || name != "*" && (o.removed || o.name != name) {
			continue
		}
		if !p.honest[o.word()] {
			m.tainted = true
			continue
		}
		for k := range m.keys[o.id] {
			if k != o.key || o.removed {
				add(m.dead, o.id, k)
			}
			if k != o.key && !slices.Contains(p.before[o.key], k) {
				add(m.spoiled, o.id, k)
			}
		}
		m.behindOf(o)
		add(m.took, o.id, o.word())
		add(m.keys, o.id, o.key)
		add(m.dead, o.id, p.before[o.key]...)
		m.alive[o.id] = !o.removed
		if !o.removed {
			delete(m.dead[o.id], o.key)
			m.accepted[o.word()] = true
			delete(m.bore, o.name)
			add(m.bore, o.name, o.id)
		}
	}
}

// work is one person's change at the tip of a branch.
func (p *play) work(m *machine, tip int) {
	c := p.tips[tip]
	p.look(m, c.s, c, true)
	r := m.second.judge(c.s)
	may := func(o *piece) bool {
		got := r.ask(o.name, wish{write: true})
		return got == "" && !p.narrow[m.name+" "+o.id] // restore does the others
	}
	d := p.draft(c.s, may)
	o := pick(p.world, d.living())
	if p.failed != "" || m.tainted || !may(o) {
		return
	}
	revision := func(o *piece) int {
		seen := 0
		if k := m.known.Profile(id(o.id)); k != nil {
			seen = int(trust.Judge(m.known, p.file(c.s)).Of(o.name).SeenRevision)
		}
		return max(o.revision, seen) + 1
	}
	var made []string
	switch n := p.IntN(100); {
	case n < 15:
		d.change(o)
	case n < 50:
		d.rotate(o)
	case n < 70:
		q := p.create(d.freeName())
		q.lines = []mark{{o.key, q.key}}
		d.s, made = append(d.s, &q), []string{q.name}
	case n < 78:
		d.change(o)
		before := revision(o)
		o.name = d.freeName()
		made, o.revision = []string{o.name}, before-1
	case n < 88 && len(d.living()) > 1:
		d.remove(o)
	default:
		if !p.restore(m, c, d) {
			return
		}
	}
	d.renewStale()
	for _, o := range d.changed {
		if old, ok := c.s.living(o.name); ok && old.id == o.id {
			o.revision = revision(o)
		} else {
			o.revision++
		}
	}
	p.tips[tip] = p.commit(d.sheet(), c)
	p.look(m, p.tips[tip].s, p.tips[tip], true, made...)
}

// restore restores a removed profile from an older commit. The user trusts it, the first
// write is a rotation, and another profile vouches for the new key.
func (p *play) restore(m *machine, c *commit, d *draft) bool {
	if c.reused || !m.descends(c) {
		return false
	}
	for _, block := range d.s {
		if !block.removed {
			continue
		}
		var last *piece
		for _, o := range p.pieces {
			if _, taken := d.sheet().living(o.name); !o.removed && !taken && o.id == block.id && o.key == block.key && c.past[o.word()] {
				last = &o
			}
		}
		i := slices.IndexFunc(d.living(), d.may)
		if last == nil || i < 0 {
			continue
		}
		v := d.living()[i]
		back := *last
		back.lines = slices.Clone(back.lines)
		d.drop(block)
		d.s = append(d.s, &back)
		knew := m.dead[block.id][block.key] && len(m.spoiled) == 0
		p.say(m, d.sheet(), back.name)
		if got := m.second.judge(d.sheet()).ask(back.name, wish{write: true}); knew && got != "rotate" && p.failed == "" {
			p.fail(m, d.sheet(), "restored %s: %q, want a rotation", back.name, got)
		}
		d.rotate(&back)
		d.vouch(v, &back, "")
		return true
	}
	return false
}
