package codec

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Shells are the shells that [Shell] supports.
var Shells = []string{"sh", "bash", "zsh", "fish", "powershell", "cmd"}

// ShellError reports a value that can't be written for a shell.
type ShellError struct{ Name, Shell, What string }

func (e *ShellError) Error() string {
	return fmt.Sprintf("the value of %s %s, which can't be written for %s", e.Name, e.What, e.Shell)
}

// Shell returns assignments for a shell to evaluate: sh (POSIX; dash, bash, zsh), fish,
// powershell or cmd. Names must be names of environment variables, and values must not contain
// NUL. Then the shell never takes any part of a value as more than text. Errors: [*ShellError].
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
		format, quote = "$env:%s = %s\n", powershellQuote
	case "cmd":
		format, quote = "set \"%s=%s\"\r\n", func(s string) string { return s }
	default:
		return "", fmt.Errorf("must be one of %s", strings.Join(Shells, ", "))
	}
	var b strings.Builder
	for _, p := range pairs {
		if what := unwritable(shell, p); what != "" {
			return "", &ShellError{p.Name, shell, what}
		}
		fmt.Fprintf(&b, format, p.Name, quote(string(p.Value)))
	}
	return b.String(), nil
}

// powershellQuote writes printable ASCII in single quotes, which are doubled (about_Quoting_Rules), and
// the rest by number: PowerShell takes typographic quotes for quotes, reads what a program
// prints in the console's code page, and line by line.
func powershellQuote(s string) string {
	var b strings.Builder
	b.WriteByte('\'')
	quoted := true
	for _, c := range utf16.Encode([]rune(s)) {
		plain := ' ' <= c && c <= '~'
		if plain && !quoted {
			b.WriteString(" + '")
		} else if !plain && quoted {
			b.WriteByte('\'')
		}
		switch quoted = plain; {
		case !plain:
			fmt.Fprintf(&b, " + [char]%d", c)
		case c == '\'':
			b.WriteString("''")
		default:
			b.WriteByte(byte(c))
		}
	}
	if !quoted { // as it began
		b.WriteString(" + '")
	}
	return b.String() + "'"
}

// maxCmdLine is the longest line that cmd.exe reads.
const maxCmdLine = 8191

// unwritable says why a value can't be written for a shell, or returns "". In cmd.exe, quotes
// protect all but these characters, it reads others in the console's code page, and set deletes a
// variable that gets nothing.
func unwritable(shell string, p Pair) string {
	if shell == "powershell" && !utf8.Valid(p.Value) {
		return "is not valid UTF-8"
	}
	if shell != "cmd" {
		return ""
	}
	switch {
	case bytes.ContainsAny(p.Value, `"%!`):
		return `contains ", % or !`
	case bytes.ContainsFunc(p.Value, func(c rune) bool { return c < ' ' || c > '~' }):
		return "has characters that are not printable ASCII"
	case len(p.Value) == 0:
		return "is empty"
	case len(p.Name)+len(p.Value)+len(`set "="`) > maxCmdLine:
		return "is too long"
	}
	return ""
}
