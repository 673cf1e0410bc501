package trust_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/credfile/credfile/vaultfile/trust"
)

// What another process damaged meanwhile is neither used nor written over.
func TestDamagedMeanwhile(t *testing.T) {
	m := trust.Memory{Dir: t.TempDir()}
	var memory *trust.MemoryError
	if err := learn(m, parseScene(t, "F", "a=A/k1"), outside("/f")); err != nil {
		t.Fatal(err)
	}
	s, err := m.Load(id("F"), outside("/f"))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(m.Dir, fmt.Sprintf("%x", id("F")))
	if err := os.WriteFile(file, []byte("damaged\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Learn(parseScene(t, "F", "a=A/k1:2")); !errors.As(err, &memory) {
		t.Errorf("learned: %v", err)
	}
	if b, err := os.ReadFile(file); err != nil || string(b) != "damaged\n" {
		t.Errorf("it became %q", b)
	}
	if err := os.WriteFile(filepath.Join(m.Dir, "places"), []byte("damaged\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Load(id("G"), outside("/g")); !errors.As(err, &memory) {
		t.Errorf("damaged places: %v", err)
	}
}

// A place that can't be remembered is said, although the file's keys are known.
func TestPlaceNotWritten(t *testing.T) {
	m, f := trust.Memory{Dir: t.TempDir()}, parseScene(t, "F", "a=A/k1")
	if err := learn(m, f, outside("/f")); err != nil {
		t.Fatal(err)
	}
	m.ReadOnly = true
	var memory *trust.MemoryError
	if err := learn(m, f, outside("/f")); err != nil {
		t.Errorf("nothing new: %v", err)
	}
	if err := learn(m, f, outside("/g")); !errors.As(err, &memory) {
		t.Errorf("another place: %v", err)
	}
}

// A repository is known by its mark, wherever it is. One without a known mark is new, and may be in
// another's place.
func TestBeforeByMark(t *testing.T) {
	m := trust.Memory{Dir: t.TempDir()}
	at := func(common string, mark byte) trust.Place {
		return trust.Place{At: []trust.Spot{{Path: "x.age", Repo: &trust.Repository{Common: common, Root: filepath.Dir(common), Mark: trust.Mark{mark},
			MakeMark: func() (trust.Mark, error) { return trust.Mark{mark}, nil }, Files: func() []string { return nil }}}}}
	}
	for file, place := range map[string]trust.Place{"F": at("/a/.git", 1), "G": at("/b/.git", 2)} {
		if err := learn(m, parseScene(t, file, "a=A/k1"), place); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		what, file, common string
		mark               byte
		before             bool
		why                error
	}{
		{"where it was", "F", "/a/.git", 1, false, nil},
		{"moved", "F", "/c/.git", 1, false, nil},
		{"moved to another's place", "F", "/b/.git", 1, false, nil},
		{"new in another's place", "H", "/b/.git", 3, true, nil},
		{"another file in it", "H", "/c/.git", 1, false, trust.ErrOtherFile},
		{"new", "H", "/d/.git", 3, false, nil},
	} {
		s, err := m.Load(id(c.file), at(c.common, c.mark))
		if err != nil {
			t.Fatal(err)
		}
		before := s.Before()
		if (before != nil) != c.before || before != nil && before.Common != c.common {
			t.Errorf("%s: before %+v", c.what, before)
		}
		if (s.Misfit != nil) != (c.why != nil) || s.Misfit != nil && s.Misfit.Why != c.why {
			t.Errorf("%s: %+v", c.what, s.Misfit)
		}
	}
}
