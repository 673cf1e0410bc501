package vaultfile_test

import (
	"bytes"
	"testing"

	"filippo.io/age"

	"github.com/credfile/credfile/vaultfile"
)

// A MAC is the same for all who can open a profile, and for nothing else.
func TestMAC(t *testing.T) {
	var ids []age.Identity
	var rs []vaultfile.Recipient
	for _, name := range []string{"writer", "reader"} {
		id, err := age.GenerateHybridIdentity()
		if err != nil {
			t.Fatal(err)
		}
		ids, rs = append(ids, id), append(rs, vaultfile.Recipient{Name: name, Writer: name == "writer", String: id.Recipient().String()})
	}
	f := vaultfile.New()
	p, err := f.Add("one", rs, nil)
	if err != nil {
		t.Fatal(err)
	}
	other, err := f.Add("two", rs, p)
	if err != nil {
		t.Fatal(err)
	}
	text, err := f.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	mac := p.MAC("test", []byte("ab"), []byte("c"))
	for _, id := range ids {
		again, err := vaultfile.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		q, err := again.Unlock("one", id)
		if err != nil || !bytes.Equal(q.MAC("test", []byte("ab"), []byte("c")), mac) {
			t.Errorf("%s: another MAC (%v)", q.OpenedBy(), err)
		}
	}
	different := map[string][]byte{
		"other parts": p.MAC("test", []byte("a"), []byte("bc")), "another purpose": p.MAC("test2", []byte("ab"), []byte("c")), "another profile": other.MAC("test", []byte("ab"), []byte("c")),
	}
	if err := p.Rotate(); err != nil {
		t.Fatal(err)
	}
	different["other keys"] = p.MAC("test", []byte("ab"), []byte("c"))
	for what, m := range different {
		if bytes.Equal(m, mac) || len(m) != 32 {
			t.Errorf("%s: %x", what, m)
		}
	}
}
