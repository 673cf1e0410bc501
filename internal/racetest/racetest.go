// Package racetest skips tests that would take many times as long under the race detector
// and show nothing more: starting hundreds of processes one after the other, touching
// hundreds of megabytes, trying every position of a long input. make test runs them in a
// second pass, which takes their names from testdata/may-skip.
package racetest

import "testing"

// Enabled reports whether the race detector is on.
const Enabled = enabled

// Skip skips the test if the race detector is on.
func Skip(t *testing.T) {
	t.Helper()
	if enabled {
		t.Skip("make test runs it without the race detector")
	}
}
