package vaultfile

import (
	"bytes"
	"errors"
	"slices"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/credfile/credfile/format"
)

// service returns a saved and reopened file with profiles a and b, both unlocked; a vouches
// for b.
func service(t *testing.T) (f *File, a, b *Profile, id *age.X25519Identity) {
	t.Helper()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	me := []Recipient{{Name: "me", Writer: true, String: id.Recipient().String()}}
	f = New()
	if a, err = f.Add("a", me, nil); err == nil {
		_, err = f.Add("b", me, a)
	}
	if err != nil {
		t.Fatal(err)
	}
	f = reread(t, f)
	if a, err = f.Unlock("a", id); err == nil {
		b, err = f.Unlock("b", id)
	}
	if err != nil {
		t.Fatal(err)
	}
	return f, a, b, id
}

func reread(t *testing.T, f *File) *File {
	t.Helper()
	text, err := f.Marshal()
	if err == nil {
		f, err = Parse(text)
	}
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func changeAccess(p *Profile, a Access) error {
	_, err := p.ChangeAccess(a)
	return err
}

// A profile is vouched for by a present key after whatever happens to its voucher.
func TestVouchersAreRenewed(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(f *File, a, b *Profile) error
	}{
		{"the voucher is rotated", func(_ *File, a, _ *Profile) error { return a.Rotate() }},
		{"twice", func(_ *File, a, _ *Profile) error { return errors.Join(a.Rotate(), a.Rotate()) }},
		{"both are rotated", func(_ *File, a, b *Profile) error { return errors.Join(b.Rotate(), a.Rotate()) }},
		{"someone is removed from it", func(_ *File, a, _ *Profile) error {
			other, err := age.GenerateX25519Identity()
			if err == nil {
				err = a.AddRecipient(Recipient{Name: "bob", String: other.Recipient().String()})
			}
			return errors.Join(err, changeAccess(a, Access{Remove: []string{"bob"}}))
		}},
	} {
		f, a, b, _ := service(t)
		if err := c.change(f, a, b); err != nil {
			t.Fatal(err)
		}
		f = reread(t, f)
		s, err := f.Profile("b")
		if err != nil || len(f.vouchedBy(s, true)) == 0 {
			t.Errorf("%s: %v, vouched for by %q", c.name, err, f.vouchedBy(s, true))
		}
	}
}

// A voucher that was rotated by someone who can't write the other profile vouches for it
// again when someone next writes that.
func TestStaleVoucherIsRenewed(t *testing.T) {
	f, _, _, id := service(t)
	f = reread(t, f) // b stays closed
	a, err := f.Unlock("a", id)
	if err == nil {
		err = a.Rotate()
	}
	if err != nil {
		t.Fatal(err)
	}
	f = reread(t, f)
	b, err := f.Unlock("b", id)
	if err == nil {
		_, err = b.Set("A", []byte("1"))
	}
	if err != nil || len(f.vouchedBy(b.s, true)) > 0 {
		t.Fatalf("%v; b is vouched for by %q before it is written", err, f.vouchedBy(b.s, true))
	}
	f.Other = func(name string) *Profile {
		p, _ := f.Unlock(name, id)
		return p
	}
	f = reread(t, f)
	if s, err := f.Profile("b"); err != nil || len(f.vouchedBy(s, true)) == 0 {
		t.Errorf("b is vouched for by no present key: %v", err)
	}
}

// Removing a profile leaves none without a voucher, as far as the caller can write them.
func TestVoucherIsReplaced(t *testing.T) {
	f, a, b, id := service(t)
	me := []Recipient{{Name: "me", Writer: true, String: id.Recipient().String()}}
	if _, err := f.Add("c", me, b); err != nil {
		t.Fatal(err)
	}
	if err := a.Remove(); err != nil {
		t.Fatal(err)
	}
	f = reread(t, f)
	if s, err := f.Profile("b"); err != nil || len(f.vouchedBy(s, true)) == 0 {
		t.Errorf("b is vouched for by nothing: %v", err)
	}

	f, _, b, id = service(t)
	me = []Recipient{{Name: "me", Writer: true, String: id.Recipient().String()}}
	if _, err := f.Add("c", me, b); err != nil {
		t.Fatal(err)
	}
	f = reread(t, f) // nothing but a is unlocked
	a, err := f.Unlock("a", id)
	if err == nil {
		err = a.Remove()
	}
	if err != nil || len(f.Orphans()) != 1 || f.Orphans()[0] != "b" {
		t.Errorf("orphans: %q, %v", f.Orphans(), err)
	}

	// Where the caller can unlock more, the file asks for it.
	f, _, b, id = service(t)
	if _, err := f.Add("c", []Recipient{{Name: "me", Writer: true, String: id.Recipient().String()}}, b); err != nil {
		t.Fatal(err)
	}
	f = reread(t, f)
	var asked []string
	f.Other = func(name string) *Profile {
		asked = append(asked, name)
		p, _ := f.Unlock(name, id)
		return p
	}
	if a, err = f.Unlock("a", id); err == nil {
		err = a.Remove()
	}
	if s, _ := f.Profile("b"); err != nil || len(f.Orphans()) > 0 || len(f.vouchedBy(s, true)) == 0 || len(asked) == 0 {
		t.Errorf("%v, orphans %q, asked for %q", err, f.Orphans(), asked)
	}
}

