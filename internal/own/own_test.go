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
	other, err := keys.Generate(true)
	if err == nil {
		err = s.Save([]keys.Identity{id, other}, time.Now())
	}
	if have := keys.Recipients(s.Path); err != nil || len(have) != 2 || have[1] != other.Recipient {
		t.Errorf("with another one: %q, %v", have, err)
	}
	mine := errors.New("mine")
	locked := Store{Path: filepath.Join(dir, "locked.age"), New: true, Encrypt: func([]byte) ([]byte, error) { return nil, mine }}
	if err := locked.Save([]keys.Identity{id}, time.Now()); !errors.Is(err, mine) {
		t.Errorf("not encrypted: %v", err)
	}
	if _, err := os.Lstat(locked.Path); err == nil {
		t.Error("what can't be encrypted is written")
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

// What is there and can't be read is refused, whoever named it.
func TestSources(t *testing.T) {
	dir := t.TempDir()
	lookup := func(string) (string, bool) { return "", false }
	var failed *SourceError
	if _, err := Recipient(keys.Sources([]string{dir}, lookup, nil)); !errors.As(err, &failed) {
		t.Errorf("a directory: %v", err)
	}
	fromEnv := func(name string) (string, bool) { return dir, name == "CREDFILE_AGE_KEY_FILE" }
	if r, err := Recipient(keys.Sources(nil, fromEnv, nil)); !errors.As(err, &failed) {
		t.Errorf("a directory, from the environment: %q, %v", r, err)
	}
}

// A name is one that a file takes, and never that of root.
func TestName(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("GIT_CONFIG_GLOBAL", filepath.Join(dir, "config"))
	t.Setenv("GIT_CONFIG_NOSYSTEM", "1")
	t.Chdir(dir)
	login := Name()
	if login == "root" || login == "" {
		t.Errorf("the login is %q", login)
	}
	for email, want := range map[string]string{"alice@example.com": "alice@example.com", "a b": login, "\u001b[2J": login, "": login} {
		if err := os.WriteFile(filepath.Join(dir, "config"), []byte("[user]\n\temail = \""+email+"\"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := Name(); got != want {
			t.Errorf("with the address %q: %q, want %q", email, got, want)
		}
	}
}
