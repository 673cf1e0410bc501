package merge

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/credfile/credfile/format"
)

// Anything but the time makes two credentials differ.
func TestSame(t *testing.T) {
	e := Entry{Name: "A", Kind: "oauth", Comment: "# c\n", Value: "1", Time: minute(1), Expires: minute(2), File: true}
	same := e
	same.Time, same.Expires = minute(3), minute(2).In(time.FixedZone("x", 3600))
	if !e.same(&same) || e.identical(&same) || !e.identical(&e) {
		t.Error("the time makes them differ")
	}
	for what, change := range map[string]func(o *Entry){
		"kind": func(o *Entry) { o.Kind = "" }, "comment": func(o *Entry) { o.Comment = "" }, "value": func(o *Entry) { o.Value = "" },
		"expiry": func(o *Entry) { o.Expires = time.Time{} }, "file": func(o *Entry) { o.File = false }, "unsure": func(o *Entry) { o.Unsure = true },
	} {
		o := e
		change(&o)
		if e.same(&o) || o.same(&e) || e.identical(&o) {
			t.Errorf("with another %s, they are the same", what)
		}
	}
	var none *Entry
	if none.same(&e) || e.same(none) || !none.same(nil) || !none.identical(nil) {
		t.Error("none is the same as one")
	}
}

// All of a recipient counts, apart from the wrap.
func TestEqual(t *testing.T) {
	r := format.Recipient{Name: "a", Writer: true, String: "age1a", Lock: "age", Message: []byte("m"), Wrap: []byte("w")}
	same := r
	same.Wrap = nil
	if !equal(r, same) {
		t.Error("the wrap counts")
	}
	for what, change := range map[string]func(o *format.Recipient){
		"name": func(o *format.Recipient) { o.Name = "b" }, "role": func(o *format.Recipient) { o.Writer = false }, "string": func(o *format.Recipient) { o.String = "age1b" },
		"lock": func(o *format.Recipient) { o.Lock = "" }, "message": func(o *format.Recipient) { o.Message = nil },
	} {
		o := r
		change(&o)
		if equal(r, o) || equal(o, r) {
			t.Errorf("with another %s, they are equal", what)
		}
	}
}

// joint describes what stands for several bases.
func joint(t *testing.T, bases ...string) string {
	t.Helper()
	var files []*File
	for _, b := range bases {
		files = append(files, scene(t, b))
	}
	var parts []string
	f := Joint(files)
	for _, p := range f.Profiles {
		text := fmt.Sprintf("%s#%c %c %d open %v", p.Name, p.ID[0], p.Key[0], p.Revision, p.Open)
		for _, e := range p.Entries {
			text += " " + e.Name + "=" + e.Value
			if e.Unsure {
				text += "?"
			}
		}
		if p.Digest == [16]byte{} {
			text += " joint"
		}
		parts = append(parts, text)
	}
	for _, r := range f.Removed {
		parts = append(parts, fmt.Sprintf("removed %c", r.ID[0]))
	}
	return strings.Join(parts, "; ")
}

