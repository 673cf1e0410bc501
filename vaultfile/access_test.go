package vaultfile

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"filippo.io/age"

	"github.com/credfile/credfile/format"
)

// team returns a saved file. me writes everything; bob is in all three profiles, in c as
// robert.
func team(t *testing.T) (f *File, me, bob *age.X25519Identity) {
	t.Helper()
	me, bob = person(t), person(t)
	f = New()
	var first *Profile
	for _, name := range []string{"a", "b", "c"} {
		who := map[bool]string{false: "bob", true: "robert"}[name == "c"]
		p, err := f.Add(name, []Recipient{as("me", me, true), as(who, bob, true)}, first)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = p
		}
	}
	return reread(t, f), me, bob
}

func person(t *testing.T) *age.X25519Identity {
	t.Helper()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func as(name string, id *age.X25519Identity, writer bool) Recipient {
	return Recipient{Name: name, Writer: writer, String: id.Recipient().String()}
}

// outline writes steps as "a: +x -bob; b: ...".
func outline(steps []*AccessStep) string {
	var list []string
	for _, s := range steps {
		words := []string{s.Name + ":"}
		for _, r := range s.Add {
			words = append(words, "+"+r.Name)
		}
		for _, name := range s.Remove {
			words = append(words, "-"+name)
		}
		for _, r := range s.Replace {
			words = append(words, "="+r.Name)
		}
		for _, r := range s.Lock {
			words = append(words, "lock "+r.Name)
		}
		words = append(words, wordsOf("writer ", s.Writer)...)
		words = append(words, wordsOf("reader ", s.Reader)...)
		for _, pair := range s.Rename {
			words = append(words, pair[0]+">"+pair[1])
		}
		list = append(list, strings.Join(words, " "))
	}
	return strings.Join(list, "; ")
}

func wordsOf(kind string, names []string) (words []string) {
	for _, name := range names {
		words = append(words, kind+name)
	}
	return words
}

func TestPlanAccess(t *testing.T) {
	f, _, bob := team(t)
	x := person(t)
	for _, c := range []struct {
		change   Access
		profiles []string
		want     string
	}{
		{Access{Add: []Recipient{as("x", x, false)}}, []string{"a"}, "a: +x"},
		{Access{Add: []Recipient{as("x", x, false)}}, nil, "a: +x; b: +x; c: +x"},
		{Access{Writer: []string{"bob"}}, []string{"c"}, "c: writer bob"}, // an error, when applied
		{Access{Writer: []string{"bob"}, Rename: [][2]string{{"bob", "rob"}, {"rob", "bob"}}}, nil,
			"a: writer bob bob>rob rob>bob; b: writer bob bob>rob rob>bob"},
		{Access{Remove: []string{"bob"}}, []string{"a"}, "a: -bob"},
		// Whoever is removed keeps their key under no other name.
		{Access{Remove: []string{"bob"}}, nil, "a: -bob; b: -bob; c: -robert"},
		{Access{Remove: []string{"bob"}, Everywhere: true}, []string{"a"}, "a: -bob; b: -bob; c: -robert"},
		{Access{Remove: []string{"bob", "robert"}}, nil, "a: -bob; b: -bob; c: -robert"},
		{Access{Reader: []string{"robert"}}, nil, "c: reader robert; a: reader bob; b: reader bob"},
		{Access{Replace: []Recipient{as("bob", x, false)}}, nil, "a: =bob; b: =bob; c: =robert"},
		{Access{Lock: []Recipient{as("bob", bob, false)}}, nil, "a: lock bob; b: lock bob"},
		{Access{Lock: []Recipient{as("bob", x, false)}}, nil, ""}, // the key of no bob
		{Access{Put: []Recipient{as("bob", bob, true)}}, nil, "a: lock bob; b: lock bob; c: +bob"},
		{Access{Put: []Recipient{as("bob", x, true)}, Everywhere: true}, []string{"c"}, "a: =bob; b: =bob"},
		{Access{Put: []Recipient{as("x", x, true)}, Everywhere: true}, []string{"b"}, "b: +x"},
		{Access{Put: []Recipient{as("bob", x, true)}}, []string{"b", "c"}, "b: =bob; c: +bob"},
		{Access{Put: []Recipient{as("bob", x, true)}}, []string{"c", "b"}, "b: =bob; c: +bob"},
		{Access{Put: []Recipient{{Name: "bob"}}}, []string{"b"}, "b: =bob"}, // its key comes later
	} {
		steps, err := f.PlanAccess(c.change, c.profiles...)
		if got := outline(steps); err != nil || got != c.want {
			t.Errorf("%+v in %q: %v\n%s, want\n%s", c.change, c.profiles, err, got, c.want)
		}
		if f.HasChanges() {
			t.Fatal("a plan changed the file")
		}
	}
}

func TestPlanAccessNotFound(t *testing.T) {
	f, _, _ := team(t)
	for _, c := range []struct {
		profiles []string
		in       string
		known    string
	}{
		{nil, "a", "[bob me robert]"},
		{[]string{"b"}, "b", "[bob me]"},
		{[]string{"a", "b", "c"}, "a", "[bob me]"},
	} {
		for _, change := range []Access{{Remove: []string{"x"}}, {Reader: []string{"x"}}, {Lock: []Recipient{{Name: "x"}}}, {Replace: []Recipient{{Name: "x"}}}} {
			var missing *NotFoundError
			_, err := f.PlanAccess(change, c.profiles...)
			if !errors.As(err, &missing) || missing.Profile != c.in || missing.Recipient != "x" || fmt.Sprint(missing.Known) != c.known {
				t.Errorf("%+v in %q: %#v", change, c.profiles, err)
			}
		}
	}
	var missing *NotFoundError
	if _, err := f.PlanAccess(Access{Remove: []string{"bob"}}, "a", "c"); !errors.As(err, &missing) || missing.Profile != "c" {
		t.Errorf("one of two lacks the name: %v", err)
	}
}

// unlocked plans a change and unlocks its profiles.
func unlocked(t *testing.T, f *File, id age.Identity, a Access, profiles ...string) []*AccessStep {
	t.Helper()
	steps, err := f.PlanAccess(a, profiles...)
	for _, s := range steps {
		if err == nil {
			s.Profile, err = f.Unlock(s.Name, id)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return steps
}

func TestChangeAccess(t *testing.T) {
	f, me, bob := team(t)
	x, y := person(t), person(t)
	p, err := f.Unlock("a", me)
	if err != nil {
		t.Fatal(err)
	}
	key := p.Section().Key
	d, err := p.ChangeAccess(Access{
		Add:    []Recipient{as("x", x, false), as("y", y, true), as("me", me, true)},
		Writer: []string{"x", "me"}, Reader: []string{"y"}, Remove: []string{"bob"}, Rename: [][2]string{{"x", "z"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprintln(len(d.Added), d.Added[0].Name, d.Added[1].Name, d.HadAccess[0].Name, d.MadeWriter, d.WasWriter, d.MadeReader, d.Removed[0].Name, d.Renamed, d.Lost())
	if want := "2 x y me [x] [me] [y] bob [[x z]] [bob]\n"; got != want || d.OldKey != key {
		t.Errorf("%s, want %s; old key %x", got, want, d.OldKey)
	}
	f = reread(t, f)
	s, err := f.Profile("a")
	if err != nil || !slices.Equal(s.Writers(), []string{"me", "z"}) || s.Recipient("y") == nil || s.Key == key {
		t.Errorf("%v, writers %q", err, s.Writers())
	}
	if _, err := f.Unlock("a", bob); err == nil {
		t.Error("bob still opens a")
	}
	if p, err := f.Unlock("a", x); err != nil || !p.Writer() {
		t.Errorf("x can't write a: %v", err)
	}
}

// A profile that can't be changed leaves the others as they were.
func TestApplyAccessAllOrNone(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(t *testing.T, f *File, steps []*AccessStep, me, bob *age.X25519Identity)
		want  any
	}{
		{"it is not unlocked", func(_ *testing.T, _ *File, steps []*AccessStep, _, _ *age.X25519Identity) { steps[2].Profile = nil }, new(*RoleError)},
		{"it is another's", func(_ *testing.T, _ *File, steps []*AccessStep, _, _ *age.X25519Identity) {
			steps[2].Profile = steps[1].Profile
		}, new(*RoleError)},
		{"it is that of another copy of the file", func(t *testing.T, f *File, steps []*AccessStep, me, _ *age.X25519Identity) {
			var err error
			if steps[2].Profile, err = reread(t, f).Unlock(steps[2].Name, me); err != nil {
				t.Fatal(err)
			}
		}, new(*RoleError)},
		{"it would have no writer", func(_ *testing.T, _ *File, steps []*AccessStep, _, _ *age.X25519Identity) {
			steps[2].Add, steps[2].Remove = nil, []string{"me", "robert"}
		}, new(*LastWriterError)},
		{"the name is missing", func(_ *testing.T, _ *File, steps []*AccessStep, _, _ *age.X25519Identity) {
			steps[2].Rename = [][2]string{{"nobody", "x"}}
		}, new(*NotFoundError)},
		{"it has the role already", func(_ *testing.T, _ *File, steps []*AccessStep, me, _ *age.X25519Identity) {
			steps[2].Add = []Recipient{as("me", me, false)}
		}, new(*OtherRoleError)},
		{"it needs a plugin", func(_ *testing.T, _ *File, steps []*AccessStep, _, _ *age.X25519Identity) {
			steps[2].Replace = []Recipient{{Name: "me", String: "age1yubikey1qwt50d05nh5vutpdzmlg5wn80xq5negm4uj9ghv0snvdd3yysf5yw3rhl3t"}}
		}, new(*PluginError)},
	} {
		f, me, bob := team(t)
		x := person(t)
		steps := unlocked(t, f, me, Access{Add: []Recipient{as("x", x, true)}, Remove: []string{"bob"}})
		c.spoil(t, f, steps, me, bob)
		before := format.Marshal(f.text)
		done, err := f.ApplyAccess(steps)
		if !errors.As(err, c.want) || done != nil {
			t.Errorf("%s: %v, done %v", c.name, err, done)
		}
		if f.HasChanges() || !bytes.Equal(format.Marshal(f.text), before) {
			t.Errorf("%s: something changed", c.name)
		}
		// What is unlocked still works.
		if _, err := steps[0].Profile.Set("A", []byte("1")); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		f = reread(t, f)
		if p, err := f.Unlock("a", bob); err != nil || !p.Has("A") {
			t.Errorf("%s: bob can't read what was set: %v", c.name, err)
		}
	}
}

// Whoever damages a section must not exclude it from a change of all profiles by that.
func TestPlanAccessDamaged(t *testing.T) {
	for _, a := range []Access{{Writer: []string{"bob"}}, {Rename: [][2]string{{"bob", "rob"}}}, {Remove: []string{"bob"}}, {Put: []Recipient{{Name: "bob", String: "x"}}}} {
		f, _, _ := team(t)
		s := f.text.Profiles[1]
		s.Recipients = s.Recipients[1:] // without bob
		damaged, err := Parse(format.Marshal(f.text))
		if err != nil {
			t.Fatal(err)
		}
		var damage *DamageError
		if _, err := damaged.PlanAccess(a); !errors.As(err, &damage) || damage.Profile != "b" {
			t.Errorf("%+v: %v", a, err)
		}
	}
}
