package main

import (
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/credfile/credfile/internal/leak"
	"github.com/credfile/credfile/internal/machine"
	"github.com/credfile/credfile/internal/scan"
	"github.com/credfile/credfile/vaultfile"
)

type scanOptions struct {
	staged, history         bool
	require, update, reveal bool
	hook                    bool // git runs it: what it doesn't search needs no word
	baseline                string
	args                    []string // files and directories, - for standard input, or SINCE
}

func newScan(a *app) *cobra.Command {
	var o scanOptions
	cmd := &cobra.Command{
		Use:     "scan [PATH…]",
		Example: "  credfile scan\n  credfile scan --staged\n  credfile scan --git v1.0\n  credfile scan build/\n  kubectl logs app | credfile scan -",
		Long: `Looks for the values of your profiles in plain text: in the files of the work tree that git tracks or would add, in the files and directories that you name, or in standard input (-). It finds a value also in base64, hex, URL or JSON encoding, and split over lines. It prints file, line and the credential's name, never a value or a line, and exits with 8 if it finds something.

With --staged, it searches what the next commit adds, as a hook does: it asks nothing, and without an unlocked profile it does nothing. With --git, it searches the history: each version of each file, and the commits' messages; with SINCE, only the commits after that revision.

Values that are short or common, such as "localhost", are not looked for. In CI, scan refuses the change of a fork, whose author would learn from the result what your values are: see docs/scanning.md.`,
		RunE: func(_ *cobra.Command, args []string) error {
			o.args = args
			if err := o.check(); err != nil {
				return err
			}
			path, err := filePath(a)
			if err != nil {
				return err
			}
			if o.staged && o.baseline == "" && !o.reveal {
				return scanStaged(a, path, o.require)
			}
			return runScan(a, path, &o)
		},
	}
	fl := cmd.Flags()
	fl.BoolVar(&o.staged, "staged", false, "search what the next commit adds, without asking anything")
	fl.BoolVar(&o.history, "git", false, "search the history, or the commits after a revision (--git SINCE)")
	fl.BoolVar(&o.require, "require", false, "with --staged, fail if no profile is unlocked")
	fl.StringVar(&o.baseline, "baseline", "", "leave out the findings that `FILE` lists")
	fl.BoolVar(&o.update, "update", false, "with --baseline, write all findings to the file")
	fl.BoolVar(&o.reveal, "reveal", false, "show hidden names instead of labels")
	return cmd
}

func (o *scanOptions) check() error {
	usage := func(text, hint string) error { return &usageError{Text: text, Hint: hint} }
	switch {
	case o.staged && (o.history || len(o.args) > 0):
		return usage("--staged can't be used with --git or a path", "to search what the next commit adds: credfile scan --staged")
	case o.history && len(o.args) > 1:
		return usage("--git takes only one revision", "for example: credfile scan --git v1.0")
	case o.require && !o.staged:
		return usage("--require needs --staged", "without it, scan always needs a profile")
	case o.update && o.baseline == "":
		return usage("--update needs --baseline", "for example: credfile scan --baseline .credfile-baseline --update")
	case o.update && o.staged:
		return usage("--update can't be used with --staged", "to write the findings in all files: credfile scan --baseline FILE --update")
	}
	for _, arg := range o.args {
		if arg == "-" && len(o.args) > 1 {
			return usage("standard input can't be searched together with files", "use one or the other")
		}
	}
	return nil
}

// scanStaged searches what the next commit adds, as a hook. It asks nothing. Without an
// unlocked profile it does nothing, unless that is required.
func scanStaged(a *app, path string, require bool) error {
	return runScan(a, path, &scanOptions{staged: true, require: require})
}

// scanRun is one run of scan.
type scanRun struct {
	*leak.Search
	a        *app
	o        *scanOptions
	path     string // of the credentials file
	profiles []*vaultfile.Profile
	leftOut  []string // profiles that are not unlocked
	known    *leak.Baseline
	unread   int // files that can't be read
	missing  int // objects that this clone does not have
}

