package trust

import (
	"bytes"
	"strings"
	"testing"

	"github.com/credfile/credfile/format"
)

// FuzzMemory parses arbitrary memory files. An accepted file is written as it was read,
// except for the order of lines.
func FuzzMemory(f *testing.F) {
	k := &Known{Profiles: []*Profile{{Names: []string{"a", "b"}, Present: []format.Key{{1}}, Old: []format.Key{{2}}, RemovedBy: format.Key{2},
		Revision: 7, Accepted: [][16]byte{{3}}, Recipients: []string{"alice writer x"}}}, AllowNames: []string{"PATH"}}
	f.Add(k.marshal())
	f.Fuzz(func(t *testing.T, b []byte) {
		k, err := parseKnown(format.ID{}, b)
		if err != nil {
			return
		}
		again, err := parseKnown(format.ID{}, k.marshal())
		if err != nil || !bytes.Equal(again.marshal(), k.marshal()) {
			t.Errorf("%q becomes %q: %v", b, k.marshal(), err)
		}
	})
}

// FuzzPins parses arbitrary values of CREDFILE_TRUST.
func FuzzPins(f *testing.F) {
	f.Add(Pin(format.ID{1}, &format.Profile{ID: format.ID{2}, Key: format.Key{3}, Name: "a:b"}))
	f.Add("")
	f.Fuzz(func(t *testing.T, s string) {
		k, err := ParsePins(format.ID{1}, s)
		if err != nil {
			return
		}
		if !k.Seen || !k.Pinned {
			t.Errorf("%q loosens: %+v", s, k)
		}
		if len(k.Profiles) != 1 || strings.Contains(s, ",") {
			return
		}
		p := k.Profiles[0]
		if again := Pin(k.File, &format.Profile{ID: p.ID, Key: p.Present[0], Name: p.Name()}); again != s {
			t.Errorf("%q is printed as %q", s, again)
		}
	})
}

// A file whose id is all zeros is in a record only if it was learned there.
func TestZeroID(t *testing.T) {
	r := newRecord("path-x")
	r.set("a.age", format.ID{1})
	if r.has(format.ID{}) {
		t.Error("it belongs to every repository")
	}
	r.changed = false
	if r.set("", format.ID{}); !r.has(format.ID{}) || !r.changed {
		t.Error("it can't be learned")
	}
}

// FuzzRecord parses arbitrary records of a repository.
func FuzzRecord(f *testing.F) {
	r := newRecord("path-x")
	r.at, r.mark = "/x y", Mark{1}
	r.own(1000)
	r.set("a/b.age", format.ID{2})
	f.Add(r.marshal())
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := parseRecord("path-x", b)
		if err != nil {
			return
		}
		again, err := parseRecord("path-x", r.marshal())
		if err != nil || !bytes.Equal(again.marshal(), r.marshal()) {
			t.Errorf("%q becomes %q: %v", b, r.marshal(), err)
		}
	})
}
