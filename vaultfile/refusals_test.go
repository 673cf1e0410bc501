package vaultfile

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/vaultfile/merge"
)

// isA reports whether an error is of type E.
func isA[E error](err error) bool {
	var e E
	return errors.As(err, &e)
}

// withReader returns a saved file with the profiles a and b, as a writer and as a reader see them.
func withReader(t *testing.T) (f *File, writer, reader *Profile, rid *age.X25519Identity) {
	t.Helper()
	me, rid := person(t), person(t)
	f = New()
	a, err := f.Add("a", []Recipient{as("me", me, true), as("reader", rid, false)}, nil)
	if err == nil {
		_, err = f.Add("b", []Recipient{as("me", me, true)}, a)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"ONE", "TWO"} {
		if _, err := a.Set(name, []byte(name)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := a.SetSource(Source{"SRC", "oauth", format.Definition{"a": "x"}}); err != nil {
		t.Fatal(err)
	}
	f = reread(t, f)
	if writer, err = f.Unlock("a", me); err != nil {
		t.Fatal(err)
	}
	again := reread(t, f)
	if reader, err = again.Unlock("a", rid); err != nil {
		t.Fatal(err)
	}
	return f, writer, reader, rid
}

// Row 7: a reader's copy of the library changes nothing, whatever it is asked.
func TestReaderChangesNothing(t *testing.T) {
	_, writer, p, rid := withReader(t)
	day := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	for what, do := range map[string]func() error{
		"Set":           func() error { _, err := p.Set("NEW", nil); return err },
		"Rename":        func() error { return p.Rename("ONE", "NEW") },
		"Unset":         func() error { return p.Unset("ONE") },
		"SetSource":     func() error { _, err := p.SetSource(Source{"S", "oauth", nil}); return err },
		"SetExpiry":     func() error { _, err := p.SetExpiry("ONE", day); return err },
		"SetAsFile":     func() error { _, err := p.SetAsFile("ONE", true); return err },
		"Confirm":       func() error { return p.Confirm("ONE") },
		"Copy":          func() error { _, err := writer.Copy("ONE", p, true); return err },
		"CopyAll":       func() error { return writer.CopyAll(p) },
		"Rewrite":       func() error { _, err := p.Rewrite(nil); return err },
		"RenameProfile": func() error { return p.RenameProfile("z") },
		"AddRecipient":  func() error { return p.AddRecipient(as("x", person(t), false)) },
		"ChangeAccess":  func() error { _, err := p.ChangeAccess(Access{Remove: []string{"me"}}); return err },
		"Rotate":        func() error { return p.Rotate() },
		"Remove":        func() error { return p.Remove() },
		"HideNames":     func() error { return p.HideNames() },
		"VouchFor":      func() error { return p.VouchFor(p, format.Key{}) },
		"Add":           func() error { _, err := p.f.Add("n", []Recipient{as("r", rid, true)}, p); return err },
		"CheckWriter":   func() error { return p.CheckWriter() },
	} {
		if err := do(); !isA[*RoleError](err) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if p.f.HasChanges() || len(p.s.Entries) != 3 {
		t.Error("something is changed")
	}
}

func TestNames(t *testing.T) {
	f, p, _, _ := withReader(t)
	who := person(t)
	for what, do := range map[string]func(name string) error{
		"Set":           func(name string) error { _, err := p.Set(name, nil); return err },
		"Rename":        func(name string) error { return p.Rename("ONE", name) },
		"SetSource":     func(name string) error { _, err := p.SetSource(Source{name, "oauth", nil}); return err },
		"Rewrite":       func(name string) error { _, err := p.Rewrite([]Item{{Name: name, Value: newSecret(nil)}}); return err },
		"Add":           func(name string) error { _, err := f.Add(name, nil, p); return err },
		"RenameProfile": func(name string) error { return p.RenameProfile(name) },
		"AddRecipient": func(name string) error {
			return p.AddRecipient(Recipient{Name: name, String: who.Recipient().String()})
		},
		"ChangeAccess": func(name string) error {
			_, err := p.ChangeAccess(Access{Rename: [][2]string{{"reader", name}}})
			return err
		},
	} {
		for _, name := range []string{".x", "a b", "ä", strings.Repeat("x", format.MaxName+1), ""} {
			if err := do(name); !isA[*NameError](err) && !(what == "Rewrite" && name == "" && errors.Is(err, ErrComment)) {
				t.Errorf("%s %q: %v", what, name, err)
			}
		}
	}
	for what, err := range map[string]error{
		"Rename": p.Rename("ONE", "TWO"), "RenameProfile": p.RenameProfile("b"), "Add": func() error { _, err := f.Add("b", nil, p); return err }(),
	} {
		if !isA[*ExistsError](err) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for what, err := range map[string]error{
		"no credential \"X\" in profile \"a\"":            func() error { _, err := p.AsFile("X"); return err }(),
		"no credential \"Y\" in profile \"a\"":            func() error { _, err := p.Expiry("Y"); return err }(),
		"no credential \"Z\" in profile \"a\"":            func() error { _, err := p.Source("Z"); return err }(),
		"no credential \"S\" in profile \"a\"":            func() error { _, err := p.ExposedTo("S"); return err }(),
		"no credential \"V\" in profile \"a\"":            func() error { _, err := p.SetAsFile("V", true); return err }(),
		"no credential \"W\" in profile \"a\"":            func() error { _, err := p.SetExpiry("W", time.Time{}); return err }(),
		"no credential \"U\" in profile \"a\"":            p.Confirm("U"),
		"no credential \"T\" in profile \"a\"":            p.Rename("T", "NEW"),
		"no credential \"Q\" in profile \"a\"":            p.Unset("Q"),
		"no credential \"R\" in profile \"a\"":            func() error { _, err := p.Copy("R", p, true); return err }(),
		"no profile \"c\"":                                f.VerifyProfile("c"),
		"no recipient \"x\" in profile \"a\"":             func() error { _, err := p.ChangeAccess(Access{Remove: []string{"x"}}); return err }(),
		"profile \"b\" already exists":                    p.RenameProfile("b"),
		"ONE is a credential":                             func() error { _, err := p.Source("ONE"); return err }(),
		"no recipient \"nobody\" in profile \"a\"":        func() error { _, err := f.OpenLock("a", "nobody"); return err }(),
		"no profile \"none\"":                             func() error { _, err := f.OpenLock("none", "me"); return err }(),
		"\"OAuth\" is not a valid name for a source kind": func() error { _, err := p.SetSource(Source{"S", "OAuth", nil}); return err }(),
	} {
		if err == nil || err.Error() != what {
			t.Errorf("%v, want %s", err, what)
		}
	}
	for what, err := range map[string]error{
		"Set": func() error { _, err := p.Set("SRC", nil); return err }(), "SetExpiry": func() error { _, err := p.SetExpiry("SRC", time.Time{}); return err }(),
		"SetAsFile": func() error { _, err := p.SetAsFile("SRC", true); return err }(), "Get": func() error { _, err := p.Get("SRC"); return err }(), "Confirm": p.Confirm("SRC"),
	} {
		if !isA[*IsSourceError](err) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if p.f.HasChanges() {
		t.Error("something is changed")
	}
}

// A source is read as it was set, and a definition that can't be written isn't.
func TestSources(t *testing.T) {
	_, p, _, _ := withReader(t)
	s, err := p.Source("SRC")
	if err != nil || s.Kind != "oauth" || s.Definition.Text("a") != "x" {
		t.Errorf("%+v, %v", s, err)
	}
	for _, c := range []struct {
		s       Source
		changed bool
		bad     bool
	}{
		{Source{"SRC", "oauth", format.Definition{"a": "x"}}, false, false},
		{Source{"SRC", "oauth", format.Definition{"a": "y"}}, true, false},
		{Source{"SRC", "aws", format.Definition{"a": "y"}}, true, false},
		{Source{"NEW", "aws", nil}, true, false},
		{Source{"BAD", "aws", format.Definition{"A": "y"}}, false, true},
		{Source{"SRC", "aws", format.Definition{"a": "\xff"}}, false, true},
		{Source{"BAD", "", nil}, false, false},
	} {
		changed, err := p.SetSource(c.s)
		if changed != c.changed || errors.Is(err, format.ErrDefinition) != c.bad || c.s.Kind == "" && !isA[*NameError](err) {
			t.Errorf("%+v: %v, %v", c.s, changed, err)
		}
	}
	list, err := p.Sources()
	if err != nil || len(list) != 2 || list[0].Kind != "aws" || list[1].Name != "NEW" {
		t.Errorf("%+v, %v", list, err)
	}
	if _, err := p.SetSource(Source{"ONE", "aws", nil}); !isA[*IsCredentialError](err) {
		t.Errorf("a credential: %v", err)
	}
	for _, i := range []Item{{Name: "A"}, {Name: "A", Kind: "aws"}, {}} {
		if i.HasValue() != (i.Name != "" && i.Kind == "") {
			t.Errorf("%+v has a value: %v", i, i.HasValue())
		}
	}
	e := p.s.Entries[p.find("SRC")]
	e.Sealed = p.sealValue("SRC", e.Kind, []byte("a = 01\n"))
	p.s.Entries[p.find("SRC")] = e
	if _, err := p.Source("SRC"); !errors.Is(err, ErrValue) {
		t.Errorf("another form: %v", err)
	}
	if _, err := p.Sources(); !errors.Is(err, ErrValue) {
		t.Errorf("another form, among all: %v", err)
	}
}

// Row 13: no writer makes what a reader refuses.
func TestWriterLimits(t *testing.T) {
	large, most := make([]byte, format.MaxValue+1), make([]byte, format.MaxValue)
	for what, do := range map[string]func(f *File, p *Profile) error{
		"value": func(f *File, p *Profile) error { _, err := p.Set("A", large); return err },
		"rewritten": func(f *File, p *Profile) error {
			_, err := p.Rewrite([]Item{{Name: "A", Value: newSecret(large)}})
			return err
		},
		"comment": func(f *File, p *Profile) error {
			half := []byte(strings.Repeat("#\n", format.MaxValue/2-4))
			_, err := p.Rewrite([]Item{{Value: newSecret(append(bytes.Clone(half), "\n# x\n"...))}, {Name: "A", Value: newSecret(nil)}, {Value: newSecret(half)}})
			if err != nil {
				return err
			}
			return p.Unset("A")
		},
	} {
		f, p, _, _ := withReader(t)
		if err := do(f, p); !isA[*SizeError](err) {
			t.Errorf("%s: %v", what, err)
		}
	}
	_, p, _, _ := withReader(t)
	if _, err := p.Set("A", most); err != nil {
		t.Errorf("the largest value: %v", err)
	}
	entries := func(n int) []format.Entry {
		list := make([]format.Entry, n)
		for i := range list {
			list[i].Name = fmt.Sprint("E", i)
		}
		return list
	}
	for what, do := range map[string]func(f *File, p *Profile) error{
		"entries": func(f *File, p *Profile) error {
			p.s.Entries, p.index = entries(format.MaxEntries), nil
			_, err := p.Set("A", nil)
			return err
		},
		"rewritten entries": func(f *File, p *Profile) error {
			items := make([]Item, format.MaxEntries+1)
			for i := range items {
				items[i] = Item{Name: fmt.Sprint("E", i), Value: newSecret(nil)}
			}
			_, err := p.Rewrite(items)
			return err
		},
		"recipients": func(f *File, p *Profile) error {
			for i := len(p.s.Recipients); i < format.MaxRecipients; i++ {
				p.s.Recipients = append(p.s.Recipients, format.Recipient{Name: fmt.Sprint("r", i), String: fmt.Sprint("age1", i)})
			}
			return p.addRecipient(as("x", person(t), false))
		},
		"profiles": func(f *File, p *Profile) error {
			for len(f.text.Profiles) < format.MaxProfiles {
				f.text.Profiles = append(f.text.Profiles, &format.Profile{Name: "x"})
			}
			_, err := f.Add("n", nil, p)
			return err
		},
		"removed": func(f *File, p *Profile) error {
			f.text.Removed = make([]format.Removed, format.MaxRemoved)
			return p.Remove()
		},
		"former": func(f *File, p *Profile) error { return formerLimit(make([]format.Former, format.MaxFormer+1)) },
		"revisions": func(f *File, p *Profile) error {
			p.Seen(format.MaxRevision)
			p.dirty = true
			_, err := f.Marshal()
			return err
		},
	} {
		f, p, _, _ := withReader(t)
		if err := do(f, p); !errors.Is(err, format.ErrLimit) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := formerLimit(make([]format.Former, format.MaxFormer)); err != nil {
		t.Errorf("as many as allowed: %v", err)
	}
	if _, p, _, _ := withReader(t); true {
		p.Seen(format.MaxRevision - 1)
		p.dirty = true
		if err := p.sign(); err != nil || p.s.Revision != format.MaxRevision {
			t.Errorf("the last revision: %v", err)
		}
	}
}

// A clock that is far behind what the file says, or outside the format, changes nothing.
func TestClock(t *testing.T) {
	_, p, _, _ := withReader(t)
	_, from, _, _ := withReader(t)
	if _, err := from.Set("ONE", []byte("another value")); err != nil {
		t.Fatal(err)
	}
	at := func(now time.Time) { p.f.Clock = func() time.Time { return now } }
	now := time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		now, former time.Time
		want        time.Time // zero if it is refused
	}{
		{now, time.Time{}, now},
		{now, now.Add(-time.Hour), now},
		{now, now, now.Add(time.Second)},
		{now, now.Add(24*time.Hour - time.Second), now.Add(24 * time.Hour)},
		{now, now.Add(24 * time.Hour), time.Time{}},
		{time.Date(1969, 12, 31, 23, 59, 59, 0, time.UTC), time.Time{}, time.Time{}},
		{time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC), time.Time{}, time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)},
		{time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), time.Time{}, time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)},
		{time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), time.Time{}, time.Time{}},
	} {
		at(c.now)
		p.s.Former = nil
		if !c.former.IsZero() {
			p.s.Former = []format.Former{{Name: "x", Time: c.former}}
		}
		got, err := p.f.now(p.s)
		if c.want.IsZero() != isA[*ClockError](err) || !c.want.IsZero() && !got.Equal(c.want) {
			t.Errorf("at %v, after %v: %v, %v", c.now, c.former, got, err)
		}
		if !c.want.IsZero() {
			continue
		}
		_, err = p.Set("NEW", nil)
		_, err2 := p.SetSource(Source{"S", "oauth", nil})
		_, err3 := p.Rewrite([]Item{{Name: "NEW", Value: newSecret(nil)}})
		_, err4 := p.ChangeAccess(Access{Remove: []string{"reader"}})
		_, err5 := from.Copy("ONE", p, true)
		for what, err := range map[string]error{"Set": err, "SetSource": err2, "Rewrite": err3, "ChangeAccess": err4, "Copy": err5, "Confirm": p.Confirm("ONE"), "addFormer": p.addFormer([]string{"x"})} {
			if !isA[*ClockError](err) {
				t.Errorf("%s: %v", what, err)
			}
		}
	}
	at(now)
	p.s.Former = nil
	for year, ok := range map[int]bool{1969: false, 1970: true, 9999: true, 10000: false} {
		if _, err := p.SetExpiry("ONE", time.Date(year, 6, 1, 0, 0, 0, 0, time.UTC)); (err == nil) != ok {
			t.Errorf("the year %d: %v", year, err)
		}
	}
}

