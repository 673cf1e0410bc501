package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/credfile/credfile/internal/gitrepo"
	"github.com/credfile/credfile/internal/machine"
)

// newHook is what the hooks that git setup writes run (githooks(5)).
func newHook(a *app) *cobra.Command {
	return &cobra.Command{
		Hidden: true,
		Use:    "hook NAME [ARG…]",
		Short:  "check the file, for git",
		Long: `Checks the credentials files that git is about to commit or push, or has just merged, as git's hook of that name: see credfile git setup.
It asks nothing, and this machine learns nothing from it. Before a commit, it also runs credfile scan --staged, if a profile is unlocked.`,
		Args:               cobra.ArbitraryArgs,
		DisableFlagParsing: true, // the arguments are names of remotes and branches
		PersistentPreRunE:  func(*cobra.Command, []string) error { return nil },
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				args = []string{""}
			}
			a.nonInteractive = true
			return runHook(a, args[0], args[1:])
		},
	}
}

// hookRun is one run of a hook.
type hookRun struct {
	a      *app
	tree   *gitrepo.WorkTree
	reader *logReader // nil until a credfile is among the changes
}

// hookStep is what a hook judges: what changes from one state of the files to another.
type hookStep struct {
	rev, commit string // the state before, with its name for people; no commit if there is none
	head        string // the commit that is judged, or "" for the index
	changes     []gitrepo.Change
	known       bool                   // tell what this machine's memory refuses, too
	tell        bool                   // what is odd but not refused
	rewrites    bool                   // head does not follow commit, as the user told git to accept
	hint        func(back bool) string // back: a profile went back
}

func runHook(a *app, name string, args []string) error {
	dir, err := a.getwd()
	if err != nil {
		return err
	}
	index := ""
	if strings.HasSuffix(name, "-commit") && strings.HasPrefix(name, "pre-") {
		index = a.getenv("GIT_INDEX_FILE")
	}
	tree, err := gitrepo.HookTree(dir, index, a.childEnv(nil))
	if err != nil {
		a.warn("%s", noHookTree)
		return nil
	}
	h := &hookRun{a: a, tree: tree}
	defer h.close()
	switch name {
	case "pre-commit", "pre-merge-commit":
		// The tool pre-commit has one entry for all hooks, and reads what git tells them itself.
		if a.getenv("PRE_COMMIT_CHECKOUT_TYPE") != "" {
			return nil
		}
		if from, to := a.getenv("PRE_COMMIT_FROM_REF"), a.getenv("PRE_COMMIT_TO_REF"); to != "" {
			remote := a.getenv("PRE_COMMIT_REMOTE_NAME")
			if from = h.tree.Resolve(from); remote == "" { // not a push: a branch, and the one that will receive it
				from = h.tree.Base(from, to)
			}
			return h.push(remote, to, from)
		}
		return h.staged()
	case "post-commit":
		return h.committed()
	case "post-merge":
		return h.merged(args)
	case "post-rewrite":
		return h.rebased(args)
	case "pre-push":
		return h.pushed(args)
	}
	return &usageError{Text: fmt.Sprintf("unknown hook %q", name), Hint: "to set the hooks up again: credfile git setup"}
}

func (h *hookRun) close() {
	if h.reader != nil {
		h.reader.h.Close()
	}
}

// staged judges what the commit would change, by the branch that receives it.
func (h *hookRun) staged() error {
	changes, err := h.tree.Staged()
	if err != nil {
		return h.unknown(err)
	}
	err = h.judge(&hookStep{rev: "HEAD", changes: changes, known: true, tell: true,
		hint: func(back bool) string { return hintUndo(back, "") }})
	return many(err, h.leaks(changes))
}

// leaks searches what the commit adds for the values of the nearest file, if a profile is unlocked. Where
// it can't search, that does not stop the user.
func (h *hookRun) leaks(changes []gitrepo.Change) error {
	if len(changes) == 0 || checkFlags(h.a) != nil {
		return nil
	}
	path, err := filePath(h.a)
	if err != nil {
		return nil // there is no credfile here
	}
	h.a.machine.Memory.ReadOnly = true
	h.a.machine.Tell = func(*file, machine.Note) {} // of the work tree's file, which may not be what is committed
	o := &scanOptions{staged: true, hook: true}
	if known := filepath.Join(h.tree.Root, knownLeaks); fileExists(known) {
		o.baseline = known
	}
	err = runScan(h.a, path, o)
	var found *exitCode
	switch {
	case err == nil:
		return nil
	case errors.As(err, &found):
		return errLeaks
	}
	h.a.warn("%s", notScanned(explain(err).text))
	return nil
}

