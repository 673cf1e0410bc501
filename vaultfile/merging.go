package vaultfile

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/vaultfile/merge"
)

// Reasons why files can't be merged.
var (
	ErrOtherFile = errors.New("the files have different ids")
	ErrOtherPlan = errors.New("the plan is for other files")
	ErrNoProfile = errors.New("neither file has a profile that is trusted")
)

// Side returns the file as one of the files of a merge. Profiles that are unlocked for writing
// are open. refused has the reasons why sections are not trusted, by profile name; what does not
// verify is refused, too.
func (f *File) Side(refused map[string]error) (*merge.File, error) {
	side := &merge.File{Removed: f.text.Removed}
	for _, s := range f.text.Profiles {
		p := &merge.Profile{ID: s.ID, Name: s.Name, Key: s.Key, Digest: f.Digest(s), Revision: s.Revision, Refused: refused[s.Name]}
		if err := f.VerifyProfile(s.Name); err != nil {
			p.Refused = err
		} else {
			p.Vouched, p.Recipients, p.Former = s.Vouched, s.Recipients, s.Former
		}
		if u := f.unlocked[s]; u != nil && u.writable() == nil && p.Refused == nil {
			var err error
			if p.Entries, err = u.Entries(); err != nil {
				return nil, err
			}
			p.Open = true
		}
		side.Profiles = append(side.Profiles, p)
	}
	return side, nil
}

// Entries opens all credentials, each with the comment above it. Errors: [*DamageError].
func (p *Profile) Entries() ([]merge.Entry, error) {
	var entries []merge.Entry
	comment := ""
	for item, err := range p.All() {
		if err != nil {
			return nil, err
		}
		text := string(item.Value.Reveal())
		if item.Name == "" {
			comment = text
			continue
		}
		entries = append(entries, merge.Entry{Name: item.Name, Kind: item.Kind, Comment: comment, Value: text, Time: item.Time, Expires: item.Expires, File: item.File})
		comment = ""
	}
	if comment != "" {
		entries = append(entries, merge.Entry{Comment: comment})
	}
	return entries, nil
}

// Merge carries out a plan, with f as ours. Sections that the plan takes are taken byte for byte,
// and those that it rewrites must be unlocked for writing in both files. On an error, f is as it
// was.
//
// Errors: [ErrOtherFile], [ErrOtherPlan], [ErrNoProfile], [*RoleError], [*ClockError], those of [Profile.AddRecipient].
func (f *File) Merge(theirs *File, plan *merge.Plan) error {
	if f.ID() != theirs.ID() {
		return ErrOtherFile
	}
	m := &merging{sides: [2]*File{f, theirs}, into: &File{
		Clock: f.Clock, Plugin: f.Plugin, Other: f.Other, text: &format.File{ID: f.text.ID, Removed: slices.Clone(plan.Removed)},
		digests: map[*format.Profile][16]byte{}, decoded: f.decoded, dirty: true}}
	switch {
	case len(plan.Results)+len(plan.Remove) == 0:
		return ErrNoProfile
	case len(plan.Removed) > format.MaxRemoved:
		return errRemoved
	case len(plan.Results) > format.MaxProfiles:
		return fmt.Errorf("%w: more than %d profiles", format.ErrLimit, format.MaxProfiles)
	}
	for i := range plan.Results {
		if err := m.profile(&plan.Results[i]); err != nil {
			return err
		}
	}
	var gone []*Profile
	for _, r := range plan.Remove {
		p, err := m.adopt(r.Side, r.ID)
		if err != nil {
			return err
		}
		gone = append(gone, p)
	}
	slices.SortFunc(m.into.text.Profiles, compareProfiles)
	slices.SortFunc(m.into.text.Removed, compareRemoved)
	if err := m.vouch(plan); err != nil {
		return err
	}
	for _, p := range gone {
		if err := p.Remove(); err != nil {
			return err
		}
	}
	*f = *m.into
	for _, p := range f.unlocked {
		p.f = f
	}
	return nil
}

// merging makes the file into, of two sides.
type merging struct {
	sides [2]*File
	into  *File
}

