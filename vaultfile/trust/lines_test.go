package trust_test

import (
	"testing"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/vaultfile"
	"github.com/credfile/credfile/vaultfile/trust"
)

// A writer seals lines into their profile that other keys never signed. They count for
// nothing: in a new profile, for a new key, and in a removed block.
func TestForgedLines(t *testing.T) {
	known := &trust.Known{File: id("F")}
	known.Learn(trust.Judge(known, parseScene(t, "F", "a=A/k1 b=B/k2 m=M/k9")))
	forge := func(s scene, change func(text *format.File)) *vaultfile.File {
		text, err := format.Parse(sceneBytes(t, "F", s))
		if err != nil {
			t.Fatal(err)
		}
		change(text)
		f, err := vaultfile.Parse(format.Marshal(text))
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	line := func(key string, profile string, next string) format.Vouched {
		l := vouch(id("F"), id(profile), "other", next)
		l.Key = public(key)
		return l
	}
	for _, c := range []struct {
		name, ask string
		file      *vaultfile.File
	}{
		{"a new profile", "n", forge("a=A/k1 b=B/k2 m=M/k9 n=N/x", func(text *format.File) {
			p := text.Find("n")
			p.Vouched = append(p.Vouched, line("k1", "N", "x"))
			reseal(text, p, "x")
		})},
		{"a new key", "a", forge("a=A/x b=B/k2 m=M/k9", func(text *format.File) {
			p := text.Find("a")
			p.Vouched = append(p.Vouched, line("k1", "A", "x"))
			reseal(text, p, "x")
		})},
		{"a forged line before a true one", "n", forge("a=A/k1 b=B/k2 m=M/k9 n=N/x<k9", func(text *format.File) {
			p := text.Find("n")
			p.Vouched = append([]format.Vouched{line("k1", "N", "x")}, p.Vouched...)
			reseal(text, p, "x")
		})},
	} {
		if err := trust.Judge(known, c.file).Check(c.ask, trust.Options{}); err == nil {
			t.Errorf("%s is accepted", c.name)
		}
		if c.file.Verify() == nil {
			t.Errorf("%s verifies", c.name)
		}
	}
}
