package keys

import (
	"path/filepath"
	"slices"
	"testing"
)

// Without any flag, identities are in the config directory, and SSH keys in the home.
func TestPlaces(t *testing.T) {
	home := t.TempDir()
	env := map[string]string{"HOME": home}
	lookup := func(name string) (string, bool) { v, ok := env[name]; return v, ok }
	var names []string
	for _, s := range Sources(nil, lookup, nil) {
		names = append(names, s.Name)
	}
	want := []string{filepath.Join(home, ".config", "credfile", "identities.txt"), filepath.Join(home, ".ssh", "id_ed25519"), filepath.Join(home, ".ssh", "id_rsa")}
	if !slices.Equal(names, want) {
		t.Errorf("%q, want %q", names, want)
	}
}
