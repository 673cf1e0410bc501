package vaultfile

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/credfile/credfile/internal/racetest"
)

// The model of exposure: a credential remembers which event set its value, a profile which
// event removed whose access. It counts events and has no times.
type modelCredential struct {
	value string
	event int             // that set or confirmed it
	knows map[string]bool // who lost access while it had this value, in whatever order of times
}

type modelFormer struct {
	name  string
	event int
}

type modelProfile struct {
	has    map[string]*modelCredential
	former []modelFormer
	people map[string]bool
}

func (m *modelProfile) exposedTo(c *modelCredential) []string {
	to := map[string]bool{}
	for _, f := range m.former {
		if c.event < f.event {
			to[f.name] = true
		}
	}
	return slices.Sorted(maps.Keys(to))
}

// forget drops former recipients who know no current value.
func (m *modelProfile) forget() {
	m.former = slices.DeleteFunc(m.former, func(f modelFormer) bool {
		for _, c := range m.has {
			if c.event < f.event {
				return false
			}
		}
		return true
	})
}

// history is a random history of a file with two profiles and three people.
type history struct {
	t      *testing.T
	r      *rand.Rand
	now    time.Time
	ids    map[string]*age.X25519Identity
	file   []byte
	model  map[string]*modelProfile
	event  int
	copies bool
	skewed bool // people's clocks differ
	log    []string
}

var historyPeople, historyProfiles = []string{"alice", "bob", "carol"}, []string{"hidden", "plain"}

func newHistory(t *testing.T, seed uint64) *history {
	h := &history{t: t, r: rand.New(rand.NewPCG(seed, 5)), now: time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC),
		ids: map[string]*age.X25519Identity{}, model: map[string]*modelProfile{}}
	var rs []Recipient
	for _, name := range historyPeople {
		id, err := age.GenerateX25519Identity()
		if err != nil {
			t.Fatal(err)
		}
		h.ids[name] = id
		rs = append(rs, h.recipient(name))
	}
	f := New()
	f.Clock = func() time.Time { return h.now }
	var voucher *Profile
	for _, name := range historyProfiles {
		p, err := f.Add(name, rs, voucher)
		if err == nil && name == "hidden" {
			err = p.HideNames()
		}
		if err != nil {
			t.Fatal(err)
		}
		voucher = p
		h.model[name] = &modelProfile{has: map[string]*modelCredential{}, people: map[string]bool{"alice": true, "bob": true, "carol": true}}
	}
	h.save(f)
	return h
}

func (h *history) recipient(name string) Recipient {
	return Recipient{Name: name, Writer: true, String: h.ids[name].Recipient().String()}
}

func (h *history) save(f *File) {
	h.t.Helper()
	b, err := f.Marshal()
	h.must(err)
	h.file = b
}

func (h *history) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatalf("%v, after\n%s", err, h.tail())
	}
}

func (h *history) tail() string { return strings.Join(h.log[max(0, len(h.log)-12):], "\n") }

func pick[T any](h *history, list []T) T { return list[h.r.IntN(len(list))] }

// step is one change by a writer of the profile.
func (h *history) step() {
	f, err := Parse(h.file)
	h.must(err)
	clock := h.now
	if h.skewed {
		clock = clock.Add(time.Duration(h.r.IntN(120)-60) * time.Second)
	}
	f.Clock = func() time.Time { return clock }
	h.event++
	profile := pick(h, historyProfiles)
	m := h.model[profile]
	who := pick(h, slices.Sorted(maps.Keys(m.people)))
	p, err := f.Unlock(profile, h.ids[who])
	h.must(err)
	names := slices.Sorted(maps.Keys(m.has))
	h.log = append(h.log, fmt.Sprintf("%s %s %s", clock.Format(time.TimeOnly), profile, who))
	switch n := h.r.IntN(20); {
	case n < 7 || len(names) == 0:
		h.set(p, m, string(rune('A'+h.r.IntN(8))))
	case n < 9:
		h.must(p.Rotate())
		h.say("rotate")
	case n < 11:
		h.confirm(p, m, pick(h, names))
	case n < 13:
		h.rename(p, m, pick(h, names), string(rune('A'+h.r.IntN(8))))
	case n < 14:
		name := pick(h, names)
		h.must(p.Unset(name))
		delete(m.has, name)
		h.say("unset", name)
	case n < 17:
		h.member(p, m, who)
	case h.copies:
		h.copy(f, p, m, who, pick(h, names))
	}
	h.save(f)
	for _, m := range h.model {
		m.forget()
	}
}

func (h *history) say(words ...string) { h.log[len(h.log)-1] += " " + strings.Join(words, " ") }

func (h *history) set(p *Profile, m *modelProfile, name string) {
	value := fmt.Sprint(h.event)
	if c := m.has[name]; c != nil && h.r.IntN(4) == 0 {
		value = c.value // no change: the exposure stays
	}
	changed, err := p.Set(name, []byte(value))
	h.must(err)
	if changed {
		m.has[name] = &modelCredential{value: value, event: h.event, knows: map[string]bool{}}
	}
	h.say("set", name, fmt.Sprint(changed))
}

