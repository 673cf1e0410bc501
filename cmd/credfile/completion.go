package main

import (
	"bytes"
	_ "embed"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/credfile/credfile/internal/cli"
)

// bashCompletion needs no other package, and knows that bash splits words at : and @.
//
//go:embed completion.bash
var bashCompletion []byte

var completionShells = []string{"bash", "fish", "powershell", "zsh"}

func newCompletion(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use: "completion SHELL",
		Long: `Prints a script with which bash, zsh, fish or powershell completes commands, flags, and the names in the file. To install it: credfile completion install.

To complete names, credfile reads the file, and needs no key. It asks nothing, starts nothing and writes nothing.`,
		Example: "  credfile completion install\n  source <(credfile completion bash)",
		Args:    cli.Args("SHELL"),
		RunE: func(cmd *cobra.Command, args []string) error {
			script, err := completionScript(cmd.Root(), args[0])
			if err != nil {
				return err
			}
			_, err = a.stdout.Write(script)
			return err
		},
	}
	cmd.AddCommand(newCompletionInstall(a))
	return cmd
}

func newCompletionInstall(a *app) *cobra.Command {
	var undo bool
	cmd := &cobra.Command{
		Use:     "install [SHELL]",
		Short:   "install the completion of a shell",
		Long:    `Writes the completion script where the shell looks for such scripts: your shell's, or that of SHELL. It changes no start-up file. Where the shell has to be told of the directory, it prints the line to add.`,
		Example: "  credfile completion install\n  credfile completion install fish\n  credfile completion install --undo",
		Args:    cli.Args("[SHELL]"),
		RunE: func(cmd *cobra.Command, args []string) error {
			shell := filepath.Base(a.getenv("SHELL"))
			switch {
			case len(args) > 0:
				shell = args[0]
			case a.getenv("SHELL") == "":
				return &usageError{Text: "SHELL is not set, so it is not known which shell you use", Hint: "name it: credfile completion install " + strings.Join(completionShells, "|")}
			}
			script, err := completionScript(cmd.Root(), shell)
			if err != nil {
				return err
			}
			return installCompletion(a, shell, script, undo)
		},
	}
	cmd.Flags().BoolVar(&undo, "undo", false, "remove the script")
	return cmd
}

// withoutEval are changes to cobra's scripts: a Tab must not run a command substitution that is only typed.
var withoutEval = strings.NewReplacer(
	`$(eval ${requestComp} 2>/dev/null)`, `$("${(@Q)${(z)requestComp}}" 2>/dev/null)`,
	`flagPrefix="-P ${BASH_REMATCH}"`, `flagPrefix="-P ${(q)BASH_REMATCH}"`,
	`(string escape -- (commandline -ct))`, `(commandline -ct)`,
	`(eval $requestComp 2> /dev/null)`, `($args[1] __complete $args[2..-1] "$lastArg" 2> /dev/null)`,
)

func completionScript(root *cobra.Command, shell string) ([]byte, error) {
	var b bytes.Buffer
	var err error
	switch shell {
	case "bash":
		b.Write(bashCompletion)
	case "zsh":
		err = root.GenZshCompletion(&b)
	case "fish":
		err = root.GenFishCompletion(&b, true)
	case "powershell":
		err = root.GenPowerShellCompletionWithDesc(&b)
	default:
		err = &usageError{Text: fmt.Sprintf("no completion for %q", shell), Hint: "use one of " + strings.Join(completionShells, ", ")}
	}
	return []byte(withoutEval.Replace(b.String())), err
}