func TestValidComment(t *testing.T) {
	for text, want := range map[string]bool{
		"# a\n": true, "\n": true, "# a\n\n#b\n": true, "#\tx\n": true, "#\n": true, "# é\n": true,
		"": false, "# a": false, " # a\n": true, "\t# a\n \n": true, "a\n": false, "# a\n b\n": false, "# a\nA=1\n": false, "# \x00\n": false, "# \x1b[m\n": false, "# \x7f\n": false, "# a\r\n": false, "# \xff\n": false,
	} {
		if got := validComment([]byte(text)); got != want {
			t.Errorf("%q is a comment: %v", text, got)
		}
	}
	_, p, _, _ := withReader(t)
	if _, err := p.Rewrite([]Item{{Value: newSecret([]byte("A=1\n"))}}); !errors.Is(err, ErrComment) {
		t.Errorf("rewritten: %v", err)
	}
}

// Damage that only shows when a value is opened stops what would write it anew.
func TestDamagedValue(t *testing.T) {
	for what, do := range map[string]func(p, to *Profile) error{
		"Get":          func(p, _ *Profile) error { _, err := p.Get("ONE"); return err },
		"Items":        func(p, _ *Profile) error { _, err := p.Items(); return err },
		"Set":          func(p, _ *Profile) error { _, err := p.Set("ONE", nil); return err },
		"Rename":       func(p, _ *Profile) error { return p.Rename("ONE", "NEW") },
		"Confirm":      func(p, _ *Profile) error { return p.Confirm("ONE") },
		"Rewrite":      func(p, _ *Profile) error { _, err := p.Rewrite(nil); return err },
		"Rotate":       func(p, _ *Profile) error { return p.Rotate() },
		"Copy":         func(p, to *Profile) error { _, err := p.Copy("ONE", to, true); return err },
		"Copy to":      func(p, to *Profile) error { _, err := to.Copy("ONE", p, true); return err },
		"CopyAll":      func(p, to *Profile) error { return p.CopyAll(to) },
		"Entries":      func(p, _ *Profile) error { _, err := p.Entries(); return err },
		"Side":         func(p, _ *Profile) error { _, err := p.f.Side(nil); return err },
		"Merge":        func(p, _ *Profile) error { return p.f.Merge(p.f, planFor(p)) },
		"ChangeAccess": func(p, _ *Profile) error { _, err := p.ChangeAccess(Access{Remove: []string{"reader"}}); return err },
	} {
		_, p, _, _ := withReader(t)
		_, to, _, _ := withReader(t)
		e := &p.s.Entries[p.find("ONE")]
		e.Sealed = p.s.Entries[p.find("TWO")].Sealed
		if err := do(p, to); !errors.Is(err, ErrValue) {
			t.Errorf("%s: %v", what, err)
		}
		if p.f.HasChanges() || to.f.HasChanges() {
			t.Errorf("%s: something is changed", what)
		}
	}
}

