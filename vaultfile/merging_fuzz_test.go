package vaultfile_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/vaultfile"
	"github.com/credfile/credfile/vaultfile/merge"
)

// mergePool has versions of one file, and what opens their profiles.
type mergePool struct {
	texts []string
	keys  map[format.Key]*vaultfile.Profile
}

var mergeTime = time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)

func newMergePool(f testing.TB) *mergePool {
	m := &mergePool{keys: map[format.Key]*vaultfile.Profile{}}
	must := func(errs ...error) {
		for _, err := range errs {
			if err != nil {
				f.Helper()
				f.Fatal(err)
			}
		}
	}
	person := func(name string, writer bool) vaultfile.Recipient {
		return vaultfile.Recipient{Name: name, Writer: writer, String: stringOf(name)}
	}
	set := func(p *vaultfile.Profile, name, value string) { _, err := p.Set(name, []byte(value)); must(err) }
	access := func(p *vaultfile.Profile, a vaultfile.Access) { _, err := p.ChangeAccess(a); must(err) }
	v := vaultfile.New()
	v.Clock = func() time.Time { return mergeTime }
	p, err := v.Add("default", []vaultfile.Recipient{person("alice", true), person("bob", true), person("carol", false)}, nil)
	must(err)
	set(p, "A", "1")
	set(p, "B", "2")
	_, err = v.Add("staging", []vaultfile.Recipient{person("alice", true)}, p)
	must(err)
	text, err := v.Marshal()
	must(err)
	m.keep(f, string(text))
	for _, change := range []struct {
		of int
		do func(f *vaultfile.File, p, staging *vaultfile.Profile)
	}{
		{0, func(_ *vaultfile.File, p, _ *vaultfile.Profile) { set(p, "A", "3") }},
		{0, func(_ *vaultfile.File, p, _ *vaultfile.Profile) { access(p, vaultfile.Access{Remove: []string{"bob"}}) }},
		{0, func(_ *vaultfile.File, p, staging *vaultfile.Profile) {
			must(p.AddRecipient(person("dave", false)), staging.AddRecipient(person("carol", true)))
		}},
		{0, func(_ *vaultfile.File, p, _ *vaultfile.Profile) { must(p.Rotate()) }},
		{1, func(f *vaultfile.File, p, staging *vaultfile.Profile) {
			_, err := f.Add("new", []vaultfile.Recipient{person("alice", true), person("bob", false)}, p)
			must(err, staging.RenameProfile("stage"))
		}},
		{2, func(_ *vaultfile.File, p, _ *vaultfile.Profile) { set(p, "C", "4") }},
		{3, func(_ *vaultfile.File, _, staging *vaultfile.Profile) { must(staging.Remove()) }},
		{0, func(_ *vaultfile.File, p, _ *vaultfile.Profile) {
			access(p, vaultfile.Access{Reader: []string{"bob"}, Writer: []string{"carol"}})
		}},
	} {
		v := m.open(f, m.texts[change.of])
		p, err := v.Unlock("default", cast["alice"])
		must(err)
		staging, err := v.Unlock("staging", cast["alice"])
		must(err)
		change.do(v, p, staging)
		text, err := v.Marshal()
		must(err)
		m.keep(f, string(text))
	}
	return m
}

// keep adds a version, with all its profiles opened.
func (m *mergePool) keep(t testing.TB, text string) {
	m.texts = append(m.texts, text)
	f := m.open(t, text)
	for _, s := range f.UnverifiedSections() {
		p, err := f.Unlock(s.Name, cast["alice"])
		if err != nil {
			t.Fatal(err)
		}
		m.keys[s.Key] = p
	}
}

// open parses a file and opens what it can, without deriving anything again.
func (m *mergePool) open(t testing.TB, text string) *vaultfile.File {
	f, err := vaultfile.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	f.Clock = func() time.Time { return mergeTime.Add(time.Hour) }
	for _, s := range f.UnverifiedSections() {
		if p := m.keys[s.Key]; p != nil {
			f.OpenLike(s.Name, p)
		}
	}
	return f
}

// mutate makes a file of a version: each five bytes of the script replace, add or remove lines or sections, taken from
// any version. What does not parse is taken back.
func (m *mergePool) mutate(text string, script []byte) string {
	for ; len(script) >= 5; script = script[5:] {
		sep := []string{"\n", "\n\n"}[script[0]&1]
		is, from := strings.SplitAfter(text, sep), strings.SplitAfter(m.texts[int(script[1])%len(m.texts)], sep)
		at, n, other := int(script[2])%len(is), int(script[0]>>1&3), int(script[3])%len(from)
		end := min(at+n, len(is))
		take := from[other:min(other+int(script[4]&3), len(from))]
		changed := strings.TrimRight(strings.Join(slices.Concat(is[:at], take, is[end:]), ""), "\n") + "\n"
		if _, err := vaultfile.Parse([]byte(changed)); err == nil {
			text = changed
		}
	}
	return text
}

