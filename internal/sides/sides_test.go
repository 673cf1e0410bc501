package sides

import (
	"slices"
	"testing"
	"time"

	"github.com/credfile/credfile/format"
)

func entry(name string, day int, sealed string) format.Entry {
	return format.Entry{Name: name, Time: time.Date(2027, 5, day, 0, 0, 0, 0, time.UTC), Sealed: format.Sealed(sealed)}
}

func file(ps ...*format.Profile) *format.File { return &format.File{Profiles: ps} }

// Each kind of change is found on the side that made it, and only there.
func TestChanges(t *testing.T) {
	person := func(name, key string, writer bool) format.Recipient {
		return format.Recipient{Name: name, String: key, Writer: writer}
	}
	key := func(b byte) (k format.Key) { k[0] = b; return k }
	base := file(&format.Profile{Name: "p", Entries: []format.Entry{entry("A", 1, "a"), entry("B", 1, "b"), entry("C", 1, "c")},
		Recipients: []format.Recipient{person("x", "age1x", true), person("y", "age1y", false)}}, &format.Profile{Name: "old"})
	ours := file(&format.Profile{Name: "p", Entries: []format.Entry{entry("A", 2, "a2"), entry("B", 1, "b"), entry("C", 1, "c")},
		Recipients: []format.Recipient{person("x", "age1x", true)}}, &format.Profile{Name: "old"}, &format.Profile{Name: "new"})
	theirs := file(&format.Profile{Name: "p", Hidden: true, Entries: []format.Entry{entry("A", 3, "a3"), entry("C", 1, "c")},
		Recipients: []format.Recipient{person("x", "age1x", true), person("y", "age1y", true), person("z", "age1z", false)}})
	if got, want := Changes(base, theirs, ours), []Change{{"p", "A", Set, true}, {"p", "y", Removed, true},
		{"new", "new", Made, false}}; !slices.Equal(got, want) {
		t.Errorf("ours: %v", got)
	}
	if got, want := Changes(base, ours, theirs), []Change{{"p", "A", Set, true}, {"p", "B", Unset, false},
		{"p", "y", Role, true}, {"p", "z", Added, false}, {"old", "old", Gone, false}}; !slices.Equal(got, want) {
		t.Errorf("theirs: %v", got)
	}
	// New keys encrypt everything again, which is no change of a value.
	rotated := file(&format.Profile{Name: "p", Key: key(1), Entries: []format.Entry{entry("A", 1, "x")}, Vouched: []format.Vouched{{}}})
	plain := file(&format.Profile{Name: "p", Entries: []format.Entry{entry("A", 1, "y")}})
	if got := Changes(plain, plain, rotated); len(got) > 0 {
		t.Errorf("rotated: %v", got)
	}
}
