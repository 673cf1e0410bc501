package vectorgen

import (
	"bytes"
	"flag"
	"hash/fnv"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/cryptotest"

	"github.com/credfile/credfile/internal/racetest"
)

var update = flag.Bool("update", false, "write spec/vectors")

const dir = "../../spec/vectors"

// The files in spec/vectors match the generator's output. -update writes them.
func TestVectorsAreCurrent(t *testing.T) {
	racetest.Skip(t)
	made := map[string]bool{}
	for _, c := range Cases() {
		if made[c.Name] {
			t.Fatalf("%s stands twice", c.Name)
		}
		made[c.Name] = true
		t.Run(c.Name, func(t *testing.T) {
			seed := fnv.New64a()
			seed.Write([]byte(c.Name))
			cryptotest.SetGlobalRandom(t, seed.Sum64())
			want := c.File()
			path := filepath.Join(dir, c.Name)
			if *update {
				if err := os.WriteFile(path, want, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
				t.Errorf("differs from what is generated (%v): make vectors", err)
			}
		})
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.Contains(e.Name(), ".") || made[e.Name()] {
			continue
		}
		if !*update {
			t.Errorf("%s: no case makes it", e.Name())
		} else if err := os.Remove(filepath.Join(dir, e.Name())); err != nil {
			t.Error(err)
		}
	}
}
