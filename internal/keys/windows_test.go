package keys

import (
	"path/filepath"
	"slices"
	"testing"
)

// On Windows identities are below AppData, and SSH keys below USERPROFILE.
func TestWindowsPlaces(t *testing.T) {
	defer func(was string) { goos = was }(goos)
	goos = "windows"
	root := t.TempDir()
	env := map[string]string{"AppData": filepath.Join(root, "appdata"), "USERPROFILE": filepath.Join(root, "profile")}
	lookup := func(name string) (string, bool) { v, ok := env[name]; return v, ok }
	var names []string
	for _, s := range Sources(nil, lookup, nil) {
		names = append(names, s.Name)
	}
	want := []string{filepath.Join(root, "appdata", "credfile", "identities.txt"), filepath.Join(root, "profile", ".ssh", "id_ed25519"), filepath.Join(root, "profile", ".ssh", "id_rsa")}
	if !slices.Equal(names, want) {
		t.Errorf("%q, want %q", names, want)
	}
	delete(env, "AppData")
	if file, err := DefaultFile(func(name string) string { return env[name] }); err != nil || file != filepath.Join(root, "profile", ".config", "credfile", "identities.txt") {
		t.Errorf("%q, %v", file, err)
	}
}
