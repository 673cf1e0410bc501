package codec

import (
	"fmt"
	"strings"
)

// Shells are the shells that [Shell] supports.
var Shells = []string{"sh", "bash", "zsh", "fish", "powershell"}

// Shell returns assignments for a shell to evaluate: sh (POSIX; dash, bash, zsh), fish or
// powershell. Names must be names of environment variables, and values must not contain
// NUL. Then the shell never takes any part of a value as more than text.
func Shell(shell string, pairs []Pair) (string, error) {
	format, quote := "", (func(string) string)(nil)
	switch shell {
	case "sh", "bash", "zsh":
		// POSIX.1-2024, Shell Command Language, 2.2.2: within single quotes only the quote
		// is special.
		format, quote = "export %s=%s\n", func(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
	case "fish":
		// fish's documentation, Quotes: within single quotes only \' and \\ are special.
		format, quote = "set -gx %s %s\n", func(s string) string {
			return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
		}
	case "powershell":
		// about_Quoting_Rules: quotes are doubled; typographic quotes count too.
		format, quote = "$env:%s = %s\n", func(s string) string {
			return "'" + strings.NewReplacer("'", "''", "‘", "‘‘", "’", "’’", "‚", "‚‚", "‛", "‛‛").Replace(s) + "'"
		}
	default:
		return "", fmt.Errorf("must be one of %s", strings.Join(Shells, ", "))
	}
	var b strings.Builder
	for _, p := range pairs {
		fmt.Fprintf(&b, format, p.Name, quote(string(p.Value)))
	}
	return b.String(), nil
}
