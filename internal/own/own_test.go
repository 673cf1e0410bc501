package own

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/credfile/credfile/internal/keys"
)

// A new identity is added once, and no file is overwritten. Its recipient is the user's own.
func TestStore(t *testing.T) {
	dir := t.TempDir()
	s := Store{Path: filepath.Join(dir, "identities.txt"), Name: FileName("team/alice")}
	id, err := keys.Generate(true)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.Save([]keys.Identity{id}, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	if have := keys.Recipients(s.Path); len(have) != 1 || have[0] != id.Recipient {
		t.Error(have)
	}
	if path, err := s.Publish(id.Recipient); err != nil || path != filepath.Join(dir, "team_alice.pub") {
		t.Error(path, err)
	}
	s.New = true
	if err := s.Save([]keys.Identity{id}, time.Now()); !errors.Is(err, ErrExists) {
		t.Error(err)
	}
	sources := keys.Sources([]string{s.Path}, func(string) (string, bool) { return "", false }, nil)
	if r, err := Recipient(sources); r != id.Recipient || err != nil {
		t.Error(r, err)
	}
}

// A file that can't be read may have the user's identity, so it counts as neither present
// nor missing.
func TestUnreadable(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key.txt")
	lookup := func(string) (string, bool) { return "", false }
	var failed *SourceError
	if _, err := Recipient(keys.Sources([]string{path}, lookup, nil)); !errors.As(err, &failed) {
		t.Error(err)
	}
	if r, err := Recipient(keys.Sources(nil, lookup, nil)[:0]); r != "" || err != nil {
		t.Error(r, err)
	}
	if err := os.WriteFile(path, []byte("no identity\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Recipient(keys.Sources([]string{path}, lookup, nil)); !errors.As(err, &failed) {
		t.Error(err)
	}
}
