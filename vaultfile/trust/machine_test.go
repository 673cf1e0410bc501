package trust_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/vaultfile"
	"github.com/credfile/credfile/vaultfile/trust"
)

// machine is one person's machine. Both judges have their own memory of what it saw. The
// other fields hold the truth about that, from the world's knowledge of who made what.
type machine struct {
	name   string
	known  *trust.Known
	second *second
	log    []string // what it saw, in the form of TestJudge

	took     map[string]map[string]bool // by id: the accepted words
	alive    map[string]bool            // by id: accepted and not removed since
	keys     map[string]map[string]bool // by id: the accepted keys
	dead     map[string]map[string]bool // by id: keys that it knows to be superseded or removed
	bore     map[string]map[string]bool // by name: the ids that had it
	accepted map[string]bool            // accepted words
	behind   map[string]map[string]bool // by id: the keys in their lines, including vouchers' keys
	spoiled  map[string]map[string]bool // by id: keys made old by the user's trust in another
	tainted  bool                       // it accepted the attacker's work: the limits of the rules
}

func newMachine(name string) *machine {
	sets := func() map[string]map[string]bool { return map[string]map[string]bool{} }
	return &machine{name: name, known: &trust.Known{File: id("F")}, second: newSecond(),
		took: sets(), keys: sets(), dead: sets(), bore: sets(), behind: sets(), spoiled: sets(), alive: map[string]bool{}, accepted: map[string]bool{}}
}

func add(sets map[string]map[string]bool, at string, values ...string) {
	if sets[at] == nil {
		sets[at] = map[string]bool{}
	}
	for _, v := range values {
		sets[at][v] = true
	}
}

// play is a running history.
type play struct {
	*world
	t        *testing.T
	machines []*machine
	narrow   map[string]bool           // "person id": does not write this profile
	files    map[scene]*vaultfile.File // each verifies its signatures once
	failed   string
	n        *counts
}

type counts struct {
	histories, states, judgements, forged, replays, honest, excused, attacks, tainted int
}

var wishes = []struct {
	what string
	w    wish
	o    trust.Options
}{
	{"read", wish{}, trust.Options{}},
	{"write", wish{write: true}, trust.Options{Write: true}},
	{"read with --strict", wish{strict: true}, trust.Options{Strict: true}},
	{"read with --allow-superseded", wish{superseded: true}, trust.Options{AllowSuperseded: true}},
	{"write with --allow-superseded", wish{write: true, superseded: true}, trust.Options{Write: true, AllowSuperseded: true}},
}

// fail records the first failure, in the form of a row of TestJudge.
func (p *play) fail(m *machine, s sheet, form string, args ...any) {
	if p.failed == "" {
		p.failed = fmt.Sprintf("machine %s: %s\n\tseen %q\n\tnow  %q", m.name, fmt.Sprintf(form, args...), m.log, s.scene())
	}
}

func (p *play) file(s sheet) *vaultfile.File {
	f := p.files[s.scene()]
	if f == nil {
		f = parseScene(p.t, "F", s.scene())
		p.files[s.scene()] = f
	}
	return f
}

func (p *play) names() (names []string) {
	for _, o := range p.pieces {
		if !slices.Contains(names, o.name) {
			names = append(names, o.name)
		}
	}
	return append(names, "n", "none")
}

// compare asks both judges about every name.
func (p *play) compare(m *machine, known *trust.Known, k *second, f *vaultfile.File, s sheet, when string) (*trust.Judgement, *ruling) {
	j, r := trust.Judge(known, f), k.judge(s)
	p.n.states++
	for _, name := range p.names() {
		v := j.Of(name)
		for _, w := range wishes {
			p.n.judgements++
			if got, want := answer(v, w.o), r.ask(name, w.w); got != want {
				p.fail(m, s, "%s: %s %s: the package says %q, the second judge %q", when, w.what, name, got, want)
			}
		}
	}
	return j, r
}

// look judges a file and, if learn is true, remembers it. c is its commit if it is honest.
func (p *play) look(m *machine, s sheet, c *commit, learn bool, made ...string) {
	f := p.file(s)
	j, r := p.compare(m, m.known, m.second, f, s, "judged")
	if len(made) == 0 && m.second.seen && !m.tainted {
		if c != nil && m.descends(c) {
			p.checkForward(m, r, c)
		}
		p.checkForged(m, r)
	}
	if p.chance(10) {
		p.compareElsewhere(m, f, s)
	}
	if !learn || p.failed != "" {
		return
	}
	forward := c != nil && m.descends(c)
	m.known.Learn(j, made...)
	m.second.learn(r, made...)
	if len(made) > 0 {
		m.log = append(m.log, "made "+strings.Join(made, " ")+": "+string(s.scene()))
	} else {
		m.log = append(m.log, string(s.scene()))
	}
	p.note(m, r, c, forward, made)
	j, r = p.compare(m, m.known, m.second, f, s, "learned")
	m.known.Learn(j)
	m.second.learn(r)
	p.compare(m, m.known, m.second, f, s, "learned twice")
	if !m.known.ReadsBack() {
		p.fail(m, s, "what is remembered is not read as it was written")
	}
}

