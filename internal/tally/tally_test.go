package tally

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTable(t *testing.T) {
	name := filepath.Join(t.TempDir(), "tally")
	t.Setenv("CREDFILE_TALLY", name)
	Add(t, Fuzz, 1000, 0)
	Add(t, Changes, 7, 0)
	Add(t, Fuzz, 234567, 1)
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := Table(&b, strings.NewReader(string(text))); err != nil {
		t.Fatal(err)
	}
	want := "| what | how many | of these |\n|---|---:|---|\n| changed files | 7 | 0 accepted |\n| fuzz executions | 235,567 | 1 failed |\n"
	if b.String() != want {
		t.Errorf("%s\nwant\n%s", &b, want)
	}
	for _, bad := range []string{"x\n", "1 2\n", "1 2 something else\n", "1 fuzz executions, failed\n"} {
		if err := Table(&b, strings.NewReader(bad)); err == nil {
			t.Errorf("%q is read", bad)
		}
	}
}

// The script that runs the fuzz targets writes the line itself.
func TestFuzzRow(t *testing.T) {
	script, err := os.ReadFile("../../.ci/fuzz")
	if err != nil || !strings.Contains(string(script), string(Fuzz)) {
		t.Errorf(".ci/fuzz has no %q: %v", Fuzz, err)
	}
}
