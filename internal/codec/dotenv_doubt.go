package codec

import (
	"regexp"
	"strings"
	"sync"
)

// lineBreaks are the characters that some tool takes as the end of a line. The regular
// expressions of Ruby's dotenv, python-dotenv and node's dotenv accept more than LF.
const lineBreaks = "\n\r\v\f\u0085\u2028\u2029"

func isLineBreak(r rune) bool { return strings.ContainsRune(lineBreaks, r) }

// Compiled only when a line can't be taken, to keep start-up fast.
var (
	// word matches a name, what marks it as a use, and what marks it as an assignment: A=,
	// 'A'= (python-dotenv), A+= and A[0]= (bash).
	word = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(\$\{?)?([A-Za-z_][\w.-]*)((?:\[[^\]]*\])?["']?\s*\+?=)?`)
	})
	// colon matches YAML's form, which node's and Ruby's dotenv and compose accept.
	colon = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^[^\w$]*(?:export\s+)?([A-Za-z_][\w.-]*)["']?\s*:`)
	})
)

// doubt records the names that some tool may set or unset in skipped text. Their earlier
// values must not be imported as if they were the last.
func (f *dotenvFile) doubt(text []byte) {
	for _, line := range strings.FieldsFunc(string(text), isLineBreak) {
		if strings.HasPrefix(strings.TrimLeft(line, blanks), "#") {
			continue
		}
		if m := colon().FindStringSubmatch(line); m != nil {
			f.doubtful[key{name: m[1]}] = true
		}
		bare := !strings.Contains(line, "=") // unset A, read A; or A alone, which is empty to Ruby
		for _, m := range word().FindAllStringSubmatch(line, -1) {
			if m[1] == "" && (bare || m[3] != "") {
				f.doubtful[key{name: m[2]}] = true
			}
		}
	}
}
