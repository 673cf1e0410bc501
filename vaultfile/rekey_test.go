package vaultfile

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/credfile/credfile/format"
)

// rekeyFile returns a file with two profiles for one identity. The first has a former
// recipient and, if hidden is set, hidden names.
func rekeyFile(t *testing.T, hidden bool) (f *File, a, b *Profile, id *age.X25519Identity, clock *time.Time) {
	t.Helper()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)
	f = New()
	f.Clock = func() time.Time { return now }
	me := []Recipient{{Name: "me", Writer: true, String: id.Recipient().String()}}
	if a, err = f.Add("a", me, nil); err != nil {
		t.Fatal(err)
	}
	a.s.Hidden = hidden
	if b, err = f.Add("b", me, a); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"ONE", "TWO"} {
		if _, err := a.Set(name, []byte("value of "+name)); err != nil {
			t.Fatal(err)
		}
	}
	return f, a, b, id, &now
}

// reopen writes and reads the file, as its next user does.
func reopen(t *testing.T, f *File, id age.Identity) (a, b *Profile) {
	t.Helper()
	data, err := f.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	g, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	g.Clock = f.Clock
	if a, err = g.Unlock("a", id); err != nil {
		t.Fatal(err)
	}
	if b, err = g.Unlock("b", id); err != nil {
		t.Fatal(err)
	}
	return a, b
}

func list(t *testing.T, p *Profile) string {
	t.Helper()
	items, err := p.Items()
	if err != nil {
		t.Fatal(err)
	}
	out := ""
	for _, i := range items {
		out += fmt.Sprintf("%s=%s@%s ", i.Name, i.Value.Reveal(), format.FormatTime(i.Time))
	}
	return out
}

func TestRotate(t *testing.T) {
	for _, hidden := range []bool{false, true} {
		f, a, _, id, now := rekeyFile(t, hidden)
		before, labels := list(t, a), a.s.Entries[0].Name
		data, err := f.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		old, oldWrap := *a.s, string(a.s.Recipients[0].Wrap)
		*now = now.Add(time.Hour)
		if err := a.Rotate(); err != nil {
			t.Fatal(err)
		}
		again, _ := reopen(t, f, id)
		s := again.Section()
		if got := list(t, again); got != before {
			t.Errorf("%s, want %s", got, before)
		}
		if s.Key == old.Key || s.Check == old.Check || len(s.Vouched) != 1 || s.Vouched[0].Key != old.Key || s.Vouched[0].For != s.Key || s.Revision != old.Revision+1 {
			t.Errorf("%+v", s)
		}
		if hidden == (s.Entries[0].Name == labels) {
			t.Errorf("hidden %v: %s became %s", hidden, labels, s.Entries[0].Name)
		}
		// The old keys open nothing in the new section.
		g, err := Parse(data)
		if err != nil {
			t.Fatal(err)
		}
		left, err := g.Unlock("a", id)
		if err != nil {
			t.Fatal(err)
		}
		for i := range s.Entries {
			if _, _, err := left.openEntry(&s.Entries[i]); !errors.Is(err, ErrValue) {
				t.Errorf("the old key opens a new value: %v", err)
			}
		}
		if oldWrap == string(s.Recipients[0].Wrap) {
			t.Error("the wrap is the old one")
		}
	}
}

// A copied value stays exposed to former recipients who know it, until it changes.
func TestCopyExposed(t *testing.T) {
	f, a, b, id, now := rekeyFile(t, false)
	left := format.Former{Name: "bob", Time: now.Add(time.Hour)}
	a.s.Former = []format.Former{left}
	*now = now.Add(2 * time.Hour)
	if _, err := a.Set("THREE", []byte("new")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"ONE", "THREE"} {
		if changed, err := a.Copy(name, b, false); !changed || err != nil {
			t.Fatal(changed, err)
		}
	}
	a, b = reopen(t, f, id)
	if len(b.s.Former) != 1 || b.s.Former[0] != left {
		t.Errorf("%v", b.s.Former)
	}
	if got := list(t, b); got != "ONE=value of ONE@2026-11-20T08:00:00Z THREE=new@2026-11-20T10:00:00Z " {
		t.Error(got)
	}
	if changed, err := a.Copy("ONE", b, false); changed || err != nil {
		t.Error("the same value again:", changed, err)
	}
	if _, err := b.Set("ONE", []byte("another")); err != nil {
		t.Fatal(err)
	}
	var exists *ExistsError
	if _, err := a.Copy("ONE", b, false); !errors.As(err, &exists) {
		t.Error("another value is replaced unasked:", err)
	}
	_, b = reopen(t, a.f, id)
	if len(b.s.Former) != 0 {
		t.Errorf("the last exposed value was changed: %v", b.s.Former)
	}
}

// The next revision is higher than any seen.
func TestSeen(t *testing.T) {
	f, a, _, id, _ := rekeyFile(t, false)
	a.Seen(41)
	a, _ = reopen(t, f, id)
	if a.s.Revision != 42 {
		t.Error(a.s.Revision)
	}
}

// A former recipient is dropped once every value is newer. Sources and comments don't count.
func TestDropFormer(t *testing.T) {
	_, p, _, _ := withReader(t)
	comment := Item{Value: newSecret([]byte("# at the end\n"))}
	if _, err := p.Rewrite([]Item{text("ONE", "1"), comment}); err != nil {
		t.Fatal(err)
	}
	if _, err := p.SetSource(Source{"SRC", "oauth", nil}); err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)
	p.s.Entries[p.find("ONE")].Time, p.s.Entries[p.find("SRC")].Time = at, at.Add(-time.Hour)
	for former, kept := range map[time.Time]int{at: 1, at.Add(-time.Second): 0} {
		p.s.Former = []format.Former{{Name: "x", Time: former}}
		if p.dropFormer(); len(p.s.Former) != kept {
			t.Errorf("of one at %v, %v is left", former, p.s.Former)
		}
	}
}

// What a credential is already changes nothing.
func TestAsFileAgain(t *testing.T) {
	_, p, _, _ := withReader(t)
	for _, c := range []struct{ file, changed bool }{{false, false}, {true, true}, {true, false}, {false, true}} {
		p.dirty = false
		if changed, err := p.SetAsFile("ONE", c.file); err != nil || changed != c.changed || p.f.HasChanges() != c.changed {
			t.Errorf("%v: %v, %v", c.file, changed, err)
		}
	}
}
