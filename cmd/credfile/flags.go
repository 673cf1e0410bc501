package main

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

var (
	errEmptyFlag = errors.New("is empty")
	errFlagTwice = errors.New("is given twice")
)

// strictFlag refuses an empty value, and a second value for a flag that takes one. An unset
// variable in a script must not make a narrow command act on everything.
type strictFlag struct {
	pflag.Value
	list  bool // takes several values
	comma bool // takes several at once, separated by commas
	given bool
}

// Set implements [pflag.Value].
func (s *strictFlag) Set(text string) error {
	switch {
	case text == "", s.comma && strings.Contains(","+text+",", ",,"):
		return errEmptyFlag
	case s.given && !s.list:
		return errFlagTwice
	}
	s.given = true
	return s.Value.Set(text)
}

// strict makes all flags of a command strict, except switches, which may be repeated.
func strict(fs *pflag.FlagSet) {
	fs.VisitAll(func(f *pflag.Flag) {
		if f.Value.Type() == "bool" {
			return
		}
		kind := f.Value.Type()
		s := &strictFlag{Value: f.Value, list: strings.HasPrefix(kind, "string") && kind != "string", comma: kind == "stringSlice"}
		if f.Value = s; s.list {
			f.DefValue = "" // otherwise the help shows []
		}
	})
}

// flagError explains an invalid flag. It does not repeat the value, which may be a
// misplaced secret.
func flagError(cmd *cobra.Command, err error) error {
	e := &usageError{text: err.Error(), hint: "to list the flags: credfile help " + helpTopic(cmd)}
	var unknown *pflag.NotExistError
	if errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() != "" {
		e.text = "unknown flag: -" + unknown.GetSpecifiedName()
	}
	var invalid *pflag.InvalidValueError
	if errors.As(err, &invalid) {
		name := "--" + invalid.GetFlag().Name
		switch {
		case errors.Is(err, errEmptyFlag):
			e.text, e.hint = name+" "+errEmptyFlag.Error(), "is a variable unset? Otherwise, omit the flag"
		case errors.Is(err, errFlagTwice):
			e.text = name + " " + errFlagTwice.Error() + ""
		default:
			e.text = "invalid value for " + name
			if kind := invalid.GetFlag().Value.Type(); kind == "int" {
				e.text += ": must be a number"
			} else if kind == "duration" {
				e.text += ": must be a time such as 1s"
			}
		}
	}
	return e
}

// helpTopic returns what to pass to credfile help to see a command's flags.
func helpTopic(cmd *cobra.Command) string {
	if !cmd.HasParent() {
		return "flags"
	}
	return strings.TrimPrefix(cmd.CommandPath(), "credfile ")
}

// checkArgs refuses an empty argument, and -- with nothing after it, for the same reason as
// strictFlag. It does not check the arguments of the command that env runs.
func checkArgs(cmd *cobra.Command, args []string) error {
	if dash := cmd.ArgsLenAtDash(); dash >= 0 && dash == len(args) {
		return &usageError{text: "nothing follows --", hint: "usage: " + usageLine(cmd)}
	}
	if cmd.Name() == "env" {
		args = args[:min(1, len(args))]
	}
	if contains(args, "") {
		return &usageError{text: "an argument is empty", hint: "is a variable unset?"}
	}
	return nil
}

// switchesFromEnv reads the variables that are switches.
func (a *app) switchesFromEnv() error {
	for _, v := range []struct {
		name string
		to   *bool
	}{{"CREDFILE_NON_INTERACTIVE", &a.nonInteractive}, {"CREDFILE_ALLOW_SUPERSEDED", &a.allowSuperseded}} {
		switch strings.ToLower(a.getenv(v.name)) {
		case "", "0", "false", "no", "off":
		case "1", "true", "yes", "on":
			*v.to = true
		default:
			return &usageError{text: v.name + " must be 1 or 0", hint: "set " + v.name + "=1, or 0"}
		}
	}
	return nil
}
