package trust_test

import (
	"fmt"
	"testing"

	"filippo.io/age"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/vaultfile"
	"github.com/credfile/credfile/vaultfile/trust"
)

// BenchmarkJudge reads and judges a file with 100 profiles, seen for the first time and as it
// is remembered.
func BenchmarkJudge(b *testing.B) {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		b.Fatal(err)
	}
	f := vaultfile.New()
	var first *vaultfile.Profile
	for i := range 100 {
		p, err := f.Add(fmt.Sprintf("profile%d", i), []vaultfile.Recipient{{Name: "me", Writer: true, String: id.Recipient().String()}}, first)
		if err != nil {
			b.Fatal(err)
		}
		first = p
	}
	text, err := f.Marshal()
	if err != nil {
		b.Fatal(err)
	}
	known := trust.Taken(f)
	for name, known := range map[string]*trust.Known{"first": {File: f.ID()}, "remembered": known} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				f, err := vaultfile.Skim(string(text), func(_, id format.ID, digest [16]byte) bool { return known.HasAccepted(id, digest) })
				if err != nil {
					b.Fatal(err)
				}
				for _, v := range trust.Judge(known, f).Verdicts {
					if v.State != trust.FirstSight && v.State != trust.Present {
						b.Fatal(v.Name, v.State)
					}
				}
			}
		})
	}
}