// unlocked returns the profile of a side, which must be unlocked for writing.
func (m *merging) unlocked(side merge.Side, id format.ID) (*Profile, error) {
	f := m.sides[side]
	s := m.section(side, id)
	if s == nil {
		return nil, ErrOtherPlan
	}
	if p := f.unlocked[s]; p != nil {
		return p, p.writable()
	}
	return nil, &RoleError{Profile: s.Name, Writers: s.Writers()}
}

// section returns the section of a side, or nil.
func (m *merging) section(side merge.Side, id format.ID) *format.Profile {
	for _, s := range m.sides[side].text.Profiles {
		if s.ID == id {
			return s
		}
	}
	return nil
}

// OpenLike opens a profile for writing with the key of another version of it, which has the same
// verifying key. It reports whether it could.
func (f *File) OpenLike(name string, other *Profile) bool {
	s, err := f.section(name, false)
	if err != nil || other.writable() != nil || s.Key != other.s.Key || s.ID != other.s.ID || s.Check != other.s.Check || f.ID() != other.f.ID() {
		return false
	}
	f.keep(&Profile{f: f, s: s, as: other.as, key: other.key, keys: other.keys, signer: other.signer})
	return true
}

func (m *merging) profile(r *merge.Result) error {
	if r.Take != nil {
		return m.take(r)
	}
	p, err := m.adopt(r.Under, r.ID)
	if err != nil {
		return err
	}
	p.s.Name, p.s.Former, p.s.Vouched = r.Name, m.past(r.Former), slices.Clone(r.Vouched)
	p.floor = r.Revision - 1
	old := &Profile{f: m.sides[r.Under], s: m.section(r.Under, r.ID), keys: p.keys}
	if r.Rotate {
		err = m.rotate(p, r)
	}
	if err == nil {
		err = p.setPeople(r.Recipients)
	}
	if err == nil {
		err = p.setEntries(old, r.Entries)
	}
	if err == nil {
		err = formerLimit(r.Former)
	}
	if err != nil {
		return err
	}
	return p.addFormer(r.FormerNow)
}

// past returns the former recipients, none of them in the far future: such a line of a side would
// keep everyone from writing. A clock may be a day slow.
func (m *merging) past(former []format.Former) []format.Former {
	now := time.Now
	if m.into.Clock != nil {
		now = m.into.Clock
	}
	today := now().UTC().Truncate(time.Second)
	list := slices.Clone(former)
	for i := range list {
		if list[i].Time.After(today.Add(23 * time.Hour)) {
			list[i].Time = today
		}
	}
	slices.SortFunc(list, compareFormer)
	return slices.Compact(list)
}

// take takes a section as it is, unless it gets another name or has to be vouched for again.
func (m *merging) take(r *merge.Result) error {
	s := m.section(*r.Take, r.ID)
	if s == nil {
		return ErrOtherPlan
	}
	if r.Rotate || r.Vouch || r.Name != s.Name {
		p, err := m.adopt(*r.Take, r.ID)
		if err != nil {
			return err
		}
		if p.s.Name = r.Name; r.Rotate {
			return p.rotate()
		}
		return nil
	}
	m.into.text.Profiles = append(m.into.text.Profiles, s)
	if p := m.sides[*r.Take].unlocked[s]; p != nil {
		mine := *p
		mine.f = m.into
		m.into.keep(&mine)
	}
	return nil
}

// vouch has other profiles vouch for those that need it.
func (m *merging) vouch(plan *merge.Plan) error {
	open := map[format.ID]*Profile{}
	for s, p := range m.into.unlocked {
		if p.writable() == nil {
			open[s.ID] = p
		}
	}
	for _, r := range plan.Results {
		if i := slices.IndexFunc(r.Vouchers, func(id format.ID) bool { return open[id] != nil }); i >= 0 && open[r.ID] != nil {
			if err := open[r.Vouchers[i]].VouchFor(open[r.ID], format.Key{}); err != nil {
				return err
			}
		}
	}
	return nil
}

