package vaultfile

import (
	"fmt"
	"slices"

	"github.com/credfile/credfile/format"
)

// Rewritten lists the names that [Profile.Rewrite] changed.
type Rewritten struct {
	Added, Changed, Unset []string
	Renamed               [][2]string // from, to
	Expiries              []string    // only the expiry changed
	Files                 []string    // only whether programs get it as a file changed
	Rest                  bool        // only comments or order changed
}

func (r *Rewritten) any() bool {
	return len(r.Added)+len(r.Changed)+len(r.Unset)+len(r.Renamed)+len(r.Expiries)+len(r.Files) > 0 || r.Rest
}

// NewSecret makes a [Secret] from a value, for [Profile.Rewrite].
func NewSecret(value []byte) Secret { return newSecret(value) }

// CheckItem returns nil if an item can be written, or a [*NameError], [*SizeError], [ErrComment] or
// [format.ErrDefinition].
func CheckItem(item Item) error {
	switch value := item.Value.Reveal(); {
	case item.Name != "" && !format.ValidName(item.Name):
		return &NameError{Kind: "credential", Name: item.Name}
	case item.Kind != "":
		return checkSource(item)
	case tooLong(value):
		return &SizeError{Credential: item.Name}
	case item.Name == "" && !validComment(value):
		return ErrComment
	}
	return nil
}

// Rewrite replaces the profile's credentials and comments with items, in this order.
// Unchanged entries keep their sealed bytes and times. If a new name has the value of a
// credential that is gone, that credential was renamed and keeps its time. A source has a definition as
// its value.
//
// Errors: those of [CheckItem], [*RoleError], [*ClockError].
func (p *Profile) Rewrite(items []Item) (Rewritten, error) {
	w := &rewriting{p: p, old: map[string]*format.Entry{}, plain: map[string]string{}, comments: map[string][]*format.Entry{}}
	if err := p.writable(); err != nil {
		return w.done, err
	}
	if err := w.open(); err != nil {
		return w.done, err
	}
	w.findRenamed(items)
	var entries []format.Entry
	for _, item := range items {
		e, err := w.entry(item)
		if err != nil {
			return w.done, err
		}
		entries = append(entries, e)
	}
	if len(entries) > format.MaxEntries {
		return w.done, fmt.Errorf("%w: more than %d entries", format.ErrLimit, format.MaxEntries)
	}
	for _, name := range w.order {
		if !w.kept[name] {
			w.done.Unset = append(w.done.Unset, name)
		}
	}
	w.done.Rest = !w.done.any() && !slices.EqualFunc(entries, p.s.Entries, sameEntry)
	if w.done.any() {
		p.s.Entries, p.index, p.dirty = entries, nil, true
	}
	return w.done, nil
}

func sameEntry(a, b format.Entry) bool {
	return a.Name == b.Name && a.Sealed == b.Sealed
}

type rewriting struct {
	p        *Profile
	old      map[string]*format.Entry // by real name
	plain    map[string]string        // kind, NUL, value
	order    []string
	comments map[string][]*format.Entry // by text, in order
	renamed  map[string]string          // new name -> old name
	kept     map[string]bool            // old names
	done     Rewritten
}

func (w *rewriting) open() error {
	w.kept = map[string]bool{}
	for i := range w.p.s.Entries {
		e := &w.p.s.Entries[i]
		name, value, err := w.p.openEntry(e)
		if err != nil {
			return err
		}
		if e.IsComment() {
			w.comments[string(value)] = append(w.comments[string(value)], e)
			continue
		}
		w.old[name], w.plain[name] = e, e.Kind+"\x00"+string(value)
		w.order = append(w.order, name)
	}
	return nil
}

// findRenamed pairs each new name with a missing one that had the same value, if the match
// is unambiguous.
func (w *rewriting) findRenamed(items []Item) {
	w.renamed = map[string]string{}
	is := map[string]bool{}
	added := map[string][]string{} // by value
	for _, item := range items {
		is[item.Name] = true
		if item.Name != "" && w.old[item.Name] == nil {
			value := item.Kind + "\x00" + string(item.Value.Reveal())
			added[value] = append(added[value], item.Name)
		}
	}
	gone := map[string][]string{}
	for _, name := range w.order {
		if !is[name] {
			gone[w.plain[name]] = append(gone[w.plain[name]], name)
		}
	}
	for value, names := range added {
		if len(names) == 1 && len(gone[value]) == 1 {
			w.renamed[names[0]] = gone[value][0]
		}
	}
}

func (w *rewriting) entry(item Item) (e format.Entry, err error) {
	if err := CheckItem(item); err != nil {
		return e, err
	}
	value := item.Value.Reveal()
	if item.Name == "" {
		if old := w.comments[string(value)]; len(old) > 0 { // use each once, so that equal comments don't show
			w.comments[string(value)] = old[1:]
			return *old[0], nil
		}
		return format.Entry{Sealed: seal(w.p.keys.value, value, w.p.aad("", ""))}, nil
	}
	e = format.Entry{Name: w.p.label(item.Name), Kind: item.Kind, Expires: item.Expires, File: item.File}
	old, was := w.old[item.Name], item.Name
	if old == nil && w.renamed[item.Name] != "" {
		was = w.renamed[item.Name]
		old = w.old[was]
	}
	if old != nil {
		w.kept[was] = true
	}
	switch {
	case old != nil && was != item.Name:
		e.Time, e.Sealed = old.Time, w.p.sealValue(item.Name, item.Kind, value)
		w.options(old, item)
		w.done.Renamed = append(w.done.Renamed, [2]string{was, item.Name})
	case old != nil && w.plain[was] == item.Kind+"\x00"+string(value):
		e.Time, e.Sealed = old.Time, old.Sealed
		w.options(old, item)
	default:
		if e.Time, err = w.p.f.now(w.p.s); err != nil {
			return e, err
		}
		e.Sealed = w.p.sealValue(item.Name, item.Kind, value)
		if old == nil {
			w.done.Added = append(w.done.Added, item.Name)
		} else {
			w.done.Changed = append(w.done.Changed, item.Name)
		}
	}
	return e, nil
}

// options notes what changed of a credential beside its value.
func (w *rewriting) options(old *format.Entry, item Item) {
	if !old.Expires.Equal(item.Expires) {
		w.done.Expiries = append(w.done.Expiries, item.Name)
	}
	if old.File != item.File {
		w.done.Files = append(w.done.Files, item.Name)
	}
}
