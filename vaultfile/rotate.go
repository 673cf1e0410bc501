package vaultfile

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/credfile/credfile/format"
)

// Rotate replaces the profile's key and seed, seals everything again, and has the old key
// vouch for the new one. Values and their times don't change.
//
// Errors: those of [Profile.AddRecipient].
func (p *Profile) Rotate() error {
	if err := p.changeable(); err != nil {
		return err
	}
	return p.rotate()
}

func (p *Profile) rotate() error {
	type opened struct {
		name  string
		value []byte
	}
	plain := make([]opened, len(p.s.Entries))
	for i := range p.s.Entries {
		name, value, err := p.openEntry(&p.s.Entries[i])
		if err != nil {
			return err
		}
		plain[i] = opened{name, value}
	}
	next := &Profile{f: p.f, s: &format.Profile{ID: p.s.ID}}
	next.newKeys()
	wraps := make([][]byte, len(p.s.Recipients))
	for i := range p.s.Recipients {
		r := &p.s.Recipients[i]
		var err error
		if wraps[i], err = p.f.wrap(r.Name, r.String, next.secret(r.Writer)); err != nil {
			var plugin *PluginError
			if errors.As(err, &plugin) {
				plugin.Profile = p.s.Name
			}
			return err
		}
	}
	line := vouch(p.f.text.ID, p.s.ID, p.signer, next.s.Key)
	p.replaced = append(p.replaced, p.s.Key)
	p.s.Vouched = slices.Insert(p.s.Vouched, 0, line)
	p.s.Vouched = p.s.Vouched[:min(len(p.s.Vouched), format.MaxVouched)]
	p.key, p.keys, p.signer = next.key, next.keys, next.signer
	p.s.Check, p.s.Key = next.s.Check, next.s.Key
	for i := range wraps {
		p.s.Recipients[i].Wrap = wraps[i]
	}
	for i := range plain {
		e := &p.s.Entries[i]
		if e.IsComment() {
			e.Sealed = seal(p.keys.value, plain[i].value, p.aad("", ""))
			continue
		}
		e.Name, e.Sealed = p.label(plain[i].name), p.sealValue(plain[i].name, e.Kind, plain[i].value)
	}
	p.index, p.dirty = nil, true
	return nil
}

// addFormer records that these recipients lose access now.
func (p *Profile) addFormer(names []string) error {
	if len(names) == 0 {
		return nil
	}
	now, err := p.f.now(p.s)
	if err != nil {
		return err
	}
	for i := range p.s.Entries {
		if e := &p.s.Entries[i]; e.Time.After(now) {
			e.Time = now
		}
	}
	for _, name := range names {
		p.s.Former = append(p.s.Former, format.Former{Name: name, Time: now})
	}
	slices.SortFunc(p.s.Former, compareFormer)
	p.s.Former = slices.Compact(p.s.Former)
	return formerLimit(p.s.Former)
}

func formerLimit(former []format.Former) error {
	if len(former) > format.MaxFormer {
		return fmt.Errorf("%w: more than %d former recipients", format.ErrLimit, format.MaxFormer)
	}
	return nil
}

// dropFormer removes former recipients who know no current value.
func (p *Profile) dropFormer() {
	var oldest time.Time
	for i := range p.s.Entries {
		if e := &p.s.Entries[i]; e.HasValue() && (oldest.IsZero() || e.Time.Before(oldest)) {
			oldest = e.Time
		}
	}
	p.s.Former = slices.DeleteFunc(p.s.Former, func(f format.Former) bool { return oldest.IsZero() || oldest.After(f.Time) })
}

// ExposedTo returns the former recipients who still know the value of a credential. Errors:
// [*NotFoundError].
func (p *Profile) ExposedTo(name string) ([]string, error) {
	i, err := p.mustFindCredential(name)
	if err != nil {
		return nil, err
	}
	return p.s.Leavers().Know(p.s.Entries[i].Time).Names(), nil
}
