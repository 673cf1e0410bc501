package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/atomicfile"
	"github.com/credfile/credfile/internal/cli"
	"github.com/credfile/credfile/internal/gitrepo"
	"github.com/credfile/credfile/internal/jsondoc"
	"github.com/credfile/credfile/internal/machine"
	"github.com/credfile/credfile/vaultfile"
	"github.com/credfile/credfile/vaultfile/merge"
)

type mergeOptions struct {
	base, ours, theirs string // files
	out                string
	revert             string // a revision
	resolve            []string
	reveal             bool
}

func newMerge(a *app) *cobra.Command {
	var o mergeOptions
	cmd := &cobra.Command{
		Use: "merge",
		Long: `Merges the two sides of a file with a merge conflict, profile by profile and credential by credential, and stages the result. It works in a merge, rebase, cherry-pick, revert and stash pop. What only one side changed is taken. To merge a profile that both sides changed, you need a writer's key.

What both sides changed differently is for you to decide: credfile asks, or lists it, and you answer with --resolve. NAME is a credential, a recipient or a profile, and the answer is the name of a side, or a new name, under which the other side's value is kept as well.

Outside git, give the three versions with --base, --ours and --theirs.

With --revert, it undoes what a commit did to credentials. Unlike git revert, it never brings back old keys, or people who were removed.`,
		Example: "  credfile merge\n  credfile merge --resolve API_KEY=theirs --resolve DB_URL=ours\n  credfile merge --resolve API_KEY=API_KEY_2\n  credfile merge --base old.age --ours mine.age --theirs hers.age -o merged.age\n  credfile merge --revert HEAD~1",
		Args:    cli.Args(),
		RunE:    func(*cobra.Command, []string) error { return runMerge(a, o) },
	}
	fl := cmd.Flags()
	fl.StringVar(&o.base, "base", "", "the common base, in `FILE`")
	fl.StringVar(&o.ours, "ours", "", "our version, in `FILE`")
	fl.StringVar(&o.theirs, "theirs", "", "their version, in `FILE`")
	fl.StringVarP(&o.out, "output", "o", "", "write the result to `FILE`, and stage nothing")
	fl.StringVar(&o.revert, "revert", "", "undo what the git revision `REV` did to credentials, and stage the result")
	fl.StringArrayVar(&o.resolve, "resolve", nil, "decide a conflict: `NAME=ours`, NAME=theirs, or NAME=NEWNAME to keep both (repeatable)")
	fl.BoolVar(&o.reveal, "reveal", false, "show the values of conflicts")
	return cmd
}

// merging is one run of merge.
type merging struct {
	*app
	path   string
	out    string
	real   string // path without links
	text   string // of the file at path
	op     gitrepo.Operation
	x      *machine.Merge
	answer *answers
}

func runMerge(a *app, o mergeOptions) error {
	path, err := filePath(a)
	if err != nil {
		return err
	}
	if path == "-" {
		return &usageError{Text: "merge can't read the file from standard input", Hint: "use --base, --ours and --theirs"}
	}
	m := &merging{app: a, path: path, out: o.out, answer: &answers{app: a, reveal: o.reveal}}
	if err := m.answer.parse(o.resolve); err != nil {
		return err
	}
	vs, err := m.versions(o)
	if err != nil {
		return at(path, err)
	} else if vs.Ours == nil {
		a.say("%s has no unresolved merge conflict", path)
		return nil
	}
	m.x, err = a.machine.Merge(path, vs)
	if side, ok := errors.AsType[*machine.SideError](err); ok && m.real == "" {
		return at(sideName(m.op, side.Side), side.Err)
	} else if err != nil {
		return at(path, namedSide(m.op, err))
	}
	m.tellBase(vs)
	m.answer.op = m.op
	open := m.x.Plan(nil)
	if slices.ContainsFunc(open.Conflicts, func(c merge.Conflict) bool { return !resolvable(c) }) {
		return at(path, m.unresolved(open)) // no answer helps
	}
	if err := m.answer.check(open.Conflicts, m.x.Taken); err != nil {
		return err
	}
	plan := m.x.Plan(m.answer.decide(m.x.Taken))
	if m.answer.err != nil {
		return m.answer.err
	}
	if len(plan.Conflicts) > 0 {
		return at(path, m.unresolved(plan))
	}
	return at(path, m.write(plan))
}

