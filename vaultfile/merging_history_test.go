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

// cast are the people of all histories, and their other keys. Alice is a writer everywhere, and
// merges.
var cast = map[string]*age.X25519Identity{}

func init() {
	for _, name := range []string{"alice", "bob", "carol", "dave", "bob's other", "carol's other"} {
		cast[name], _ = age.GenerateX25519Identity()
	}
}

func stringOf(name string) string { return cast[name].Recipient().String() }

// history is a branch: its file, and what is true of it, written down by hand.
type history struct {
	t       *testing.T
	random  *rand.Rand
	now     *time.Time
	serial  *int
	text    []byte
	removed map[string]bool            // PROFILE-ID KEY of those who were removed in this branch since the base
	knew    map[string]map[string]bool // by recipient string: PROFILE-ID VALUE of all that they could ever read
	called  map[string]map[string]bool // by recipient string: the names
	past    []*history                 // the branch after each change, from where it begins

	confirmed map[string]bool // values that need no change, whoever knows them
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
	if doesNotFit(err) {
		return
	} else if err != nil {
		h.t.Fatal(err)
	}
	if h.text, err = f.Marshal(); err != nil {
		h.t.Fatal(err)
	}
	h.watch()
	h.commit()
}

// doesNotFit reports whether a change by chance was refused for a good reason.
func doesNotFit(err error) bool {
	var missing *vaultfile.NotFoundError
	var exists *vaultfile.ExistsError
	var twice *vaultfile.RecipientError
	var last *vaultfile.LastProfileError
	var role *vaultfile.RoleError
	var source *vaultfile.IsSourceError
	var credential *vaultfile.IsCredentialError
	return errors.As(err, &missing) || errors.As(err, &exists) || errors.As(err, &twice) || errors.As(err, &last) ||
		errors.As(err, &role) || errors.As(err, &source) || errors.As(err, &credential)
}

// commit makes what is there a version that can be cherry-picked and reverted.
func (h *history) commit() {
	h.past = append(slices.Clone(h.past), h.branch())
}

func (h *history) changeCredentials(p *vaultfile.Profile) (err error) {
	name := fmt.Sprint("N", h.random.IntN(6))
	switch h.random.IntN(12) {
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
	case 6:
		if p.Has(name) {
			_, err = p.SetAsFile(name, h.random.IntN(2) == 0)
		}
	case 7:
		_, err = p.Set(name, []byte(fmt.Sprint("twin", h.random.IntN(3)))) // both sides may
	case 8:
		if err = p.Confirm(name); err == nil {
			value, _ := p.Get(name)
			h.confirmed[string(value.Reveal())] = true
		}
	case 9:
		d := format.Definition{"profile": fmt.Sprint("role", h.random.IntN(9)), "parts": int64(h.random.IntN(3))}
		_, err = p.SetSource(vaultfile.Source{Name: name, Kind: []string{"oauth", "later"}[h.random.IntN(2)], Definition: d})
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
	if h.random.IntN(4) == 0 { // the comment at the end
		group = []vaultfile.Item{{Value: vaultfile.NewSecret([]byte(fmt.Sprintf("# end %d\n", *h.serial)))}}
	}
	return append(slices.Concat(groups...), group...)
}

func (h *history) changeProfile(f *vaultfile.File, p *vaultfile.Profile, by *age.X25519Identity) (err error) {
	who := []string{"bob", "carol", "dave"}[h.random.IntN(3)]
	newcomer := vaultfile.Recipient{Name: who, Writer: h.random.IntN(3) > 0, String: stringOf(who)}
	had := p.Recipients()
	switch h.random.IntN(12) {
	case 0, 1:
		err = p.AddRecipient(newcomer)
	case 2:
		_, err = p.ChangeAccess(vaultfile.Access{Remove: []string{who}})
	case 3:
		_, err = p.ChangeAccess(vaultfile.Access{Reader: []string{who}})
	case 4:
		_, err = p.ChangeAccess(vaultfile.Access{Writer: []string{who}})
	case 5:
		err = p.Rotate()
	case 6:
		_, err = f.Add(h.profileName("p"), []vaultfile.Recipient{{Name: "alice", Writer: true, String: stringOf("alice")}}, p)
	case 7:
		if h.random.IntN(3) == 0 {
			err = p.Remove()
		}
	case 8:
		err = p.RenameProfile(h.profileName("q"))
	case 9:
		_, err = p.ChangeAccess(vaultfile.Access{Rename: [][2]string{{who, who + []string{"-1", "-2"}[h.random.IntN(2)]}}})
	case 10:
		if who != "dave" {
			newcomer.String = stringOf(who + "'s other")
			_, err = p.ChangeAccess(vaultfile.Access{Replace: []vaultfile.Recipient{newcomer}})
		}
	case 11:
		if newcomer.Name += "-1"; who != "dave" && h.random.IntN(2) == 0 {
			newcomer.String = stringOf(who + "'s other")
		}
		err = p.AddRecipient(newcomer)
	}
	if err == nil {
		has := p.Section().Recipients
		for _, r := range had {
			gone := !slices.ContainsFunc(has, func(x format.Recipient) bool { return x.String == r.String })
			h.removed[key(p.Section().ID, r.String)] = h.removed[key(p.Section().ID, r.String)] || gone
		}
	}
	return err
}

// profileName returns a name that the other side may give a profile, too.
func (h *history) profileName(kind string) string {
	if h.random.IntN(4) == 0 {
		return kind
	}
	return fmt.Sprint(kind, *h.serial)
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
				h.knew[r.String][key(p.Section().ID, string(item.Value.Reveal()))] = true
			}
			h.called[r.String][r.Name] = true
		}
	}
}

func (h *history) branch() *history {
	b := *h
	b.removed, b.knew, b.past = maps.Clone(h.removed), map[string]map[string]bool{}, nil
	for name := range cast {
		b.knew[stringOf(name)] = maps.Clone(h.knew[stringOf(name)])
	}
	return &b
}
