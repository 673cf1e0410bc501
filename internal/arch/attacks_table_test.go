package arch

import (
	"fmt"
	"maps"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	rowNumber = regexp.MustCompile(`[0-9]+[a-z]?`)
	testFunc  = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
)

// attacksTable returns the table of what tries each row of the attacks: how often a test names the row, and
// where.
func attacksTable(document string, tests map[string]string) string {
	count, where := map[string]int{}, map[string][]string{}
	for _, file := range slices.Sorted(maps.Keys(tests)) {
		for _, at := range rowNamed.FindAllStringSubmatchIndex(tests[file], -1) {
			for _, id := range rowNumber.FindAllString(tests[file][at[2]:at[3]], -1) {
				count[id]++
				if by := tester(file, tests[file], at[0]); !slices.Contains(where[id], by) {
					where[id] = append(where[id], by)
				}
			}
		}
	}
	var b strings.Builder
	b.WriteString("| row | attempts | tests |\n|---|---:|---|\n")
	for line := range strings.Lines(document) {
		if m := rowID.FindStringSubmatch(line); m != nil && count[m[1]] > 0 {
			fmt.Fprintf(&b, "| **%s** | %d | %s |\n", m[1], count[m[1]], strings.Join(where[m[1]], ", "))
		}
	}
	return b.String()
}

// tester names the test that a position is in or right above, or the file.
func tester(file, text string, at int) string {
	if strings.HasSuffix(file, ".txtar") {
		return "`" + path.Base(file) + "`"
	}
	for _, f := range testFunc.FindAllStringSubmatchIndex(text, -1) {
		end := f[0] + strings.Index(text[f[0]:]+"\n}\n", "\n}\n")
		above := strings.TrimRight(text[:f[0]], "\n")
		for above != "" && strings.HasPrefix(above[strings.LastIndex(above, "\n")+1:], "//") {
			above = strings.TrimRight(above[:strings.LastIndex(above, "\n")+1], "\n")
		}
		if len(above) <= at && at < end {
			return "`" + text[f[2]:f[3]] + "`"
		}
	}
	return "`" + path.Base(file) + "`"
}

// docs/security.md has the table. CREDFILE_UPDATE=1 writes it.
func TestAttacksTable(t *testing.T) {
	const name, head = "../../docs/security.md", "## The tests of each row\n"
	document := read(t, name)
	before, after, ok := strings.Cut(document, head)
	if !ok {
		t.Fatal("there is no section for the table")
	}
	start := strings.Index(after, "| row |")
	end := start + strings.LastIndex(after[start:], " |\n") + len(" |\n")
	if next := strings.Index(after[start:], "\n\n"); next >= 0 {
		end = start + next + 1
	}
	table := attacksTable(before, testTexts(t))
	if after[start:end] == table {
		return
	}
	if os.Getenv("CREDFILE_UPDATE") == "" {
		t.Fatal("docs/security.md is not up to date: CREDFILE_UPDATE=1 go test ./internal/arch -run TestAttacksTable")
	}
	if err := os.WriteFile(name, []byte(before+head+after[:start]+table+after[end:]), 0o644); err != nil {
		t.Fatal(err)
	}
}
