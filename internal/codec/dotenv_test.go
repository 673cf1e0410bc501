package codec

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// show formats pairs as in the tables.
func show(pairs []Pair) string {
	var s []string
	for _, p := range pairs {
		if p.Source != nil {
			var settings []string
			for _, k := range slices.Sorted(maps.Keys(p.Source.Settings)) {
				settings = append(settings, fmt.Sprintf("%s=%v", k, p.Source.Settings[k]))
			}
			s = append(s, fmt.Sprintf("%s/%s={%s}", p.Section, p.Name, strings.Join(settings, " ")))
			continue
		}
		if p.Section != "" {
			s = append(s, fmt.Sprintf("%s/%s=%q", p.Section, p.Name, p.Value))
		} else {
			s = append(s, fmt.Sprintf("%s=%q", p.Name, p.Value))
		}
	}
	return strings.Join(s, " ")
}

func TestDotenvCases(t *testing.T) {
	for _, c := range dotenvCases {
		pairs, problems := readDotenv([]byte(c.in), Options{})
		if got := show(pairs); got != c.want {
			t.Errorf("%q\n got pairs %s\n want      %s", c.in, got, c.want)
		}
		var why reason
		if len(problems) > 0 {
			why = reason(problems[0].Reason)
		}
		if len(problems) > 1 || why != c.why {
			t.Errorf("%q\n got problems %v\n want         %q", c.in, problems, c.why)
		}
		if len(problems) == 1 && problems[0].Dialect != (c.by != "") {
			t.Errorf("%q: Dialect is %v, but these take it: %q", c.in, problems[0].Dialect, c.by)
		}
		var by []string
		for _, d := range dotenvDialects {
			_, problems := readDotenv([]byte(c.in), Options{Dialect: d})
			if len(problems) == 0 {
				by = append(by, d)
			}
			for _, p := range problems {
				if p.Dialect {
					t.Errorf("%q: %s was named, and still asks for a dialect", c.in, d)
				}
			}
		}
		if got := strings.Join(by, " "); got != c.by {
			t.Errorf("%q\n is taken by %s\n want        %s", c.in, got, c.by)
		}
	}
}

// tools lists the tools whose recorded results a dialect must match.
var tools = map[string][]string{
	"compose": {"compose"}, "docker": {"docker"}, "node": {"dotenv", "dotenvx"}, "python": {"python"}, "sh": {"sh"},
	"ruby": {}, // TestRealRuby asks it
}

