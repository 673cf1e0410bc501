//go:build unix

package main

import (
	"errors"
	"io"
	"os"
	"strings"
	"testing"
)

func TestGoals(t *testing.T) {
	for _, c := range []struct {
		goal        goal
		target, met string
		cells       string
	}{
		{atMost("x", 1.25, spread{1.25, 1.2, 1.3, 50}), "at most 1.25", "yes", "1.25, 1.20–1.30, 50"},
		// It is rounded only for the table.
		{atMost("x", 1.25, spread{1.2501, 1.2, 1.3, 50}), "at most 1.25", "**no**", "1.25, 1.20–1.30, 50"},
		{atLeast("x", 5, spread{5, 4, 6, 10}), "at least 5", "yes", "5.00, 4.00–6.00, 10"},
		{atLeast("x", 5, spread{4.999, 4, 6, 10}), "at least 5", "**no**", "5.00, 4.00–6.00, 10"},
		{atMost("x", 12, spread{}).in("MB").counts(10.5), "at most 12 MB", "yes", "10.50 MB, , "},
		{atMost("x", 12, spread{}).counts(12.5), "at most 12", "**no**", "12.50, , "},
		{goal{what: "x", limit: 1, most: true, skipped: "no npm"}, "at most 1", "–", "skipped: no npm, , "},
		{atMost("x", 1, spreadOf(nil)), "at most 1", "**no**", "NaN, NaN–NaN, 0"},
	} {
		if got := c.goal.target(); got != c.target {
			t.Errorf("%+v: %q", c.goal, got)
		}
		if got := c.goal.met(); got != c.met {
			t.Errorf("%+v: %q", c.goal, got)
		}
		if got := strings.Join(c.goal.cells(), ", "); got != c.cells {
			t.Errorf("%+v: %q", c.goal, got)
		}
	}
}

func TestDocument(t *testing.T) {
	runs := samples{{cpu: 1, memory: 2048, faults: 10}, {round: 1, cpu: 3, memory: 4096, faults: 30}}
	r := &report{
		Facts:   facts{CPU: "a processor", CPUs: 2, Runs: 50},
		goals:   []goal{atMost("a goal", 2, ratio(runs, runs, cpu))},
		ratios:  []goal{{what: "a ratio", got: ratio(runs, runs, cpu)}},
		Figures: []figure{{job: "first", name: "one", samples: runs}, {job: "first", name: "two", samples: runs}, {job: "second", name: "three", samples: runs}},
		Orient:  []figure{{name: "true", samples: runs}},
		Peers:   []figure{{name: "there", version: "v1", samples: runs, times: spread{2, 1, 3, 2}}, {name: "missing", skipped: "no npm"}},
	}
	var b strings.Builder
	if err := r.write(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"| processor | a processor, 2 CPUs |\n",
		"| a goal | at most 2 | 1.00 | 1.00–1.00 | 2 | yes |\n",
		"| a ratio | 1.00 | 1.00–1.00 | 2 |\n",
		"| **first** |  |  |  |  |\n| one | 2.00 (1.50–2.50) | 3.0 (2.5–3.5) | 20 (15–25) | 2 |\n| two | ",
		"| **second** |",
		"| true | 2.00",
		"| there | v1 | 2.00 (1.50–2.50) | 3.0 (2.5–3.5) | 20 (15–25) | 2 | 2.00 (1.00–3.00) |\n",
		"| missing |  | skipped: no npm |  |  |  |  |\n",
		strings.TrimSpace(notes),
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is missing in\n%s", want, b.String())
		}
	}
	if strings.Contains(b.String(), "{{") || strings.HasSuffix(b.String(), "\n\n") {
		t.Errorf("%s", b.String())
	}
}

// The document in the repository has the present notes.
func TestNotes(t *testing.T) {
	b, err := os.ReadFile("../../docs/performance.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(b), "\n\n"+strings.TrimSpace(notes)+"\n\n") {
		t.Error("docs/performance.md has other notes than internal/bench/notes.md")
	}
}

func TestChoose(t *testing.T) {
	if all, err := choose(""); err != nil || len(all) != len(jobs) {
		t.Errorf("%d jobs, %v", len(all), err)
	}
	if two, err := choose("get,env"); err != nil || len(two) != 2 || two[0].name != "get" {
		t.Errorf("%v %v", two, err)
	}
	if _, err := choose("env,gte"); err == nil || !strings.Contains(err.Error(), `"gte"`) {
		t.Error(err)
	}
}

// A job that fails is in the error, the others are still run, and there is no document.
func TestFailingJob(t *testing.T) {
	ran := false
	chosen := []job{
		{"broken", func(*bench, *report) error { return errors.New("it failed") }},
		{"good", func(*bench, *report) error { ran = true; return nil }},
	}
	b := &bench{runner: runner{progress: &strings.Builder{}}}
	err := b.full(io.Discard, chosen, "")
	if err == nil || !strings.Contains(err.Error(), "broken: ") || !ran {
		t.Errorf("%v, and the other job ran: %v", err, ran)
	}
}
