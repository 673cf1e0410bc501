package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/cli"
	"github.com/credfile/credfile/internal/health"
	"github.com/credfile/credfile/internal/jsondoc"
)

func newStatus(a *app) *cobra.Command {
	var sinceGit bool
	cmd := &cobra.Command{
		Use:     "status",
		Example: "  credfile status\n  credfile status -p production\n  credfile status --since-git",
		Long: `Shows the state of every profile, or of those given with --profile, worst first: what has expired or will soon, which values are still known to people who lost access, who can read the profile, whether its keys are post-quantum, and the --kdf cost of its passphrases. Below the table it lists what to fix, with the command.

It exits with 8 if something has expired or is exposed; other advice does not change the exit code. It needs no key. For CI, use credfile check.

With --since-git, it also reads every version of the file in all branches and tags, and lists what people could read who have no access now: values that were replaced or removed, too.`,
		Args: cli.Args(),
		RunE: func(cmd *cobra.Command, _ []string) error { return runStatus(a, sinceGit) },
	}
	cmd.Flags().BoolVar(&sinceGit, "since-git", false, "list what people could read in git's history who have no access now")
	return cmd
}

func runStatus(a *app, sinceGit bool) error {
	f, sections, err := verifiedSections(a)
	if err != nil {
		return err
	}
	var rows []health.Report
	var urgent bool
	for _, s := range sections {
		r := health.Examine(s, startOfDay(a), statusDays)
		rows = append(rows, r)
		urgent = urgent || r.Urgent()
	}
	health.Sort(rows)
	var past *lost
	if sinceGit {
		if past, err = lostSince(a, f.File); err != nil {
			return err
		}
		past.only(a.profiles)
	}
	if a.json {
		err = a.printJSON(statusDoc(f.Path, rows, past))
	} else {
		text := statusText(rows)
		if past != nil {
			text += lostText(past.list)
		}
		_, err = fmt.Fprint(a.stdout, text)
	}
	if past != nil {
		past.tellRest(a)
	}
	if err == nil && urgent {
		err = &exitCode{exitFound}
	}
	return err
}

func statusDoc(path string, rows []health.Report, past *lost) jsondoc.Status {
	doc := jsondoc.NewStatus(path, rows, findingWords)
	if past != nil {
		doc.History = jsondoc.NewStatusHistory(past.list, past.incomplete || past.unread > 0)
	}
	return doc
}

func statusText(rows []health.Report) string {
	var b strings.Builder
	lines := [][]string{{"PROFILE", "EXPIRES", "EXPOSED", "WRITERS", "READERS", "POST-QUANTUM", "PASSPHRASES"}}
	for _, r := range rows[:min(len(rows), maxRows)] {
		lines = append(lines, cells(&r))
	}
	b.Write(table(slices.Values(lines)))
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

func cells(r *health.Report) []string {
	none := func(text string) string { return cmp.Or(text, "-") }
	writers := r.Section.Writers()
	who := few(writers)
	if len(writers) == 1 {
		who = "only " + who
	}
	exposed := r.Of(health.Exposed)
	text := ""
	if len(exposed) > 0 {
		text = fmt.Sprintf("%d to %s", len(exposed), few(health.Knowing(exposed).Names()))
	}
	pq := "yes"
	if ps := r.Of(health.Classic); len(ps) > 0 {
		names := make([]string, len(ps))
		for i, p := range ps {
			names[i] = p.Who()
		}
		pq = "no: " + few(names)
	}
	return []string{cut(r.Section.Name, maxCell), none(expiryCell(r)), none(text), who, none(few(health.ReaderNames(r.Section))), pq, costCell(r)}
}

func expiryCell(r *health.Report) string {
	var parts []string
	if n := len(r.Of(health.Expired)); n > 0 {
		parts = append(parts, fmt.Sprintf("%d expired", n))
	}
	if n := len(r.Of(health.Expiring)); n > 0 {
		parts = append(parts, fmt.Sprintf("%d soon", n))
	}
	if next := health.NextExpiry(r.Section); len(parts) == 0 && !next.IsZero() {
		return format.FormatDate(next)
	}
	return strings.Join(parts, ", ")
}

// costCell shows the cost of the passphrase that is the easiest to guess.
func costCell(r *health.Report) string {
	if least := health.CheapestLock(r.Section); least != nil {
		return least.String()
	}
	return "-"
}
