package codec

import (
	"regexp"
	"strings"
	"sync"
)

// lineBreaks is what some tool takes for the end of a line: the expressions of Ruby's
// dotenv, python-dotenv and node's dotenv know more of them than LF.
const lineBreaks = "\n\r\v\f\u0085\u2028\u2029"

func isLineBreak(r rune) bool { return strings.ContainsRune(lineBreaks, r) }

// Compiled when a line could not be taken, since every start of the program would pay.
var (
	// word is a name, what makes it the use of one, and what makes it an assignment:
	// A=, 'A'= (python-dotenv), A+= and A[0]= (bash).
	word = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(\$\{?)?([A-Za-z_][\w.-]*)((?:\[[^\]]*\])?["']?\s*\+?=)?`)
	})
	// colon is YAML's way, which node's and Ruby's dotenv and compose take.
	colon = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^[^\w$]*(?:export\s+)?([A-Za-z_][\w.-]*)["']?\s*:`)
	})
)

// doubt notes the names that text which was left out may set, or take back, to some
// tool: what they were above must not come in as if it were the last of them.
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
