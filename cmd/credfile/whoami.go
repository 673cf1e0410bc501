package main

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"filippo.io/age"
	"github.com/spf13/cobra"

	"github.com/credfile/credfile/internal/cli"
	"github.com/credfile/credfile/internal/jsondoc"
	"github.com/credfile/credfile/internal/keys"
	"github.com/credfile/credfile/internal/term"
	"github.com/credfile/credfile/vaultfile"
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
	var none *noFileError
	if errors.As(err, &none) {
		f, err = nil, nil
	}
	if err != nil {
		return err
	}
	doc := jsondoc.Whoami{Schema: jsondoc.Schema, Identities: identitiesAtHand(a, f)}
	if f != nil {
		doc.File = f.Path
	}
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

// identitiesAtHand returns the identities of all sources, and why others can't be used.
func identitiesAtHand(a *app, f *file) []jsondoc.Identity {
	list := []jsondoc.Identity{}
	for _, source := range a.keys.Sources() {
		ids, err := source.Identities()
		if err != nil {
			if source.Named || !errors.Is(err, fs.ErrNotExist) {
				list = append(list, jsondoc.Identity{Source: source.Name, Problem: err.Error(), Access: []jsondoc.Access{}})
			}
			continue
		}
		for _, id := range ids {
			list = append(list, identityOf(f, source.Name, id))
		}
		for range source.Locked() {
			list = append(list, jsondoc.Identity{Source: source.Name, Locked: true, Access: []jsondoc.Access{}})
		}
	}
	return list
}

func identityOf(f *file, source string, id age.Identity) jsondoc.Identity {
	x := jsondoc.Identity{Source: source, Recipient: keys.Recipient(id), Access: []jsondoc.Access{}}
	if x.Recipient == "" {
		return x // a plugin's identity does not reveal its recipient
	}
	x.Fingerprint = vaultfile.Fingerprint(x.Recipient)
	if f != nil {
		x.Access = accessOf(f, x.Recipient)
	}
	return x
}

// accessOf lists a recipient's profiles and roles in the file.
func accessOf(f *file, recipient string) []jsondoc.Access {
	list := []jsondoc.Access{}
	for s, r := range f.Naming(recipient) {
		list = append(list, jsondoc.Access{Profile: s.Name, Name: r.Name, Role: jsondoc.Role(r)})
	}
	return list
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
