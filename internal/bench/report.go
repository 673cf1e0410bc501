//go:build unix

package main

import (
	_ "embed"
	"fmt"
	"io"
	"strings"
	"text/template"
)

// figure is what a command used.
type figure struct {
	job     string
	name    string
	samples samples
	skipped string // why there is nothing
	version string // of a peer
	times   spread // CPU time of this command, in times that of credfile
}

// goal is a figure that credfile is to reach, or only one that is worth knowing.
type goal struct {
	what    string
	unit    string // after the numbers
	limit   float64
	most    bool // the limit is the most, not the least
	got     spread
	counted bool // and not measured, so it has no runs
	skipped string
}

func atMost(what string, limit float64, got spread) goal {
	return goal{what: what, limit: limit, most: true, got: got}
}

func atLeast(what string, limit float64, got spread) goal {
	return goal{what: what, limit: limit, got: got}
}

func (g goal) in(unit string) goal {
	g.unit = " " + unit
	return g
}

// counts returns a goal for what is the same each time.
func (g goal) counts(n float64) goal {
	g.got, g.counted = spreadOf([]float64{n}), true
	return g
}

func (g goal) met() string {
	switch {
	case g.skipped != "":
		return "–"
	case g.most && g.got.median <= g.limit || !g.most && g.got.median >= g.limit:
		return "yes"
	}
	return "**no**"
}

func (g goal) target() string {
	word := "at least"
	if g.most {
		word = "at most"
	}
	return fmt.Sprintf("%s %g%s", word, g.limit, g.unit)
}

// report is what the document shows.
type report struct {
	Facts   facts
	goals   []goal
	ratios  []goal // without a limit
	Orient  []figure
	Figures []figure
	Peers   []figure

	thousand samples // of env with 1000 credentials
}

//go:embed performance.md.tmpl
var document string

//go:embed notes.md
var notes string

// write renders the document. The notes are kept by hand.
func (r *report) write(w io.Writer) error {
	t, err := template.New("performance").Funcs(template.FuncMap{
		"goals":   func() string { return goalTable(r.goals) },
		"ratios":  func() string { return ratioTable(r.ratios) },
		"figures": figureTable,
		"peers":   peerTable,
		"notes":   func() string { return strings.TrimSpace(notes) },
	}).Parse(document)
	if err != nil {
		return err
	}
	return t.Execute(w, r)
}

// table renders rows, the first of which is the head. All columns but the first are numbers.
func table(rows [][]string) string {
	var b strings.Builder
	for i, row := range rows {
		fmt.Fprintf(&b, "| %s |\n", strings.Join(row, " | "))
		if i == 0 {
			fmt.Fprintf(&b, "|---|%s\n", strings.Repeat("---:|", len(row)-1))
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func goalTable(goals []goal) string {
	rows := [][]string{{"what", "goal", "measured", "quartiles", "runs", "reached"}}
	for _, g := range goals {
		rows = append(rows, append([]string{g.what, g.target()}, append(g.cells(), g.met())...))
	}
	return table(rows)
}

func ratioTable(goals []goal) string {
	rows := [][]string{{"what", "ratio", "quartiles", "runs"}}
	for _, g := range goals {
		rows = append(rows, append([]string{g.what}, g.cells()...))
	}
	return table(rows)
}

func (g goal) cells() []string {
	switch {
	case g.skipped != "":
		return []string{"skipped: " + g.skipped, "", ""}
	case g.counted:
		return []string{number(g.got.median) + g.unit, "", ""}
	}
	return []string{number(g.got.median) + g.unit, number(g.got.low) + "–" + number(g.got.high), fmt.Sprint(g.got.n)}
}

// number has two decimals: a figure must not look more exact than it is.
func number(f float64) string { return fmt.Sprintf("%.2f", f) }

func (f figure) cells() []string {
	if f.skipped != "" {
		return []string{"skipped: " + f.skipped, "", "", ""}
	}
	cell := func(format string, divisor float64, of func(sample) float64) string {
		s := f.samples.spread(of)
		return fmt.Sprintf(format+" ("+format+"–"+format+")", s.median/divisor, s.low/divisor, s.high/divisor)
	}
	return []string{cell("%.2f", 1, cpu), cell("%.1f", 1024, memory), cell("%.0f", 1, faults), fmt.Sprint(len(f.samples))}
}

var figureHead = []string{"CPU ms", "peak memory MiB", "page faults", "runs"}

func figureTable(figures []figure) string {
	rows := [][]string{append([]string{"command"}, figureHead...)}
	for i, f := range figures {
		if f.job != "" && (i == 0 || f.job != figures[i-1].job) {
			rows = append(rows, []string{"**" + f.job + "**", "", "", "", ""})
		}
		rows = append(rows, append([]string{f.name}, f.cells()...))
	}
	return table(rows)
}

func peerTable(peers []figure) string {
	rows := [][]string{append(append([]string{"command", "version"}, figureHead...), "times credfile's CPU")}
	for _, f := range peers {
		times := ""
		if f.times.n > 0 {
			times = fmt.Sprintf("%s (%s–%s)", number(f.times.median), number(f.times.low), number(f.times.high))
		}
		rows = append(rows, append(append([]string{f.name, f.version}, f.cells()...), times))
	}
	return table(rows)
}
