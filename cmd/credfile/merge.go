package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/atomicfile"
	"github.com/credfile/credfile/internal/cli"
	"github.com/credfile/credfile/internal/gitrepo"
	"github.com/credfile/credfile/internal/machine"
	"github.com/credfile/credfile/vaultfile/merge"
)

type mergeOptions struct {
	base, ours, theirs string // files
	out                string
	resolve            []string
	reveal             bool
}

func newMerge(a *app) *cobra.Command {
	var o mergeOptions
	cmd := &cobra.Command{
		Use: "merge",
		Long: `Merges the two sides of a file with a merge conflict, profile by profile and credential by credential, and stages the result. It works in a merge, rebase, cherry-pick, revert and stash pop. What only one side changed is taken. To merge a profile that both sides changed, you need a writer's key.

What both sides changed differently is for you to decide: credfile asks, or lists it, and you answer with --resolve. NAME is a credential, a recipient or a profile, and the answer is the name of a side, or a new name, under which the other side's value is kept as well.

Outside git, give the three versions with --base, --ours and --theirs.`,
		Example: "  credfile merge\n  credfile merge --resolve API_KEY=theirs --resolve DB_URL=ours\n  credfile merge --resolve API_KEY=API_KEY_2\n  credfile merge --base old.age --ours mine.age --theirs hers.age -o merged.age",
		Args:    cli.Args(),
		RunE:    func(*cobra.Command, []string) error { return runMerge(a, o) },
	}
	fl := cmd.Flags()
	fl.StringVar(&o.base, "base", "", "the common base, in `FILE`")
	fl.StringVar(&o.ours, "ours", "", "our version, in `FILE`")
	fl.StringVar(&o.theirs, "theirs", "", "their version, in `FILE`")
	fl.StringVarP(&o.out, "output", "o", "", "write the result to `FILE`, and stage nothing")
	fl.StringArrayVar(&o.resolve, "resolve", nil, "decide a conflict: `NAME=ours`, NAME=theirs, or NAME=NEWNAME to keep both (repeatable)")
	fl.BoolVar(&o.reveal, "reveal", false, "show the values of conflicts")
	return cmd
}

// merging is one run of merge.
type merging struct {
	*app
	path   string
	out    string
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
	base, ours, theirs, err := m.versions(o)
	if err != nil {
		return at(path, err)
	} else if ours == nil {
		a.say("%s has no unresolved merge conflict", path)
		return nil
	}
	m.x, err = a.machine.Merge(path, base, ours, theirs, false)
	if err != nil {
		return at(path, namedSide(m.op, err))
	}
	m.answer.op = m.op
	plan := m.x.Plan(m.answer.decide)
	if m.answer.err != nil {
		return m.answer.err
	}
	if err := m.answer.unused(); err != nil {
		return err
	}
	if len(plan.Conflicts) > 0 {
		return at(path, m.unresolved(plan))
	}
	return at(path, m.write(plan))
}

// versions returns the versions to merge, or none if there is no conflict.
func (m *merging) versions(o mergeOptions) (base, ours, theirs []byte, err error) {
	if o.ours != "" || o.theirs != "" || o.base != "" {
		if o.ours == "" || o.theirs == "" {
			return nil, nil, nil, &usageError{Text: "--base, --ours and --theirs belong together", Hint: "without a common base, leave out --base alone"}
		}
		m.op = gitrepo.Operation{Ours: "ours", Theirs: "theirs"}
		for _, v := range []struct {
			file string
			to   *[]byte
		}{{o.base, &base}, {o.ours, &ours}, {o.theirs, &theirs}} {
			if v.file == "" {
				continue
			}
			if *v.to, err = atomicfile.Read(v.file, format.MaxFile); err != nil {
				return nil, nil, nil, err
			}
		}
		if b, err := os.ReadFile(m.path); err == nil {
			m.text = string(b)
		}
		return base, ours, theirs, nil
	}
	if m.text, err = atomicfile.ReadText(m.path, format.MaxFile); err != nil {
		return nil, nil, nil, err
	}
	where := machine.Absolute(m.path)
	c, ok := gitrepo.ReadConflict(where, m.text, format.MaxFile, m.childEnv(nil))
	if !ok {
		return nil, nil, nil, nil
	}
	if c.Objects.Ours == "" || c.Objects.Theirs == "" {
		return nil, nil, nil, errNoVersions
	}
	m.op = gitrepo.Merging(where, m.childEnv(nil))
	return c.Base, c.Ours, c.Theirs, nil
}

