package merge

import (
	"testing"

	"github.com/credfile/credfile/format"
)

// A lock goes with its key: what one side changed is taken, and no lock of an old key is.
func TestLocks(t *testing.T) {
	with := func(key, lock, message string) format.Recipient {
		return format.Recipient{Name: "bob", String: "age1" + key, Lock: lock, Message: []byte(message)}
	}
	profile := func(revision uint64, value string, bob format.Recipient) *File {
		f := scene(t, "a#1 k 3 alice A=1")
		p := f.Profiles[0]
		p.Revision, p.Digest = revision, [16]byte{byte(revision)}
		p.Entries[0].Value = value
		p.Recipients = append(p.Recipients, bob)
		return f
	}
	none, old, now := with("k", "", ""), with("k", "scrypt", "old"), with("k", "argon2id", "now")
	for name, c := range map[string]struct{ base, ours, theirs, want format.Recipient }{
		"unchanged":                       {old, old, old, old},
		"locked by theirs":                {none, none, now, now},
		"locked by ours":                  {none, now, none, now},
		"locked anew by theirs":           {old, old, with("k", "scrypt", "new"), with("k", "scrypt", "new")},
		"locked anew by ours":             {old, with("k", "scrypt", "new"), old, with("k", "scrypt", "new")},
		"locked by both":                  {old, now, with("k", "scrypt", "new"), now},
		"unlocked by theirs":              {old, old, none, none},
		"another key by ours":             {old, with("l", "", ""), old, with("l", "", "")},
		"another key and another lock":    {none, with("l", "", ""), now, with("l", "", "")},
		"another key by theirs":           {old, old, with("l", "", ""), with("l", "", "")},
		"another key by theirs, unlocked": {old, none, with("l", "age", "new"), with("l", "age", "new")},
	} {
		plan := Merge(profile(3, "1", c.base), profile(4, "2", c.ours), profile(5, "1", c.theirs), nil)
		if len(plan.Results) != 1 || len(plan.Results[0].Recipients) != 2 || len(plan.Conflicts) != 0 {
			t.Errorf("%s: %s", name, outcome(plan))
			continue
		}
		if got := plan.Results[0].Recipients[1]; !equal(got, c.want) {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

// Row 9b: what overwrote newer keys is not simply taken back, since the older ones chose its
// revision.
func TestOverwritten(t *testing.T) {
	for _, c := range []struct{ base, theirs, want string }{
		{"a#1 k 5 alice,bob A=2", "a#1 l<k 4 alice-bob A=1", "a under theirs, revision 6, <k alice -bob A=1"},
		{"a#1 k 5 alice,bob A=2", "a#1 l<k 5 alice-bob A=1", "a under theirs, revision 6, <k alice -bob A=1"},
		{"a#1 k 5 alice,bob A=2", "a#1 l<k 6 alice-bob A=1", "a as theirs"},
		{"a#1 k 5 alice,bob A=2", "a#1 k 6 alice,bob A=1", "a as theirs"},
		{"closed a#1 k 5 alice,bob A=2", "a#1 l<k 4 alice-bob A=1", "a as theirs"},
		{"a#1 k 5 alice,bob A=2", "closed a#1 l<k 4 alice-bob A=1", "a as theirs"},
	} {
		if got := outcome(Merge(scene(t, c.base), scene(t, c.base), scene(t, c.theirs), nil)); got != c.want {
			t.Errorf("%s to %s: %s, want %s", c.base, c.theirs, got, c.want)
		}
	}
}
