package vaultfile_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/vaultfile"
)

// cast are the people of all histories. Alice is a writer everywhere, and merges.
var cast = map[string]*age.X25519Identity{}

func init() {
	for _, name := range []string{"alice", "bob", "carol", "dave"} {
		cast[name], _ = age.GenerateX25519Identity()
	}
}

// history is a branch: its file, and what is true of it, written down by hand.
type history struct {
	t       *testing.T
	random  *rand.Rand
	now     *time.Time
	serial  *int
	text    []byte
	removed map[string]bool            // PROFILE-ID NAME of people who were removed in this branch since the base
	knew    map[string]map[string]bool // by person: PROFILE-ID VALUE of all that they could ever read
}

func (h *history) open() *vaultfile.File {
	f, err := vaultfile.Parse(h.text)
	if err != nil {
		h.t.Fatal(err)
	}
	f.Clock = func() time.Time { return *h.now }
	f.Other = func(name string) *vaultfile.Profile { p, _ := f.Unlock(name, cast["alice"]); return p }
	return f
}

func key(id format.ID, what string) string { return fmt.Sprintf("%x %s", id[:4], what) }

// change makes one random change by a random writer, or none where it does not fit, and saves.
func (h *history) change() {
	*h.now = h.now.Add(time.Minute)
	f := h.open()
	names := f.Names()
	by := cast[[]string{"alice", "alice", "bob", "carol"}[h.random.IntN(4)]]
	p, err := f.Unlock(names[h.random.IntN(len(names))], by)
	if err != nil || !p.Writer() {
		return
	}
	*h.serial++
	if h.random.IntN(3) > 0 {
		err = h.changeCredentials(p)
	} else {
		err = h.changeProfile(f, p, by)
	}
	var missing *vaultfile.NotFoundError
	var exists *vaultfile.ExistsError
	var twice *vaultfile.RecipientError
	var last *vaultfile.LastProfileError
	var role *vaultfile.RoleError
	if errors.As(err, &missing) || errors.As(err, &exists) || errors.As(err, &twice) || errors.As(err, &last) || errors.As(err, &role) {
		return
	} else if err != nil {
		h.t.Fatal(err)
	}
	if h.text, err = f.Marshal(); err != nil {
		h.t.Fatal(err)
	}
	h.watch()
}

func (h *history) changeCredentials(p *vaultfile.Profile) (err error) {
	name := fmt.Sprint("N", h.random.IntN(6))
	switch h.random.IntN(9) {
	case 8:
		if p.Has(name) {
			_, err = p.SetAsFile(name, h.random.IntN(2) == 0)
		}
	case 0, 1, 2:
		_, err = p.Set(name, []byte(fmt.Sprint("value", *h.serial)))
	case 3:
		err = p.Unset(name)
	case 4:
		err = p.Rename(name, fmt.Sprint("R", *h.serial))
	case 5:
		if p.Has(name) {
			_, err = p.SetExpiry(name, time.Date(2027, 1, 1+h.random.IntN(20), 0, 0, 0, 0, time.UTC))
		}
	default:
		var items []vaultfile.Item
		if items, err = p.Items(); err == nil {
			_, err = p.Rewrite(h.shuffled(items))
		}
	}
	return err
}

// shuffled moves a credential with its comment to another place, and may give it another comment.
func (h *history) shuffled(items []vaultfile.Item) []vaultfile.Item {
	var groups [][]vaultfile.Item
	var group []vaultfile.Item
	for _, item := range items {
		if group = append(group, item); item.Name != "" {
			groups, group = append(groups, group), nil
		}
	}
	if len(groups) == 0 {
		return items
	}
	i := h.random.IntN(len(groups))
	moved := groups[i]
	if h.random.IntN(2) == 0 {
		comment := vaultfile.Item{Value: vaultfile.NewSecret([]byte(fmt.Sprintf("# comment %d\n", *h.serial)))}
		moved = []vaultfile.Item{comment, moved[len(moved)-1]}
	}
	groups = slices.Delete(groups, i, i+1)
	groups = slices.Insert(groups, h.random.IntN(len(groups)+1), moved)
	return append(slices.Concat(groups...), group...)
}

func (h *history) changeProfile(f *vaultfile.File, p *vaultfile.Profile, by *age.X25519Identity) (err error) {
	who := []string{"bob", "carol", "dave"}[h.random.IntN(3)]
	switch h.random.IntN(9) {
	case 0, 1:
		err = p.AddRecipient(vaultfile.Recipient{Name: who, Writer: h.random.IntN(3) > 0, String: cast[who].Recipient().String()})
	case 2:
		if _, err = p.ChangeAccess(vaultfile.Access{Remove: []string{who}}); err == nil {
			h.removed[key(p.Section().ID, who)] = true
		}
	case 3:
		_, err = p.ChangeAccess(vaultfile.Access{Reader: []string{who}})
	case 4:
		_, err = p.ChangeAccess(vaultfile.Access{Writer: []string{who}})
	case 5:
		err = p.Rotate()
	case 6:
		_, err = f.Add(fmt.Sprint("p", *h.serial), []vaultfile.Recipient{{Name: "alice", Writer: true, String: cast["alice"].Recipient().String()}}, p)
	case 7:
		if h.random.IntN(3) == 0 {
			err = p.Remove()
		}
	case 8:
		err = p.RenameProfile(fmt.Sprint("q", *h.serial))
	}
	return err
}

// watch records what everybody can read now.
func (h *history) watch() {
	f := h.open()
	for _, name := range f.Names() {
		p, err := f.Unlock(name, cast["alice"])
		if err != nil {
			h.t.Fatal(err)
		}
		items, err := p.Items()
		if err != nil {
			h.t.Fatal(err)
		}
		for _, r := range p.Section().Recipients {
			for _, item := range items {
				h.knew[r.Name][key(p.Section().ID, string(item.Value.Reveal()))] = true
			}
		}
	}
}

func (h *history) branch() *history {
	b := *h
	b.removed, b.knew = map[string]bool{}, map[string]map[string]bool{}
	for name := range cast {
		b.knew[name] = maps.Clone(h.knew[name])
	}
	return &b
}
