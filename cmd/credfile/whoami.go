package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/credfile/credfile/internal/cli"
	"github.com/credfile/credfile/internal/jsondoc"
	"github.com/credfile/credfile/internal/term"
)

func newWhoami(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "whoami",
		Example: "  credfile whoami\n  credfile -i ci.txt whoami",
		Long:    `Shows your identities, where they come from and what each of them opens in the file. It opens nothing, asks nothing and shows no secret.`,
		Args:    cli.Args(),
		RunE:    func(*cobra.Command, []string) error { return runWhoami(a) },
	}
}

func runWhoami(a *app) error {
	f, err := a.open()
	if isA[*noFileError](err) {
		f, err = nil, nil
	}
	if err != nil {
		return err
	}
	path, naming := "", jsondoc.Naming(nil)
	if f != nil {
		path, naming = f.Path, f.Naming
	}
	doc := jsondoc.NewWhoami(path, a.keys.Sources(), naming)
	if a.json {
		return a.printJSON(doc)
	}
	for _, id := range doc.Identities {
		if _, err := fmt.Fprintln(a.stdout, identityText(&id)); err != nil {
			return err
		}
	}
	if len(doc.Identities) == 0 {
		a.say("you have no identity here; to create one: credfile keygen; to use a backup, restore it to %s", identitiesPath(a))
	}
	return nil
}

func identityText(x *jsondoc.Identity) string {
	what := x.Fingerprint
	switch {
	case x.Problem != "":
		what = x.Problem
	case x.Locked:
		what = "locked with a passphrase"
	case x.Recipient == "":
		what = "belongs to a plugin"
	}
	var access []string
	for _, p := range x.Access {
		access = append(access, fmt.Sprintf("%s (%s, as %s)", p.Profile, p.Role, p.Name))
	}
	line := about(x.Source, what)
	if len(access) > 0 {
		line += ", opens " + strings.Join(access, ", ")
	}
	return term.Escape(line)
}
