//go:build linux

package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/kdf"
	"github.com/credfile/credfile/vaultfile"
)

// A giant is a file that has as much as a limit of the format allows, divided by scale.
type giant struct {
	name string
	fill func(g *builder)
}

// The builder of a giant has a file with the profile default, of which the user is a writer.
type builder struct {
	t     *testing.T
	scale int
	f     *vaultfile.File
	p     *vaultfile.Profile
	me    vaultfile.Recipient
	now   time.Time
}

var giants = []giant{
	{"credentials", func(g *builder) { g.credentials(format.MaxEntries) }},
	{"credentials that former recipients know", func(g *builder) {
		g.former(func() { g.credentials(format.MaxEntries) })
	}},
	{"comments", func(g *builder) {
		var items []vaultfile.Item
		for i := range format.MaxEntries/2/g.scale - 1 {
			items = append(items, vaultfile.Item{Value: vaultfile.NewSecret(fmt.Appendf(nil, "# comment %d\n\n", i))},
				vaultfile.Item{Name: fmt.Sprintf("N%d", i), Value: vaultfile.NewSecret([]byte("not-real"))})
		}
		g.rewrite(items)
	}},
	{"logins for one server", func(g *builder) {
		g.items(format.MaxEntries/2, func(i int) string { return fmt.Sprintf("user%d@registry.example.org", i) })
	}},
	{"names that differ at the end", func(g *builder) {
		g.items(format.MaxEntries/2, func(i int) string { return strings.Repeat("A", format.MaxName-8) + fmt.Sprintf("%08d", i) })
	}},
	{"recipients", func(g *builder) { g.recipients(format.MaxRecipients) }},
	{"profiles", func(g *builder) { g.profiles(format.MaxProfiles) }},
	{"removed profiles", func(g *builder) {
		for _, p := range g.profiles(format.MaxRemoved)[1:] {
			g.must(p.Remove())
		}
	}},
	{"locks", func(g *builder) {
		g.lock(format.MaxPassphrase)
	}},
	{"large values", func(g *builder) {
		g.itemsOf(max(10/g.scale, 2), func(i int) string { return fmt.Sprintf("LARGE_%d", i) }, bytes.Repeat([]byte("x"), format.MaxValue))
	}},
	{"sources", func(g *builder) {
		for i := range format.MaxEntries / 64 / g.scale {
			_, err := g.p.SetSource(vaultfile.Source{Name: fmt.Sprintf("SOURCE_%d", i), Kind: "demo", Definition: format.Definition{"secrets": []string{"KEY"}, "gives": []string{fmt.Sprintf("GIVEN_%d", i)}}})
			g.must(err)
		}
	}},
}

func (g *builder) must(err error) {
	g.t.Helper()
	if err != nil {
		g.t.Fatal(err)
	}
}

func (g *builder) rewrite(items []vaultfile.Item) {
	g.t.Helper()
	items = append(items, vaultfile.Item{Name: "KEY", Value: vaultfile.NewSecret([]byte("not-real"))})
	_, err := g.p.Rewrite(items)
	g.must(err)
}

func (g *builder) itemsOf(n int, name func(i int) string, value []byte) {
	g.t.Helper()
	items := make([]vaultfile.Item, n)
	for i := range items {
		items[i] = vaultfile.Item{Name: name(i), Value: vaultfile.NewSecret(value)}
	}
	g.rewrite(items)
}

func (g *builder) items(n int, name func(i int) string) {
	g.t.Helper()
	g.itemsOf(n/g.scale-1, name, []byte("not-real"))
}

func (g *builder) credentials(n int) {
	g.items(n, func(i int) string { return fmt.Sprintf("N%d", i) })
}

func (g *builder) people(n int) (list []vaultfile.Recipient) {
	for i := range n/g.scale - 1 {
		list = append(list, vaultfile.Recipient{Name: fmt.Sprintf("person%d", i), String: newRecipient(g.t)})
	}
	return list
}

func (g *builder) recipients(n int) {
	_, err := g.p.ChangeAccess(vaultfile.Access{Add: g.people(n)})
	g.must(err)
}

// former has as many people as possible leave after the change.
func (g *builder) former(change func()) {
	people := g.people(format.MaxFormer)
	_, err := g.p.ChangeAccess(vaultfile.Access{Add: people})
	g.must(err)
	change()
	names := make([]string, len(people))
	for i, r := range people {
		names[i] = r.Name
	}
	_, err = g.p.ChangeAccess(vaultfile.Access{Remove: names})
	g.must(err)
}

func (g *builder) profiles(n int) (list []*vaultfile.Profile) {
	list = append(list, g.p)
	for i := range n/g.scale - 1 {
		p, err := g.f.Add(fmt.Sprintf("profile%d", i), []vaultfile.Recipient{g.me}, g.p)
		g.must(err)
		_, err = p.Set("ONE", []byte("not-real"))
		g.must(err)
		list = append(list, p)
	}
	return list
}

// lock adds people with passphrase locks. All have the same one here, since each derivation
// takes a while; in the file, their messages differ.
func (g *builder) lock(n int) {
	var list []vaultfile.Recipient
	for i := range max(n/g.scale/4, 4) {
		id, err := age.GenerateX25519Identity()
		g.must(err)
		passphrase, err := vaultfile.NewPassphrase([]byte("not-real"), nil)
		g.must(err)
		r, err := vaultfile.NewLock(id, passphrase, kdf.Argon2id{KiB: 65536, Passes: 1, Lanes: 1})
		g.must(err)
		r.Name, r.String = fmt.Sprintf("locked%d", i), id.Recipient().String()
		list = append(list, r)
	}
	_, err := g.p.ChangeAccess(vaultfile.Access{Add: list})
	g.must(err)
}
