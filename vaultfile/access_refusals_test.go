package vaultfile

import (
	"errors"
	"testing"

	"github.com/credfile/credfile/format"
)

// Nothing of a change of access is done if a part of it can't be.
func TestAccessRefused(t *testing.T) {
	other := person(t)
	lock := Recipient{Name: "me", Lock: LockAge, Message: []byte("no age message")}
	mine := lock
	for what, c := range map[string]struct {
		a  func(p *Profile) Access
		as func(error) bool
	}{
		"a bad recipient":      {func(*Profile) Access { return Access{Add: []Recipient{{Name: "x", String: "age1qqqqqq"}}} }, isA[*RecipientError]},
		"an unknown recipient": {func(*Profile) Access { return Access{Add: []Recipient{{Name: "x", String: "x"}}} }, isA[*RecipientError]},
		"a name that is taken": {func(*Profile) Access { return Access{Add: []Recipient{as("me", other, true)}} }, func(err error) bool { return err != nil }},
		"a key that is taken": {func(p *Profile) Access {
			return Access{Add: []Recipient{{Name: "x", String: p.s.Recipients[0].String}}}
		}, isA[*RecipientError]},
		"a bad new key": {func(*Profile) Access { return Access{Replace: []Recipient{{Name: "reader", String: "age1qqqqqq"}}} }, isA[*RecipientError]},
		"the same new key": {func(p *Profile) Access {
			return Access{Replace: []Recipient{{Name: "reader", String: p.s.Recipient("reader").String}}}
		}, isA[*RecipientError]},
		"another's new key": {func(p *Profile) Access {
			return Access{Replace: []Recipient{{Name: "reader", String: p.s.Recipient("me").String}}}
		}, isA[*RecipientError]},
		"a new key for nobody": {func(*Profile) Access { return Access{Replace: []Recipient{as("nobody", other, true)}} }, isA[*NotFoundError]},
		"a bad lock": {func(p *Profile) Access {
			mine.String = p.s.Recipient("me").String
			return Access{Lock: []Recipient{mine}}
		}, func(err error) bool { return err != nil }},
		"a bad lock with a new key": {func(*Profile) Access {
			return Access{Replace: []Recipient{{Name: "reader", String: other.Recipient().String(), Lock: LockAge, Message: []byte("no age message")}}}
		}, isA[*RecipientError]},
		"a lock for nobody": {func(p *Profile) Access {
			return Access{Lock: []Recipient{{Name: "nobody", String: p.s.Recipient("me").String}}}
		}, isA[*NotFoundError]},
		"a lock for another key": {func(*Profile) Access {
			lock.String = other.Recipient().String()
			return Access{Lock: []Recipient{lock}}
		}, func(err error) bool { return err != nil }},
		"a name that is another": {func(*Profile) Access { return Access{Rename: [][2]string{{"reader", "me"}}} }, func(err error) bool { return err != nil }},
		"a writer who is nobody": {func(*Profile) Access { return Access{Writer: []string{"nobody"}} }, isA[*NotFoundError]},
		"a reader who is nobody": {func(*Profile) Access { return Access{Reader: []string{"nobody"}} }, isA[*NotFoundError]},
		"the last writer":        {func(*Profile) Access { return Access{Reader: []string{"me"}} }, isA[*LastWriterError]},
	} {
		_, p, _, _ := withReader(t)
		if _, err := p.ChangeAccess(c.a(p)); !c.as(err) {
			t.Errorf("%s: %v", what, err)
		}
	}
	f, p, _, _ := withReader(t)
	if _, err := f.Add("n", []Recipient{as("me", other, true), {Name: "x", String: "age1qqqqqq"}}, p); !isA[*RecipientError](err) || len(f.text.Profiles) != 2 {
		t.Errorf("a new profile with a bad recipient: %v", err)
	}
}

// Values beyond the limit, and names that are not those of their labels, are damage.
func TestDamagedEntry(t *testing.T) {
	_, p, _, _ := withReader(t)
	e := &p.s.Entries[p.find("ONE")]
	e.Sealed = p.sealValue("ONE", "", make([]byte, format.MaxValue+1))
	if _, err := p.Get("ONE"); !errors.Is(err, ErrValue) {
		t.Errorf("a large value: %v", err)
	}
	e.Sealed = format.Sealed(e.Sealed[:len(e.Sealed)-4])
	if _, err := p.Get("ONE"); !errors.Is(err, ErrValue) {
		t.Errorf("a cut value: %v", err)
	}
	for _, name := range []string{"value_hidden_other_label", "value_hidden_beyond", "value_hidden_empty", "value_hidden_grammar", "value_hidden_no_length"} {
		v := readVector(t, name)
		f, err := Parse(v.file)
		if err != nil {
			t.Fatal(err)
		}
		if p, err := f.Unlock(v.profile, v.identities...); p != nil || !errors.Is(err, ErrValue) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for at := range 2 { // a comment above that is damaged, or one below
		_, p, _, _ := withReader(t)
		comment := func(text string) Item { return Item{Value: newSecret([]byte(text))} }
		if _, err := p.Rewrite([]Item{comment("# a\n\n# b\n"), {Name: "ONE", Value: newSecret(nil)}, comment("# c\n")}); err != nil {
			t.Fatal(err)
		}
		p.s.Entries[2*at].Sealed = p.s.Entries[1].Sealed
		if err := p.Unset("ONE"); !errors.Is(err, ErrValue) {
			t.Errorf("damaged comment %d: %v", at, err)
		}
	}
}