// planFor is a plan that rewrites a profile.
func planFor(p *Profile) *merge.Plan {
	return &merge.Plan{Results: []merge.Result{{ID: p.s.ID, Name: p.s.Name, Revision: 9}}}
}

// A value is padded in one way.
func TestUnpad(t *testing.T) {
	for n := range 300 {
		value := bytes.Repeat([]byte{0}, n)
		padded := append(append(bytes.Clone(value), 0x80), make([]byte, paddedLen(n)-n-1)...)
		if got, err := unpad(padded); err != nil || !bytes.Equal(got, value) {
			t.Fatalf("%d: %x, %v", n, got, err)
		}
		for name, bad := range map[string][]byte{
			"longer": append(bytes.Clone(padded), make([]byte, 64)...), "no mark": make([]byte, len(padded)), "another mark": bytes.Replace(padded, []byte{0x80}, []byte{0x81}, 1),
			"no zeros": append(bytes.Clone(padded[:len(padded)-1]), 1),
		} {
			if got, err := unpad(bad); err == nil && !(name == "no zeros" && padded[len(padded)-1] == 0x80) {
				t.Errorf("%d, %s: %x", n, name, got)
			}
		}
	}
	if _, err := unpad(nil); err == nil {
		t.Error("nothing is padded")
	}
}

