package vaultfile_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/credfile/credfile/internal/racetest"
	"github.com/credfile/credfile/internal/tally"
	"github.com/credfile/credfile/vaultfile"
	"github.com/credfile/credfile/vaultfile/merge"
)

// TestMergeHistories merges random branches, cherry-picks and reverts. Every choice is made by chance. The
// result is compared with that of the second merge, with rules written here by hand, and with what
// each person knows. A merge is idempotent, commutes but for order, and never gives anything back to
// someone removed. To replay a failure alone, set CREDFILE_SEED=N CREDFILE_HISTORIES=1.
func TestMergeHistories(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long")
	}
	racetest.Skip(t)
	first, n := tally.Seeds(t, 300)
	c := &mergeCounts{kinds: map[merge.Kind]int{}}
	for seed := first; seed < first+n && c.failures < 5; seed++ {
		mergeHistory(t, uint64(seed), c)
	}
	t.Logf("seeds %d to %d; %d merges; conflicts by kind: %v", first, first+n-1, c.merges, c.kinds)
	tally.Add(t, tally.Merged, c.merges, c.differing)
	if n >= 300 && len(c.kinds) < 6 {
		t.Errorf("only %d kinds of conflicts occurred", len(c.kinds))
	}
}

// mergeCounts counts what the histories of a test have.
type mergeCounts struct {
	kinds                       map[merge.Kind]int
	merges, differing, failures int
}

// mergeHistory merges two branches, or three, one after the other.
func mergeHistory(t *testing.T, seed uint64, c *mergeCounts) {
	now, serial := time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC), 0
	h := &history{t: t, random: rand.New(rand.NewPCG(seed, 0)), now: &now, serial: &serial, removed: map[string]bool{}, knew: map[string]map[string]bool{}, called: map[string]map[string]bool{}, confirmed: map[string]bool{}}
	for name := range cast {
		h.knew[stringOf(name)], h.called[stringOf(name)] = map[string]bool{}, map[string]bool{}
	}
	f := vaultfile.New()
	f.Clock = func() time.Time { return now }
	var people []vaultfile.Recipient
	for _, name := range []string{"alice", "bob", "carol"}[:1+h.random.IntN(3)] {
		people = append(people, vaultfile.Recipient{Name: name, Writer: true, String: stringOf(name)})
	}
	if _, err := f.Add("default", people, nil); err != nil {
		t.Fatal(err)
	}
	h.text, _ = f.Marshal()
	for range h.random.IntN(10) {
		h.change()
	}
	var branches []*history
	for range 2 + h.random.IntN(2) {
		b := h.branch()
		b.removed = map[string]bool{}
		b.commit()
		for range 1 + h.random.IntN(7) {
			b.change()
		}
		branches = append(branches, b)
	}
	merge := func(base, ours, theirs *history, picks bool) *history {
		now = now.Add(time.Hour)
		c.merges++
		m := &mergeCheck{h: base, ours: ours, theirs: theirs, picks: picks, counts: c, choices: map[string]merge.Choice{}, answers: map[question]answer{}}
		const form = "CREDFILE_SEED=%d: %s\n\treplay: CREDFILE_SEED=%[1]d CREDFILE_HISTORIES=1 go test -run TestMergeHistories ./vaultfile"
		m.fail = func(format string, args ...any) {
			t.Helper()
			t.Fatalf(form, seed, fmt.Sprintf(format, args...))
		}
		m.differ = func(format string, args ...any) {
			t.Errorf(form, seed, "\n"+fmt.Sprintf(format, args...))
		}
		return m.merge()
	}
	merged := branches[0]
	for _, theirs := range branches[1:] {
		if n := len(theirs.past); n > 1 && h.random.IntN(5) == 0 { // git cherry-pick
			i := 1 + h.random.IntN(n-1)
			merged = merge(theirs.past[i-1], merged, theirs.past[i], true)
		}
		merged = merge(h, merged, theirs, false)
	}
	if n := len(merged.past); n > 1 && h.random.IntN(3) == 0 { // git revert
		i := 1 + h.random.IntN(n-1)
		merge(merged.past[i], merged, merged.past[i-1], true)
	}
}

// mergeCheck merges two branches, and compares the result with the rules.
type mergeCheck struct {
	h, ours, theirs *history
	counts          *mergeCounts
	choices         map[string]merge.Choice
	answers         map[question]answer
	picks           bool // a cherry-pick or a revert
	fail, differ    func(string, ...any)
}

func (m *mergeCheck) merge() *history {
	fo, ft := m.ours.open(), m.theirs.open()
	plan := m.plan(fo, ft)
	if err := fo.Merge(ft, plan); err != nil {
		m.fail("%v", err)
	}
	result := m.ours.branch()
	var err error
	if result.text, err = fo.Marshal(); err != nil {
		m.fail("%v", err)
	}
	merged, err := vaultfile.Parse(result.text)
	if err != nil || merged.Verify() != nil {
		m.fail("%v %v", err, merged.Verify())
	}
	orphans := m.accepted(merged, plan)
	is := draftOf(m.h.t, merged, m.ours, m.theirs)
	if d := m.compare(is); d != "" {
		m.counts.differing++
		m.counts.failures++
		m.differ("%s", d)
	}
	if !m.picks {
		if !orphans { // a later merge may find who vouches for one
			m.settled(result.text)
		}
		m.commutes(is)
	}
	for _, s := range merged.UnverifiedSections() {
		m.check(merged, s.ID)
	}
	m.join(result, merged)
	return result
}

