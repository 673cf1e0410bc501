package arch

import (
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	rowID    = regexp.MustCompile(`^\| ([0-9]+[a-z]?) \|`)
	untested = regexp.MustCompile(`^- ([0-9]+[a-z]?): \S`)
	rowNamed = regexp.MustCompile(`(?i)\brows? ([0-9]+[a-z]?(?:(?:, | and )[0-9]+[a-z]?)*)\b`)
)

// attacks compares the rows of docs/security.md with those that tests name, by file.
func attacks(document string, tests map[string]string) (faults []string) {
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	named, without := map[string]bool{}, map[string]bool{}
	rows := map[string]bool{}
	for line := range strings.Lines(document) {
		if m := rowID.FindStringSubmatch(line); m != nil {
			if rows[m[1]] {
				fault("row %s is there twice", m[1])
			}
			rows[m[1]] = true
		}
		if m := untested.FindStringSubmatch(line); m != nil {
			without[m[1]] = true
		}
	}
	for _, file := range slices.Sorted(maps.Keys(tests)) {
		for _, m := range rowNamed.FindAllStringSubmatch(tests[file], -1) {
			for _, id := range regexp.MustCompile(`[0-9]+[a-z]?`).FindAllString(m[1], -1) {
				named[id] = true
				if !rows[id] {
					fault("%s names row %s, which docs/security.md doesn't have", file, id)
				}
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(rows)) {
		switch {
		case named[id] && without[id]:
			fault("row %s has a test now: remove it from those without", id)
		case !named[id] && !without[id]:
			fault("no test names row %s", id)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(without)) {
		if !rows[id] {
			fault("row %s is without a test, and does not exist", id)
		}
	}
	return faults
}

// testTexts returns the tests of all packages but this one, by file.
func testTexts(t *testing.T) map[string]string {
	tests := map[string]string{}
	filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err == nil && (strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, ".txtar")) && !strings.Contains(filepath.ToSlash(path), "internal/arch") && filepath.Dir(path) != "." {
			tests[filepath.ToSlash(path)] = read(t, path)
		}
		return nil
	})
	return tests
}

// Each attack has a test, or a reason why it has none.
func TestAttacks(t *testing.T) {
	document := read(t, "../../docs/security.md")
	tests := testTexts(t)
	for _, fault := range attacks(document, tests) {
		t.Error(fault)
	}
	if n := strings.Count(document, "\n| "); n < 40 {
		t.Errorf("only %d rows are read", n)
	}

	const rows = "| 1 | flip |\n| 8a | swap |\n- 8a: reason\n"
	for _, c := range []struct{ document, test, want string }{
		{rows, "// Row 1: damage", ""},
		{rows, "// Rows 1 and 9: damage", "names row 9"},
		{rows, `{"row 8a: swapped"} // Row 1`, "row 8a has a test now"},
		{rows + "| 2 | cut |\n", "// Row 1", "no test names row 2"},
		{rows + "| 1 | cut |\n", "// Row 1", "row 1 is there twice"},
		{rows + "- 7: reason\n", "// Row 1", "row 7 is without a test, and does not exist"},
		{"| 1 | flip |\n- 1:\n", "", "no test names row 1"},
	} {
		got := strings.Join(attacks(c.document, map[string]string{"x_test.go": c.test}), "\n")
		if c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%q and %q: %q, want %q", c.document, c.test, got, c.want)
		}
	}
}