// A file is written only if it is changed, and never in place of another.
func TestSave(t *testing.T) {
	f, _, _, _ := withReader(t)
	path := filepath.Join(t.TempDir(), "f")
	if err := Create(path, f); err != nil {
		t.Fatal(err)
	}
	if err := Create(path, f); !errors.Is(err, fs.ErrExist) {
		t.Errorf("created again: %v", err)
	}
	none := path + "-none"
	if _, err := Open(none); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file is opened: %v", err)
	}
	if err := Create(none, New()); err == nil {
		t.Error("a file without a profile is created")
	}
	if _, err := os.Lstat(none); err == nil {
		t.Error("what can't be written is there")
	}
	mine := errors.New("mine")
	before, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	for what, change := range map[string]func(*File) error{
		"an error": func(*File) error { return mine }, "no change": func(*File) error { return nil },
		"a change, and then an error": func(f *File) error { f.dirty = true; return mine },
	} {
		err := Update(path, change)
		if after, statErr := os.Stat(path); (what != "no change") != errors.Is(err, mine) || statErr != nil || !os.SameFile(before, after) || !after.ModTime().Equal(before.ModTime()) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := os.WriteFile(path, []byte("no file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Update(path, func(*File) error { return mine }); !errors.Is(err, format.ErrSyntax) {
		t.Errorf("what is no file: %v", err)
	}
}

// Another version of a profile is opened only if it is the same profile, under the same key.
func TestOpenLike(t *testing.T) {
	f, p, reader, _ := withReader(t)
	if g := reread(t, f); !g.OpenLike("a", p) || g.unlocked[g.text.Find("a")] == nil {
		t.Error("the same is not opened")
	}
	for what, change := range map[string]func(g *File, o *Profile){
		"another key":   func(g *File, o *Profile) { o.s.Key[0]++ },
		"another id":    func(g *File, o *Profile) { o.s.ID[0]++ },
		"another check": func(g *File, o *Profile) { o.s.Check[0]++ },
		"another file":  func(g *File, o *Profile) { other := *o.f.text; other.ID[0]++; o.f = &File{text: &other} },
		"a reader":      func(g *File, o *Profile) { o.signer = nil },
	} {
		g, section := reread(t, f), *p.s
		o := *p
		o.s = &section
		change(g, &o)
		if g.OpenLike("a", &o) {
			t.Errorf("%s is opened", what)
		}
	}
	if reread(t, f).OpenLike("none", p) || reread(t, f).OpenLike("b", p) || reread(t, f).OpenLike("a", reader) {
		t.Error("what can't be is opened")
	}
}
