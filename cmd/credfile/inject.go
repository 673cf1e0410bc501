package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/credfile/credfile/internal/cli"
	"github.com/credfile/credfile/internal/inject"
	"github.com/credfile/credfile/internal/machine"
	"github.com/credfile/credfile/internal/term"
	"github.com/credfile/credfile/vaultfile"
)

type injectOptions struct {
	earlier
	out           string
	reveal, force bool
}

// maxTemplate is the largest template, in bytes.
const maxTemplate = 16 << 20

func newInject(a *app) *cobra.Command {
	var o injectOptions
	cmd := &cobra.Command{
		Use: "inject FILE",
		Long: `Fills the placeholders of a template with credentials, and prints the result or writes it to a file. FILE is - for standard input.

A placeholder is {{ NAME }}, or {{ PROFILE NAME }} for one of the profiles given with --profile. A filter can follow: {{ NAME | json }} is a JSON string, {{ NAME | shell }} a word for a shell, {{ NAME | base64 }} base64. Write {{{{ for {{. ${{ … }} stays as it is.`,
		Example: "  credfile inject config.tmpl -o config.yml\n  echo 'token: {{ API_TOKEN | json }}' | credfile inject -",
		Args:    cli.Args("FILE"),
		RunE:    func(_ *cobra.Command, args []string) error { return runInject(a, args[0], &o) },
	}
	fl := cmd.Flags()
	fl.StringVarP(&o.out, "output", "o", "", "write to `FILE`, with mode 0600")
	fl.BoolVar(&o.force, "force", false, "write to FILE even if git tracks it or would add it")
	fl.BoolVar(&o.reveal, "reveal", false, "print values even to a terminal")
	o.register(fl)
	return cmd
}

func runInject(a *app, template string, o *injectOptions) error {
	if o.out == "" && term.IsTerminal(a.stdout) && !o.reveal {
		return &usageError{Text: "inject would print the values to your terminal", Hint: "if you mean that: --reveal; to write a file: -o FILE"}
	}
	text, err := readInput(a, template, maxTemplate)
	if err != nil {
		return err
	} else if len(text) > maxTemplate {
		return at(template, errTemplateSize)
	}
	f, err := o.open(a)
	if err != nil {
		return err
	}
	l := &lookup{f: f, among: a.profileNames(), open: map[string]*vaultfile.Profile{}}
	filled, err := inject.Fill(text, l.value)
	switch {
	case l.refused != nil:
		return at(f.Path, l.refused)
	case err != nil:
		return at(template, err)
	case o.out == "":
		_, err := a.stdout.Write(filled)
		return err
	case !o.force:
		if err := notForGit(a, o.out); err != nil {
			return err
		}
	}
	return at(o.out, replacePrivate(machine.Absolute(o.out), filled, f.Path, template))
}

// lookup finds credentials in the profiles that the user named.
type lookup struct {
	f       *file
	among   []string
	open    map[string]*vaultfile.Profile
	refused error // why a profile can't be read
}

func (l *lookup) value(profile, name string) ([]byte, error) {
	among := l.among
	if profile != "" && !slices.Contains(among, profile) {
		return nil, notAmong(profile, among)
	} else if profile != "" {
		among = []string{profile}
	}
	var missing error
	for _, in := range slices.Backward(among) { // later ones win
		p, err := l.profile(in)
		if err != nil {
			return nil, err
		}
		if v, err := p.Get(name); err == nil {
			return v.Reveal(), nil
		} else if missing == nil {
			missing = err
		}
	}
	if e, ok := missing.(*vaultfile.NotFoundError); ok {
		return nil, notIn(among, e)
	}
	return nil, missing
}

func (l *lookup) profile(name string) (*vaultfile.Profile, error) {
	if p := l.open[name]; p != nil {
		return p, nil
	}
	p, err := l.f.Unlock(name, read)
	if err != nil {
		l.refused = err
		return nil, err
	}
	l.open[name] = p
	return p, nil
}

func notAmong(profile string, among []string) error {
	return &plainError{text: "profile \"" + profile + "\" is not among those to read: " + strings.Join(among, ", "), code: exitUsage, hint: "to read it, too: -p " + profile}
}
