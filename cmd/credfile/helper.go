package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/credfile/credfile/internal/cli"
	"github.com/credfile/credfile/internal/credentials"
	"github.com/credfile/credfile/internal/helper"
	"github.com/credfile/credfile/internal/source"
	"github.com/credfile/credfile/internal/term"
)

func newHelper(a *app) *cobra.Command {
	var names []string
	cmd := &cobra.Command{
		Use: "helper NAME [OPERATION]",
		Long: `Gives credentials to other tools, which run it when they need some. aws uses the three AWS_* names of one profile (credential_process). git and docker use credentials named USER@HOST[:PORT][/PATH], whose value is the password or token. A helper never stores or erases anything.

To set up each tool, see docs/helpers.md. Always give it the absolute path of your file, since a repository may bring a file of its own.`,
		Example: "  credential_process = credfile -f /home/me/.credentials.age helper aws\n" +
			"  git config --global credential.helper \\\n    '!credfile -f /home/me/.credentials.age helper git'",
		Args: cli.Args("NAME", "[OPERATION]"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return &usageError{Text: fmt.Sprintf("unknown helper %q", args[0]), Hint: "usage: credfile helper " + strings.Join(names, "|")}
		},
	}
	for _, p := range helper.All {
		names = append(names, p.Name)
		cmd.AddCommand(newProtocol(a, p))
	}
	return cmd
}

func newProtocol(a *app, p helper.Protocol) *cobra.Command {
	cmd := &cobra.Command{
		Use:   p.Name,
		Short: "act as a credential helper for " + p.Name,
		Long:  "Gives credentials to " + p.Name + ". See credfile help helper and docs/helpers.md.",
		Args:  cli.Args(),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runHelper(a, p, strings.Join(args, ""))
		},
	}
	if len(p.Operations) > 0 {
		cmd.Use += " " + strings.Join(p.Operations, "|")
		cmd.Args = cli.Args("OPERATION")
	}
	return cmd
}

// runHelper answers one request of a tool.
func runHelper(a *app, p helper.Protocol, operation string) error {
	file, err := filePath(a)
	if err == nil && file == "-" && len(p.Operations) > 0 {
		return &usageError{Text: "a helper can't read the credentials file from standard input", Hint: "use --file with an absolute path"}
	}
	if len(p.Operations) == 0 { // its names come from one profile
		if _, err := a.profile(); err != nil {
			return err
		}
	}
	s := &credentials.Source{Open: a.open, Profiles: a.profileNames(), At: at}
	call := helper.Call{Operation: operation, In: a.stdin, Out: a.stdout, Source: s, Version: source.Build()}
	if file != "-" {
		call.Obtain = a.obtainVariable
	}
	err = p.Serve(call)
	if err == nil && p.Stores && operation == "store" {
		a.say("nothing was stored; to save a login for docker: credfile set USER@HOST")
	}
	return declined(a, s, p, err)
}

// declined turns a failure into the form that the tool expects.
func declined(a *app, s *credentials.Source, p helper.Protocol, err error) error {
	var several *helper.AmbiguousError
	var missing *helper.MissingError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &several):
		a.warn("%s", several)
		return exitWith(p.Declined)
	case errors.Is(err, helper.ErrDeclined):
		return exitWith(p.Declined)
	case errors.As(err, &missing):
		profile := s.Profiles[0]
		err = at(s.File.Path, helperMisses(missing, profile))
	}
	if p.TellsErrors {
		fmt.Fprintln(a.stdout, "credfile: "+term.Escape(explain(err).text))
	}
	return err
}

func exitWith(code int) error {
	if code == 0 {
		return nil
	}
	return &exitCode{code}
}
