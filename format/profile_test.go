package format

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func parsed(t *testing.T) *File {
	t.Helper()
	f, err := Parse([]byte(everything))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestProfile(t *testing.T) {
	f := parsed(t)
	p := f.Find("production")
	if got := p.Writers(); !slices.Equal(got, []string{"alice@example.org", "safe"}) {
		t.Errorf("writers %q", got)
	}
	if r := p.Recipient("ci"); r == nil || r.Name != "ci" || r.Writer {
		t.Errorf("recipient %+v", r)
	}
	if r := p.Recipient("c"); r != nil || f.Find("production2") != nil {
		t.Errorf("found %+v", r)
	}
	var kinds []string
	for i := range p.Entries {
		e := &p.Entries[i]
		kinds = append(kinds, fmt.Sprint(e.Record(), " ", e.IsComment(), e.HasValue(), e.IsSource()))
		if len(e.Sealed.Bytes()) == 0 {
			t.Errorf("%s: no bytes", e.Sealed)
		}
	}
	if got := fmt.Sprint(kinds); got != "[comment true false false credential false true false credential false true false comment true false false source false false true credential false true false]" {
		t.Errorf("%s", got)
	}
	if Sealed("AB").Bytes() != nil || Sealed("A").Bytes() != nil {
		t.Error("what isn't canonical has bytes")
	}
	if e := p.Entries[5]; !e.File || e.Expires.IsZero() || p.Entries[1].File || p.Entries[4].Kind != "aws-role" {
		t.Errorf("%+v", e)
	}
}

// What is hashed is what the seal signs, also when it takes several chunks.
func TestHashRead(t *testing.T) {
	f := parsed(t)
	p := f.Find("production")
	h := sha256.New()
	HashRead(h, f.ID, p)
	signed := AppendSigned(nil, f.ID, p)
	if want := sha256.Sum256(signed); [32]byte(h.Sum(nil)) != want || len(signed) < 3*4096 {
		t.Errorf("of %d bytes, it is otherwise", len(signed))
	}
	made := *p
	made.text = ""
	if !p.FromFile() || made.FromFile() {
		t.Errorf("from the file: %v, %v", p.FromFile(), made.FromFile())
	}
	if got := AppendRead([]byte("x"), f.ID, &made); string(got) != "x" {
		t.Errorf("what was not read is %q", got)
	}
	if got := AppendRead([]byte("x"), f.ID, p); string(got) != "x"+string(signed) {
		t.Errorf("what was read is %q", got)
	}
}

func TestLeavers(t *testing.T) {
	at := func(n int) time.Time { return time.Unix(int64(n), 0).UTC() }
	p := &Profile{Former: []Former{{"ann", at(1)}, {"bob", at(2)}, {"cid", at(3)}, {"ann", at(4)}, {"dan", at(4)}}}
	list := p.Leavers()
	if got := fmt.Sprint(list.Names()); got != "[bob cid ann dan]" {
		t.Errorf("leavers %s", got)
	}
	for changed, want := range map[int]string{0: "[bob cid ann dan]", 2: "[bob cid ann dan]", 3: "[cid ann dan]", 4: "[ann dan]", 5: "[]"} {
		if got := fmt.Sprint(list.Know(at(changed)).Names()); got != want {
			t.Errorf("a value of time %d is known to %s, want %s", changed, got, want)
		}
	}
	if got := fmt.Sprint((&Profile{Former: []Former{{"ann", at(1)}, {"bob", at(2)}}}).Leavers().Know(at(2)).Names()); got != "[bob]" {
		t.Errorf("who left later is %s", got)
	}
	twice := &Profile{Former: []Former{{"ann", at(4)}, {"ann", at(1)}}}
	if got := twice.Leavers(); len(got) != 1 || !got[0].Time.Equal(at(4)) {
		t.Errorf("leavers %v", got)
	}
}

// A section that was skimmed keeps its lines until they are read, and the lines keep their numbers.
func TestSkim(t *testing.T) {
	asked := 0
	f, err := Skim(everything, func(id ID, p *Profile) bool { asked++; return p.Name == "production" })
	if err != nil || asked != 2 {
		t.Fatalf("asked %d times: %v", asked, err)
	}
	p := f.Find("production")
	if len(p.Entries) != 0 || p.unread == "" || len(f.Find("hidden-one").Entries) != 1 || p.Revision != MaxRevision {
		t.Fatalf("misread: %+v", p)
	}
	if f.Removed[1].Line != parsed(t).Removed[1].Line {
		t.Errorf("what comes later is at line %d", f.Removed[1].Line)
	}
	if err := p.Read(); err != nil || len(p.Entries) != 6 || p.unread != "" {
		t.Errorf("read: %d entries, %v", len(p.Entries), err)
	}
	if err := p.Read(); err != nil || len(p.Entries) != 6 {
		t.Errorf("read again: %d entries, %v", len(p.Entries), err)
	}
	bad := strings.Replace(everything, "credential user@host:8080/x", "credential AWS_ACCESS_KEY_ID", 1)
	f, err = Skim(bad, func(ID, *Profile) bool { return true })
	if err != nil {
		t.Fatal(err)
	}
	_, want := Parse([]byte(bad))
	p = f.Find("production")
	for range 2 { // it is no better the second time
		if err := p.Read(); err == nil || want == nil || err.Error() != want.Error() || p.Entries != nil {
			t.Errorf("%v, want %v", err, want)
		}
	}
}
