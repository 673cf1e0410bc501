package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/credfile/credfile/internal/cli"
	"github.com/credfile/credfile/internal/jsondoc"
	"github.com/credfile/credfile/internal/session"
	"github.com/credfile/credfile/internal/term"
	"github.com/credfile/credfile/vaultfile"
)

func newGet(a *app) *cobra.Command {
	var o getOptions
	cmd := &cobra.Command{
		Use:     "get NAME",
		Long:    "Prints the value of one credential, unchanged. In a terminal it adds a line break. Of a source, it prints what the source gives.",
		Example: "  credfile get STRIPE_API_KEY --clip\n  credfile get -p staging TLS_KEY > key.pem",
		Args:    cli.Args("NAME"),
		RunE:    func(cmd *cobra.Command, args []string) error { return runGet(a, args[0], &o) },
	}
	cmd.Flags().BoolVar(&o.raw, "raw", false, "print control characters even to a terminal")
	cmd.Flags().BoolVar(&o.clip, "clip", false, "copy the value to the clipboard and clear it after 45 seconds")
	cmd.Flags().StringVar(&o.field, "field", "", "of a source that gives several variables, print `VARIABLE`")
	o.from.register(cmd.Flags())
	return cmd
}

type getOptions struct {
	raw, clip bool
	field     string
	from      earlier
}

func runGet(a *app, name string, o *getOptions) error {
	if a.json && (o.clip || o.raw) {
		return &usageError{Text: "--json can't be used with --clip or --raw", Hint: "use one of them"}
	}
	profile, err := a.profile()
	if err != nil {
		return err
	}
	f, err := o.from.open(a)
	if err != nil {
		return err
	}
	p, err := f.Unlock(profile, read)
	if err != nil {
		return at(f.Path, err)
	}
	secret, err := p.Get(name)
	if isA[*vaultfile.IsSourceError](err) {
		return getSource(a, f, p, name, o)
	}
	if err != nil {
		return at(f.Path, err)
	}
	if a.json {
		doc := jsondoc.NewValue(f.Path, profile, name, secret.Reveal())
		doc.Commit = o.from.commit
		return a.printJSON(doc)
	}
	return o.put(a, secret.Reveal())
}

// put prints a value, or copies it.
func (o *getOptions) put(a *app, value []byte) error {
	if o.clip {
		return putClip(a, value)
	}
	if term.IsTerminal(a.stdout) {
		if term.HasControl(value) && !o.raw {
			return hasControl()
		}
		value = append(value[:len(value):len(value)], '\n')
	}
	_, err := a.stdout.Write(value)
	return err
}

// getSource prints what a source gives.
func getSource(a *app, f *file, p *vaultfile.Profile, name string, o *getOptions) error {
	if o.from.commit != "" {
		return at(f.Path, errSourcePlace)
	}
	plan, err := session.NewPlan(p)
	if err != nil {
		return at(f.Path, err)
	}
	given, err := a.obtain(f, plan, []string{name}, session.Options{})
	if err != nil {
		return at(f.Path, err)
	}
	values := given[name].Values
	if a.json {
		doc := map[string]any{"schema": 1, "file": f.Path, "profile": p.Name(), "name": name, "values": values}
		if !given[name].Expires.IsZero() {
			doc["expires"] = given[name].Expires.UTC().Format(time.RFC3339)
		}
		return a.printJSON(doc)
	}
	names := slices.Sorted(maps.Keys(values))
	field := o.field
	if field == "" && len(names) == 1 {
		field = names[0]
	}
	if value, ok := values[field]; ok {
		return o.put(a, []byte(value))
	}
	return at(f.Path, &fieldError{name, field, names})
}

// fieldError reports that it is not clear which variable of a source is wanted.
type fieldError struct {
	source, field string
	names         []string
}

func (e *fieldError) Error() string {
	if e.field != "" {
		return fmt.Sprintf("source %s does not give %s", e.source, e.field)
	}
	return fmt.Sprintf("source %s gives %s", e.source, strings.Join(e.names, ", "))
}
