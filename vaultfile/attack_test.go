package vaultfile

import (
	"bytes"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/racetest"
	"github.com/credfile/credfile/internal/tally"
)

// accepted reports whether a reader would use anything in the file. known are the digests of
// sections that it verified before.
func accepted(b []byte, known map[[16]byte]bool) bool {
	f, err := Skim(string(b), func(_, _ format.ID, digest [16]byte) bool { return known[digest] })
	if err != nil {
		return false
	}
	for _, name := range f.Names() {
		if _, err := f.Profile(name); err != nil {
			return false
		}
	}
	return true
}

// tamper calls try for every seventh index below n, or every index if CREDFILE_TEST_EVERY
// is set, on all processors. try returns a changed file, or nil if there is nothing to
// change. Neither who sees it for the first time nor who knows the original may accept it.
func tamper(t *testing.T, what string, known map[[16]byte]bool, n int, try func(i int) []byte) {
	t.Helper()
	step := 7
	if os.Getenv("CREDFILE_TEST_EVERY") != "" {
		step = 1
	}
	var next, tried, accepts atomic.Int64
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for {
				i := step * (int(next.Add(1)) - 1)
				if i >= n {
					return
				}
				b := try(i)
				if b == nil {
					continue
				}
				tried.Add(1)
				if accepted(b, nil) || accepted(b, known) {
					accepts.Add(1)
					t.Errorf("%s %d is accepted", what, i)
				}
			}
		})
	}
	wg.Wait()
	row := tally.Changes
	if strings.Contains(what, "line") {
		row = tally.Splices
	}
	tally.Add(t, row, int(tried.Load()), int(accepts.Load()))
	if tried.Load() == 0 {
		t.Errorf("%s: nothing tried", what)
	}
}

// blockEnds returns the offsets between two blocks, where a cut leaves a shorter
// well-formed file. Whether a machine that knows the longer file accepts it is a matter of
// continuity.
func blockEnds(b []byte) map[int]bool {
	ends := map[int]bool{len(b): true}
	first := bytes.Index(b, []byte("\n\n"))
	for i := first + 2; ; {
		j := bytes.Index(b[i:], []byte("\n\n"))
		if j < 0 {
			return ends
		}
		ends[i+j+1] = true
		i += j + 2
	}
}

// Row 1: changes to the bits, bytes, lines and length of a file that has
// every kind of record. make exhaustive tries every one.
func TestExhaustiveTampering(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long")
	}
	racetest.Skip(t)
	file := readVector(t, "ok_everything").file
	f, err := Parse(file)
	if err != nil {
		t.Fatal(err)
	}
	known := map[[16]byte]bool{}
	for _, s := range f.UnverifiedSections() {
		known[f.Digest(s)] = true
	}
	if !accepted(file, nil) || !accepted(file, known) {
		t.Fatal("the file itself is refused")
	}
	clone := func() []byte { return bytes.Clone(file) }
	tamper(t, "bit", known, len(file)*8, func(i int) []byte {
		b := clone()
		b[i/8] ^= 1 << (i % 8)
		return b
	})
	ends := blockEnds(file)
	tamper(t, "cut", known, len(file), func(i int) []byte {
		if ends[i] {
			return nil
		}
		return clone()[:i]
	})
	tamper(t, "byte taken away", known, len(file), func(i int) []byte {
		b := append(clone()[:i], file[i+1:]...)
		if bytes.Equal(b, file) {
			return nil
		}
		return b
	})
	tamper(t, "byte repeated", known, len(file), func(i int) []byte {
		return append(append(clone()[:i], file[i]), file[i:]...)
	})
	added := []byte("A0\n \r~\x00=")
	tamper(t, "byte added", known, (len(file)+1)*len(added), func(i int) []byte {
		at := i / len(added)
		return append(append(clone()[:at], added[i%len(added)]), file[at:]...)
	})
	lines := bytes.SplitAfter(file, []byte("\n"))
	lines = lines[:len(lines)-1]
	splice := func(what string, from [][]byte) {
		tamper(t, what, known, len(lines)*len(from), func(i int) []byte {
			at, with := i/len(from), from[i%len(from)]
			if bytes.Equal(lines[at], with) {
				return nil
			}
			changed := append([][]byte{}, lines...)
			changed[at] = with
			return bytes.Join(changed, nil)
		})
	}
	splice("line over a line", lines)
	other := bytes.SplitAfter(readVector(t, "ok_everything_other").file, []byte("\n"))
	splice("line of another file over a line", other[:len(other)-1])
}