// adopt returns a copy of a side's profile, in the new file and to be changed.
func (m *merging) adopt(side merge.Side, id format.ID) (*Profile, error) {
	u, err := m.unlocked(side, id)
	if err != nil {
		return nil, err
	}
	section := *u.s
	section.Recipients, section.Entries = slices.Clone(section.Recipients), slices.Clone(section.Entries)
	p := &Profile{f: m.into, s: &section, as: u.as, key: u.key, keys: u.keys, signer: u.signer, dirty: true}
	m.into.text.Profiles = append(m.into.text.Profiles, p.s)
	m.into.setVerified(p.s, true)
	m.into.keep(p)
	return p, nil
}

// rotate gives a profile new keys, for which its key vouches, and that of the other side if both rotated.
func (m *merging) rotate(p *Profile, r *merge.Result) error {
	sides := []merge.Side{r.Under}
	if r.Apart {
		sides = append(sides, 1-r.Under)
	}
	var signers []ed25519.PrivateKey
	for _, side := range sides {
		u, err := m.unlocked(side, r.ID)
		if err != nil {
			return err
		}
		signers, p.replaced = append(signers, u.signer), append(p.replaced, u.s.Key)
	}
	p.newKeys()
	var lines []format.Vouched
	for _, signer := range signers {
		lines = append(lines, vouch(p.f.text.ID, p.s.ID, signer, p.s.Key))
	}
	p.s.Vouched = append(lines, p.s.Vouched...)
	for i := range p.s.Recipients {
		p.s.Recipients[i].Wrap = nil
	}
	return nil
}

// setPeople gives access to these recipients alone. Whoever has the profile's key in the same
// role keeps their wrap.
func (p *Profile) setPeople(people []format.Recipient) error {
	was := p.s.Recipients
	p.s.Recipients = nil
	for _, r := range people {
		r.Wrap = nil
		for i := range was {
			if was[i].String == r.String && was[i].Writer == r.Writer {
				r.Wrap = was[i].Wrap
			}
		}
		if r.Wrap == nil {
			var err error
			if r.Wrap, err = p.f.wrap(r.Name, r.String, p.secret(r.Writer)); err != nil {
				return err
			}
		}
		p.s.Recipients = append(p.s.Recipients, r)
	}
	slices.SortFunc(p.s.Recipients, compareRecipients)
	return nil
}

// setEntries sets all credentials and comments, with their times; no time means now. What old
// has already, under the same key, keeps its sealed bytes.
func (p *Profile) setEntries(old *Profile, entries []merge.Entry) error {
	sealed, comments := map[string]format.Entry{}, map[string][]format.Entry{}
	if p.s.Key == old.s.Key {
		for i := range old.s.Entries {
			e := old.s.Entries[i]
			name, value, err := old.openEntry(&e)
			if err != nil {
				return err
			}
			if e.IsComment() {
				comments[string(value)] = append(comments[string(value)], e)
			} else {
				sealed[name+"\x00"+e.Kind+"\x00"+string(value)] = e
			}
		}
	}
	p.s.Entries, p.index = nil, nil
	for _, x := range entries {
		if same := comments[x.Comment]; len(same) > 0 { // each once, so that equal comments don't show
			p.s.Entries, comments[x.Comment] = append(p.s.Entries, same[0]), same[1:]
		} else if x.Comment != "" {
			p.s.Entries = append(p.s.Entries, format.Entry{Sealed: seal(p.keys.value, []byte(x.Comment), p.aad("", ""))})
		}
		if x.Name == "" {
			continue
		}
		e, kept := sealed[x.Name+"\x00"+x.Kind+"\x00"+x.Value]
		if !kept {
			e = format.Entry{Name: p.label(x.Name), Kind: x.Kind, Sealed: p.sealValue(x.Name, x.Kind, []byte(x.Value))}
		}
		if e.Time, e.Expires, e.File = x.Time, x.Expires, x.File; x.Time.IsZero() {
			var err error
			if e.Time, err = p.f.now(p.s); err != nil {
				return err
			}
		}
		p.s.Entries = append(p.s.Entries, e)
	}
	if len(p.s.Entries) > format.MaxEntries {
		return fmt.Errorf("%w: more than %d entries", format.ErrLimit, format.MaxEntries)
	}
	return nil
}
