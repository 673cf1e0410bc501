package main

import "github.com/spf13/cobra"

// args checks the number of arguments; most is -1 for any number. The usage
// line of the command is the hint.
func args(least, most int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		return need(least, most, cmd.Use)(args)
	}
}
