package cli

import (
	"errors"
	"iter"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

var (
	errEmptyFlag = errors.New("is empty")
	errFlagTwice = errors.New("is given twice")
)

// StrictFlag refuses an empty value, and a second value for a flag that takes one. An unset
// variable in a script must not make a narrow command act on everything.
type StrictFlag struct {
	pflag.Value
	List  bool // takes several values
	Comma bool // takes several at once, separated by commas
	given bool
}

// Set implements [pflag.Value].
func (s *StrictFlag) Set(text string) error {
	switch {
	case text == "", s.Comma && strings.Contains(","+text+",", ",,"):
		return errEmptyFlag
	case s.given && !s.List:
		return errFlagTwice
	}
	s.given = true
	return s.Value.Set(text)
}

// Strict makes all flags of a command strict, except switches, which may be repeated.
func Strict(fs *pflag.FlagSet) {
	fs.VisitAll(func(f *pflag.Flag) {
		if f.Value.Type() == "bool" {
			return
		}
		kind := f.Value.Type()
		s := &StrictFlag{Value: f.Value, List: strings.HasPrefix(kind, "string") && kind != "string", Comma: kind == "stringSlice"}
		if f.Value = s; s.List {
			f.DefValue = "" // otherwise the help shows []
		}
	})
}

// FlagError explains an invalid flag. It does not repeat the value, which may be a
// misplaced secret.
func FlagError(cmd *cobra.Command, err error) error {
	e := &UsageError{Text: err.Error(), Hint: "to list the flags: " + cmd.Root().Name() + " help " + helpTopic(cmd)}
	var unknown *pflag.NotExistError
	if errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() != "" {
		e.Text = "unknown flag: -" + unknown.GetSpecifiedName()
	}
	var invalid *pflag.InvalidValueError
	if errors.As(err, &invalid) {
		name := "--" + invalid.GetFlag().Name
		switch {
		case errors.Is(err, errEmptyFlag):
			e.Text, e.Hint = name+" "+errEmptyFlag.Error(), "is a variable unset? Otherwise, omit the flag"
		case errors.Is(err, errFlagTwice):
			e.Text = name + " " + errFlagTwice.Error()
		default:
			e.Text = "invalid value for " + name
			if kind := invalid.GetFlag().Value.Type(); kind == "int" {
				e.Text += ": must be a number"
			} else if kind == "duration" {
				e.Text += ": must be a time such as 1s"
			}
		}
	}
	return e
}

// helpTopic returns what to pass to the help command to see a command's flags.
func helpTopic(cmd *cobra.Command) string {
	if !cmd.HasParent() {
		return "flags"
	}
	return path(cmd)
}

// Given reports whether the user gave one of a command's flags.
func Given(cmd *cobra.Command, names ...string) bool {
	return slices.ContainsFunc(names, cmd.Flags().Changed)
}

// ByName groups the values of NAME=VALUE flags by name, in order.
func ByName(flags []string) iter.Seq2[string, []string] {
	var names []string
	values := map[string][]string{}
	for _, flag := range flags {
		name, value, _ := strings.Cut(flag, "=")
		if values[name] == nil {
			names = append(names, name)
		}
		values[name] = append(values[name], value)
	}
	return func(yield func(string, []string) bool) {
		for _, name := range names {
			if !yield(name, values[name]) {
				return
			}
		}
	}
}
