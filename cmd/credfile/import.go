package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/cli"
	"github.com/credfile/credfile/internal/codec"
	"github.com/credfile/credfile/internal/credentials"
	"github.com/credfile/credfile/internal/gitrepo"
	"github.com/credfile/credfile/internal/machine"
	"github.com/credfile/credfile/internal/term"
	"github.com/credfile/credfile/vaultfile"
)

type importOptions struct {
	from, dialect, separator string
	only, rename             []string
	dryRun, overwrite, skip  bool
	allowRemote, recipients  bool
}

func newImport(a *app) *cobra.Command {
	var o importOptions
	var names, dialects []string
	for _, c := range codec.Readers() {
		names = append(names, c.Name)
		dialects = append(dialects, c.Dialects...)
	}
	dialects = append(dialects, credentials.StoreDialects...)
	cmd := &cobra.Command{
		Use: "import FILE",
		Long: `Imports credentials from another tool's file: all of them, or none. FILE is - for standard input, or the directory of a password store (pass, passage). Nothing that the file names is opened or run.

Credentials go to the profile given with --profile. In AWS credentials and config files, each section becomes a profile. In JSON, YAML and TOML, the names of nested keys are joined with _. Logins of npm, docker, gh, Python and .netrc are named USER@HOST[/PATH], as credfile helper finds them. A new profile gets the writers of the current one.

Encrypted files are decrypted in memory: those of age with your identities, those of gpg and sops with these programs, if they are installed.

Names in the file that are not valid for credentials need --rename.`,
		Example: "  credfile import .env\n  credfile import ~/.aws/credentials\n  credfile import --only token --rename token=API_TOKEN config.json\n  credfile import ~/.password-store",
		Args:    cli.Args("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.recipients {
				return importRecipients(a, args[0])
			}
			return importFile(a, args[0], o)
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&o.from, "from", "", "`FORMAT` of the file: "+strings.Join(names, ", ")+" (default: by name and content)")
	fl.StringVar(&o.dialect, "dialect", "", "read the file as `TOOL` does: "+strings.Join(slices.Compact(slices.Sorted(slices.Values(dialects))), ", "))
	fl.StringVar(&o.separator, "separator", "", "join the names of nested keys with `TEXT` (default: _)")
	fl.StringArrayVar(&o.only, "only", nil, "import only `NAME`, as it is in the file (repeatable)")
	fl.StringArrayVar(&o.rename, "rename", nil, "import the first name of `OLD=NEW` as the second (repeatable)")
	fl.BoolVar(&o.dryRun, "dry-run", false, "show what would be imported")
	fl.BoolVar(&o.overwrite, "overwrite", false, "replace existing values")
	fl.BoolVar(&o.skip, "skip", false, "skip lines that can't be imported")
	fl.BoolVar(&o.recipients, "recipients", false, "list who can open a file of sops, and offer to add each of them to the profile")
	fl.BoolVar(&o.allowRemote, "allow-remote", false, "let sops ask key services, such as AWS KMS or Vault, with your logins")
	return cmd
}

func importFile(a *app, name string, o importOptions) error {
	profile, err := a.profile()
	if err != nil {
		return err
	}
	reading, err := o.reading()
	if err != nil {
		return err
	}
	pairs, clear, err := readPairs(a, name, reading, o)
	if err != nil {
		return err
	}
	for i := range pairs {
		if pairs[i].Section == "" {
			pairs[i].Section = profile
		}
	}
	var done *credentials.Imported
	err = a.update(profile, func(f *file, current *vaultfile.Profile) (_ []string, err error) {
		if err := current.CheckWriter(); err != nil && !o.dryRun {
			return nil, err
		}
		if done, err = credentials.Import(f, current, pairs, o.overwrite); err != nil {
			return nil, err
		}
		if o.dryRun {
			return nil, errDryRun
		}
		return done.Made(), nil
	})
	if err != nil && !errors.Is(err, errDryRun) {
		return err
	}
	tellImported(a, done, o.dryRun)
	noteNames(a, done.Names...)
	values := slices.ContainsFunc(pairs, func(p codec.Pair) bool { return p.Source == nil })
	if name != "-" && !o.dryRun && clear && values {
		tellLeft(a, name)
	}
	return nil
}

// reading checks the flags.
func (o *importOptions) reading() (r credentials.Reading, err error) {
	r = credentials.Reading{Format: o.from, Dialect: o.dialect, Separator: o.separator, Choice: credentials.Choice{Only: o.only}}
	if o.separator != "" && !format.ValidName("a"+o.separator) {
		return r, &usageError{Text: fmt.Sprintf("--separator %q is not valid in names", o.separator), Hint: "for example: --separator ."}
	}
	for _, arg := range o.rename {
		i := strings.LastIndexByte(arg, '=')
		if i < 1 || !format.ValidName(arg[i+1:]) {
			return r, &usageError{Text: fmt.Sprintf("--rename %q must be OLD=NEW, with a valid new name", arg), Hint: "for example: --rename token=API_TOKEN"}
		}
		r.Rename = append(r.Rename, [2]string{arg[:i], arg[i+1:]})
	}
	return r, nil
}

