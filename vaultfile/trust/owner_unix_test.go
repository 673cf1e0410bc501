//go:build unix

package trust

import (
	"os"
	"path/filepath"
	"testing"
)

// given returns a directory of root that has one of another user in it, and one of root in that.
func given(t *testing.T) (root, others, below string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs the right to give files away, which root has")
	}
	root = t.TempDir()
	others, below = filepath.Join(root, "others"), filepath.Join(root, "others", "below")
	if err := os.MkdirAll(below, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(others, 1234, 1234); err != nil {
		t.Fatal(err)
	}
	return root, others, below
}

// Another user's directory inside one of ours may hide what is known. The reverse hides nothing.
func TestBlind(t *testing.T) {
	root, others, below := given(t)
	for dir, want := range map[string]string{
		others: others, filepath.Join(others, "no", "such"): others, below: others, root: "", filepath.Join(root, "no", "such"): "",
	} {
		if got := blind(dir); got != want {
			t.Errorf("%s is hidden by %q, want %q", dir, got, want)
		}
	}
}

// Root does not write into another user's home.
func TestOthersHome(t *testing.T) {
	root, others, below := given(t)
	for dir, want := range map[string]bool{
		others: true, filepath.Join(others, "no", "such"): true, below: false, root: false, filepath.Join(root, "no"): false, "/": false, "no/such": false,
	} {
		if got := othersHome(dir); got != want {
			t.Errorf("%s is in another's home: %v", dir, got)
		}
	}
	m := UserMemory(func(name string) string { return map[string]string{"XDG_STATE_HOME": others}[name] })
	if !m.ReadOnly {
		t.Error("root writes there")
	}
}

// Root's own files are ours, and so are those of who ran sudo. Without sudo, those of the working
// directory's owner may be read.
func TestRootsOwners(t *testing.T) {
	root, others, below := given(t)
	for name, c := range map[string]struct {
		l              Locator
		ours, readable bool
		here           bool
	}{
		"with sudo":                     {Locator{Sudo: "1234", Dir: root}, true, true, false},
		"with another's sudo":           {Locator{Sudo: "1235", Dir: others}, false, false, false},
		"without sudo":                  {Locator{Dir: root}, false, false, false},
		"in their directory":            {Locator{Dir: others}, false, true, true},
		"in none":                       {Locator{Dir: filepath.Join(root, "no")}, false, false, false},
		"with what is no number":        {Locator{Sudo: "x1234", Dir: root}, false, false, false},
		"with a number beyond any user": {Locator{Sudo: "4294968530", Dir: root}, false, false, false},
	} {
		o := newOwners(&c.l)
		info, err := os.Stat(others)
		if err != nil {
			t.Fatal(err)
		}
		other, is := o.other(others)
		if o.ours(info) != c.ours || o.readable(info) != c.readable || is == c.ours || is && (other.UID != 1234 || other.Path != others || other.Here != c.here) {
			t.Errorf("%s: ours %v, readable %v, other %+v", name, o.ours(info), o.readable(info), other)
		}
		if _, is := o.other(below); is {
			t.Errorf("%s: what is root's is another's", name)
		}
		if _, is := o.other(filepath.Join(root, "no")); is {
			t.Errorf("%s: what does not exist is another's", name)
		}
	}
}
