package main

import (
	"github.com/spf13/cobra"

	"github.com/credfile/credfile/internal/cli"
	"github.com/credfile/credfile/internal/jsondoc"
	"github.com/credfile/credfile/internal/term"
)

func newGet(a *app) *cobra.Command {
	var raw, clip bool
	var from earlier
	cmd := &cobra.Command{
		Use:     "get NAME",
		Long:    "Prints the value of one credential, unchanged. In a terminal it adds a line break.",
		Example: "  credfile get STRIPE_API_KEY --clip\n  credfile get -p staging TLS_KEY > key.pem",
		Args:    cli.Args("NAME"),
		RunE:    func(cmd *cobra.Command, args []string) error { return runGet(a, args[0], &from, raw, clip) },
	}
	cmd.Flags().BoolVar(&raw, "raw", false, "print control characters even to a terminal")
	cmd.Flags().BoolVar(&clip, "clip", false, "copy the value to the clipboard and clear it after 45 seconds")
	from.register(cmd.Flags())
	return cmd
}

func runGet(a *app, name string, from *earlier, raw, clip bool) error {
	if a.json && (clip || raw) {
		return &usageError{Text: "--json can't be used with --clip or --raw", Hint: "use one of them"}
	}
	profile, err := a.profile()
	if err != nil {
		return err
	}
	f, err := from.open(a)
	if err != nil {
		return err
	}
	p, err := f.Unlock(profile, read)
	if err != nil {
		return at(f.Path, err)
	}
	secret, err := p.Get(name)
	if err != nil {
		return at(f.Path, err)
	}
	value := secret.Reveal()
	if a.json {
		doc := jsondoc.NewValue(f.Path, profile, name, value)
		doc.Commit = from.commit
		return a.printJSON(doc)
	}
	if clip {
		return putClip(a, value)
	}
	if term.IsTerminal(a.stdout) {
		if term.HasControl(value) && !raw {
			return hasControl()
		}
		value = append(value[:len(value):len(value)], '\n')
	}
	_, err = a.stdout.Write(value)
	return err
}
