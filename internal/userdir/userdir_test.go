package userdir

import (
	"path/filepath"
	"testing"
)

func TestDirs(t *testing.T) {
	defer func(was string) { goos = was }(goos)
	root := t.TempDir()
	at := func(path ...string) string { return filepath.Join(append([]string{root}, path...)...) }
	for _, c := range []struct {
		name, os            string
		env                 map[string]string
		config, state, home string
	}{
		{"home", "linux", map[string]string{"HOME": root}, at(".config", "credfile"), at(".local", "state", "credfile"), root},
		{"XDG", "linux", map[string]string{"HOME": root, "XDG_CONFIG_HOME": at("c"), "XDG_STATE_HOME": at("s")}, at("c", "credfile"), at("s", "credfile"), root},
		{"relative paths are ignored", "linux", map[string]string{"HOME": root, "XDG_CONFIG_HOME": "c", "XDG_STATE_HOME": "s"},
			at(".config", "credfile"), at(".local", "state", "credfile"), root},
		{"Windows' variables are ignored elsewhere", "linux", map[string]string{"AppData": at("a"), "LocalAppData": at("l"), "USERPROFILE": root}, "", "", ""},
		{"Windows", "windows", map[string]string{"AppData": at("a"), "LocalAppData": at("l"), "USERPROFILE": root}, at("a", "credfile"), at("l", "credfile"), root},
		{"Windows without AppData", "windows", map[string]string{"USERPROFILE": root}, at(".config", "credfile"), at(".local", "state", "credfile"), root},
		{"nothing is set", "linux", nil, "", "", ""},
	} {
		goos = c.os
		getenv := func(name string) string { return c.env[name] }
		config, configErr := Config(getenv)
		state, stateErr := State(getenv)
		if home := Home(getenv); config != c.config || state != c.state || home != c.home {
			t.Errorf("%s: %q, %q, %q", c.name, config, state, home)
		}
		if (configErr != nil) != (c.config == "") || (stateErr != nil) != (c.state == "") {
			t.Errorf("%s: %v, %v", c.name, configErr, stateErr)
		}
	}
}
