package edit

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/editdoc"
	"github.com/credfile/credfile/vaultfile"
	"github.com/credfile/credfile/vaultfile/merge"
)

// A value under a new name keeps its time, so that a rename is no change of the value. A
// value that is still under its old name was copied.
func TestWanted(t *testing.T) {
	then := time.Date(2027, 5, 1, 0, 0, 0, 0, time.UTC)
	base := []merge.Entry{{Name: "OLD", Value: "v", Time: then}, {Name: "SAME", Value: "s", Time: then}, {Name: "CHANGED", Value: "1", Time: then}}
	wanted := Wanted(editdoc.Profile{Entries: []editdoc.Entry{{Name: "NEW", Value: []byte("v")}, {Name: "SAME", Value: []byte("s")},
		{Name: "COPY", Value: []byte("s")}, {Name: "CHANGED", Value: []byte("2")}}}, base)
	for i, kept := range []bool{true, true, false, false} {
		if wanted[i].Time.IsZero() == kept {
			t.Errorf("%s: %v", wanted[i].Name, wanted[i].Time)
		}
	}
}

// What an editor saves after the edit is kept for its writer alone, with what it was made
// from, and values need not be text.
func TestKeepLeft(t *testing.T) {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	state, now := t.TempDir(), time.Now()
	s := Store{Dir: func() (string, error) { return state, nil }, Now: func() time.Time { return now }}
	t.Setenv("TMPDIR", t.TempDir())
	desk, err := NewDesk(func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	draft := &Draft{Given: []byte("given"), Base: map[string][]merge.Entry{"default": {{Name: "A", Value: "\xff"}}}, Order: []string{"default"}}
	seal := func(b []byte) ([]byte, error) { return vaultfile.New().EncryptFor(id.Recipient().String(), b) }
	desk.Note("/srv/app/.credentials.age", format.ID{1}, id.Recipient().String(), draft, seal)
	if file, done, err := s.KeepLeft(desk.Path); file != "" || done || err != nil {
		t.Errorf("before the window saves: %q, %v, %v", file, done, err)
	}
	if err := os.WriteFile(filepath.Join(desk.Path, textName), []byte("typed"), 0o600); err != nil {
		t.Fatal(err)
	}
	file, done, err := s.KeepLeft(desk.Path)
	if file != "/srv/app/.credentials.age" || !done || err != nil {
		t.Fatal(file, done, err)
	}
	path, _ := s.Newest(format.ID{1})
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(b, []byte("typed")) {
		t.Error("the text is not encrypted")
	}
	draft.Text = []byte("typed")
	if got, err := Open(b, []age.Identity{id}); err != nil || !reflect.DeepEqual(got, draft) {
		t.Errorf("%+v, %v", got, err)
	}
	now = now.Add(keptFor + time.Hour)
	if path, _ := s.Newest(format.ID{1}); path != "" || len(s.Texts(format.ID{1})) > 0 {
		t.Errorf("%s is kept for longer than seven days", path)
	}
}
