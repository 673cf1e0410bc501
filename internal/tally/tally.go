// Package tally counts what the tests try to break, and how often it broke, for the table that
// make torture prints.
package tally

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A Row is a line of the table: what is counted and, after the comma, what must happen to none
// of them.
type Row string

const (
	Changes    Row = "changed files, accepted"
	Splices    Row = "spliced files, accepted"
	Kills      Row = "points at which a command was killed, file broken"
	Faults     Row = "system calls that failed, file broken"
	Replaced   Row = "files replaced, without the syncs in order"
	Full       Row = "commands on a full or read-only disk, file broken"
	Writes     Row = "writes at the same time, lost"
	Reads      Row = "reads meanwhile, of a broken file"
	Renewals   Row = "processes that renew a session at the same time, without a session"
	Judged     Row = "states judged in random histories, judged otherwise by the second judge"
	Merged     Row = "random merges, merged otherwise by the second merge"
	Hostile    Row = "commands on the largest files, with over ten times the work of reading"
	Fuzz       Row = "fuzz executions, failed"
	Vectors    Row = "vectors for two implementations, without agreement"
	Wycheproof Row = "cases of Wycheproof, wrong"
	Canaries   Row = "searches for a secret, found"
	Checks     Row = "security checks removed, unnoticed"
	Mutants    Row = "mutants of the packages that are trusted, unnoticed"
)

var rows = []Row{Changes, Splices, Kills, Faults, Replaced, Full, Writes, Reads, Renewals, Judged, Merged, Hostile, Fuzz, Vectors, Wycheproof, Canaries, Checks, Mutants}

// Add says that a test tried n of something, of which bad went wrong. With CREDFILE_TALLY, it
// adds them to the file of that name, which processes may share.
func Add(t testing.TB, row Row, n, bad int) {
	t.Helper()
	t.Logf("%s: %d, %d", row, n, bad)
	if err := Note(row, n, bad); err != nil {
		t.Fatal(err)
	}
}

// Note is [Add] for what is no test.
func Note(row Row, n, bad int) error {
	name := os.Getenv("CREDFILE_TALLY")
	if name == "" {
		return nil
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o666)
	if err == nil {
		_, err = fmt.Fprintf(f, "%d %d %s\n", n, bad, row)
		err = errors.Join(err, f.Close())
	}
	return err
}

// Every returns N of CREDFILE_TEST_EVERY: a test tries one in so many of what there is to try. Without
// it, the test is skipped, since it takes minutes.
func Every(t testing.TB) int {
	t.Helper()
	n, err := strconv.Atoi(os.Getenv("CREDFILE_TEST_EVERY"))
	if err != nil || n < 1 {
		t.Skip("make torture runs it, and make torture-some a part of it")
	}
	return n
}

// Table reads what [Add] wrote, and prints a line for each row that has something.
func Table(w io.Writer, r io.Reader) error {
	type count struct{ n, bad int }
	counts := map[Row]count{}
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		var c count
		fields := strings.SplitN(lines.Text(), " ", 3)
		if _, err := fmt.Sscan(lines.Text(), &c.n, &c.bad); err != nil || len(fields) != 3 || !slices.Contains(rows, Row(fields[2])) {
			return fmt.Errorf("%q is no line of a tally", lines.Text())
		}
		sum := counts[Row(fields[2])]
		counts[Row(fields[2])] = count{sum.n + c.n, sum.bad + c.bad}
	}
	fmt.Fprintln(w, "| what | how many | of these |\n|---|---:|---|")
	for _, row := range rows {
		if c, ok := counts[row]; ok {
			what, bad, _ := strings.Cut(string(row), ", ")
			fmt.Fprintf(w, "| %s | %s | %s %s |\n", what, grouped(c.n), grouped(c.bad), bad)
		}
	}
	return lines.Err()
}

// grouped writes a number with a comma before each three digits.
func grouped(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