// If neither side has anything that is trusted, there is nothing to merge, and the file stays as it is.
func TestNothingTrusted(t *testing.T) {
	m := newMergePool(t)
	ours, theirs := m.open(t, m.texts[0]), m.open(t, m.texts[1])
	none := map[string]error{"default": errors.New("unknown"), "staging": errors.New("unknown")}
	o, err := ours.Side(none)
	h, err2 := theirs.Side(none)
	if err != nil || err2 != nil {
		t.Fatal(err, err2)
	}
	if err := ours.Merge(theirs, merge.Merge(&merge.File{}, o, h, nil)); err != vaultfile.ErrNoProfile {
		t.Error(err)
	}
	if text, err := ours.Marshal(); err != nil || string(text) != m.texts[0] {
		t.Errorf("%s, %v", text, err)
	}
}

// FuzzMerge merges three mutated versions of a file. The result is a file in which each profile verifies, unless a
// side has it as it is, and nobody has access or a role who has it on no side, nor in the base with the keys of a
// side. A merge that fails changes nothing.
func FuzzMerge(f *testing.F) {
	m := newMergePool(f)
	for i := range m.texts {
		f.Add([]byte{0, byte(i), byte(i + 1), 1, 0}, []byte{}, []byte{})
		f.Add([]byte{0, 1, byte(i), 2, 1}, []byte{3, byte(i), 1, 1, 1}, []byte{2, byte(i), 5, 5, 1, 2, 2, 8, 8, 2})
	}
	f.Fuzz(func(t *testing.T, choices, ours, theirs []byte) {
		if len(choices) < 4 || len(ours)+len(theirs) > 40 {
			return
		}
		version := func(i int) string { return m.texts[int(choices[i])%len(m.texts)] }
		texts := [3]string{version(0), m.mutate(version(1), ours), m.mutate(version(2), theirs)}
		var files [3]*vaultfile.File
		var sides [3]*merge.File
		for i, text := range texts {
			files[i] = m.open(t, text)
			var err error
			if sides[i], err = files[i].Side(nil); err != nil {
				t.Fatal(err)
			}
		}
		plan := merge.Merge(sides[0], sides[1], sides[2], func(c merge.Conflict) (merge.Choice, bool) {
			b := choices[3+(int(c.Kind)+len(c.Credential))%(len(choices)-3)]
			return merge.Choice{Side: merge.Side(b & 1)}, b&2 == 0
		})
		err := files[1].Merge(files[2], plan)
		text, err2 := files[1].Marshal()
		if err2 != nil {
			t.Fatalf("%v, and it can't be written: %v", err, err2)
		}
		if err != nil {
			if string(text) != texts[1] {
				t.Errorf("%v, and it is\n%s", err, text)
			}
			return
		}
		merged, err := vaultfile.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range merged.UnverifiedSections() {
			checkMerged(t, merged, s, sides)
		}
	})
}

// checkMerged compares a merged section with the sides, of which the first is the base.
func checkMerged(t *testing.T, merged *vaultfile.File, s *format.Profile, sides [3]*merge.File) {
	asItIs := false
	var can []*merge.Profile // what gives access
	for i, side := range sides {
		for _, p := range side.Profiles {
			asItIs = asItIs || i > 0 && p.Digest == merged.Digest(s)
			// Without new keys, nobody was removed: a side has the key that the base gave.
			if p.ID == s.ID && (i > 0 || slices.ContainsFunc(slices.Concat(sides[1].Profiles, sides[2].Profiles), func(x *merge.Profile) bool { return x.Key == p.Key })) {
				can = append(can, p)
			}
		}
	}
	if err := merged.VerifyProfile(s.Name); err != nil {
		if !asItIs {
			t.Errorf("%s: %v", s.Name, err)
		}
		return
	}
	for _, r := range s.Recipients {
		if !slices.ContainsFunc(can, func(p *merge.Profile) bool {
			return slices.ContainsFunc(p.Recipients, func(x format.Recipient) bool { return x.String == r.String && (x.Writer || !r.Writer) })
		}) {
			t.Errorf("%s: %s has on no side what it has now", s.Name, r.Name)
		}
	}
}