func (h *history) confirm(p *Profile, m *modelProfile, name string) {
	h.must(p.Confirm(name))
	m.has[name] = &modelCredential{value: m.has[name].value, event: h.event, knows: map[string]bool{}}
	h.say("confirm", name)
}

func (h *history) rename(p *Profile, m *modelProfile, old, name string) {
	if m.has[name] != nil {
		return
	}
	h.must(p.Rename(old, name))
	m.has[name] = m.has[old]
	delete(m.has, old)
	h.say("rename", old, name)
}

// member adds or removes another person.
func (h *history) member(p *Profile, m *modelProfile, who string) {
	other := pick(h, historyPeople)
	if other == who {
		return
	}
	if !m.people[other] {
		h.must(p.AddRecipient(h.recipient(other)))
		m.people[other] = true
		h.say("add", other)
		return
	}
	h.must(changeAccess(p, Access{Remove: []string{other}}))
	delete(m.people, other)
	m.former = append(m.former, modelFormer{other, h.event})
	for _, c := range m.has {
		c.knows[other] = true
	}
	h.say("remove", other)
}

func (h *history) copy(f *File, p *Profile, m *modelProfile, who, name string) {
	other := historyProfiles[1-slices.Index(historyProfiles, p.Name())]
	to := h.model[other]
	if !to.people[who] {
		return
	}
	q, err := f.Unlock(other, h.ids[who])
	h.must(err)
	changed, err := p.Copy(name, q, true)
	h.must(err)
	h.say("copy", name, fmt.Sprint(changed))
	if !changed {
		return
	}
	c := m.has[name]
	to.has[name] = &modelCredential{value: c.value, event: c.event, knows: maps.Clone(c.knows)}
	for _, former := range m.former {
		if c.event < former.event {
			to.former = append(to.former, former)
		}
	}
}

// compare checks that every credential is exposed to exactly the people in the model or, if
// exact is false, at least to everyone who knows its value.
func (h *history) compare(exact bool) (exposed int) {
	h.t.Helper()
	f, err := Parse(h.file)
	h.must(err)
	for _, profile := range historyProfiles {
		m := h.model[profile]
		p, err := f.Unlock(profile, h.ids[slices.Sorted(maps.Keys(m.people))[0]])
		h.must(err)
		listed := map[string][]string{}
		for _, e := range p.Section().Entries {
			listed[e.Name] = p.Section().Leavers().Know(e.Time).Names()
		}
		items, err := p.Items()
		h.must(err)
		if len(items) != len(m.has) {
			h.t.Fatalf("%d credentials, want %d", len(items), len(m.has))
		}
		for _, item := range items {
			got, err := p.ExposedTo(item.Name)
			h.must(err)
			slices.Sort(got)
			seen := listed[p.label(item.Name)] // as seen without a key
			slices.Sort(seen)
			if seen = slices.Compact(seen); !slices.Equal(got, seen) {
				h.t.Fatalf("%s %s: exposed to %v, and without a key %v", profile, item.Name, got, seen)
			}
			c := m.has[item.Name]
			if want := m.exposedTo(c); exact && !slices.Equal(got, want) {
				h.t.Fatalf("%s %s: exposed to %v, want %v, after\n%s", profile, item.Name, got, want, h.tail())
			}
			for name := range c.knows {
				if !slices.Contains(got, name) {
					h.t.Fatalf("%s %s: %s knows it, and it is exposed to %v, after\n%s", profile, item.Name, name, got, h.tail())
				}
			}
			if !h.copies && len(c.knows) != len(got) {
				h.t.Fatalf("%s %s: exposed to %v, and known to %v, after\n%s", profile, item.Name, got, c.knows, h.tail())
			}
			exposed += len(got)
		}
	}
	return exposed
}

// Exposure matches a plain model whatever people do. If credentials are copied between
// profiles while several changes share a second or come from differing clocks, the format's
// times can't order them. Then the list may be longer, but never shorter.
func TestExposedHistory(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long")
	}
	racetest.Skip(t)
	for _, c := range []struct {
		name          string
		still, copies bool // changes may share a time or be dated before earlier ones
	}{{"every change its own second", false, true}, {"many changes a second, clocks that differ", true, false}, {"both", true, true}} {
		t.Run(c.name, func(t *testing.T) {
			exposed := 0
			for seed := range uint64(2) {
				h := newHistory(t, seed)
				h.copies, h.skewed = c.copies, c.still
				for range 150 {
					if !c.still || h.r.IntN(3) == 0 {
						h.now = h.now.Add(time.Duration(1+h.r.IntN(100)) * time.Second)
					}
					h.step()
					exposed += h.compare(!c.still || !c.copies)
				}
			}
			if exposed == 0 {
				t.Error("nothing was ever exposed")
			}
		})
	}
}
