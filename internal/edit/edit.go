// Package edit is the work behind the editing of profiles as text, without its words: it
// gives the text to an editor, applies it to profiles that others may have changed, and
// keeps it, encrypted, if it can't be applied.
package edit

import (
	"slices"

	"github.com/credfile/credfile/internal/editdoc"
	"github.com/credfile/credfile/vaultfile"
	"github.com/credfile/credfile/vaultfile/merge"
)

// Draft is a text, and what it was made from.
type Draft struct {
	Text  []byte                   // what the user wrote; nil if nothing yet
	Given []byte                   // as first given to the editor
	Base  map[string][]merge.Entry // each profile's entries when the text was made
	Order []string                 // the profiles in the text
}

// Render returns the text of the profiles in a draft, as entries, with notes at the top and
// below credentials, by profile and name.
func (d *Draft) Render(profiles map[string][]merge.Entry, below map[string]map[string][]string, notes []string) []byte {
	var ps []editdoc.Profile
	for _, name := range d.Order {
		p := editdoc.Profile{Name: name}
		for _, x := range profiles[name] {
			p.Entries = append(p.Entries, editdoc.Entry{Name: x.Name, Kind: x.Kind, Comment: x.Comment, Value: []byte(x.Value), Expires: x.Expires, File: x.File,
				Notes: below[name][x.Name]})
		}
		ps = append(ps, p)
	}
	return editdoc.Render(notes, ps)
}

// Wanted returns what the user wants of a profile. Values that did not change since base
// keep their times, even under a new name: the merge recognizes a rename by its time.
func Wanted(p editdoc.Profile, base []merge.Entry) []merge.Entry {
	was, is := map[string]*merge.Entry{}, map[string]bool{}
	for i := range base {
		was[base[i].Name] = &base[i]
	}
	var wanted []merge.Entry
	for _, x := range p.Entries {
		wanted = append(wanted, merge.Entry{Name: x.Name, Kind: x.Kind, Comment: x.Comment, Value: string(x.Value), Expires: x.Expires, File: x.File})
		is[x.Name] = true
	}
	for i := range wanted {
		x := &wanted[i]
		if b := was[x.Name]; b != nil && b.Kind == x.Kind && b.Value == x.Value {
			x.Time = b.Time
		} else if b == nil {
			for j := range base {
				if !is[base[j].Name] && base[j].Kind == x.Kind && base[j].Value == x.Value {
					x.Time = base[j].Time
				}
			}
		}
	}
	return wanted
}

// Same reports whether two lists of entries differ at most in their times.
func Same(a, b []merge.Entry) bool {
	return slices.EqualFunc(a, b, func(a, b merge.Entry) bool {
		return a.Name == b.Name && a.Kind == b.Kind && a.Value == b.Value && a.Comment == b.Comment && a.Expires.Equal(b.Expires) && a.File == b.File
	})
}

// Items returns a credential and the comment above it as items of a profile.
func Items(name, comment string, value []byte) (items []vaultfile.Item) {
	if comment != "" {
		items = append(items, vaultfile.Item{Value: vaultfile.NewSecret([]byte(comment))})
	}
	if name != "" {
		items = append(items, vaultfile.Item{Name: name, Value: vaultfile.NewSecret(value)})
	}
	return items
}

// Applied is what became of the text of a profile.
type Applied struct {
	Now       []merge.Entry // the profile as it was, which the next text begins with
	Merged    []merge.Entry // the text merged with it
	Conflicts []merge.Conflict
	Done      vaultfile.Rewritten // nothing if there are conflicts
}

// Apply merges what the user wants of a profile with what others changed since base, and
// writes the result unless there are conflicts.
func Apply(p *vaultfile.Profile, base, wanted []merge.Entry) (r Applied, err error) {
	if r.Now, err = p.Entries(); err != nil {
		return r, err
	}
	r.Merged, r.Conflicts = merge.Entries(base, wanted, r.Now)
	if len(r.Conflicts) > 0 {
		return r, nil
	}
	var items []vaultfile.Item
	for _, x := range r.Merged {
		for _, item := range Items(x.Name, x.Comment, []byte(x.Value)) {
			if item.Name != "" {
				item.Kind, item.Expires, item.File = x.Kind, x.Expires, x.File
			}
			items = append(items, item)
		}
	}
	r.Done, err = p.Rewrite(items)
	return r, err
}