func runScan(a *app, path string, o *scanOptions) error {
	if why := othersChange(a); why != "" {
		return refusedScan(why)
	}
	if path == "-" && len(o.args) == 1 && o.args[0] == "-" {
		return &usageError{Text: "standard input can't be both the credentials file and the text", Hint: "name a file for one of them"}
	}
	r := &scanRun{a: a, o: o, path: path}
	err := r.unlock()
	if errors.Is(err, errNothingUnlocked) && !o.require {
		a.say("scan skipped: no profile of %s is unlocked", path)
		return nil
	}
	if err == nil {
		err = r.readBaseline()
	}
	if err != nil {
		return err
	}
	if r.Search, err = leak.New(r.profiles, o.reveal); err != nil {
		return at(path, err)
	}
	if err := r.texts(); err != nil {
		return err
	}
	return r.report()
}

// unlock opens the profiles that the user named, or all that open. It asks only for those that
// were named, or if nothing opens without a question.
func (r *scanRun) unlock() error {
	f, err := openAt(r.a, r.a.machine, r.path)
	if err != nil {
		return err
	}
	named := len(r.a.profiles) > 0
	names := r.a.profiles
	if !named {
		names = f.Names()
	}
	closed := r.open(names, f.UnlockQuietly)
	for _, c := range closed {
		if named && isA[*vaultfile.NotFoundError](c.err) {
			return at(f.Path, c.err)
		}
	}
	none := error(errNothingUnlocked)
	for i := 0; i < len(closed) && !r.o.staged && (named || len(r.profiles) == 0); i++ {
		asked := r.open([]string{closed[i].name}, func(name string) (*vaultfile.Profile, error) { return f.Unlock(name, read) })
		if len(asked) > 0 && (named || !mayGoOn(asked[0].err)) {
			return at(f.Path, asked[0].err)
		}
		if len(asked) > 0 && i == 0 {
			none = at(f.Path, asked[0].err)
		}
	}
	if len(r.profiles) == 0 {
		return none
	}
	for _, c := range r.open(notOpen(closed, r.profiles), f.UnlockQuietly) { // by what was unlocked for another
		r.leftOut = append(r.leftOut, c.name)
		if !r.o.hook && !isA[*machine.NoAccessError](c.err) {
			r.a.warn("%s", about(f.Path, explain(c.err).text))
		}
	}
	return nil
}

// unopened is a profile that did not open.
type unopened struct {
	name string
	err  error
}

// open opens profiles and returns those that it can't.
func (r *scanRun) open(names []string, unlock func(string) (*vaultfile.Profile, error)) (closed []unopened) {
	for _, name := range names {
		p, err := unlock(name)
		if err != nil {
			closed = append(closed, unopened{name, err})
			continue
		}
		r.profiles = append(r.profiles, p)
	}
	return closed
}

// notOpen returns the names of those that were opened neither then nor since.
func notOpen(closed []unopened, open []*vaultfile.Profile) (names []string) {
	for _, c := range closed {
		if !slices.ContainsFunc(open, func(p *vaultfile.Profile) bool { return p.Name() == c.name }) {
			names = append(names, c.name)
		}
	}
	return names
}

// texts searches what the user asked for.
func (r *scanRun) texts() error {
	switch {
	case len(r.o.args) == 1 && r.o.args[0] == "-" && !r.o.history:
		return r.Read(leak.Text{Path: "standard input"}, r.a.stdin)
	case len(r.o.args) > 0 && !r.o.history:
		return r.named()
	}
	tree, err := r.openTree()
	if err != nil {
		return err
	}
	defer tree.Close()
	switch {
	case r.o.staged:
		return r.staged(tree)
	case r.o.history:
		return r.historyOf(tree, strings.Join(r.o.args, ""))
	}
	return r.workTree(tree)
}

// reasons are the words for why a credential is not looked for.
var reasons = map[scan.Reason]string{scan.Short: "short", scan.Common: "common"}