// tellBase says what is unusual about what the two sides have in common.
func (m *merging) tellBase(vs machine.Versions) {
	switch {
	case m.x.NoBase():
		m.warn("the two sides have no common version that can be used, so what only one side has is kept")
	case len(vs.Bases) > 1:
		m.say("the two sides were merged with each other before, so more may be left for you to decide")
	}
	if len(m.op.Others) > 0 {
		m.say("git has merged the other branches; this merges the last one, %s", m.op.Theirs)
	}
}

// versions returns the versions to merge, or none if there is no conflict.
func (m *merging) versions(o mergeOptions) (vs machine.Versions, err error) {
	files := o.ours != "" || o.theirs != "" || o.base != ""
	switch {
	case files && o.revert != "":
		return vs, &usageError{Text: "--revert can't be used with --base, --ours or --theirs", Hint: "use one or the other"}
	case files:
		return m.files(o)
	case o.revert != "":
		return m.reverted(o.revert)
	}
	if m.text, err = atomicfile.ReadText(m.path, format.MaxFile); err != nil {
		return vs, err
	}
	if m.real, err = filepath.EvalSymlinks(machine.Absolute(m.path)); err != nil {
		return vs, err
	}
	c, ok := gitrepo.Versions(m.real, m.text, format.MaxFile, m.childEnv(nil))
	switch {
	case !ok:
		return vs, nil
	case c.Objects == gitrepo.Stages{}:
		return vs, errNoVersions
	case c.Objects.Ours == "" || c.Objects.Theirs == "":
		return vs, errDeleted
	}
	m.op = gitrepo.Merging(m.real, m.childEnv(nil))
	vs = machine.Versions{Bases: [][]byte{c.Base}, Ours: c.Ours, Theirs: c.Theirs, Revert: m.op.Name == "revert", Held: held(m.app, m.real, m.op)}
	if m.op.Name == "merge" && len(m.op.Others) == 0 {
		if bases := gitrepo.Bases(m.real, m.op.Commit, format.MaxFile, m.childEnv(nil)); bases != nil {
			vs.Bases = bases
		}
	}
	return vs, nil
}

// files reads the versions from files.
func (m *merging) files(o mergeOptions) (vs machine.Versions, err error) {
	if o.ours == "" || o.theirs == "" || o.out == "" {
		return vs, &usageError{Text: "to merge files, give --ours, --theirs and --output", Hint: "add --base if there is a common base"}
	}
	m.op = gitrepo.Operation{Ours: o.ours, Theirs: o.theirs}
	vs.Bases = make([][]byte, 1)
	for _, v := range []struct {
		file string
		to   *[]byte
	}{{o.base, &vs.Bases[0]}, {o.ours, &vs.Ours}, {o.theirs, &vs.Theirs}} {
		if v.file == "" {
			continue
		}
		if *v.to, err = atomicfile.Read(v.file, format.MaxFile); err != nil {
			return vs, at(v.file, err)
		}
	}
	return vs, nil
}

// write carries the plan out, writes the file and stages it.
func (m *merging) write(plan *merge.Plan) error {
	text, err := m.x.Carry(plan)
	if err != nil {
		return err
	}
	out := m.path
	if m.out != "" {
		out = m.out
	}
	if err := m.save(out, text); err != nil {
		return at(out, err)
	}
	f, err := m.machine.Merged(out, text)
	if err != nil {
		return err
	}
	doc := jsondoc.Merge{Schema: jsondoc.Schema, File: out, Profiles: jsondoc.NewProfileChanges(m.tell(f, plan)), NotTaken: plan.Dropped}
	if rotatedBoth(plan) {
		tellPins(m.app, f)
	}
	if m.out == "" {
		if err := gitrepo.Stage(m.real, text, m.childEnv(nil)); err != nil {
			return &plainError{text: "merged, but git can't stage it: " + err.Error(), code: exitOther, hint: "to stage it: git add {file}"}
		}
		doc.Next = m.op.Continue
		m.say("staged; next: %s", doc.Next)
	}
	if m.json {
		return m.printJSON(doc)
	}
	return nil
}

// save writes a file that is new, is what was read, or is another version of the same credfile.
func (m *merging) save(path string, text []byte) error {
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return atomicfile.Create(path, 0o644, text)
	}
	return atomicfile.Update(path, format.MaxFile, func(old []byte) ([]byte, error) {
		if m.out == "" && string(old) != m.text {
			return nil, atomicfile.ErrChanged
		}
		if v, err := vaultfile.Parse(old); m.out != "" && (err != nil || v.ID() != m.x.Ours.ID()) {
			return nil, alreadyExists(path, "")
		}
		return text, nil
	})
}

func rotatedBoth(plan *merge.Plan) bool {
	for _, r := range plan.Results {
		if r.Rotate {
			return true
		}
	}
	return false
}
