//go:build unix

package main

import (
	"io"
	"math"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestSpread(t *testing.T) {
	for _, c := range []struct {
		list []float64
		want spread
	}{
		{[]float64{7}, spread{7, 7, 7, 1}},
		{[]float64{3, 1}, spread{2, 1.5, 2.5, 2}},
		{[]float64{5, 1, 4, 2, 3}, spread{3, 2, 4, 5}},
		{[]float64{4, 1, 2, 100}, spread{3, 1.75, 28, 4}},
	} {
		before := slices.Clone(c.list)
		if got := spreadOf(c.list); got != c.want {
			t.Errorf("%v: %+v, want %+v", c.list, got, c.want)
		}
		if !slices.Equal(before, c.list) {
			t.Errorf("the list was sorted in place")
		}
	}
	if got := spreadOf(nil); !math.IsNaN(got.median) || got.n != 0 {
		t.Errorf("no figures: %+v", got)
	}
}

// The ratio is the median of the ratios, which the ratio of the medians isn't.
func TestRatio(t *testing.T) {
	a := samples{{round: 0, cpu: 10}, {round: 1, cpu: 40}, {round: 2, cpu: 30}}
	b := samples{{round: 0, cpu: 10}, {round: 1, cpu: 10}, {round: 2, cpu: 20}}
	if got, want := ratio(a, b, cpu), (spread{1.5, 1.25, 2.75, 3}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	// A slow contestant ran in two of three rounds.
	if got, want := ratio(a, samples{b[0], b[2]}, cpu), (spread{1.25, 1.125, 1.375, 2}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	got := combine([]samples{a, b, b}, func(s []sample) float64 { return s[0].cpu - s[1].cpu - s[2].cpu })
	if want := (spread{-10, -10, 5, 3}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestDiffers(t *testing.T) {
	runs := func(figures ...float64) (list samples) {
		for i := range 100 {
			list = append(list, sample{round: i, cpu: figures[i%len(figures)]})
		}
		return list
	}
	for _, c := range []struct {
		a, b samples
		want int
	}{
		{runs(10), runs(10), 0},
		{runs(10, 12), runs(11), 0},
		{runs(10.1), runs(10), 1},
		{runs(10), runs(10.1), -1},
		{runs(10, 12, 12), runs(11), 1},
		{runs(10, 12, 12)[:9], runs(11)[:9], 0}, // too few to tell
	} {
		if got := differs(c.a, c.b, cpu); got != c.want {
			t.Errorf("%v and %v: %d, want %d", c.a[:3], c.b[:3], got, c.want)
		}
	}
}

// testRunner returns a runner with the program launch, and a box.
func testRunner(t *testing.T) (*runner, *box) {
	launch := filepath.Join(t.TempDir(), "launch")
	if out, err := exec.Command("go", "build", "-o", launch, "./launch").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	x, err := newBox(t.TempDir(), "/usr/bin:/bin")
	if err != nil {
		t.Fatal(err)
	}
	return &runner{launch: launch, runs: 3, progress: io.Discard}, x
}

func TestMeasure(t *testing.T) {
	r, x := testRunner(t)
	var prepared []int
	c := &contestant{name: "true", args: []string{"/usr/bin/env", "true"}, box: x, prepare: func(run int) error {
		prepared = append(prepared, run)
		return nil
	}}
	all, err := r.measure(c, &contestant{name: "again", args: c.args, box: x})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(prepared, []int{0, 1, 2, 3}) {
		t.Errorf("prepared for %v", prepared)
	}
	for _, list := range all {
		if len(list) != 3 {
			t.Errorf("%d runs", len(list))
		}
		for _, s := range list {
			// The test itself has more than 8 MiB, which must not count.
			if s.cpu <= 0 || s.cpu > 1000 || s.memory < 500 || s.memory > 6000 || s.faults <= 0 {
				t.Errorf("%+v", s)
			}
		}
	}
	if got := ratio(all[0], all[1], cpu); got.n != 3 || got.median <= 0 {
		t.Errorf("%+v", got)
	}
}

func TestFailingRuns(t *testing.T) {
	r, x := testRunner(t)
	for script, want := range map[string]string{
		"echo why >&2; exit 3": "exit code 3\nwhy",
		"kill -9 $$":           "exit code -1",
	} {
		_, err := r.measure(&contestant{name: "it", args: []string{"/bin/sh", "-c", script}, box: x})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", script, err)
		}
	}
	if _, err := r.measure(&contestant{name: "none", args: []string{"/nonexistent"}, box: x}); err == nil {
		t.Error("a command that doesn't exist was measured")
	}
	wrong := printing(x, exactly("this"), "/bin/echo", "that")
	if _, err := r.measure(&contestant{name: "it", args: []string{"/bin/echo"}, box: x, check: wrong}); err == nil {
		t.Error("wrong output was accepted")
	}
}

// What a command changes is put back before the next run, with its permissions.
func TestRestorer(t *testing.T) {
	_, x := testRunner(t)
	if err := x.write("file", "before"); err != nil {
		t.Fatal(err)
	}
	restore, err := x.restorer()
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := x.output("", "/bin/sh", "-c", `[ "$(cat file)" = before ] && echo after > file && chmod 644 file && touch new ~/new`); err != nil {
			t.Fatal(err)
		}
		if err := restore(); err != nil {
			t.Fatal(err)
		}
	}
	out, err := x.output("", "/bin/sh", "-c", "ls -l file; ls ~")
	if err != nil || !strings.HasPrefix(out, "-rw-------") || strings.Contains(out, "new") {
		t.Errorf("%s %v", out, err)
	}
}

func TestCredentials(t *testing.T) {
	list := credentials(3)
	if text := dotenv(list); hasAll(text, list) != nil || hasAll(text, credentials(4)) == nil {
		t.Errorf("%q", text)
	}
	for _, c := range list {
		if len(c.value) != 40 || !strings.HasPrefix(c.value, "fake-") {
			t.Errorf("%q", c.value)
		}
	}
}