var errDryRun = errors.New("dry run")

// readPairs reads a file or a password store, and reports whether the values are in it in clear. With
// --skip, lines that can't be imported are named and skipped.
func readPairs(a *app, name string, r credentials.Reading, o importOptions) (pairs []codec.Pair, clear bool, err error) {
	if info, statErr := os.Stat(name); statErr == nil && info.IsDir() {
		pairs, err = readStore(a, name, r, o)
	} else {
		pairs, clear, err = readFile(a, name, r, o)
	}
	var lines *credentials.LinesError
	if errors.As(err, &lines) && o.skip {
		for i := range lines.Problems {
			a.say("skipped: %s", problemText(&lines.Problems[i]))
		}
		err = nil
	}
	if err == nil && len(pairs) == 0 {
		err = credentials.ErrNone
	}
	if isA[*fileError](err) { // of an entry in the store
		return nil, false, err
	}
	return pairs, clear, at(name, err)
}

func readFile(a *app, name string, r credentials.Reading, o importOptions) (pairs []codec.Pair, clear bool, err error) {
	b, err := readInput(a, name, credentials.MaxFile)
	if err != nil {
		return nil, false, err
	}
	file, err := a.openSealed(name, b, o.allowRemote)
	if err != nil {
		return nil, false, err
	}
	if file.sops && r.Format != "" { // it is JSON now, of whatever kind
		r.Format = "json"
	}
	pairs, err = credentials.Read(file.name, file.content, r)
	var lines *credentials.LinesError
	if errors.As(err, &lines) && file.sops {
		for i := range lines.Problems {
			lines.Problems[i].Line = 0
		}
	}
	return pairs, !file.sealed, err
}

// readStore reads a password store. Its entries are opened one by one.
func readStore(a *app, dir string, r credentials.Reading, o importOptions) ([]codec.Pair, error) {
	if r.Format != "" {
		return nil, &usageError{Text: "--from is not for directories", Hint: "run it without --from"}
	}
	return credentials.ReadStore(dir, r, o.skip, func(path string, b []byte) ([]byte, error) {
		entry, err := a.openSealed(path, b, false)
		if err == nil && !entry.sealed {
			err = errNotOpened
		}
		return entry.content, at(path, err)
	})
}

// errNotOpened reports an entry of a password store that nothing at hand opens.
var errNotOpened = errors.New("can't be decrypted")

func tellImported(a *app, done *credentials.Imported, dryRun bool) {
	for _, t := range done.Profiles {
		line := tallyText(t)
		if dryRun {
			line = "would import: " + line
		}
		a.say("%s", line)
	}
	for _, t := range done.Profiles {
		if len(t.OnDemand) > 0 {
			a.say("%s: on demand: %s; to use one: credfile -p %s env --only %s -- COMMAND", t.Profile, strings.Join(t.OnDemand, ", "), t.Profile, term.Quote(t.OnDemand[0]))
		}
	}
	if dryRun {
		a.say("names: %s", strings.Join(slices.Compact(slices.Sorted(slices.Values(done.Names))), ", "))
	}
	for _, n := range done.Needs {
		a.warn("source %s in profile %s needs %s, which is not there yet; to import it: credfile import ~/.aws/credentials", n.Source, n.Profile, n.Credential)
	}
	for _, name := range done.Stale {
		a.warn("AWS_SESSION_TOKEN in profile %s belongs to another access key; to remove it: credfile -p %[1]s unset AWS_SESSION_TOKEN", name)
	}
}

// tellLeft says what is left to do: the values are still there, and perhaps in others' clones too.
func tellLeft(a *app, name string) {
	a.say("%s still has its values in clear; delete what you no longer need there", name)
	path := machine.Absolute(name)
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	index, history := gitrepo.Keeps(path, a.childEnv(nil))
	if index {
		git, dir := "git", filepath.Dir(name)
		if dir != "." {
			git += " -C " + term.Quote(dir)
		}
		a.say("git tracks it; to stop that: %s rm --cached %s", git, term.Quote(filepath.Base(name)))
	}
	if history {
		a.say("its history keeps it; to see where: credfile scan --git")
	}
}

func tallyText(t *credentials.Tally) string {
	var parts []string
	for _, part := range []struct {
		n    int
		what string
	}{{t.Added, "added"}, {t.Changed, "changed"}, {t.Unchanged, "unchanged"}} {
		if part.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", part.n, part.what))
		}
	}
	line := t.Profile + ": " + strings.Join(parts, ", ")
	if t.New {
		line += " (new profile)"
	}
	return line
}
