package changes

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/vaultfile"
)

// Where two credentials could have had the new name, none is said to have had it.
func TestAmbiguousNames(t *testing.T) {
	x, text := newTeam(t, false)
	text = x.edit(text, func(f *vaultfile.File, p *vaultfile.Profile) {
		set(x, p, "P", "one")
		set(x, p, "Q", "two")
	})
	next := x.edit(text, func(f *vaultfile.File, p *vaultfile.Profile) {
		x.must(p.Rename("P", "Z"))
		x.must(p.Unset("Q"))
	})
	if got := told((&Comparer{}).Compare(x.parse(text), x.parse(next))); got != "prod changed Z:1 P:10 Q:10" {
		t.Error(got)
	}
}

// What an attacker, or an older copy, makes of a file.
func TestOddities(t *testing.T) {
	x, text := newTeam(t, false)
	var c Comparer
	compare := func(old, now []byte) string { return told(c.Compare(x.parse(old), x.parse(now))) }
	next := x.edit(text, func(f *vaultfile.File, p *vaultfile.Profile) { set(x, p, "A", "new") })
	if got := compare(next, text); got != "prod changed A:1000 older" {
		t.Error(got)
	}
	forged, before := bytes.Replace(next, []byte(" A 2027-"), []byte(" X 2027-"), 1), "prod damaged damage"
	if got := compare(text, forged); got != before {
		t.Error(got)
	}
	if got := compare(forged, next); got != "prod damaged damage-before" {
		t.Error(got)
	}
	if got := compare(forged, forged); got != "prod damaged damage damage-before" {
		t.Error(got)
	}
	removed := x.edit(text, func(f *vaultfile.File, p *vaultfile.Profile) { x.must(f.Other("other").Remove()) })
	missing, _, _ := bytes.Cut(removed, []byte("\nremoved "))
	if got := compare(text, missing); got != "other missing" {
		t.Error(got)
	}
	if got := compare(removed, missing); got != "other unrecorded" {
		t.Error(got)
	}
	if got := compare(removed, text); got != "other added restored (alice:1:true)" {
		t.Error(got)
	}
	_, foreign := newTeam(t, false)
	replaced := c.Compare(x.parse(text), x.parse(foreign))
	if got := told(replaced); !replaced.Replaced || !strings.HasPrefix(got, "other added taken (alice:1:true); other missing; prod added taken A:1 B:1 C:1 ") {
		t.Errorf("%v: %s", replaced.Replaced, got)
	}
	if got := told(c.Compare(nil, x.parse(text))); !strings.HasPrefix(got, "other added (alice:1:true); prod added A:1") {
		t.Error(got)
	}
	if got := told(c.Compare(x.parse(text), nil)); got != "other missing; prod missing" {
		t.Error(got)
	}
	// A record of removal under a key that the profile never had shows nothing.
	other := x.parse(removed)
	other.Removed()[0].Key = format.Key{1}
	if got := told(c.Compare(x.parse(text), other)); got != "other missing" {
		t.Error(got)
	}
	// A new key that the one before does not vouch for.
	rotated := x.edit(text, func(f *vaultfile.File, p *vaultfile.Profile) { x.must(p.Rotate()) })
	stranger := x.parse(rotated)
	for _, s := range stranger.UnverifiedSections() {
		s.Vouched = nil
	}
	c.verified[stranger.Digest(stranger.UnverifiedSections()[1])] = true // as if its new key had signed that
	if got := told(c.Compare(x.parse(text), stranger)); !strings.Contains(got, "prod changed rotated") || strings.Contains(got, "vouched") {
		t.Error(got)
	}
}

// A value may be sealed again under its old date.
func TestResealed(t *testing.T) {
	x, text := newTeam(t, false)
	next := x.edit(text, func(f *vaultfile.File, p *vaultfile.Profile) {
		x.now = start
		x.must(p.Unset("A"))
		set(x, p, "A", "a value of A")
	})
	if got := told((&Comparer{}).Compare(x.parse(text), x.parse(next))); got != "prod changed A:100000 resealed comments order" {
		t.Error(got)
	}
}

// A record of who still knows a value must not just go away.
func TestForgotten(t *testing.T) {
	x, text := newTeam(t, false)
	text = x.edit(text, func(f *vaultfile.File, p *vaultfile.Profile) { access(x, p, vaultfile.Access{Remove: []string{"bob"}}) })
	x.now = x.now.Add(time.Hour)
	next := x.edit(text, func(f *vaultfile.File, p *vaultfile.Profile) {
		for _, name := range []string{"A", "B", "C"} {
			set(x, p, name, "new")
		}
	})
	if got := told((&Comparer{}).Compare(x.parse(text), x.parse(next))); got != "prod changed A:1000 B:1000 C:1000" {
		t.Error(got)
	}
	next = x.edit(text, func(f *vaultfile.File, p *vaultfile.Profile) {
		set(x, p, "A", "new")
		p.Section().Former = nil
	})
	if got := told((&Comparer{}).Compare(x.parse(text), x.parse(next))); got != "prod changed A:1000 forgotten:bob" {
		t.Error(got)
	}
}

// Labels of hidden names are compared while the key stays; after that, only times are.
func TestHidden(t *testing.T) {
	x, text := newTeam(t, true)
	var c Comparer
	next := x.edit(text, func(f *vaultfile.File, p *vaultfile.Profile) {
		set(x, p, "A", "new")
		x.must(p.Rename("B", "Z"))
	})
	if got := told(c.Compare(x.parse(text), x.parse(next))); !strings.HasPrefix(got, "prod changed ~:1000 ~") || !strings.HasSuffix(got, "~:100") {
		t.Error(got)
	}
	rotated := x.edit(text, func(f *vaultfile.File, p *vaultfile.Profile) { x.must(p.Rotate()) })
	if got := told(c.Compare(x.parse(text), x.parse(rotated))); got != "other changed nothing; prod changed rotated vouched" {
		t.Error(got)
	}
	changed := x.edit(rotated, func(f *vaultfile.File, p *vaultfile.Profile) { set(x, p, "A", "new") })
	if got := told(c.Compare(x.parse(text), x.parse(changed))); got != "other changed nothing; prod changed ~:1 ~:10 rotated vouched" {
		t.Error(got)
	}
}
