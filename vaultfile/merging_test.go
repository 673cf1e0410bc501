package vaultfile_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/racetest"
	"github.com/credfile/credfile/vaultfile"
	"github.com/credfile/credfile/vaultfile/merge"
	"github.com/credfile/credfile/vaultfile/trust"
)

// cast are the people of all histories. Alice does everything.
var cast = map[string]*age.X25519Identity{}

func init() {
	for _, name := range []string{"alice", "bob", "carol", "dave"} {
		cast[name], _ = age.GenerateX25519Identity()
	}
}

// history is a branch: its file, and what is true of it, written down by hand.
type history struct {
	t       *testing.T
	random  *rand.Rand
	now     *time.Time
	serial  *int
	text    []byte
	removed map[string]bool            // PROFILE-ID NAME of people who were removed in this branch since the base
	knew    map[string]map[string]bool // by person: PROFILE-ID VALUE of all that they could ever read
}

func (h *history) open() *vaultfile.File {
	f, err := vaultfile.Parse(h.text)
	if err != nil {
		h.t.Fatal(err)
	}
	f.Clock = func() time.Time { return *h.now }
	f.Other = func(name string) *vaultfile.Profile { p, _ := f.Unlock(name, cast["alice"]); return p }
	return f
}

func key(id format.ID, what string) string { return fmt.Sprintf("%x %s", id[:4], what) }

// change makes one random change, or none where it does not fit, and saves.
func (h *history) change() {
	*h.now = h.now.Add(time.Minute)
	f := h.open()
	names := f.Names()
	p, err := f.Unlock(names[h.random.IntN(len(names))], cast["alice"])
	if err != nil {
		h.t.Fatal(err)
	}
	*h.serial++
	fresh := fmt.Sprint("value", *h.serial)
	name := fmt.Sprint("N", h.random.IntN(6))
	who := []string{"bob", "carol", "dave"}[h.random.IntN(3)]
	switch h.random.IntN(14) {
	case 0, 1, 2, 3:
		_, err = p.Set(name, []byte(fresh))
	case 4:
		err = p.Unset(name)
	case 5:
		err = p.Rename(name, fmt.Sprint("R", *h.serial))
	case 6:
		if p.Has(name) {
			_, err = p.SetExpiry(name, time.Date(2027, 1, 1+h.random.IntN(20), 0, 0, 0, 0, time.UTC))
		}
	case 7, 8:
		err = p.AddRecipient(vaultfile.Recipient{Name: who, Writer: h.random.IntN(2) == 0, String: cast[who].Recipient().String()})
	case 9:
		if _, err = p.ChangeAccess(vaultfile.Access{Remove: []string{who}}); err == nil {
			h.removed[key(p.Section().ID, who)] = true
		}
	case 10:
		err = p.Rotate()
	case 11:
		_, err = f.Add(fmt.Sprint("p", *h.serial), []vaultfile.Recipient{{Name: "alice", Writer: true, String: cast["alice"].Recipient().String()}}, p)
	case 12:
		if h.random.IntN(3) == 0 {
			err = p.Remove()
		}
	case 13:
		err = p.RenameProfile(fmt.Sprint("q", *h.serial))
	}
	var missing *vaultfile.NotFoundError
	var exists *vaultfile.ExistsError
	var twice *vaultfile.RecipientError
	var last *vaultfile.LastProfileError
	if errors.As(err, &missing) || errors.As(err, &exists) || errors.As(err, &twice) || errors.As(err, &last) {
		return
	} else if err != nil {
		h.t.Fatal(err)
	}
	if h.text, err = f.Marshal(); err != nil {
		h.t.Fatal(err)
	}
	h.watch()
}

// watch records what everybody can read now.
func (h *history) watch() {
	f := h.open()
	for _, name := range f.Names() {
		p, err := f.Unlock(name, cast["alice"])
		if err != nil {
			h.t.Fatal(err)
		}
		items, err := p.Items()
		if err != nil {
			h.t.Fatal(err)
		}
		for _, r := range p.Section().Recipients {
			for _, item := range items {
				h.knew[r.Name][key(p.Section().ID, string(item.Value.Reveal()))] = true
			}
		}
	}
}

func (h *history) branch() *history {
	b := *h
	b.removed, b.knew = map[string]bool{}, map[string]map[string]bool{}
	for name := range cast {
		b.knew[name] = maps.Clone(h.knew[name])
	}
	return &b
}

// state returns a profile's values by name and its people, or nil.
func state(t *testing.T, f *vaultfile.File, id format.ID) (values map[string]string, people map[string]bool, s *format.Profile) {
	for _, s := range f.UnverifiedSections() {
		if s.ID != id {
			continue
		}
		p, err := f.Unlock(s.Name, cast["alice"])
		if err != nil {
			t.Fatal(err)
		}
		values, people = map[string]string{}, map[string]bool{}
		items, err := p.Items()
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range items {
			values[item.Name] = string(item.Value.Reveal())
		}
		for _, r := range s.Recipients {
			people[r.Name] = true
		}
		return values, people, s
	}
	return nil, nil, nil
}

