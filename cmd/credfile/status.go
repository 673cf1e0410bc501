package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/health"
	"github.com/credfile/credfile/kdf"
	"github.com/credfile/credfile/vaultfile"
)

// Limits that keep the output to one screen. The last line counts the rest.
const (
	maxRows   = 20
	maxAdvice = 16
	maxCell   = 20 // characters of a list of names
	maxName   = 32 // of a credential's name in advice

	statusDays = 14 // days within which an expiry is a problem
)

func newStatus(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "status",
		Example: "  credfile status\n  credfile status -p production",
		Long: `Shows the state of every profile, or of those given with --profile, worst first: what has expired or will soon, which values are still known to people who lost access, who can read the profile, whether its keys are post-quantum, and the --kdf cost of its passphrases. Below the table it lists what to fix, with the command.

It exits with 8 if something has expired or is exposed; other advice does not change the exit code. It needs no key. For CI, use credfile check.`,
		Args: args(),
		RunE: func(cmd *cobra.Command, _ []string) error { return a.status() },
	}
}

// statusRow is a profile with its problems, worst first.
type statusRow struct {
	s        *format.Profile
	problems []health.Finding
}

func (r *statusRow) of(kind health.Kind) (ps []health.Finding) {
	for _, p := range r.problems {
		if p.Kind == kind {
			ps = append(ps, p)
		}
	}
	return ps
}

// badness ranks the kinds of problems that status looks for.
func badness(kind health.Kind) int {
	return slices.Index([]health.Kind{health.Expired, health.Exposed, health.Expiring, health.Writers, health.KDF, health.Classic}, kind)
}

func (a *app) newStatusRow(s *format.Profile) statusRow {
	r := statusRow{s: s}
	r.problems = slices.Concat(health.Expiries(s, a.today(), statusDays), health.Exposures(s), health.FewWriters(s, 2), health.BelowDefault(s), health.Classics(s))
	slices.SortStableFunc(r.problems, func(x, y health.Finding) int {
		return cmp.Or(cmp.Compare(badness(x.Kind), badness(y.Kind)), x.Expires.Compare(y.Expires))
	})
	return r
}

// compareRows orders profiles by their worst problem, then by how often they have it.
func compareRows(x, y statusRow) int {
	switch {
	case len(x.problems) == 0 || len(y.problems) == 0:
		return cmp.Compare(len(y.problems), len(x.problems))
	case x.problems[0].Kind == y.problems[0].Kind:
		worst := x.problems[0].Kind
		return cmp.Compare(len(y.of(worst)), len(x.of(worst)))
	}
	return cmp.Compare(badness(x.problems[0].Kind), badness(y.problems[0].Kind))
}

func (a *app) status() error {
	f, sections, err := a.verifiedSections()
	if err != nil {
		return err
	}
	var rows []statusRow
	var urgent bool
	for _, s := range sections {
		r := a.newStatusRow(s)
		rows = append(rows, r)
		urgent = urgent || slices.ContainsFunc(r.problems, func(p health.Finding) bool { return p.Urgent() })
	}
	slices.SortStableFunc(rows, compareRows)
	if a.json {
		err = a.printJSON(newJSONStatus(f.Path, rows))
	} else {
		_, err = fmt.Fprint(a.stdout, statusText(rows))
	}
	if err == nil && urgent {
		err = &exitCode{exitFound}
	}
	return err
}

func statusText(rows []statusRow) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "PROFILE\tEXPIRES\tEXPOSED\tWRITERS\tREADERS\tPOST-QUANTUM\tPASSPHRASES")
	for _, r := range rows[:min(len(rows), maxRows)] {
		fmt.Fprintln(w, strings.Join(r.cells(), "\t"))
	}
	w.Flush()
	list := advise(rows)
	if len(list) > 0 {
		fmt.Fprintln(&b)
	}
	for _, x := range list[:min(len(list), maxAdvice)] {
		fmt.Fprintln(&b, x)
	}
	var rest []string
	if n := len(rows) - maxRows; n > 0 {
		rest = append(rest, count(n, "profile"))
	}
	if n := len(list) - maxAdvice; n > 0 {
		rest = append(rest, count(n, "line")+" of advice")
	}
	if len(rest) > 0 {
		fmt.Fprintf(&b, "and %s more (to see them: credfile status -p PROFILE, or --json)\n", strings.Join(rest, " and "))
	}
	return b.String()
}

func (r *statusRow) cells() []string {
	none := func(text string) string { return cmp.Or(text, "-") }
	writers := r.s.Writers()
	who := few(writers)
	if len(writers) == 1 {
		who = "only " + who
	}
	exposed := r.of(health.Exposed)
	text := ""
	if len(exposed) > 0 {
		text = fmt.Sprintf("%d to %s", len(exposed), few(exposedMost(exposed).Names()))
	}
	pq := "yes"
	if ps := r.of(health.Classic); len(ps) > 0 {
		names := make([]string, len(ps))
		for i, p := range ps {
			names[i] = p.Who()
		}
		pq = "no: " + few(names)
	}
	return []string{cut(r.s.Name, maxCell), none(r.expiry()), none(text), who, none(few(readerNames(r.s))), pq, none(cheapest(r.s))}
}

func (r *statusRow) expiry() string {
	var parts []string
	if n := len(r.of(health.Expired)); n > 0 {
		parts = append(parts, fmt.Sprintf("%d expired", n))
	}
	if n := len(r.of(health.Expiring)); n > 0 {
		parts = append(parts, fmt.Sprintf("%d soon", n))
	}
	if next := nextExpiry(r.s); len(parts) == 0 && !next.IsZero() {
		return format.FormatDate(next)
	}
	return strings.Join(parts, ", ")
}

func nextExpiry(s *format.Profile) (next time.Time) {
	for i := range s.Entries {
		if t := s.Entries[i].Expires; !t.IsZero() && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	return next
}

// cheapest returns the cost of the cheapest passphrase lock, the easiest one to guess.
func cheapest(s *format.Profile) string {
	var least kdf.Params
	for i := range s.Recipients {
		if cost, ok := vaultfile.LockCost(&s.Recipients[i]); ok && (least == nil || cost.Work() < least.Work()) {
			least = cost
		}
	}
	if least == nil {
		return ""
	}
	return least.String()
}

// readerNames returns the names of those who can only read.
func readerNames(s *format.Profile) []string {
	names := []string{}
	for i := range s.Recipients {
		if !s.Recipients[i].Writer {
			names = append(names, s.Recipients[i].Name)
		}
	}
	return names
}

// few lists as many names as a cell holds, but at least one, and counts the rest.
func few(names []string) string {
	text := ""
	for i, name := range names {
		name = cut(name, maxCell)
		if i > 0 && len(text)+len(name)+2 > maxCell {
			return fmt.Sprintf("%s +%d", text, len(names)-i)
		}
		if i > 0 {
			text += ", "
		}
		text += name
	}
	return text
}

// cut shortens a name, which may have 128 characters.
func cut(name string, most int) string {
	if len(name) > most {
		return name[:most-1] + "…"
	}
	return name
}