// recordings returns each tool's result for each case.
func recordings(t *testing.T) map[string]map[string]map[string]string {
	b, err := os.ReadFile("testdata/dotenv.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Cases []map[string]json.RawMessage }
	if err := json.Unmarshal(b, &file); err != nil {
		t.Fatal(err)
	}
	all := map[string]map[string]map[string]string{}
	for _, c := range file.Cases {
		var in string
		if err := json.Unmarshal(c["in"], &in); err != nil {
			t.Fatal(err)
		}
		all[in] = map[string]map[string]string{}
		for tool, raw := range c {
			var vars map[string]string
			if tool == "in" {
				continue
			}
			if err := json.Unmarshal(raw, &vars); err != nil {
				t.Fatal(err)
			}
			all[in][tool] = vars
		}
	}
	return all
}

// differs describes how pairs differ from what a tool sets.
func differs(pairs []Pair, real map[string]string) string {
	if real == nil {
		return "the tool reports an error"
	}
	for _, p := range pairs {
		if v, ok := real[p.Name]; !ok || v != string(p.Value) {
			return fmt.Sprintf("got %s=%q, the tool sets %q (%v)", p.Name, p.Value, v, ok)
		}
	}
	if len(real) != len(pairs) {
		return fmt.Sprintf("got %d names, the tool sets %d", len(pairs), len(real))
	}
	return ""
}

func TestDotenvAgreesWithRecordings(t *testing.T) {
	all := recordings(t)
	for _, c := range dotenvCases {
		real, ok := all[c.in]
		if !ok {
			t.Errorf("%q has no recording", c.in)
			continue
		}
		for dialect, names := range tools {
			pairs, problems := readDotenv([]byte(c.in), Options{Dialect: dialect})
			for _, tool := range names {
				if strings.HasPrefix(c.in, "\uFEFF") && (tool == "python" || tool == "sh") {
					continue // python-dotenv before 1.2.3 takes it as part of the name, a shell as part of a command
				}
				if d := differs(pairs, real[tool]); len(problems) == 0 && d != "" {
					t.Errorf("%q as %s, %s: %s", c.in, dialect, tool, d)
				}
			}
		}
		pairs, problems := readDotenv([]byte(c.in), Options{})
		for tool, vars := range real {
			if tool == "docker" || len(problems) > 0 || strings.HasPrefix(c.in, "\uFEFF") || tool == "sh" && strings.Contains(c.in, "\r\n") {
				continue
			}
			for _, p := range pairs {
				// A tool that sets nothing had no say.
				if v, ok := vars[p.Name]; ok && v != string(p.Value) {
					t.Errorf("%q without a dialect: got %s=%q, %s sets %q", c.in, p.Name, p.Value, tool, v)
				}
			}
		}
	}
}

func TestDotenvProblems(t *testing.T) {
	for _, c := range []struct {
		name, in, dialect string
		pairs             string
		problems          string // line, name, reason
	}{
		{"no equals", "A=1\nhunter2\nB=2\n", "", `A="1" B="2"`, "2  " + string(whyNoEquals)},
		{"no name", "=1\n", "", "", "1  " + string(whyName)},
		{"digit first", "1A=1\n", "", "", "1  " + string(whyName)},
		{"blank in name", "A B=1\n", "", "", "1  " + string(whyName)},
		{"yaml", "A: b=1\n", "", "", "1  " + string(whyName)},
		{"a URL", "postgres://u:p@h/db?x=1\n", "", "", "1  " + string(whyName)},
		{"bad name over lines", "A B=\"1\nC=2\n\"\nD=4\n", "", `D="4"`, "1  " + string(whyName)},
		{"export alone", "export A\n", "", "", "1  " + string(whyNoEquals)},
		{"NUL", "A=1\x00\nB=2\n", "", `B="2"`, "1 A " + string(whyNUL)},
		{"NUL in comment", "# 1\x00\nB=2\n", "", `B="2"`, "1  " + string(whyNUL)},
		{"UTF-8", "A=\xff\nB=2\n", "", `B="2"`, "1 A " + string(whyUTF8)},
		{"UTF-8 over lines", "A='\n\xff'\nB=2\n", "", `B="2"`, "1 A " + string(whyUTF8)},
		{"Latin-1 in comment", "# \xfc\nB=2\n", "", `B="2"`, ""},
		{"CR", "A=1\rB=2\n", "", "", "1 A " + string(whyCR)},
		{"CR in comment", "# 1\rB=2\rC=3", "", "", "1  " + string(whyCR)},
		{"CR at the end", "A=1\r", "", `A="1"`, ""},
		{"odd blank", "A=1\u00a0\n", "", "", "1 A " + string(whyBlank)},
		{"odd blank in quotes", "A='1\u00a0'\n", "", `A="1\u00a0"`, ""},
		{"twice", "A=1\nB=2\nA=3\n", "", `B="2"`, "1 A " + string(whyTwice) + "|3 A " + string(whyTwice)},
		{"twice the same", "A=1\nB=2\nA='1'\n", "", `A="1" B="2"`, ""},
		{"twice, once unread", "A=1\nA=$x\n", "", "", "1 A " + string(whyTwice) + "|2 A " + string(whyVar)},
		{"open", "A=1\nB=\"2\nC=3\nA=4\n", "", "", "1 A " + string(whyDoubt) + "|2 B " + string(whyOpen)},
		{"open single", "A=1\nB='2\nC=3\n", "", `A="1"`, "2 B " + string(whyOpen)},
		{"ends", "A=\"1\\\nB=2\"\nC='3\\\nD='4'\n", "", "", "1 A " + string(whyEscapes) + "|3 C " + string(whyEnds)},
		{"apostrophe", "A=don't\nB=isn't\n", "sh", "", "1 A " + string(whyShQuote)},
		{"apostrophe without end", "A=don't\nB=2\n", "sh", "", "1 A " + string(whyOpen)},
		{"command", "A=1\nset -a\nB=2\n", "sh", `A="1"`, "2  " + string(whyNoEquals)},
		{"condition", "A=1\nif [ $x = 1 ]; then\nB=2\nfi\n", "sh", `A="1"`, "2  " + string(whyName)},
		{"name to sh", "A.b=1\n", "sh", "", "1 A.b " + string(whyShName)},
		{"gap to sh", "A =1\n", "sh", "", "1 A " + string(whyCommand)},
		{"CR LF to sh", "A=1\r\n", "sh", "", "1 A " + string(whyShCR)},
		{"export to docker", "export A=1\n", "docker", "", "1 A " + string(whyName)},
		{"PEM", "A=-----BEGIN KEY-----\nDEK-Info: x\n\nMIIB=\nabc==\n-----END KEY-----\nB=2\n", "", `B="2"`, "1  " + string(whyBlock)},
		{"PEM without end", "A=-----BEGIN KEY-----\nMIIB\nB_C=2\n", "", `B_C="2"`, "1  " + string(whyBlock)},
		{"PEM without name", "-----BEGIN KEY-----\nMIIB=\n-----END KEY-----\nB=2\n", "", `B="2"`, "1  " + string(whyBlock)},
		{"base64", "A=MIIBabcdefghijklmnopq\nabcdefghijklmnopq\nMIIBabc=\nabc==\n", "", `A="MIIBabcdefghijklmnopq"`,
			"2  " + string(whyNoEquals) + "|3  " + string(whyBase64) + "|4  " + string(whyBase64)},
	} {
		pairs, problems := readDotenv([]byte(c.in), Options{Dialect: c.dialect})
		var got []string
		for _, p := range problems {
			got = append(got, fmt.Sprintf("%d %s %s", p.Line, p.Name, p.Reason))
		}
		if show(pairs) != c.pairs || strings.Join(got, "|") != c.problems {
			t.Errorf("%s\n got  %s, %s\n want %s, %s", c.name, show(pairs), strings.Join(got, "|"), c.pairs, c.problems)
		}
	}
}

func TestDotenvLines(t *testing.T) {
	pairs, _ := readDotenv([]byte("\n# c\nA=1\r\nB='2\n\n'\n\nC=3"), Options{})
	var lines []int
	for _, p := range pairs {
		lines = append(lines, p.Line)
	}
	if fmt.Sprint(lines) != "[3 4 8]" {
		t.Errorf("lines %v", lines)
	}
}

func TestDotenvDetect(t *testing.T) {
	for _, c := range []struct {
		name, in string
		want     bool
	}{
		{".env", "", true},
		{".env.local", "[x]", true},
		{"prod.env", "", true},
		{"-", "# c\n\nexport A=1\n", true},
		{"secrets", "A=1\n", true},
		{"x.toml", "a = 1\n", false},
		{"run", "#!/bin/sh\nA=1\n", false},
		{"credentials", "[default]\nregion=x\n", false},
		{"x", "", false},
		{"x", "A=1\x00", false},
		{".envrc", "use flake\n", false},
	} {
		if got := isDotenv(c.name, []byte(c.in)); got != c.want {
			t.Errorf("%s %q: %v", c.name, c.in, got)
		}
	}
}