// planned plans the merge.
func (m *mergeCheck) planned(fo, ft *vaultfile.File, decide merge.Decide) *merge.Plan {
	sides := make([]*merge.File, 3)
	for i, f := range []*vaultfile.File{m.h.open(), fo, ft} {
		for _, name := range f.Names() {
			if _, err := f.Unlock(name, cast["alice"]); err != nil {
				m.fail("%v", err)
			}
		}
		var err error
		if sides[i], err = f.Side(nil); err != nil {
			m.fail("%v", err)
		}
	}
	return merge.Merge(sides[0], sides[1], sides[2], decide)
}

// plan plans the merge, with choices by chance.
func (m *mergeCheck) plan(fo, ft *vaultfile.File) *merge.Plan {
	plan := m.planned(fo, ft, func(c merge.Conflict) (merge.Choice, bool) {
		m.counts.kinds[c.Kind]++
		choice := merge.Choice{Side: merge.Side(m.h.random.IntN(2))}
		switch c.Kind {
		case merge.OneNameTwoProfiles:
			choice.Both = fmt.Sprint("again", m.counts.merges, "-", len(m.choices))
		case merge.TwoValues, merge.TwoAdditions, merge.RenamedAndChanged:
			if c.Credential != "" && m.h.random.IntN(4) == 0 {
				choice.Both = fmt.Sprint("both", m.counts.merges, "-", len(m.choices))
			}
		}
		m.choices[fmt.Sprint(key(c.ID, c.Credential), c.Kind, c.Side)] = choice
		m.answers[questionOf(c)] = answer{int(choice.Side), choice.Both}
		return choice, true
	})
	if len(plan.Conflicts) > 0 {
		m.fail("conflicts are left: %v", plan.Conflicts)
	}
	return plan
}

// join records what is true of the result as a branch: what both knew, and who was removed.
func (m *mergeCheck) join(result *history, merged *vaultfile.File) {
	maps.Copy(result.removed, m.ours.removed)
	if !m.picks {
		for person, knew := range m.theirs.knew {
			maps.Copy(result.knew[person], knew)
		}
		maps.Copy(result.removed, m.theirs.removed)
	}
	for _, s := range merged.UnverifiedSections() {
		for _, r := range s.Recipients {
			delete(result.removed, key(s.ID, r.String))
		}
	}
	result.watch()
	result.past = m.ours.past
	result.commit()
}

// A side that dates the loss of access into the far future can't keep everyone from writing.
func TestMergeFutureLoss(t *testing.T) {
	now := time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)
	open := func(text []byte, clock time.Time) (*vaultfile.File, *vaultfile.Profile) {
		f := must(vaultfile.Parse(text))
		f.Clock = func() time.Time { return clock }
		p, err := f.Unlock("default", cast["alice"])
		if err != nil {
			t.Fatal(err)
		}
		return f, p
	}
	save := func(f *vaultfile.File, err error) []byte {
		text, err2 := f.Marshal()
		if err = errors.Join(err, err2); err != nil {
			t.Fatal(err)
		}
		return text
	}
	f := vaultfile.New()
	f.Clock = func() time.Time { return now }
	p, err := f.Add("default", []vaultfile.Recipient{{Name: "alice", Writer: true, String: cast["alice"].Recipient().String()}, {Name: "bob", String: cast["bob"].Recipient().String()}}, nil)
	if err == nil {
		_, err = p.Set("A", []byte("known to bob"))
	}
	base := save(f, err)
	f, p = open(base, now.AddDate(7000, 0, 0))
	_, err = p.ChangeAccess(vaultfile.Access{Remove: []string{"bob"}})
	theirText := save(f, err)
	f, p = open(base, now.Add(time.Hour))
	_, err = p.Set("B", []byte("b"))
	ourText := save(f, err)
	fb, _ := open(base, now)
	fo, _ := open(ourText, now.Add(2*time.Hour))
	ft, _ := open(theirText, now)
	var sides []*merge.File
	for _, f := range []*vaultfile.File{fb, fo, ft} {
		side, err := f.Side(nil)
		if err != nil {
			t.Fatal(err)
		}
		sides = append(sides, side)
	}
	merged, p := open(save(fo, fo.Merge(ft, merge.Merge(sides[0], sides[1], sides[2], nil))), now.Add(3*time.Hour))
	if exposed, err := p.ExposedTo("A"); err != nil || !slices.Contains(exposed, "bob") {
		t.Errorf("%v, %v", exposed, err)
	}
	_, err = p.Set("C", []byte("c"))
	save(merged, err)
}

func must(f *vaultfile.File, err error) *vaultfile.File {
	if err != nil {
		panic(err)
	}
	return f
}
