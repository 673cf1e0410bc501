package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// Args checks the number of positional arguments. The names are those in the usage line;
// the last one may be optional ([NAME]), repeat (NAME…), or both ([NAME…]).
func Args(names ...string) cobra.PositionalArgs {
	least, most := len(names), len(names)
	if most > 0 {
		last := names[most-1]
		if strings.HasPrefix(last, "[") {
			least--
		}
		if strings.Contains(last, "…") {
			most = -1
		}
	}
	return func(cmd *cobra.Command, args []string) error {
		verb := path(cmd)
		hint := "usage: " + UsageLine(cmd)
		switch {
		case len(args) < least:
			return &UsageError{Text: verb + " needs " + oneOrBoth(names[:least]), Hint: hint}
		case most == 0 && len(args) > 0:
			return &UsageError{Text: verb + " takes no arguments", Hint: hint}
		case most >= 0 && len(args) > most:
			return &UsageError{Text: verb + " takes only " + oneOrBoth(names), Hint: hint}
		}
		return nil
	}
}

func oneOrBoth(names []string) string {
	names = strings.Split(strings.Trim(strings.Join(names, " "), "[…]"), " ")
	if len(names) == 1 {
		article := "a "
		if strings.ContainsRune("AEIO", rune(names[0][0])) {
			article = "an "
		}
		return article + names[0]
	}
	return strings.NewReplacer("[", "", "]", "").Replace(strings.Join(names, " and "))
}

// path returns a command's name after the program's.
func path(cmd *cobra.Command) string {
	return strings.TrimPrefix(cmd.CommandPath(), cmd.Root().Name()+" ")
}

// UsageLine returns a command's synopsis.
func UsageLine(cmd *cobra.Command) string {
	_, args, _ := strings.Cut(cmd.Use, " ")
	line := strings.TrimSpace(cmd.CommandPath() + " " + args)
	if !strings.Contains(args, "FLAG") && hasFlags(cmd) {
		line += " [flags]"
	}
	return line
}

// Distance counts the typing errors between two words: characters that are missing, added,
// wrong or swapped with the next one (optimal string alignment).
func Distance(a, b string) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		for j := range rows[i] {
			switch {
			case i == 0 || j == 0:
				rows[i][j] = i + j
				continue
			case a[i-1] == b[j-1]:
				rows[i][j] = rows[i-1][j-1]
			default:
				rows[i][j] = 1 + min(rows[i-1][j-1], rows[i-1][j], rows[i][j-1])
			}
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], 1+rows[i-2][j-2])
			}
		}
	}
	return rows[len(a)][len(b)]
}

// RunsCommand marks a command, in its annotations, whose arguments are another command with
// the arguments of that. CheckArgs does not check these.
const RunsCommand = "runs-command"

// CheckArgs refuses an empty argument, and -- with nothing after it, for the same reason as
// [StrictFlag].
func CheckArgs(cmd *cobra.Command, args []string) error {
	if dash := cmd.ArgsLenAtDash(); dash >= 0 && dash == len(args) {
		return &UsageError{Text: "nothing follows --", Hint: "usage: " + UsageLine(cmd)}
	}
	if _, ok := cmd.Annotations[RunsCommand]; ok {
		args = args[:min(1, len(args))]
	}
	if slices.Contains(args, "") {
		return &UsageError{Text: "an argument is empty", Hint: "is a variable unset?"}
	}
	return nil
}