// TestMergeHistories merges random branches. Every choice is made by chance. The result is
// compared with rules written here by hand, and with what each person knows.
func TestMergeHistories(t *testing.T) {
	racetest.Skip(t)
	histories := 500
	if os.Getenv("CREDFILE_TEST_EVERY") != "" {
		histories = 8000
	}
	kinds := map[merge.Kind]int{}
	for seed := range uint64(histories) {
		mergeHistory(t, seed, kinds)
	}
	t.Logf("%d histories; conflicts by kind: %v", histories, kinds)
	if len(kinds) < 6 {
		t.Errorf("only %d kinds of conflicts occurred", len(kinds))
	}
}

func mergeHistory(t *testing.T, seed uint64, kinds map[merge.Kind]int) {
	now, serial := time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC), 0
	h := &history{t: t, random: rand.New(rand.NewPCG(seed, 0)), now: &now, serial: &serial, removed: map[string]bool{}, knew: map[string]map[string]bool{}}
	for name := range cast {
		h.knew[name] = map[string]bool{}
	}
	f := vaultfile.New()
	f.Clock = func() time.Time { return now }
	if _, err := f.Add("default", []vaultfile.Recipient{{Name: "alice", Writer: true, String: cast["alice"].Recipient().String()}}, nil); err != nil {
		t.Fatal(err)
	}
	h.text, _ = f.Marshal()
	for range h.random.IntN(10) {
		h.change()
	}
	ours, theirs := h.branch(), h.branch()
	for range 1 + h.random.IntN(5) {
		ours.change()
	}
	for range 1 + h.random.IntN(5) {
		theirs.change()
	}
	now = now.Add(time.Hour)
	fo, ft, fb := ours.open(), theirs.open(), h.open()
	sides := make([]*merge.File, 3)
	for i, f := range []*vaultfile.File{fb, fo, ft} {
		for _, name := range f.Names() {
			if _, err := f.Unlock(name, cast["alice"]); err != nil {
				t.Fatal(err)
			}
		}
		var err error
		if sides[i], err = f.Side(nil); err != nil {
			t.Fatal(err)
		}
	}
	choices := map[string]merge.Choice{}
	plan := merge.Merge(sides[0], sides[1], sides[2], func(c merge.Conflict) (merge.Choice, bool) {
		kinds[c.Kind]++
		choice := merge.Choice{Side: merge.Side(h.random.IntN(2))}
		if c.Kind == merge.OneNameTwoProfiles {
			choice.Both = fmt.Sprint("again", serial)
		}
		choices[fmt.Sprint(key(c.ID, c.Credential), c.Kind, c.Side)] = choice
		return choice, true
	})
	fail := func(format string, args ...any) {
		t.Helper()
		t.Fatalf("seed %d: %s", seed, fmt.Sprintf(format, args...))
	}
	if len(plan.Conflicts) > 0 {
		fail("conflicts are left: %v", plan.Conflicts)
	}
	if err := fo.Merge(ft, plan); err != nil {
		fail("%v", err)
	}
	text, err := fo.Marshal()
	if err != nil {
		fail("%v", err)
	}
	merged, err := vaultfile.Parse(text)
	if err != nil || merged.Verify() != nil {
		fail("%v %v", err, merged.Verify())
	}
	// A branch that removed the only voucher of its new profile is refused by itself, too.
	orphan := map[format.ID]bool{}
	for _, side := range []*history{ours, theirs} {
		for _, v := range trust.Judge(trust.Taken(h.open()), side.open()).Verdicts {
			orphan[v.ID] = orphan[v.ID] || v.Check(trust.Options{Write: true}) != nil
		}
	}
	for _, r := range plan.Results { // nor can the last profile be vouched for, if it is restored
		orphan[r.ID] = orphan[r.ID] || r.Vouch && len(r.Vouchers) == 0
	}
	for name, known := range map[string]*trust.Known{"ours": trust.Taken(ours.open()), "theirs": trust.Taken(theirs.open())} {
		for _, v := range trust.Judge(known, merged).Verdicts {
			if err := v.Check(trust.Options{Write: true}); err != nil && !orphan[v.ID] {

				fail("a machine that knows %s refuses: %v", name, err)
			}
		}
	}
	for _, s := range merged.UnverifiedSections() {
		checkMerged(fail, h, ours, theirs, merged, s.ID, choices)
	}
}

