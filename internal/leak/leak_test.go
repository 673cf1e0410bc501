package leak

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"filippo.io/age"

	"github.com/credfile/credfile/internal/scan"
	"github.com/credfile/credfile/vaultfile"
)

const value = "Zq8fK2mWx9Lr4TnB7vYc"

// profiles returns profiles with the same credential.
func profiles(t *testing.T, names ...string) (list []*vaultfile.Profile) {
	t.Helper()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	f := vaultfile.New()
	for _, name := range names {
		var voucher *vaultfile.Profile
		if len(list) > 0 {
			voucher = list[0]
		}
		p, err := f.Add(name, []vaultfile.Recipient{{Name: "me", Writer: true, String: id.Recipient().String()}}, voucher)
		if err == nil {
			_, err = p.Set("TOKEN", []byte(value))
		}
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
	return list
}

func search(t *testing.T, ps []*vaultfile.Profile, texts map[string]string) *Search {
	t.Helper()
	s, err := New(ps, false)
	if err != nil {
		t.Fatal(err)
	}
	for path, text := range texts {
		s.Mask(path)
		if err := s.Read(Text{Path: path}, strings.NewReader(text)); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// Two profiles with one value have a finding each, in order.
func TestFindings(t *testing.T) {
	ps := profiles(t, "b", "a")
	s := search(t, ps, map[string]string{"y": "\n" + value, "x": "1\n2\n" + value + "\n" + value + base64.StdEncoding.EncodeToString([]byte(value)), value + "/z": "none"})
	var got []string
	for _, f := range s.Findings(nil) {
		got = append(got, fmt.Sprintf("%s:%d %s %s %d %d %d", f.Path, f.Line, f.Profile.Name(), f.Shown, f.Form, f.Places, f.New))
	}
	want := []string{"[masked]/z:0 a TOKEN 0 1 1", "[masked]/z:0 b TOKEN 0 1 1", "x:3 a TOKEN 0 2 2", "x:3 b TOKEN 0 2 2",
		"x:4 a TOKEN 4 1 1", "x:4 b TOKEN 4 1 1", "y:2 a TOKEN 0 1 1", "y:2 b TOKEN 0 1 1"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%s", strings.Join(got, "\n"))
	}
}

// What HEAD has on the same line is not new, as often as HEAD has it.
func TestKnown(t *testing.T) {
	s := search(t, profiles(t, "a"), nil)
	line := "x = " + value + "\n"
	for _, c := range []struct {
		before, now string
		new         int
	}{
		{line, line, 0}, {line, "moved\n" + line, 0}, {line, line + line, 1}, {line, "y = " + value, 1}, {"", line, 1}, {line + line, line, 0},
	} {
		s.hits = map[place]*hit{}
		s.Known(strings.NewReader(c.before))
		if err := s.Read(Text{Path: "p"}, strings.NewReader(c.now)); err != nil {
			t.Fatal(err)
		}
		found := 0
		for _, f := range s.Findings(nil) {
			found += f.New
		}
		if found != c.new {
			t.Errorf("%q after %q: %d, not %d", c.now, c.before, found, c.new)
		}
	}
}

// A line of a value is not reported next to the whole.
func TestLineOfWhole(t *testing.T) {
	ps := profiles(t, "a")
	key := strings.Repeat("ABCDabcd0123456789plainlyFake"+"\n"+"EFGHefgh0123456789plainlyFake"+"\n", 12)
	if _, err := ps[0].Set("KEY", []byte(key)); err != nil {
		t.Fatal(err)
	}
	list := search(t, ps, map[string]string{"whole": key, "line": key[:30]}).Findings(nil)
	if len(list) != 2 || list[0].Form != scan.Line || list[1].Form != scan.Exact {
		t.Errorf("%+v", list)
	}
}

// Row 26c: a baseline has nothing that depends on a value, a credential or a path alone.
func TestBaseline(t *testing.T) {
	ps := profiles(t, "a", "b")
	texts := map[string]string{"path/one": value, "path/two": value + "\n" + value}
	s := search(t, ps, texts)
	text := (*Baseline)(nil).With(ps, s.Findings(nil))
	lines := strings.Split(string(text), "\n")
	seen := map[string]bool{}
	for _, line := range lines[1 : len(lines)-1] {
		words := strings.Fields(line)
		id := words[len(words)-2]
		if words[0] == "profile" {
			id = words[2]
		}
		if seen[id] || !isID(id) {
			t.Errorf("%q", line)
		}
		seen[id] = true
	}
	if len(seen) != 6 {
		t.Errorf("%d entries", len(seen))
	}
	for _, other := range [][]*vaultfile.Profile{profiles(t, "a", "b")} {
		for _, line := range strings.Split(string((*Baseline)(nil).With(other, search(t, other, texts).Findings(nil))), "\n")[1:] {
			if line != "" && strings.Contains(string(text), line) {
				t.Errorf("%q is also in another file's baseline", line)
			}
		}
	}
	b, err := ParseBaseline(text)
	if err != nil {
		t.Fatal(err)
	}
	new := func(s *Search, b *Baseline) (n int) {
		for _, f := range s.Findings(b) {
			n += f.New
		}
		return n
	}
	if n := new(s, b); n != 0 || b.Gone(ps) != 0 {
		t.Errorf("%d new, %d gone", n, b.Gone(ps))
	}
	b, _ = ParseBaseline(text)
	if n := new(search(t, ps, map[string]string{"path/two": value + "\n" + value + "\n" + value, "three": value}), b); n != 4 || b.Gone(ps) != 2 {
		t.Errorf("%d new, %d gone", n, b.Gone(ps))
	}
	// Another value under the same name is a new finding.
	if _, err := ps[0].Set("TOKEN", []byte("another-"+value)); err != nil {
		t.Fatal(err)
	}
	if n := new(search(t, ps[:1], map[string]string{"path/one": "another-" + value}), b); n != 1 {
		t.Errorf("%d new", n)
	}
	if err := ps[1].Rotate(); err != nil {
		t.Fatal(err)
	}
	if names := b.Replaced(ps); len(names) != 1 || names[0] != "b" {
		t.Errorf("replaced: %q", names)
	}
	// Entries of a profile that is not open stay.
	b, _ = ParseBaseline(text)
	kept := string(b.With(ps[:1], nil))
	if strings.Count(kept, "\n") != 4 || !strings.Contains(kept, "\nprofile b ") {
		t.Errorf("%q", kept)
	}
}

func TestParseBaseline(t *testing.T) {
	id := strings.Repeat("a", 24)
	for text, ok := range map[string]bool{
		"credfile-baseline 1\n": true, "credfile-baseline 1\r\nprofile a " + id + "\r\n" + id + " 2\r\n": true,
		"": false, "credfile-baseline 1": false, "credfile-baseline 2\n": false, "credfile-baseline 1\n" + id + " 1\n": false,
		"credfile-baseline 1\nprofile a " + id + "\n" + id + " 0\n": false, "credfile-baseline 1\nprofile a " + id + "\n" + id + " -1\n": false,
		"credfile-baseline 1\nprofile a x\n": false, "credfile-baseline 1\nprofile ../a " + id + "\n": false, "credfile-baseline 1\n<<<<<<< HEAD\n": false,
		"credfile-baseline 1\nprofile a " + id + "\n\n": false, "credfile-baseline 1\nprofile a " + id + "\n" + id[1:] + " 1\n": false,
	} {
		if _, err := ParseBaseline([]byte(text)); (err == nil) != ok || err != nil && !errors.Is(err, ErrBaseline) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