// After an error nothing has changed, and nothing would be written.
func TestMutatorsAreAtomic(t *testing.T) {
	late := func(f *File) { f.Clock = func() time.Time { return time.Now().AddDate(-1, 0, 0) } }
	for _, c := range []struct {
		name   string
		change func(f *File, p *Profile, other *Profile) error
	}{
		{"a recipient twice", func(_ *File, p, _ *Profile) error { return p.AddRecipient(p.Recipients()[0]) }},
		{"a recipient that needs a plugin", func(_ *File, p, _ *Profile) error {
			return p.AddRecipient(Recipient{Name: "x", String: "age1yubikey1qwt50d05nh5vutpdzmlg5wn80xq5negm4uj9ghv0snvdd3yysf5yw3rhl3t"})
		}},
		{"a removal with a clock that is wrong", func(f *File, p, _ *Profile) error {
			p.s.Former = append(p.s.Former, format.Former{Name: "x", Time: time.Now().UTC().Truncate(time.Second)})
			p.s.Recipients = append(p.s.Recipients, format.Recipient{Name: "y", String: p.s.Recipients[0].String})
			late(f)
			return changeAccess(p, Access{Remove: []string{"y"}})
		}},
		{"a replacement that needs a plugin", func(_ *File, p, _ *Profile) error {
			return changeAccess(p, Access{Replace: []Recipient{{Name: "me", String: "age1yubikey1qwt50d05nh5vutpdzmlg5wn80xq5negm4uj9ghv0snvdd3yysf5yw3rhl3t"}}})
		}},
		{"the last writer", func(_ *File, p, _ *Profile) error { return changeAccess(p, Access{Remove: []string{"me"}}) }},
		{"a lock of another identity", func(_ *File, p, _ *Profile) error {
			return changeAccess(p, Access{Lock: []Recipient{{Name: "me", String: "age1lggyhqrw2nlhcxprm67z43rta597azn8gknawjehu9d9dl0jq3yqqvfafg"}}})
		}},
		{"a copy over another value", func(_ *File, p, other *Profile) error {
			_, err := p.Copy("A", other, false)
			return err
		}},
		{"a bad item", func(_ *File, p, _ *Profile) error {
			_, err := p.Rewrite([]Item{{Name: "B", Value: NewSecret([]byte("x"))}, {Name: "not a name"}})
			return err
		}},
	} {
		f, a, b, id := service(t)
		for _, p := range []*Profile{a, b} {
			if _, err := p.Set("A", []byte(p.Name())); err != nil {
				t.Fatal(err)
			}
		}
		f = reread(t, f)
		a, err := f.Unlock("a", id)
		if err == nil {
			b, err = f.Unlock("b", id)
		}
		if err != nil {
			t.Fatal(err)
		}
		before := format.Marshal(f.text)
		if c.name == "a removal with a clock that is wrong" {
			before = nil // the case changes the section itself
		}
		if err := c.change(f, a, b); err == nil {
			t.Errorf("%s: no error", c.name)
		}
		if f.HasChanges() || before != nil && !bytes.Equal(format.Marshal(f.text), before) {
			t.Errorf("%s: something changed", c.name)
		}
		if before == nil && (len(a.s.Former) != 1 || len(a.s.Recipients) != 2) {
			t.Errorf("%s: %d former, %d recipients", c.name, len(a.s.Former), len(a.s.Recipients))
		}
	}
}

// Misuse is an error that the documentation names.
func TestMisuse(t *testing.T) {
	f, a, _, id := service(t)
	_, foreign, _, _ := service(t)
	me := []Recipient{{Name: "me", Writer: true, String: id.Recipient().String()}}
	var last *LastWriterError
	if _, err := f.Add("c", me, nil); !errors.Is(err, ErrVoucher) {
		t.Errorf("no voucher: %v", err)
	}
	if _, err := f.Add("c", me, foreign); !errors.Is(err, ErrVoucher) {
		t.Errorf("a voucher of another file: %v", err)
	}
	if _, err := f.Add("c", nil, a); !errors.As(err, &last) {
		t.Errorf("no writer: %v", err)
	}
	if _, err := a.Set("A", nil); err != nil {
		t.Fatal(err)
	}
	if err := a.HideNames(); !errors.Is(err, ErrNotEmpty) {
		t.Errorf("names that are written: %v", err)
	}
	if err := a.CheckWriter(); err != nil {
		t.Errorf("a writer: %v", err)
	}
}

// A new profile is vouched for by a section of the right form alone, and a line that nobody signed
// vouches for nothing.
func TestVoucherForm(t *testing.T) {
	f, a, b, id := service(t)
	if names := f.vouchedBy(b.s, true); !slices.Equal(names, []string{"a"}) {
		t.Errorf("b is vouched for by %q", names)
	}
	forged := *b.s
	forged.Vouched = slices.Clone(forged.Vouched)
	forged.Vouched[0].Signature[0] ^= 1
	if names := f.vouchedBy(&forged, true); len(names) > 0 {
		t.Errorf("by a forged line, b is vouched for by %q", names)
	}
	a.s.Recipients[0].Wrap, f.formed = []byte("spoiled"), nil
	if _, err := f.Add("c", []Recipient{as("me", id, true)}, a); !errors.Is(err, ErrDeep) || f.text.Find("c") != nil {
		t.Errorf("a voucher with a spoiled wrap: %v", err)
	}
}
