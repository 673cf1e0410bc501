package vaultfile

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
)

func newTestProfile(t *testing.T, hidden bool, clock func() time.Time) *Profile {
	t.Helper()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	f := New()
	f.Clock = clock
	p, err := f.Add("p", []Recipient{{Name: "me", Writer: true, String: id.Recipient().String()}}, nil)
	if err == nil && hidden {
		err = p.HideNames()
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func text(name, value string) Item { return Item{Name: name, Value: newSecret([]byte(value))} }

// Only changed entries are sealed again. Times change only with values.
func TestRewrite(t *testing.T) {
	for _, hidden := range []bool{false, true} {
		now := time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)
		p := newTestProfile(t, hidden, func() time.Time { return now })
		first := []Item{text("", "# about A\n"), text("A", "1"), text("B", "2"), text("C", "3"), text("", "# end\n")}
		if done, err := p.Rewrite(first); err != nil || fmt.Sprint(done) != "{[A B C] [] [] [] [] [] false}" {
			t.Fatal(done, err)
		}
		sealed := map[string]string{}
		for _, e := range p.s.Entries {
			sealed[e.Name] += string(e.Sealed)
		}
		was := now
		now = now.Add(time.Hour)
		if done, err := p.Rewrite(first); err != nil || done.any() {
			t.Fatal("unchanged:", done, err)
		}
		next := []Item{text("C", "3"), text("", "# about A\n"), text("A", "9"), text("NEW", "2"), text("D", "4")}
		next[0].Expires = time.Date(2027, 5, 1, 0, 0, 0, 0, time.UTC)
		done, err := p.Rewrite(next)
		if err != nil || fmt.Sprint(done) != "{[D] [A] [] [[B NEW]] [C] [] false}" {
			t.Fatal(done, err)
		}
		items, err := p.Items()
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, item := range items {
			got += fmt.Sprintf("%s=%s %t %t; ", item.Name, strings.TrimSpace(string(item.Value.Reveal())), item.Time.Equal(was), item.Time.Equal(now))
		}
		if want := "C=3 true false; =# about A false false; A=9 false true; NEW=2 true false; D=4 false true; "; got != want {
			t.Errorf("%s, want\n%s", got, want)
		}
		if string(p.s.Entries[0].Sealed) != sealed[p.label("C")] || p.s.Entries[2].Name != p.label("A") {
			t.Error("what did not change was sealed anew")
		}
		for _, bad := range []Item{text("a b", "x"), text("", "EVIL = 1\n"), text("X", strings.Repeat("x", 1<<20+1))} {
			if _, err := p.Rewrite([]Item{bad}); err == nil {
				t.Errorf("%q is taken", bad.Name)
			}
		}
		if done, err := p.Rewrite(nil); err != nil || len(done.Unset) != 4 || len(p.s.Entries) != 0 {
			t.Error(done, err)
		}
	}
}

// A random history of rewrites gives exactly the model's result.
func TestRewriteRandom(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	now := time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)
	p := newTestProfile(t, false, func() time.Time { return now })
	times := map[string]time.Time{}
	values := map[string]string{}
	for range 500 {
		now = now.Add(time.Minute)
		var items []Item
		is := map[string]string{}
		for _, n := range random.Perm(12)[:random.IntN(12)] {
			name := fmt.Sprint("N", n)
			value := values[name]
			if value == "" || random.IntN(3) == 0 {
				value = fmt.Sprint(name, " ", now.Unix(), random.IntN(4)) // never another credential's
			}
			if random.IntN(3) == 0 {
				items = append(items, text("", fmt.Sprintf("# %d\n", random.IntN(5))))
			}
			items = append(items, text(name, value))
			if values[name] != value {
				times[name] = now
			}
			is[name] = value
		}
		if _, err := p.Rewrite(items); err != nil {
			t.Fatal(err)
		}
		values = is
		got, err := p.Items()
		if err != nil || len(got) != len(items) {
			t.Fatal(len(got), len(items), err)
		}
		for i := range got {
			if got[i].Name != items[i].Name || string(got[i].Value.Reveal()) != string(items[i].Value.Reveal()) ||
				got[i].Name != "" && !got[i].Time.Equal(times[got[i].Name]) {
				t.Fatalf("entry %d: %s, want %s", i, got[i].Name, items[i].Name)
			}
		}
	}
}