// write carries the plan out, writes the file and stages it.
func (m *merging) write(plan *merge.Plan) error {
	text, err := m.x.Carry(plan)
	if err != nil {
		return err
	}
	out := m.out
	if out == "" {
		out = m.path
	}
	if _, err := os.Lstat(out); err != nil {
		err = atomicfile.Create(out, 0o644, text)
		if err != nil {
			return err
		}
	} else if err := m.replace(out, text); err != nil {
		return err
	}
	m.tell(plan)
	f, err := m.machine.Merged(out, text)
	if err == nil && rotatedBoth(plan) {
		tellPins(m.app, f)
	}
	if m.out != "" || m.op.Continue == "" {
		return err
	}
	if err := gitrepo.Stage(machine.Absolute(m.path), text, m.childEnv(nil)); err != nil {
		m.warn("can't stage %s; to stage it: git add %[1]s", m.path)
		return nil
	}
	m.say("staged; next: %s", m.op.Continue)
	return nil
}

// replace replaces a file that nobody changed meanwhile.
func (m *merging) replace(path string, text []byte) error {
	return atomicfile.Update(path, format.MaxFile, func(old []byte) ([]byte, error) {
		if m.out == "" && string(old) != m.text {
			return nil, atomicfile.ErrChanged
		}
		if bytes.Equal(old, text) {
			return nil, nil
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

// answers are the user's choices.
type answers struct {
	*app
	op     gitrepo.Operation
	reveal bool
	given  []answer
	err    error // of the terminal
	asked  bool  // the user left a question open
}

type answer struct {
	name, choice string
	used         bool
}

func (s *answers) parse(list []string) error {
	for _, text := range list {
		name, choice, ok := strings.Cut(text, "=")
		if !ok || name == "" || choice == "" || choice != "ours" && choice != "theirs" && !format.ValidName(choice) {
			return &usageError{Text: fmt.Sprintf("--resolve %q must be NAME=ours, NAME=theirs or NAME=NEWNAME", text), Hint: "for example: --resolve API_KEY=theirs"}
		}
		s.given = append(s.given, answer{name: name, choice: choice})
	}
	return nil
}

// decide returns what --resolve says, or asks.
func (s *answers) decide(c merge.Conflict) (merge.Choice, bool) {
	if !resolvable(c) {
		return merge.Choice{}, false
	}
	for i := range s.given {
		if isNamed(c, s.given[i].name) {
			s.given[i].used = true
			return choiceOf(s.given[i].choice), true
		}
	}
	if s.nonInteractive || s.json || !s.dialog.HasTerminal() || s.asked || s.err != nil {
		return merge.Choice{}, false
	}
	for {
		text, err := s.dialog.Line(question(s.op, c, s.reveal))
		if err != nil {
			s.err = err
			return merge.Choice{}, false
		}
		switch text = strings.TrimSpace(text); {
		case text == "":
			s.asked = true
			return merge.Choice{}, false
		case text == "ours", text == "theirs", keepsBoth(c) && format.ValidName(text):
			return choiceOf(text), true
		}
	}
}

func choiceOf(text string) merge.Choice {
	switch text {
	case "ours":
		return merge.Choice{}
	case "theirs":
		return merge.Choice{Side: merge.Theirs}
	}
	return merge.Choice{Both: text}
}

// unused returns an error for a --resolve that decides nothing.
func (s *answers) unused() error {
	for _, x := range s.given {
		if !x.used {
			return &usageError{Text: fmt.Sprintf("--resolve %s: there is no such conflict", x.name), Hint: "to list the conflicts: credfile merge --non-interactive"}
		}
	}
	return nil
}

// isNamed reports whether a name is that of a conflict, with its profile before a colon if need be.
func isNamed(c merge.Conflict, name string) bool {
	return name == conflictName(c) || name == c.Profile+":"+conflictName(c)
}

func conflictName(c merge.Conflict) string {
	switch {
	case c.Credential != "":
		return c.Credential
	case c.Kind == merge.RecipientTwoNames || c.Kind == merge.RecipientTwoStrings:
		return c.Names[merge.Ours]
	}
	return c.Profile
}

// resolvable reports whether the user can decide a conflict by a choice of sides.
func resolvable(c merge.Conflict) bool {
	return c.Kind != merge.NotWriter && c.Kind != merge.RefusedSide
}

// keepsBoth reports whether a conflict can be resolved by another name.
func keepsBoth(c merge.Conflict) bool {
	switch c.Kind {
	case merge.TwoValues, merge.TwoAdditions:
		return c.Credential != "" && c.Ours != nil && c.Theirs != nil
	case merge.RenamedAndChanged, merge.OneNameTwoProfiles, merge.RecipientTwoStrings:
		return true
	}
	return false
}
