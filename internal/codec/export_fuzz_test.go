package codec

import (
	"bytes"
	"slices"
	"testing"

	"github.com/credfile/credfile/format"
)

// A value that is not UTF-8 is no text for any format, whatever else is in it.
func TestExportBytes(t *testing.T) {
	for _, c := range Writers() {
		if text, _, problems := c.Export([]Pair{{Name: "AWS_ACCESS_KEY_ID", Value: []byte("\xef\x80\x00x")}}, Options{Secret: Secret{Name: "s"}}); len(problems) == 0 && (bytes.Contains(text, []byte("ufffd")) || bytes.Contains(text, []byte("\ufffd"))) {
			t.Errorf("%s: %q", c.Name, text)
		}
	}
}

// FuzzExport: what is written is read back as it was, by the same format, or nothing is written; and what is said is
// one of the reasons.
func FuzzExport(f *testing.F) {
	for i := range Writers() {
		for _, s := range nasty[:len(nasty)-1] {
			f.Add(uint8(i), uint8(0), "A", s, "x")
		}
		f.Add(uint8(i), uint8(1), "a.b@h.example/c", "two\nlines", "it's")
	}
	known := reasons(f)
	f.Fuzz(func(t *testing.T, n, d uint8, name, a, b string) {
		c := Writers()[int(n)%len(Writers())]
		dialects := append([]string{""}, c.Out.Dialects...)
		o := Options{Dialect: dialects[int(d)%len(dialects)], Secret: Secret{Name: "s"}}
		if !format.ValidName(name) {
			name = "A"
		}
		pairs := []Pair{{Name: name, Value: []byte(a)}, {Name: "OTHER", Value: []byte(b)}}
		text, left, problems := c.Export(pairs, o)
		for _, p := range problems {
			if !known[p.Reason] {
				t.Errorf("%s: %q is no reason", c.Name, p.Reason)
			}
		}
		if len(problems) > 0 && text != nil {
			t.Errorf("%s: %q and %v", c.Name, text, problems)
		}
		if c.Read == nil || len(problems) > 0 || c.Name == "aws" {
			return // aws has only the names that it knows, and its own test
		}
		for _, p := range pairs {
			got, problems := c.Read(text, Options{Dialect: o.Dialect})
			i := slices.IndexFunc(got, func(q Pair) bool { return q.Name == p.Name })
			if !slices.Contains(left, p.Name) && (i < 0 || !bytes.Equal(got[i].Value, p.Value) || len(problems) > 0) {
				t.Errorf("%s: %q is written as %q, and read as %v, %v", c.Name, p.Value, text, got, problems)
			}
		}
	})
}