// A plan for other files, or files that aren't unlocked, are an error and change nothing.
func TestMergeWrongly(t *testing.T) {
	alice := []vaultfile.Recipient{{Name: "alice", Writer: true, String: cast["alice"].Recipient().String()}}
	f := vaultfile.New()
	if _, err := f.Add("default", alice, nil); err != nil {
		t.Fatal(err)
	}
	text, err := f.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	ours, theirs := must(vaultfile.Parse(text)), must(vaultfile.Parse(text))
	id := ours.UnverifiedSections()[0].ID
	var role *vaultfile.RoleError
	side := merge.Ours
	for _, c := range []struct {
		what string
		plan *merge.Plan
		want func(error) bool
	}{
		{"an unknown profile", &merge.Plan{Results: []merge.Result{{ID: format.ID{1}, Take: &side}}}, func(err error) bool { return errors.Is(err, vaultfile.ErrOtherPlan) }},
		{"an unknown profile to be merged", &merge.Plan{Results: []merge.Result{{ID: format.ID{1}}}}, func(err error) bool { return errors.Is(err, vaultfile.ErrOtherPlan) }},
		{"a locked profile", &merge.Plan{Results: []merge.Result{{ID: id, Name: "default"}}}, func(err error) bool { return errors.As(err, &role) }},
	} {
		if err := ours.Merge(theirs, c.plan); !c.want(err) || ours.HasChanges() {
			t.Errorf("%s: %v", c.what, err)
		}
	}
	if err := ours.Merge(vaultfile.New(), &merge.Plan{}); !errors.Is(err, vaultfile.ErrOtherFile) {
		t.Errorf("another file: %v", err)
	}
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

// checkMerged compares a merged profile with the rules.
func checkMerged(fail func(string, ...any), h, ours, theirs *history, merged *vaultfile.File, id format.ID, choices map[string]merge.Choice) {
	bv, bp, _ := state(h.t, h.open(), id)
	ov, op, oursS := state(h.t, ours.open(), id)
	tv, tp, theirsS := state(h.t, theirs.open(), id)
	values, people, s := state(h.t, merged, id)
	kept := false // the user was asked about access
	for k := range choices {
		kept = kept || strings.HasPrefix(k, fmt.Sprint(key(id, ""), merge.ConfirmRemoval)) || strings.HasPrefix(k, fmt.Sprint(key(id, ""), merge.ConfirmAccess))
	}
	// Who came and went while there was nothing to know has left no trace, nor has who was removed
	// before the profile was.
	out := func(side *history, s *format.Profile, has map[string]bool, name string) bool {
		return s != nil && side.removed[key(id, name)] && !has[name] && !kept &&
			(bp[name] || slices.ContainsFunc(s.Former, func(f format.Former) bool { return f.Name == name }))
	}
	for name := range people {
		if out(ours, oursS, op, name) || out(theirs, theirsS, tp, name) {

			fail("%s was removed and is back", name)
		}
	}
	if !people["alice"] {
		fail("alice is gone")
	}
	p, err := merged.Unlock(s.Name, cast["alice"])
	if err != nil {
		fail("%v", err)
	}
	for person, knew := range ours.knew {
		for name, value := range values {
			// With a removed profile, what was known of it there is gone.
			known := ov != nil && knew[key(id, value)] || tv != nil && theirs.knew[person][key(id, value)]
			exposed, err := p.ExposedTo(name)
			if err != nil {
				fail("%v", err)
			}
			if known && !people[person] && !slices.Contains(exposed, person) {
				fail("%s knows %s of %s, which isn't recorded (%v)", person, name, s.Name, exposed)
			}
			if !known && slices.Contains(exposed, person) && !strings.HasPrefix(value, "value") {
				fail("%s is said to know %s", person, name)
			}
		}
	}
	if ov == nil || tv == nil || bv == nil {
		return
	}
	for _, side := range []*format.Profile{oursS, theirsS} {
		if s.Key == side.Key && s.Signature != side.Signature && s.Revision <= side.Revision {
			fail("revision %d after %d", s.Revision, side.Revision)
		}
	}
	for person := range bp {
		if op[person] && tp[person] && !people[person] {
			fail("%s is on all sides, and is gone", person)
		}
	}
	chosen := func(name string, kind merge.Kind, side merge.Side) (merge.Choice, bool) {
		c, ok := choices[fmt.Sprint(key(id, name), kind, side)]
		return c, ok
	}
	renamed := false // a conflict over a rename concerns two names
	for k := range choices {
		renamed = renamed || strings.Contains(k, fmt.Sprint(merge.RenamedAndChanged)) && strings.HasPrefix(k, key(id, ""))
	}
	names := map[string]bool{}
	for _, m := range []map[string]string{bv, ov, tv, values} {
		for name := range m {
			names[name] = true
		}
	}
	for name := range names {
		o, t, b := ov[name], tv[name], bv[name]
		for side, value := range map[merge.Side]*string{merge.Ours: &o, merge.Theirs: &t} {
			if c, ok := chosen(name, merge.ConfirmValue, side); ok && c.Side != side {
				*value = b
			}
		}
		want := "a conflict that nobody was asked about"
		switch {
		case o == t || t == b:
			want = o
		case o == b:
			want = t
		}
		for _, kind := range []merge.Kind{merge.TwoValues, merge.TwoAdditions, merge.ChangedAndUnset} {
			if c, ok := chosen(name, kind, 0); ok { // an expiry date may be what differs
				want = []string{o, t}[c.Side]
			}
		}
		if values[name] != want && !renamed {
			fail("%s of %s is %q, want %q (base %q, ours %q, theirs %q)", name, s.Name, values[name], want, b, o, t)
		}
	}
}
