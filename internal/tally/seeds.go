package tally

import (
	"os"
	"strconv"
	"testing"
)

// Seeds returns the first seed of a test's random histories, and how many there are: n, unless
// CREDFILE_HISTORIES says otherwise. The first seed is 1, or CREDFILE_SEED. So
// CREDFILE_SEED=N CREDFILE_HISTORIES=1 replays history N alone.
func Seeds(t testing.TB, n int) (first, count int) {
	t.Helper()
	number := func(name string, without int) int {
		s := os.Getenv(name)
		if s == "" {
			return without
		}
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return n
	}
	return number("CREDFILE_SEED", 1), number("CREDFILE_HISTORIES", n)
}
