package vaultfile

import (
	"bytes"
	"fmt"
	"testing"

	"filippo.io/age"

	"github.com/credfile/credfile/internal/tally"
)

// A written file has two profiles of the same credentials, and is changed step by step.
type written struct {
	t  *testing.T
	f  *File
	id *age.X25519Identity
}

func newWritten(t *testing.T) *written {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	w := &written{t, New(), id}
	var first *Profile
	for _, name := range []string{"default", "other"} {
		if first, err = w.f.Add(name, []Recipient{{Name: "me", Writer: true, String: id.Recipient().String()}}, first); err != nil {
			t.Fatal(err)
		}
		for i := range 3 {
			if _, err := first.Set(fmt.Sprint("NAME", i), []byte("value")); err != nil {
				t.Fatal(err)
			}
		}
	}
	return w
}

// after returns the text of the file after a change of both profiles.
func (w *written) after(change func(p *Profile) error) []byte {
	w.t.Helper()
	for _, name := range w.f.Names() {
		p, err := w.f.Unlock(name, w.id)
		if err == nil {
			err = change(p)
		}
		if err != nil {
			w.t.Fatal(err)
		}
	}
	text, err := w.f.Marshal()
	if err != nil {
		w.t.Fatal(err)
	}
	if w.f, err = Parse(text); err != nil {
		w.t.Fatal(err)
	}
	return text
}

// Row 4: lines of a file are replaced by, or get between them, lines of an older version of it,
// of another profile or of another file. Only whole profiles of the same file may take each other's place:
// whether a machine accepts that is a matter of continuity.
func TestSplices(t *testing.T) {
	w, o := newWritten(t), newWritten(t)
	set := func(value string) func(p *Profile) error {
		return func(p *Profile) error { _, err := p.Set("NAME1", []byte(value)); return err }
	}
	oldest := w.after(set("old"))
	older := w.after((*Profile).Rotate)
	now := w.after(set("new"))
	for _, from := range []struct {
		name string
		text []byte
		same bool // it is the same file
	}{{"an older version", older, true}, {"a version before a rotation", oldest, true}, {"the file itself", now, true}, {"another file", o.after(set("new")), false}} {
		splice(t, now, from.name, from.text, from.same)
	}
}

func splice(t *testing.T, file []byte, what string, other []byte, same bool) {
	whole := map[string]bool{}
	for _, text := range [][]byte{file, other} {
		for _, section := range sectionsOf(text) {
			whole[section] = true
		}
	}
	lines, from := bytes.SplitAfter(file, []byte("\n")), bytes.SplitAfter(other, []byte("\n"))
	tried, accepts := 0, 0
	for i := range from {
		for j := i + 1; j <= len(from); j++ {
			for at := range lines {
				for _, end := range []int{at, min(at+j-i, len(lines))} {
					spliced := bytes.Join([][]byte{bytes.Join(lines[:at], nil), bytes.Join(from[i:j], nil), bytes.Join(lines[end:], nil)}, nil)
					if bytes.Equal(spliced, file) || bytes.Equal(spliced, other) {
						continue
					}
					tried++
					if accepted(spliced, nil) && !(same && allIn(sectionsOf(spliced), whole)) {
						accepts++
						t.Errorf("lines %d to %d of %s at line %d, up to %d:\n%s", i, j, what, at, end, spliced)
					}
				}
			}
		}
	}
	tally.Add(t, tally.Splices, tried, accepts)
	if tried < 1000 {
		t.Errorf("only %d tried", tried)
	}
}

// sectionsOf cuts a file at its empty lines.
func sectionsOf(text []byte) (list []string) {
	for _, section := range bytes.Split(bytes.TrimSuffix(text, []byte("\n")), []byte("\n\n")) {
		list = append(list, string(section))
	}
	return list
}

func allIn(list []string, set map[string]bool) bool {
	for _, s := range list {
		if !set[s] {
			return false
		}
	}
	return true
}