// note records what is true after a file was remembered.
func (p *play) note(m *machine, r *ruling, c *commit, forward bool, made []string) {
	for _, o := range r.s {
		word := o.word()
		own := !o.removed && slices.Contains(made, o.name)
		switch {
		case o.bad || o.removed && !r.counted[o.id] && !(forward && len(m.took[o.id]) > 0 && len(m.spoiled) == 0) || !o.removed && !r.good[o.id] && !own:
			continue
		case !p.honest[word]:
			if !m.tainted {
				p.n.tainted++
			}
			m.tainted = true
			continue
		}
		add(m.took, o.id, word)
		m.behindOf(o)
		add(m.keys, o.id, o.key)
		add(m.dead, o.id, p.before[o.key]...)
		m.alive[o.id] = !o.removed
		if o.removed {
			add(m.dead, o.id, o.key)
			continue
		}
		m.accepted[word] = true
		if own {
			delete(m.bore, o.name)
		}
		add(m.bore, o.name, o.id)
	}
}

func (m *machine) behindOf(o piece) {
	for _, l := range o.lines {
		add(m.behind, o.id, l.key)
	}
}

// descends reports whether the commit includes everything that the machine accepted.
func (m *machine) descends(c *commit) bool {
	for _, words := range m.took {
		for word := range words {
			if !c.past[word] {
				return false
			}
		}
	}
	return true
}

// checkForward checks that no honest state that descends from what was seen is refused.
func (p *play) checkForward(m *machine, r *ruling, c *commit) {
	if c.reused || len(m.spoiled) > 0 {
		p.n.excused++
		return
	}
	p.n.honest++
	fine := map[string]bool{}
	for again := true; again; {
		again = false
		for _, o := range c.s {
			ok := m.alive[o.id]
			for _, v := range c.s {
				ok = ok || fine[v.id] && v.id != o.id && o.by(v.key)
			}
			if ok && !o.removed && !fine[o.id] {
				fine[o.id], again = true, true
			}
		}
	}
	for _, o := range c.s {
		if o.removed {
			continue
		}
		if !fine[o.id] { // its voucher was rotated or removed by a person who does not write it
			p.n.excused++
			continue
		}
		for _, w := range wishes {
			if got := r.ask(o.name, w.w); got != "" && got != "rotate" {
				p.fail(m, c.s, "an honest state that descends from what was seen: %s %s: %q", w.what, o.name, got)
			}
		}
	}
	for id := range r.missing() {
		p.fail(m, c.s, "an honest state that descends from what was seen: %s is missed", id)
	}
}

// checkForged checks that nothing is accepted under a key that this machine knows to be
// superseded or removed, nor anything that the attacker made without a key it holds good.
func (p *play) checkForged(m *machine, r *ruling) {
	// rooted has the attacker's pieces that go back to a good key: a rotation not seen yet.
	rooted, root := map[string]bool{}, map[string]bool{}
	for _, k := range p.held {
		root[k] = p.owner[k] != "" && !m.dead[p.owner[k]][k]
	}
	for again := true; again; {
		again = false
		for _, o := range r.s {
			ok := root[o.key]
			for _, l := range o.lines {
				ok = ok || root[l.key]
			}
			if ok && !rooted[o.id] && !p.honest[o.word()] {
				rooted[o.id], again = true, true
				root[o.key] = root[o.key] || !o.removed && p.owner[o.key] == ""
			}
		}
	}
	for _, o := range r.s {
		if o.bad {
			continue
		}
		word := o.word()
		forged := !p.honest[word] && !rooted[o.id]
		dead := m.dead[o.id][o.key]
		switch {
		case forged:
			p.n.forged++
		case dead:
			p.n.replays++
		}
		if o.removed {
			if (forged || dead && m.alive[o.id]) && r.counted[o.id] {
				p.fail(m, r.s, "a forged removal of %s counts", o.id)
			}
			continue
		}
		stranger := false
		for id := range m.bore[o.name] {
			stranger = stranger || id != o.id
		}
		if !forged && !dead && !stranger {
			continue
		}
		for _, w := range wishes {
			got := r.ask(o.name, w.w)
			through := got == "" || got == "rotate"
			switch {
			case !through:
			case w.w.write, w.w.strict && dead, !m.accepted[word] && (!w.w.superseded || !dead && !m.behind[o.id][o.key] || stranger):
				p.fail(m, r.s, "forged (%v), a dead key (%v), a stranger to the name (%v): %s %s is accepted", forged, dead, stranger, w.what, o.name)
			}
		}
	}
}

// compareElsewhere asks both judges as machines that have only CREDFILE_TRUST, and as one
// for which the file is new.
func (p *play) compareElsewhere(m *machine, f *vaultfile.File, s sheet) {
	var pins []string
	k := newSecond()
	k.seen, k.pinned = true, true
	for range 1 + p.IntN(3) {
		o := pick(p.world, p.pieces)
		if p.chance(50) {
			o = pick(p.world, s)
		}
		pins = append(pins, trust.Pin(id("F"), &format.Profile{Name: o.name, ID: id(o.id), Key: public(o.key)}))
		k.id(o.id).present[o.key] = 0
		k.id(o.id).call(o.name, len(k.id(o.id).names) == 0) // the first one listed
	}
	known, err := trust.ParsePins(id("F"), strings.Join(pins, ","))
	if err != nil {
		p.t.Fatal(err)
	}
	p.compare(m, known, k, f, s, fmt.Sprintf("with pins (%v)", k.ids))

	k = newSecond()
	k.newFile, k.vouchers = true, map[string]bool{}
	vouchers := map[format.Key]bool{}
	for _, o := range s {
		if len(o.lines) > 0 && p.chance(50) {
			key := pick(p.world, o.lines).key
			k.vouchers[key], vouchers[public(key)] = true, true
		}
	}
	known = &trust.Known{File: id("F"), Misfit: &trust.Misfit{Why: trust.ErrNewFile, Vouchers: vouchers}}
	p.compare(m, known, k, f, s, fmt.Sprintf("a new file, vouchers %v", k.vouchers))
}
