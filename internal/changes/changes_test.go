package changes

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/credfile/credfile/vaultfile"
)

var start = time.Date(2027, 5, 1, 8, 0, 0, 0, time.UTC)

// team is a file with a writer and a reader, and its text.
type team struct {
	t     *testing.T
	alice *age.X25519Identity
	bob   string
	now   time.Time
}

func recipient(t *testing.T) (*age.X25519Identity, string) {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return id, id.Recipient().String()
}

func newTeam(t *testing.T, hidden bool) (*team, []byte) {
	x := &team{t: t, now: start}
	var own string
	x.alice, own = recipient(t)
	_, x.bob = recipient(t)
	f := vaultfile.New()
	f.Clock = func() time.Time { return x.now }
	p, err := f.Add("prod", []vaultfile.Recipient{{Name: "alice", Writer: true, String: own}, {Name: "bob", String: x.bob}}, nil)
	x.must(err)
	if hidden {
		x.must(p.HideNames())
	}
	var items []vaultfile.Item
	for i, name := range []string{"A", "B", "C"} {
		x.now = start.Add(time.Duration(i) * time.Hour)
		_, err := p.Set(name, []byte("a value of "+name))
		x.must(err)
		items = append(items, vaultfile.Item{Value: vaultfile.NewSecret([]byte("# above " + name + "\n"))}, vaultfile.Item{Name: name, Value: vaultfile.NewSecret([]byte("a value of " + name))})
	}
	_, err = p.Rewrite(items)
	x.must(err)
	_, err = f.Add("other", []vaultfile.Recipient{{Name: "alice", Writer: true, String: own}}, p)
	x.must(err)
	text, err := f.Marshal()
	x.must(err)
	x.now = start.AddDate(0, 0, 1)
	return x, text
}

func (x *team) must(err error) {
	x.t.Helper()
	if err != nil {
		x.t.Fatal(err)
	}
}

// edit changes a version with the writer's key.
func (x *team) edit(text []byte, change func(f *vaultfile.File, p *vaultfile.Profile)) []byte {
	x.t.Helper()
	f := x.parse(text)
	f.Clock = func() time.Time { return x.now }
	f.Other = func(name string) *vaultfile.Profile { p, _ := f.Unlock(name, x.alice); return p }
	p, err := f.Unlock("prod", x.alice)
	x.must(err)
	change(f, p)
	text, err = f.Marshal()
	x.must(err)
	return text
}

func (x *team) parse(text []byte) *vaultfile.File {
	x.t.Helper()
	f, err := vaultfile.Parse(text)
	x.must(err)
	return f
}

// told describes changes in short.
func told(c *Changes) string {
	var list []string
	for _, p := range c.Profiles {
		words := []string{p.Name, [...]string{"changed", "added", "removed", "missing", "unrecorded", "damaged"}[p.State]}
		word := func(when bool, text string) {
			if when {
				words = append(words, text)
			}
		}
		word(p.Was != "", "was:"+p.Was)
		word(p.NameTaken, "taken")
		word(p.Restored, "restored")
		for _, c := range p.Credentials {
			name := c.Name
			if p.Hidden {
				name = "~"
			}
			words = append(words, fmt.Sprintf("%s%s:%b", c.Was, name, c.What))
		}
		for _, r := range p.Recipients {
			words = append(words, fmt.Sprintf("(%s%s:%b:%v)", r.Was, r.Name, r.What, r.Writer))
		}
		word(p.Rotated, "rotated")
		word(p.Vouched, "vouched")
		word(p.Resealed, "resealed")
		word(p.Comments, "comments")
		word(p.Order, "order")
		word(p.Older(), "older")
		word(len(p.Forgotten) > 0, "forgotten:"+strings.Join(p.Forgotten, ","))
		word(p.Nothing(), "nothing")
		word(p.Damage != nil, "damage")
		word(p.DamageBefore != nil, "damage-before")
		list = append(list, strings.Join(words, " "))
	}
	return strings.Join(list, "; ")
}

func set(x *team, p *vaultfile.Profile, name, value string) {
	_, err := p.Set(name, []byte(value))
	x.must(err)
}

func access(x *team, p *vaultfile.Profile, a vaultfile.Access) {
	_, err := p.ChangeAccess(a)
	x.must(err)
}

func rewritten(x *team, p *vaultfile.Profile, change func(items []vaultfile.Item) []vaultfile.Item) {
	items, err := p.Items()
	x.must(err)
	_, err = p.Rewrite(change(items))
	x.must(err)
}

