package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/cli"
	"github.com/credfile/credfile/internal/source"
	"github.com/credfile/credfile/internal/term"
	"github.com/credfile/credfile/vaultfile"
)

func newSource(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use: "source",
		Long: `A source says how values are obtained when a command needs them: a role of AWS, a login with OAuth, a secret manager. Its definition is in the file. What it gives stays on each machine, encrypted, until it expires.

A definition never has a secret in it. Where one is needed, it has the name of a credential of the same profile, and env does not pass that credential on.

Kinds: ` + strings.Join(kindNames(), ", ") + `. For any other kind, credfile runs credfile-source-KIND from your PATH. See docs/sources.md.`,
		Example: "  credfile source add AWS aws \\\n    role_arn=arn:aws:iam::123456789012:role/deploy region=eu-central-1\n  credfile source list",
		Args:    cli.Args(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return &usageError{Text: "source needs a subcommand", Hint: "use add, show, list or remove"}
		},
	}
	cmd.AddCommand(
		&cobra.Command{Use: "add NAME KIND KEY=VALUE…", Short: "add a source, or change it",
			Long: `Adds a source to the profile, or replaces its definition. VALUE is text, a whole number, true, false, or a list as KEY=A,B. A list of one is KEY=A, with a comma at the end. You agree to use it on this machine.`,
			Args: cli.Args("NAME", "KIND", "[KEY=VALUE…]"),
			RunE: func(cmd *cobra.Command, args []string) error { return addSource(a, args[0], args[1], args[2:]) }},
		&cobra.Command{Use: "show NAME", Short: "show how a source is defined", Long: "Shows what a source does, and its definition.", Args: cli.Args("NAME"),
			RunE: func(cmd *cobra.Command, args []string) error { return showSource(a, args[0]) }},
		&cobra.Command{Use: "list", Short: "list sources", Long: "Lists the sources of the profile.", Args: cli.Args(),
			RunE: func(cmd *cobra.Command, _ []string) error { return listSources(a) }},
		&cobra.Command{Use: "remove NAME", Short: "remove a source", Long: "Removes a source, and ends what it gave on this machine, as credfile logout does.", Args: cli.Args("NAME"),
			RunE: func(cmd *cobra.Command, args []string) error { return removeSource(a, args[0]) }},
	)
	return cmd
}

func kindNames() (names []string) {
	for _, k := range source.Kinds {
		names = append(names, k.Name)
	}
	return names
}

// definition reads KEY=VALUE arguments, by what the kind says of each key.
func definition(kind string, args []string) (format.Definition, error) {
	d := format.Definition{}
	k := source.Find(kind)
	for _, arg := range args {
		key, value, ok := strings.Cut(arg, "=")
		if !ok || !format.ValidKey(key) {
			return nil, &usageError{Text: fmt.Sprintf("%q must be KEY=VALUE", key), Hint: "for example: region=eu-central-1"}
		}
		d[key] = setting(k, key, value)
	}
	return d, nil
}

// setting gives a value its type.
func setting(k *source.Kind, key, value string) any {
	t, known := source.Text, false
	if k != nil {
		t, known = k.TypeOf(key)
	}
	n, err := strconv.ParseInt(value, 10, 64)
	switch {
	case (t == source.Number || !known) && err == nil:
		return n
	case (t == source.Flag || !known) && (value == "true" || value == "false"):
		return value == "true"
	case t == source.List || !known && strings.Contains(value, ","):
		return strings.Split(strings.TrimSuffix(value, ","), ",")
	}
	return value
}

func addSource(a *app, name, kind string, args []string) error {
	if !format.ValidKind(kind) {
		return &usageError{Text: fmt.Sprintf("%q can't be the kind of a source", kind), Hint: "kinds: " + strings.Join(kindNames(), ", ")}
	}
	if !format.ValidName(name) {
		return &vaultfile.NameError{Kind: "source", Name: name}
	}
	d, err := definition(kind, args)
	if err != nil {
		return err
	}
	profile, err := a.profile()
	if err != nil {
		return err
	}
	changed, installed := false, true
	err = a.update(profile, func(f *file, p *vaultfile.Profile) (_ []string, err error) {
		agreed, err := a.consents(p)
		if err != nil {
			return nil, err
		}
		if changed, err = p.SetSource(vaultfile.Source{Name: name, Kind: kind, Definition: d}); err != nil {
			return nil, err
		}
		installed = source.Find(kind) != nil || agreed.m.Where(kind) != ""
		return nil, agreed.keep([]string{name}, nil)
	})
	if err != nil {
		return err
	}
	done := "set"
	if !changed {
		done = "unchanged"
	}
	a.say("%s: source %s %s", profile, name, done)
	if !installed {
		a.warn("%s is not one of credfile's kinds, and credfile-source-%[1]s is not installed (see credfile help source)", kind)
	}
	return nil
}

func showSource(a *app, name string) error {
	f, plan, err := sourcesOf(a)
	if err != nil {
		return err
	}
	n, err := plan.Node(name)
	if err != nil {
		return at(f.Path, err)
	}
	if a.json {
		return a.printJSON(map[string]any{"schema": 1, "file": f.Path, "profile": plan.Profile.Name(), "name": name, "kind": n.Source.Kind,
			"definition": n.Definition, "gives": n.Gives(), "digest": n.Digest.String()})
	}
	for _, line := range describeSource(a, n) {
		fmt.Fprintln(a.stdout, term.Escape(line))
	}
	fmt.Fprintln(a.stdout)
	for line := range strings.Lines(string(n.Definition.Bytes())) {
		fmt.Fprintln(a.stdout, term.Escape(strings.TrimSuffix(line, "\n")))
	}
	return nil
}

func listSources(a *app) error {
	_, plan, err := sourcesOf(a)
	if err != nil {
		return err
	}
	var rows [][]string
	docs := []map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(plan.Nodes)) {
		n := plan.Nodes[name]
		rows = append(rows, []string{name, n.Source.Kind, term.Escape(strings.Join(n.Gives(), ", "))})
		docs = append(docs, map[string]any{"name": name, "kind": n.Source.Kind, "gives": n.Gives()})
	}
	if a.json {
		return a.printJSON(map[string]any{"schema": 1, "profile": plan.Profile.Name(), "sources": docs})
	}
	return printTable(a, rows)
}

func removeSource(a *app, name string) error {
	profile, err := a.profile()
	if err != nil {
		return err
	}
	var kept keptSessions
	err = a.update(profile, func(f *file, p *vaultfile.Profile) ([]string, error) {
		if _, err := p.Source(name); err != nil {
			return nil, err
		}
		kept = a.voidedOf(f, p)
		return nil, unsetUnused(p, name)
	})
	if err != nil {
		return err
	}
	a.say("%s: source %s removed", profile, name)
	if g := kept.all[name]; g != nil {
		g.Only()
		kept.end(a, name, profile+": "+name)
	}
	return nil
}

// usedError reports a credential or a source that a source uses.
type usedError struct{ name, source string }

func (e *usedError) Error() string { return e.name + " is used by the source " + e.source }
