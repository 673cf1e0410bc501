package trust

import (
	"bytes"
	"strings"
	"testing"

	"github.com/credfile/credfile/format"
)

// FuzzPlace: whatever is remembered of a repository, only the file that is known at a path is right there. Another
// one is never taken for it, and a new one asks. What is learned is right from then on. The same text as the list
// of an earlier version is carried over or refused.
func FuzzPlace(f *testing.F) {
	r := newRecord("path-x")
	r.at, r.mark = "/x y", Mark{1}
	r.own(1000)
	r.set("a/b.age", format.ID{2})
	r.set("c.age", format.ID{3})
	r.set("d.age", format.ID{2})
	for _, at := range []string{"a/b.age", "c.age", "x.age", "", "../c.age", "a/../c.age"} {
		for id := range byte(5) {
			f.Add(r.marshal(), at, id, id%2 == 0)
		}
	}
	f.Add(newRecord("path-x").marshal(), "a", byte(1), true)
	f.Add([]byte("01000000000000000000000000000000 \"/a b/.git//x/y.age\"\n02000000000000000000000000000000 \"/c\"\n"), "a", byte(1), true)
	f.Fuzz(func(t *testing.T, text []byte, at string, id byte, seen bool) {
		carries(t, string(text))
		r, err := parseRecord("path-x", text)
		if err != nil {
			return
		}
		repo := &Repository{Common: "/nowhere/.git", Root: "/nowhere"}
		s := &Sight{records: map[*Repository]*record{repo: r}, place: Place{At: []Spot{{repo, at}}}}
		k := &Known{File: format.ID{id}, Seen: seen}
		is, known := r.paths[at]
		own := r.has(k.File) && seen
		var want error
		switch {
		case known && is == k.File:
		case known && own:
			want = ErrSwapped
		case known:
			want = ErrOtherFile
		case r.known() && !own:
			want = ErrNewFile
		}
		misfit := s.fit(k)
		if (misfit == nil) != (want == nil) || misfit != nil && (misfit.Why != want || misfit.Reads) {
			t.Fatalf("%+v, want %v", misfit, want)
		}
		r.set(at, k.File)
		again, err := parseRecord("path-x", r.marshal())
		if err != nil || !bytes.Equal(again.marshal(), r.marshal()) {
			t.Fatalf("learned, it is written as %q: %v", r.marshal(), err)
		}
		s.records[repo] = again
		if misfit := s.fit(k); misfit != nil && len(again.order) < MaxPaths {
			t.Errorf("learned, and then %v", misfit.Why)
		}
	})
}

// carries checks that each line of an old list that is taken is in a record that can be read again.
func carries(t *testing.T, text string) {
	old := oldPlaces{}
	for line := range strings.Lines(text) {
		id, quoted, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		old.add(id, quoted)
	}
	for name, r := range old {
		again, err := parseRecord(name, r.marshal())
		if err != nil || !bytes.Equal(again.marshal(), r.marshal()) || !again.known() || pathName(again.at) != name && again.at != "" {
			t.Errorf("%q: %v", r.marshal(), err)
		}
	}
}