func TestCompare(t *testing.T) {
	_, carol := recipient(t)
	for _, c := range []struct {
		name   string
		change func(x *team, f *vaultfile.File, p *vaultfile.Profile)
		want   string
	}{
		{"nothing", func(x *team, f *vaultfile.File, p *vaultfile.Profile) {}, ""},
		{"a value, an addition and a removal", func(x *team, f *vaultfile.File, p *vaultfile.Profile) {
			set(x, p, "A", "new")
			set(x, p, "D", "another")
			x.must(p.Unset("B"))
		}, "prod changed A:1000 D:1 B:10 comments"},
		{"an expiry", func(x *team, f *vaultfile.File, p *vaultfile.Profile) {
			_, err := p.SetExpiry("A", start.Truncate(24*time.Hour))
			x.must(err)
		}, "prod changed A:10000"},
		{"a new name", func(x *team, f *vaultfile.File, p *vaultfile.Profile) { x.must(p.Rename("B", "Z")) }, "prod changed BZ:100"},
		{"a new name and another of the same time", func(x *team, f *vaultfile.File, p *vaultfile.Profile) {
			x.now = start
			set(x, p, "Y", "a value of Y")
			x.must(p.Rename("A", "Z"))
		}, "prod changed Z:1 Y:1 A:10"},
		{"a removal and an addition of another size", func(x *team, f *vaultfile.File, p *vaultfile.Profile) {
			x.now = start
			set(x, p, "Y", strings.Repeat("y", 200))
			rewritten(x, p, func(items []vaultfile.Item) []vaultfile.Item { return append(items[:1:1], items[2:]...)[1:] })
		}, "prod changed Y:1 A:10 comments"},
		{"the order", func(x *team, f *vaultfile.File, p *vaultfile.Profile) {
			rewritten(x, p, func(items []vaultfile.Item) []vaultfile.Item { return append(items[2:6:6], items[:2]...) })
		}, "prod changed order"},
		{"the order, and a new name", func(x *team, f *vaultfile.File, p *vaultfile.Profile) {
			x.must(p.Rename("A", "Z"))
			rewritten(x, p, func(items []vaultfile.Item) []vaultfile.Item { return append(items[2:6:6], items[:2]...) })
		}, "prod changed AZ:100 order"},
		{"a comment", func(x *team, f *vaultfile.File, p *vaultfile.Profile) {
			rewritten(x, p, func(items []vaultfile.Item) []vaultfile.Item {
				items[0].Value = vaultfile.NewSecret([]byte("# another\n"))
				return items
			})
		}, "prod changed comments"},
		{"people", func(x *team, f *vaultfile.File, p *vaultfile.Profile) {
			access(x, p, vaultfile.Access{Add: []vaultfile.Recipient{{Name: "carol", Writer: true, String: carol}}, Writer: []string{"bob"}, Rename: [][2]string{{"alice", "alicia"}}})
		}, "prod changed (alicealicia:100:true) (bob:1000000:true) (carol:1:true)"},
		{"someone else's key", func(x *team, f *vaultfile.File, p *vaultfile.Profile) {
			access(x, p, vaultfile.Access{Replace: []vaultfile.Recipient{{Name: "bob", String: carol}}})
		}, "other changed nothing; prod changed (bob:10000000:false) rotated vouched"},
		{"less access", func(x *team, f *vaultfile.File, p *vaultfile.Profile) {
			access(x, p, vaultfile.Access{Remove: []string{"bob"}})
		},
			"other changed nothing; prod changed (bob:10:false) rotated vouched"},
		{"a rotation", func(x *team, f *vaultfile.File, p *vaultfile.Profile) { x.must(p.Rotate()) }, "other changed nothing; prod changed rotated vouched"},
		{"two rotations, with a change", func(x *team, f *vaultfile.File, p *vaultfile.Profile) {
			x.must(p.Rotate())
			set(x, p, "A", "new")
			x.must(p.Rotate())
		}, "other changed nothing; prod changed A:1000 rotated vouched"},
		{"a profile", func(x *team, f *vaultfile.File, p *vaultfile.Profile) {
			n, err := f.Add("new", []vaultfile.Recipient{{Name: "carol", Writer: true, String: carol}}, p)
			x.must(err)
			set(x, n, "N", "new")
		}, "new added N:1 (carol:1:true)"},
		{"a profile less", func(x *team, f *vaultfile.File, p *vaultfile.Profile) { x.must(f.Other("other").Remove()) }, "other removed"},
		{"a rotated profile less", func(x *team, f *vaultfile.File, p *vaultfile.Profile) {
			o := f.Other("other")
			x.must(o.Rotate())
			x.must(o.Remove())
		}, "other removed"},
		{"a profile's name", func(x *team, f *vaultfile.File, p *vaultfile.Profile) { x.must(p.RenameProfile("next")) }, "next changed was:prod"},
		{"another profile of the name", func(x *team, f *vaultfile.File, p *vaultfile.Profile) {
			x.must(p.RenameProfile("next"))
			_, err := f.Add("prod", []vaultfile.Recipient{{Name: "carol", Writer: true, String: carol}}, p)
			x.must(err)
		}, "next changed was:prod; prod added taken (carol:1:true)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			x, text := newTeam(t, false)
			next := x.edit(text, func(f *vaultfile.File, p *vaultfile.Profile) { c.change(x, f, p) })
			if got := told((&Comparer{}).Compare(x.parse(text), x.parse(next))); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
			if back := told((&Comparer{}).Compare(x.parse(next), x.parse(text))); (back == "") != (c.want == "") {
				t.Errorf("back: %s", back)
			}
		})
	}
}
