package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// args checks the number of positional arguments. The names are those in the usage line;
// the last one may be optional ([NAME]) or repeat (NAME…).
func args(names ...string) cobra.PositionalArgs {
	least, most := len(names), len(names)
	if most > 0 {
		switch last := names[most-1]; {
		case strings.HasPrefix(last, "["):
			least--
		case strings.HasSuffix(last, "…"):
			most = -1
		}
	}
	return func(cmd *cobra.Command, args []string) error {
		verb := strings.TrimPrefix(cmd.CommandPath(), "credfile ")
		hint := "usage: " + usageLine(cmd)
		switch {
		case len(args) < least:
			return &usageError{text: verb + " needs " + oneOrBoth(names[:least]), hint: hint}
		case most == 0 && len(args) > 0:
			return &usageError{text: verb + " takes no arguments", hint: hint}
		case most >= 0 && len(args) > most:
			return &usageError{text: verb + " takes only " + oneOrBoth(names), hint: hint}
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

// usageLine returns a command's synopsis.
func usageLine(cmd *cobra.Command) string {
	_, args, _ := strings.Cut(cmd.Use, " ")
	line := strings.TrimSpace(cmd.CommandPath() + " " + args)
	if !strings.Contains(args, "FLAG") && cmd.LocalNonPersistentFlags().HasAvailableFlags() {
		line += " [flags]"
	}
	return line
}

func unknownVerb(name string) error {
	e := &usageError{text: fmt.Sprintf("unknown command %q", name), hint: "to list the commands: credfile help"}
	if near := nearestVerb(name); near != "" {
		e.hint = "did you mean credfile " + near + "?"
	}
	return e
}

// otherWords maps other tools' words to commands.
var otherWords = map[string]string{
	"add": "set", "put": "set", "insert": "set", "new": "init", "create": "init",
	"cat": "get", "view": "get", "print": "get", "decrypt": "env", "shell": "env", "export": "env",
	"delete": "unset", "del": "unset", "remove": "unset", "users": "recipients", "keys": "recipients",
	"profiles": "profile list", "updatekeys": "rekey", "share": "rekey --add", "revoke": "rekey --remove",
}

// nearestVerb guesses which command was meant: first by another tool's word for it, then by
// the fewest typing errors. It returns "" if none is close.
func nearestVerb(name string) string {
	if verb, ok := otherWords[name]; ok {
		return verb
	}
	best, least := "", min(2, len(name)/2)+1
	for _, v := range verbs {
		if v.group == "" {
			continue
		}
		for _, word := range append([]string{v.name}, v.aliases...) {
			if d := distance(name, word); d < least {
				best, least = v.name, d
			}
			if len(name) > 2 && strings.HasPrefix(word, name) && least > 1 {
				best, least = v.name, 1
			}
		}
	}
	return best
}

// distance counts the typing errors between two words: characters that are missing, added,
// wrong or swapped with the next one (optimal string alignment).
func distance(a, b string) int {
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
