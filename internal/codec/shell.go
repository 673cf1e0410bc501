package codec

import (
	"fmt"
	"strings"
)

// Shells are the kinds of shells that Shell writes for.
var Shells = []string{"sh", "bash", "zsh", "fish", "powershell"}

// Shell writes assignments that a shell evaluates: sh (POSIX; dash, bash, zsh), fish
// or powershell. Names have to be names of environment variables, and values must not
// hold NUL; then nothing of a value is ever more than text to the shell.
func Shell(shell string, pairs []Pair) (string, error) {
	format, quote := "", (func(string) string)(nil)
	switch shell {
	case "sh", "bash", "zsh":
		// POSIX.1-2024, Shell Command Language, 2.2.2: nothing is special within single
		// quotes but the quote.
		format, quote = "export %s=%s\n", func(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
	case "fish":
		// fish's documentation, Quotes: within single quotes \' and \\ alone are special.
		format, quote = "set -gx %s %s\n", func(s string) string {
			return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
		}
	case "powershell":
		// about_Quoting_Rules: a quote is doubled; typographic ones are quotes as well.
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
