// Package shell runs command lines that the user wrote, in sh or cmd.exe, and batch files.
package shell

import (
	"fmt"
	"strings"
)

// ArgError reports an argument that cmd.exe would not give to a batch file as it is.
type ArgError struct {
	N    int    // 1 for the first; 0 for the file's own path
	What string // it contains
}

func (e *ArgError) Error() string {
	subject := fmt.Sprintf("argument %d", e.N)
	if e.N == 0 {
		subject = "its path"
	}
	return subject + " contains " + e.What + ", which cmd.exe does not pass to a batch file unchanged"
}

// IsBatch reports whether a path is that of a batch file. Windows ignores dots and blanks at
// the end of a name.
func IsBatch(path string) bool {
	path = strings.ToLower(strings.TrimRight(path, ". "))
	return strings.HasSuffix(path, ".bat") || strings.HasSuffix(path, ".cmd")
}

// batchLine returns the line by which cmd.exe runs a batch file. It reads the arguments as
// text of its language, once for us and once for each %* in the file. Between double quotes,
// only a quote, a percent sign and a line end mean more than themselves, so that no argument
// may contain them: there is no way to write them that survives every reading (CVE-2024-24576).
//
// Errors: [*ArgError].
func batchLine(path string, args []string) (string, error) {
	var b strings.Builder
	for n, arg := range append([]string{path}, args...) {
		for _, c := range []struct{ char, what string }{{`"`, "a double quote"}, {"%", "a percent sign"}, {"\n", "a line break"}, {"\r", "a line break"}, {"\x00", "a NUL byte"}} {
			if strings.Contains(arg, c.char) {
				return "", &ArgError{n, c.what}
			}
		}
		switch {
		case n == 0:
			b.WriteString(`"` + arg + `"`)
		case arg != "" && strings.Trim(arg, plain) == "" && !strings.HasSuffix(arg, `\`):
			b.WriteString(" " + arg) // as the file's own comparisons expect it
		default: // the program that gets it would take \" as a quote
			backslashes := len(arg) - len(strings.TrimRight(arg, `\`))
			b.WriteString(` "` + arg + strings.Repeat(`\`, backslashes) + `"`)
		}
	}
	return b.String(), nil
}

// withPath puts a program's path in the place of its name at the beginning of a line. cmd.exe
// would look into the working directory first, except where it is told not to.
func withPath(line string, lookup func(string) (string, error)) string {
	name := line[:len(line)-len(strings.TrimLeft(line, plainName))]
	rest := line[len(name):]
	if name == "" || rest != "" && !strings.ContainsAny(rest[:1], " \t") || strings.Contains(" call dir echo for if set type ", " "+strings.ToLower(name)+" ") {
		return line
	}
	if path, err := lookup(name); err == nil && !strings.ContainsAny(path, `"%`) {
		return `"` + path + `"` + rest
	}
	return line
}

// plainName are characters of a program's name without a directory.
const plainName = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."

// plain are characters that need no quotes.
const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:\\+@#$"