// Several bases make one: with the newest keys, and unsure of what they disagree on.
func TestJoint(t *testing.T) {
	for _, c := range []struct {
		bases []string
		want  string
	}{
		{nil, ""},
		{[]string{"a#1 k 3 alice A=1"}, "a#1 k 3 open true A=1"},
		{[]string{"a#1 k 3 alice A=1", "a#1 k 3 alice A=1"}, "a#1 k 3 open true A=1"},
		{[]string{"a#1 k 3 alice A=1 B=1", "a#1 k 4 alice A=1 B=2"}, "a#1 k 4 open true A=1 B=2? joint"},
		{[]string{"a#1 k 4 alice A=1 B=1", "a#1 k 3 alice A=1 B=2"}, "a#1 k 4 open true A=1 B=1? joint"},
		{[]string{"a#1 k 4 alice A=1 B=1", "a#1 k 4 alice A=1 B=2"}, "a#1 k 4 open true A=1 B=1? joint"},
		{[]string{"a#1 k 9 alice A=1", "a#1 l<k 4 alice A=2"}, "a#1 l 4 open true A=2? joint"},
		{[]string{"a#1 l<k 4 alice A=2", "a#1 k 9 alice A=1"}, "a#1 l 4 open true A=2? joint"},
		{[]string{"a#1 l<k 4 alice A=2", "a#1 m<k 9 alice A=1"}, "a#1 l 4 open true A=2? joint"},
		{[]string{"a#1 k 3 alice A=1", "a#1 k 4 alice A=1 C=3"}, "a#1 k 4 open true A=1 C=3? joint"},
		{[]string{"a#1 k 4 alice A=1", "a#1 k 3 alice A=1 C=3"}, "a#1 k 4 open true A=1 C=3? joint"},
		{[]string{"a#1 k 3 alice A=1 =!end", "a#1 k 2 alice A=1 C=3"}, "a#1 k 3 open true A=1 C=3? =? joint"},
		{[]string{"a#1 k 4 alice A=1", "closed a#1 k 3 alice"}, "a#1 k 4 open false A=1? joint"},
		{[]string{"closed a#1 k 4 alice", "a#1 k 3 alice A=1"}, "a#1 k 4 open false A=1? joint"},
		{[]string{"a#1 k 3 alice A=1; b#2 m 1 alice X=1", "a#1 k 3 alice A=1"}, "a#1 k 3 open true A=1; b#2 m 1 open true X=1? joint"},
		{[]string{"a#1 k 3 alice A=1", "a#1 k 3 alice A=1; b#2 m 1 alice X=1"}, "a#1 k 3 open true A=1; b#2 m 1 open true X=1? joint"},
		{[]string{"a#1 k 3 alice; removed 2; removed 3", "a#1 k 3 alice; removed 3"}, "a#1 k 3 open true; removed 3"},
		{[]string{"a#1 k 3 alice; removed 3", "a#1 k 3 alice; removed 2; removed 3"}, "a#1 k 3 open true; removed 3"},
		{[]string{"a#1 k 3 alice A=1", "a#1 k 3 alice A=1", "a#1 k 5 alice A=5"}, "a#1 k 5 open true A=5? joint"},
	} {
		if got := joint(t, c.bases...); got != c.want {
			t.Errorf("%q: %s, want %s", c.bases, got, c.want)
		}
	}
}

// Who was removed before the base says nothing about a side, nor does a reader.
func TestSuspects(t *testing.T) {
	for _, c := range []struct {
		base, ours, theirs string
		want               [2]bool
	}{
		{"a#1 k 3 alice,bob", "a#1 l<k 4 alice-bob", "a#1 k 4 alice,bob", [2]bool{false, true}},
		{"a#1 k 3 alice,bob", "a#1 k 4 alice,bob", "a#1 l<k 4 alice-bob", [2]bool{true, false}},
		{"a#1 k 3 alice-bob", "a#1 l<k 4 alice-bob", "a#1 k 4 alice-bob", [2]bool{}},
		{"a#1 k 3 alice,r:bob", "a#1 l<k 4 alice-bob", "a#1 k 4 alice,r:bob", [2]bool{}},
		{"a#1 k 3 alice,r:carol", "a#1 l<k 4 alice,r:carol-bob", "a#1 k 4 alice,r:carol", [2]bool{false, true}},
		{"a#1 k 3 alice,bob,carol", "a#1 l<k 4 alice,r:bob,carol-bob", "a#1 k 4 alice,bob,carol", [2]bool{false, true}},
		{"a#1 k 3 alice", "a#1 l<k 4 alice-bob", "a#1 k 4 alice", [2]bool{false, true}},
		{"a#1 k 3 alice", "a#1 k 4 alice-bob", "a#1 k 4 alice", [2]bool{}},
		{"a#1 k 3 alice,bob", "a#1 l<k 4 alice-bob", "a#1 m<l<k 5 alice", [2]bool{true, false}},
	} {
		ps := [2]*Profile{scene(t, c.ours).Profiles[0], scene(t, c.theirs).Profiles[0]}
		base := scene(t, c.base).Profiles[0]
		if got := suspects(base, ps); got != c.want {
			t.Errorf("%s, %s, %s: %v", c.base, c.ours, c.theirs, got)
		}
		for _, name := range []string{"bob", "eve"} {
			was := strings.Contains(c.base, "-"+name)
			want := !was && strings.Contains(c.ours, "-"+name) && !strings.Contains(c.ours, " k ")
			if got := cameAndWent(base, ps[Ours], name); got != want {
				t.Errorf("%s, %s: %s came and went: %v", c.base, c.ours, name, got)
			}
		}
	}
}
