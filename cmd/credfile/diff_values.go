package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/changes"
	"github.com/credfile/credfile/internal/term"
)

// valueChange is the value of a credential before and after a change; nil if there is none.
type valueChange struct {
	profile  format.ID
	name     string
	old, now []byte
}

// changedValues opens the profiles of which credentials changed, in both versions.
func changedValues(a *app, c *comparison) (list []valueChange, err error) {
	before, err := a.machine.Past(c.path, c.old.text)
	if err != nil {
		return nil, at(c.path, &versionError{c.old.rev, err})
	}
	after := c.file
	if c.now != nil {
		if after, err = a.machine.Past(c.path, c.now.text); err != nil {
			return nil, at(c.path, &versionError{c.now.rev, err})
		}
	}
	for i := range c.changes {
		p := &c.changes[i]
		if len(p.Credentials) == 0 && p.State == changes.Changed || p.State == changes.Damaged {
			continue
		}
		old, now := []item{}, []item{}
		if p.Before > 0 { // it was there
			name := p.Name
			if p.Was != "" {
				name = p.Was
			}
			if old, err = openItems(before, name); err != nil {
				return nil, at(c.path, &versionError{c.old.rev, err})
			}
		}
		if p.Revision > 0 {
			if now, err = openItems(after, p.Name); err != nil {
				return nil, at(c.path, err)
			}
		}
		list = append(list, valueChanges(p, old, now)...)
	}
	return list, nil
}

// item is an open credential.
type item struct {
	label, name string
	value       []byte
}

func openItems(f *file, profile string) (list []item, err error) {
	p, err := f.Unlock(profile, read)
	if err != nil {
		return nil, err
	}
	i := 0
	for x, err := range p.All() {
		if err != nil {
			return nil, err
		}
		if x.HasValue() {
			list = append(list, item{p.Section().Entries[i].Name, x.Name, slices.Concat([]byte{}, x.Value.Reveal())})
		}
		i++
	}
	return list, nil
}

// valueChanges pairs the values of a profile by name, and returns those that differ.
func valueChanges(p *changes.Profile, old, now []item) (list []valueChange) {
	was := map[string]string{} // earlier labels
	for _, c := range p.Credentials {
		if c.Was != "" {
			was[c.Name] = c.Was
		}
	}
	left := slices.Clone(old)
	for _, x := range now {
		i := slices.IndexFunc(left, func(o item) bool { return o.name == x.name || o.label == was[x.label] })
		v := valueChange{profile: p.ID, name: x.name, now: x.value}
		if i >= 0 {
			v.old = left[i].value
			left = slices.Delete(left, i, i+1)
		}
		if v.old == nil || string(v.old) != string(v.now) {
			list = append(list, v)
		}
	}
	for _, o := range left {
		list = append(list, valueChange{profile: p.ID, name: o.name, old: o.value})
	}
	return list
}

func printValueChange(a *app, v *valueChange) {
	fmt.Fprintln(a.stdout, "  "+term.Escape(v.name))
	for _, side := range []struct {
		sign  string
		value []byte
	}{{"-", v.old}, {"+", v.now}} {
		if side.value == nil {
			continue
		}
		for _, line := range strings.Split(strings.TrimSuffix(string(side.value), "\n"), "\n") {
			fmt.Fprintln(a.stdout, "    "+side.sign+" "+term.Escape(line))
		}
	}
}
