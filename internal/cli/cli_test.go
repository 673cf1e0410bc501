package cli

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// tool is a program with a verb that has a flag of each kind, and one that runs a command.
func tool() *cobra.Command {
	root := &cobra.Command{Use: "tool", SilenceErrors: true, SilenceUsage: true, PersistentPreRunE: CheckArgs}
	root.SetOut(io.Discard)
	root.SetFlagErrorFunc(FlagError)
	run := func(*cobra.Command, []string) error { return nil }
	verb := &cobra.Command{Use: "verb NAME [OTHER]", Args: Args("NAME", "[OTHER]"), RunE: run}
	verb.Flags().String("one", "", "take one `VALUE`")
	verb.Flags().StringSlice("several", nil, "take `VALUE`")
	verb.Flags().Int("number", 0, "take `N`")
	verb.Flags().Bool("switch", false, "be different")
	Strict(verb.Flags())
	runner := &cobra.Command{Use: "run -- COMMAND", Annotations: map[string]string{RunsCommand: ""}, RunE: run}
	root.AddCommand(verb, runner)
	return root
}

func TestUsage(t *testing.T) {
	for args, want := range map[string]string{
		"verb a":                           "",
		"verb a b --switch --switch":       "",
		"verb a --several=x --several=y,z": "",
		"verb":                             "verb needs a NAME",
		"verb a b c":                       "verb takes only NAME and OTHER",
		"verb a --":                        "nothing follows --",
		"verb _":                           "an argument is empty",
		"verb a --one=":                    "--one is empty",
		"verb a --one=x --one=x":           "--one is given twice",
		"verb a --several=x,":              "--several is empty",
		"verb a --number=secret":           "invalid value for --number: must be a number",
		"verb a -z":                        "unknown flag: -z",
		"run -- _":                         "an argument is empty",
		"run -- command _":                 "",
	} {
		root := tool()
		list := strings.Fields(args)
		for i := range list {
			if list[i] == "_" {
				list[i] = ""
			}
		}
		root.SetArgs(list)
		err := root.Execute()
		var usage *UsageError
		if want == "" && err != nil || want != "" && (!errors.As(err, &usage) || usage.Text != want || usage.Hint == "") {
			t.Errorf("%s: %v, want %q", args, err, want)
		}
	}
}

func TestDistance(t *testing.T) {
	for pair, want := range map[[2]string]int{{"", ""}: 0, {"set", "set"}: 0, {"ste", "set"}: 1, {"st", "set"}: 1, {"sett", "set"}: 1, {"get", "set"}: 1, {"list", "get"}: 3} {
		if got := Distance(pair[0], pair[1]); got != want {
			t.Errorf("%q: %d, want %d", pair, got, want)
		}
	}
}

// No line of the help is wider than the screen, and the columns of a flag stay apart.
func TestWriteHelp(t *testing.T) {
	root := tool()
	verb, _, _ := root.Find([]string{"verb"})
	verb.Long = strings.Repeat("many words ", 40) + "\n\n" + strings.Repeat("more ", 40)
	var b strings.Builder
	WriteHelp(&b, verb)
	for line := range strings.Lines(b.String()) {
		if len(line) > HelpWidth+1 {
			t.Errorf("%q", line)
		}
	}
	if !strings.Contains(b.String(), "tool verb NAME [OTHER] [flags]") || !strings.Contains(b.String(), "      --one VALUE           take one VALUE\n") {
		t.Error(b.String())
	}
}

// Several flags can be about one name, whose place is that of the first.
func TestByName(t *testing.T) {
	var got []string
	for name, values := range ByName([]string{"b=1", "a=2", "b=3=4"}) {
		got = append(got, name+" "+strings.Join(values, ","))
	}
	if want := []string{"b 1,3=4", "a 2"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
