package merge

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// BenchmarkEntries merges two branches of 1,000 credentials, each of which changed 100.
func BenchmarkEntries(b *testing.B) {
	base := make([]Entry, 1000)
	for i := range base {
		base[i] = Entry{Name: fmt.Sprintf("NAME_%d", i), Value: "a value of forty characters, or nearly so", Time: time.Unix(1, 0)}
	}
	ours, theirs := slices.Clone(base), slices.Clone(base)
	for i := range 100 {
		ours[i].Value, theirs[len(base)-1-i].Value = "ours", "theirs"
	}
	b.ReportAllocs()
	for b.Loop() {
		if merged, conflicts := Entries(base, ours, theirs); len(merged) != len(base) || len(conflicts) != 0 {
			b.Fatal(len(merged), conflicts)
		}
	}
}
