package codec

import (
	"bytes"
	"slices"
	"strings"
)

// forms are the ways to write a value, the plainest first. Which of them a dialect reads as the same
// value is left to its reader, which is compared with the real tools.
var forms = []func(string) string{
	func(v string) string { return v },
	func(v string) string { return "'" + v + "'" },
	func(v string) string { return "`" + v + "`" },
	func(v string) string { return `"` + v + `"` },
	func(v string) string { return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(v) + "'" },
	func(v string) string { return "'" + strings.ReplaceAll(v, "'", `'\''`) + "'" },
	func(v string) string {
		return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, `$`, `\$`).Replace(v) + `"`
	},
	func(v string) string {
		return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, `$`, `\$`, "\n", `\n`, "\r", `\r`).Replace(v) + `"`
	},
	func(v string) string {
		return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, `$`, `\$`, "`", "\\`").Replace(v) + `"`
	},
	func(v string) string { return `"` + strings.NewReplacer("\n", `\n`, "\r", `\r`).Replace(v) + `"` },
}

// writeDotenv writes each value in the first form that the dialect reads back, or without a dialect, that
// all of them read back.
func writeDotenv(pairs []Pair, o Options) (text []byte, problems []Problem) {
	if o.Dialect != "" && !slices.Contains(dotenvDialects, o.Dialect) {
		return nil, []Problem{{Reason: string(whyDialect)}}
	}
	for _, p := range pairs {
		line, ok := dotenvLine(p, o)
		if !ok {
			why := whyForm
			if o.Dialect == "" {
				why = whyDialects
			}
			problems = append(problems, Problem{Name: p.Name, Reason: string(why), Dialect: o.Dialect == ""})
		}
		text = append(text, line...)
	}
	if len(problems) == 0 && !dotenvReadsBack(text, pairs, o) {
		problems = append(problems, Problem{Reason: string(whyForm)})
	}
	return text, problems
}

func dotenvLine(p Pair, o Options) (string, bool) {
	// The line after shows whether the value ends where it should.
	after := Pair{Name: "Z", Value: []byte("z")}
	if o.Dialect == docker.name { // which takes quotes literally
		after.Value = []byte("'z'")
	}
	for _, form := range forms {
		line := p.Name + "=" + form(string(p.Value)) + "\n"
		if dotenvReadsBack([]byte(line+"Z='z'\n"), []Pair{p, after}, o) {
			return line, true
		}
	}
	return "", false
}

// dotenvReadsBack asks the dialect, or without one, all that several tools may read.
func dotenvReadsBack(text []byte, pairs []Pair, o Options) bool {
	dialects := []string{o.Dialect}
	if o.Dialect == "" {
		dialects = dialects[:0]
		for _, d := range usualDialects {
			dialects = append(dialects, d.name)
		}
	}
	for _, d := range dialects {
		if d == "node" && !nodeAlike(text, pairs) {
			return false
		}
		if !readsBack(readDotenv, text, pairs, Options{Dialect: d}) {
			return false
		}
	}
	return true
}

// nodeAlike reports whether node --env-file and npm's dotenv read values alike: for the latter, the text
// \r in double quotes is a carriage return, and a quote behind a backslash does not end a value.
func nodeAlike(text []byte, pairs []Pair) bool {
	for _, p := range pairs {
		_, rest, _ := bytes.Cut(text, []byte(p.Name+"="))
		text = rest
		quoted := len(rest) > 0 && bytes.IndexByte([]byte("'\"`"), rest[0]) >= 0
		if bytes.IndexByte(p.Value, '\r') >= 0 || quoted && bytes.Contains(p.Value, []byte{'\\', rest[0]}) {
			return false
		}
	}
	return true
}
