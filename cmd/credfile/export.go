package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/credfile/credfile/internal/cli"
	"github.com/credfile/credfile/internal/codec"
	"github.com/credfile/credfile/internal/machine"
	"github.com/credfile/credfile/internal/term"
	"github.com/credfile/credfile/vaultfile"
)

type exportOptions struct {
	envOptions
	format, dialect string
	out             string
	source          string // the path of the credfile
	force           bool
	secret          codec.Secret
	labels          []string
}

func newExport(a *app) *cobra.Command {
	var o exportOptions
	var names []string
	for _, c := range codec.Writers() {
		names = append(names, c.Name)
	}
	cmd := &cobra.Command{
		Use: "export --format FORMAT",
		Long: `Writes the credentials of a profile in another tool's format, to standard output or a file. If several profiles are given, later ones win; in AWS files, each is a section.

What a format can't hold is an error that names it: nothing is cut or changed. Names that the format can't have are left out. If a program only needs the values while it runs, use credfile env instead: nothing is then written in clear.

Formats: ` + strings.Join(names, ", ") + `.`,
		Example: "  credfile export --format docker -o /run/app.env\n  credfile export --format dotenv --dialect node --only DATABASE_URL\n  credfile export --format k8s --name app | kubectl apply --server-side -f -",
		Args:    cli.Args(),
		RunE: func(*cobra.Command, []string) error {
			return runExport(a, &o)
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&o.format, "format", "", "write in `FORMAT`")
	fl.StringVar(&o.dialect, "dialect", "", "write a dotenv or netrc file for `TOOL`")
	fl.StringVarP(&o.out, "output", "o", "", "write to `FILE`, with mode 0600")
	fl.BoolVar(&o.force, "force", false, "write to FILE even if git tracks it or would add it")
	fl.StringSliceVar(&o.Only, "only", nil, "write only `NAME` (repeatable)")
	fl.StringSliceVar(&o.Except, "except", nil, "leave out `NAME` (repeatable)")
	fl.StringSliceVar(&o.allow, "allow-name", nil, "write `NAME`, even though it can make programs run other code (repeatable)")
	fl.StringVar(&o.Prefix, "prefix", "", "add `PREFIX` to every name")
	fl.BoolVar(&o.reveal, "reveal", false, "print values even to a terminal")
	fl.StringVar(&o.secret.Name, "name", "", "k8s: the `NAME` of the Secret (default: the profile's)")
	fl.StringVar(&o.secret.Namespace, "namespace", "", "k8s: the `NAMESPACE`")
	fl.StringVar(&o.secret.Type, "type", "Opaque", "k8s: the `TYPE`, such as kubernetes.io/tls")
	fl.StringArrayVar(&o.labels, "label", nil, "k8s: a label, `KEY=VALUE` (repeatable)")
	o.register(fl)
	return cmd
}

func runExport(a *app, o *exportOptions) error {
	c, err := o.codec(a)
	if err != nil {
		return err
	}
	f, err := o.open(a)
	if err != nil {
		return err
	}
	o.source = f.Path
	pairs, left, err := exportPairs(a, f, c, o)
	if err != nil {
		return at(f.Path, err)
	}
	if o.secret.Name == "" {
		o.secret.Name = a.profileNames()[0]
	}
	text, more, problems := c.Export(pairs, codec.Options{Dialect: o.dialect, Secret: o.secret})
	left = append(left, more...)
	switch {
	case len(left) > 0 && len(o.Only) > 0:
		return at(f.Path, &exportError{format: c.Name, names: left})
	case len(problems) > 0:
		return at(f.Path, &exportError{format: c.Name, problems: problems, dialects: c.Out.Dialects, dialect: o.dialect})
	case len(pairs) == len(more): // nothing is left
		return at(f.Path, &exportError{format: c.Name, names: left, none: true})
	}
	if err := o.write(a, c, pairs, text); err != nil {
		return err
	}
	tellExported(a, c, o, len(pairs)-len(more), left)
	return nil
}

// codec checks the flags, and returns the format.
func (o *exportOptions) codec(a *app) (codec.Codec, error) {
	c, ok := codec.Lookup(o.format)
	switch {
	case o.format == "":
		return c, &usageError{Text: "export needs a format", Hint: "for example: credfile export --format json (see credfile help export)"}
	case !ok || c.Out == nil:
		return c, unknownFormat(o.format)
	case o.dialect != "" && len(c.Out.Dialects) == 0:
		return c, &usageError{Text: fmt.Sprintf("--dialect is not for %s", c.Name), Hint: "run it without --dialect"}
	case o.dialect != "" && !slices.Contains(c.Out.Dialects, o.dialect):
		return c, &usageError{Text: "--dialect must be one of " + strings.Join(c.Out.Dialects, ", "), Hint: "see credfile help export"}
	case a.json:
		return c, &usageError{Text: "--json can't be used with export", Hint: "use --format json"}
	case c.Name == "github" && o.out != "":
		return c, &usageError{Text: "--output can't be used with github", Hint: "credfile appends to the file that GITHUB_ENV names"}
	case c.Name == "github" && a.getenv("GITHUB_ENV") == "":
		return c, &usageError{Text: "GITHUB_ENV is not set, so this is no step of a GitHub workflow", Hint: "to write a file: --format dotenv -o FILE"}
	case c.Name == "gitlab" && !o.reveal:
		return c, &usageError{Text: "others can download a GitLab report, with the values", Hint: "if you mean that: --reveal; to only run a command with them: credfile env -- COMMAND"}
	case o.out == "" && c.Name != "github" && term.IsTerminal(a.stdout) && !o.reveal: // a runner may have one
		return c, &usageError{Text: "export would print the values to your terminal", Hint: "if you mean that: --reveal; to write a file: -o FILE"}
	}
	for _, label := range o.labels {
		key, value, ok := strings.Cut(label, "=")
		if !ok || key == "" {
			return c, &usageError{Text: fmt.Sprintf("--label %q must be KEY=VALUE", label), Hint: "for example: --label app=web"}
		}
		o.secret.Labels = append(o.secret.Labels, [2]string{key, value})
	}
	return c, nil
}

// exportPairs returns the credentials, and the names that can't be variables, if the format is for
// these.
func exportPairs(a *app, f *file, c codec.Codec, o *exportOptions) (pairs []codec.Pair, left []string, err error) {
	if c.Out.Environment {
		r, err := resolveAll(a, f, o.envOptions, false)
		if err != nil {
			return nil, nil, err
		}
		vars, err := withoutFiles(a, r.Variables, o.Only)
		if err != nil {
			return nil, nil, err
		}
		for _, v := range vars {
			pairs = append(pairs, codec.Pair{Section: v.Profile, Name: v.Name, Value: []byte(v.Value)})
		}
		return pairs, r.Skipped, nil
	}
	found, at := map[string]bool{}, map[string]int{}
	for _, profile := range a.profileNames() {
		p, err := f.Unlock(profile, read)
		if err != nil {
			return nil, nil, err
		}
		for item, err := range p.All() {
			if err != nil {
				return nil, nil, err
			}
			found[item.Name] = true
			if !item.HasValue() || slices.Contains(o.Except, item.Name) || len(o.Only) > 0 && !slices.Contains(o.Only, item.Name) {
				continue
			}
			pair := codec.Pair{Section: profile, Name: o.Prefix + item.Name, Value: item.Value.Reveal()}
			if i, ok := at[pair.Name]; ok && !c.Out.Sections {
				pairs[i] = pair
				continue
			}
			at[pair.Name] = len(pairs)
			pairs = append(pairs, pair)
		}
	}
	for _, name := range slices.Concat(o.Only, o.Except) {
		if !found[name] {
			return nil, nil, notIn(a.profileNames(), &vaultfile.NotFoundError{Profile: a.profileNames()[0], Credential: name})
		}
	}
	return pairs, nil, nil
}

// write writes to standard output, to a file of its own, or to the file that GitHub reads.
func (o *exportOptions) write(a *app, c codec.Codec, pairs []codec.Pair, text []byte) error {
	if c.Name == "github" {
		return writeGitHub(a, pairs, text)
	}
	if o.out == "" {
		_, err := a.stdout.Write(text)
		return err
	}
	if !o.force {
		if err := notForGit(a, o.out); err != nil {
			return err
		}
	}
	return at(o.out, replacePrivate(machine.Absolute(o.out), text, o.source))
}

// writeGitHub hides the values in the log first. Then no later step can print them by accident.
func writeGitHub(a *app, pairs []codec.Pair, text []byte) error {
	path := a.getenv("GITHUB_ENV")
	if info, err := os.Lstat(path); err != nil {
		return err
	} else if !info.Mode().IsRegular() {
		return at(path, errNotRegular)
	}
	masks, short := codec.GitHubMasks(pairs)
	if _, err := a.stdout.Write(masks); err != nil {
		return err
	}
	if len(short) > 0 {
		a.warn("GitHub can't hide values this short: %s", strings.Join(short, ", "))
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND, 0)
	if err != nil {
		return at(path, err)
	}
	last := make([]byte, 1)
	if n, err := f.Seek(-1, io.SeekEnd); err == nil {
		if _, err := f.ReadAt(last, n); err == nil && last[0] != '\n' { // a line without an end
			text = append([]byte("\n"), text...)
		}
	}
	_, err = f.Write(text)
	if e := f.Close(); err == nil {
		err = e
	}
	return at(path, err)
}

// tellExported says what was written, unless it was asked for by name, and what was not.
func tellExported(a *app, c codec.Codec, o *exportOptions, written int, left []string) {
	if len(left) > 0 {
		a.say("left out, since %s can't have these names: %s", c.Name, strings.Join(left, ", "))
	}
	if len(o.Only) == 0 && len(a.profiles) == 0 {
		a.say("%s of profile %s written", count(written, "credential"), a.profileNames()[0])
	}
}