// knownLeaks lists findings that the hook leaves out.
const knownLeaks = ".credfile-baseline"

func fileExists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// committed judges what git committed without the hooks that could have stopped it, as in a revert.
// A rebase is judged when it is over.
func (h *hookRun) committed() error {
	if _, _, rebasing := h.tree.Rebase(); rebasing {
		return nil
	}
	changes, err := h.tree.Between("HEAD^", "HEAD")
	if err != nil {
		return nil // the first commit
	}
	return h.judge(&hookStep{rev: "HEAD^", head: "HEAD", changes: changes, hint: func(back bool) string {
		commit := reverted(h.tree.Message("HEAD"))
		if h.tree.Resolve(commit+"^2") != "" {
			return hintBack("the revert", "HEAD^")
		}
		return hintUndo(back || commit != "", commit)
	}})
}

// reverted returns the commit that a message says to revert, or "".
func reverted(message string) string {
	_, rest, _ := strings.Cut(message, "This reverts commit ")
	if i := strings.IndexAny(rest, ".,"); i > 0 && gitrepo.IsHash(rest[:i]) { // a comma, if it was a merge
		return rest[:shortHash]
	}
	return ""
}

// merged judges what a merge brought, by the branch as it was. Git tells no other hook of a
// fast-forward.
func (h *hookRun) merged(args []string) error {
	if len(args) > 0 && args[0] == "1" {
		return nil // a squash, of which nothing is committed yet
	}
	changes, err := h.tree.Between("ORIG_HEAD", "HEAD")
	if err != nil {
		return h.unknown(err)
	}
	return h.judge(&hookStep{rev: "ORIG_HEAD", head: "HEAD", changes: changes, tell: true,
		hint: func(bool) string { return hintBack("the merge", "ORIG_HEAD") }})
}

// rebased judges the commits that were put on another one. What git commit --amend wrote, post-commit
// has seen.
func (h *hookRun) rebased(args []string) error {
	onto, before, rebasing := h.tree.Rebase()
	if !rebasing || !gitrepo.IsHash(onto) || len(args) == 0 || args[0] != "rebase" {
		return nil
	}
	changes, err := h.tree.Between(onto, "HEAD")
	if err != nil {
		return h.unknown(err)
	}
	return h.judge(&hookStep{rev: onto[:shortHash], commit: onto, head: "HEAD", changes: changes, tell: true, hint: func(bool) string {
		if !gitrepo.IsHash(before) {
			before = "ORIG_HEAD"
		}
		return hintBack("the rebase", before[:min(len(before), shortHash)])
	}})
}

// pushed reads LOCAL OBJECT REMOTE OBJECT from each line, for each branch.
func (h *hookRun) pushed(args []string) error {
	remote := ""
	if len(args) > 0 {
		remote = args[0]
	}
	in, err := io.ReadAll(io.LimitReader(h.a.stdin, 16<<20))
	if err != nil {
		return err
	}
	var errs []error
	for line := range strings.Lines(string(in)) {
		if f := strings.Fields(line); len(f) == 4 && gitrepo.IsHash(f[1]) { // else a deletion
			errs = append(errs, h.push(remote, f[1], f[3]))
		}
	}
	return many(errs...)
}

// push judges what one branch is to become, by what the remote has: the branch, or for a new one,
// where it left the remote's main branch.
func (h *hookRun) push(remote, local, there string) error {
	head := h.tree.Resolve(local)
	if head == "" {
		return nil // no commit
	}
	s := &hookStep{head: head, tell: true, hint: func(back bool) string { return hintUndo(back, "") }}
	if gitrepo.IsHash(there) {
		s.commit = h.tree.Resolve(there)
	}
	if s.commit != "" {
		s.rewrites = h.tree.Base(s.commit, head) != s.commit
	} else if remote != "" && !strings.ContainsAny(remote, "/:") {
		for _, name := range []string{"HEAD", "main", "master"} {
			if branch := h.tree.Resolve("refs/remotes/" + remote + "/" + name); branch != "" {
				s.commit = h.tree.Base(branch, head)
				break
			}
		}
	}
	var err error
	if s.commit == "" {
		s.changes, err = h.tree.All(head) // nothing to compare with
	} else {
		s.rev = s.commit[:shortHash]
		s.changes, err = h.tree.Between(s.commit, head)
	}
	if err != nil {
		return h.unknown(err)
	}
	return h.judge(s)
}

// unknown says that git does not tell what changes. It may be nothing that concerns credfile, so it
// does not stop the user.
func (h *hookRun) unknown(err error) error {
	h.a.warn("%s", unknownChanges(err))
	return nil
}
