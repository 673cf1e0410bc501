package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/atomicfile"
	"github.com/credfile/credfile/internal/cli"
	"github.com/credfile/credfile/internal/gitrepo"
	"github.com/credfile/credfile/internal/machine"
)

// newGit returns the commands for git: one for the user, and those that git runs.
func newGit(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "git setup",
		Long:    `Sets git up for the file, once in each clone: git diff, git log -p and git show print it as text without values, git merge, rebase, cherry-pick, revert and stash merge it credential by credential, and hooks check it before you commit or push it.`,
		Example: "  credfile git setup\n  credfile git setup --check",
		Args:    cli.Args("COMMAND"),
		RunE: func(_ *cobra.Command, args []string) error {
			return &usageError{Text: fmt.Sprintf("unknown command %q", "git "+args[0]), Hint: "to set git up: credfile git setup"}
		},
	}
	cmd.AddCommand(newGitSetup(a), newTextconv(a), newDriver(a), newHook(a))
	return cmd
}

func newGitSetup(a *app) *cobra.Command {
	var undo, check bool
	cmd := &cobra.Command{
		Use:   "setup",
		Short: "set up git diff, git merge and hooks for this clone",
		Long: `Sets git up for the file, in this clone: a diff driver, so that git diff, git log -p and git show print it as text without values, and a merge driver, so that git merges it credential by credential. Hooks check what you commit and push, and what you merged.

It writes the repository's .gitattributes, which you commit, and .git/config, .git/info/attributes and .git/hooks. Where another tool keeps the hooks, it prints what to add. The merge driver never asks anything: if a profile that both branches changed is not unlocked, or you have to decide something, git reports a conflict, and you run credfile merge.`,
		Example: "  credfile git setup\n  credfile git setup --check\n  credfile git setup --undo",
		Args:    cli.Args(),
		RunE: func(*cobra.Command, []string) error {
			if undo && check {
				return &usageError{Text: "--undo and --check can't be used together", Hint: "use one or the other"}
			}
			return runGitSetup(a, undo, check)
		},
	}
	cmd.Flags().BoolVar(&undo, "undo", false, "remove what setup wrote")
	cmd.Flags().BoolVar(&check, "check", false, "only check, and exit with 1 if something is missing")
	return cmd
}

func runGitSetup(a *app, undo, check bool) error {
	path, err := filePath(a)
	if err != nil {
		return err
	}
	program, err := os.Executable()
	if err == nil {
		path, err = filepath.EvalSymlinks(machine.Absolute(path))
	}
	if err != nil {
		return err
	}
	d := &gitrepo.Drivers{Path: path, Program: program, Environ: a.childEnv(nil)}
	if check {
		missing, err := d.Missing()
		if err == nil && len(missing) > 0 {
			err = &plainError{text: "git is not set up for this file: " + strings.Join(missing, ", "), code: exitOther, hint: "to set it up: credfile git setup"}
		}
		return at(path, err)
	}
	do := d.Set
	if undo {
		do = d.Unset
	}
	changed, err := do()
	if err != nil {
		return at(path, err)
	}
	if !undo {
		fixed, err := withLF(path)
		if err != nil {
			return at(path, err)
		} else if fixed {
			changed = append(changed, "LF as the end of each line of "+filepath.Base(path))
		}
	}
	for _, what := range changed {
		a.say("%s: %s", map[bool]string{false: "set", true: "removed"}[undo], what)
	}
	hooks, err := d.Hooks()
	lines := hookLines(hooks, undo)
	for _, line := range lines {
		a.say("%s", line)
	}
	if len(changed) == 0 && len(lines) == 0 {
		a.say("nothing to do")
	}
	return err
}

// withLF gives a credfile that git checked out with CRLF the lines that it has in git. With the attributes
// that setup writes, git would take it for changed.
func withLF(path string) (fixed bool, err error) {
	text, err := atomicfile.Read(path, format.MaxFile)
	n := bytes.Count(text, []byte("\r\n"))
	if err != nil || n == 0 || n != bytes.Count(text, []byte("\n")) || !bytes.HasPrefix(text, []byte("credfile/")) {
		return false, err
	}
	return true, atomicfile.Update(path, format.MaxFile, func(old []byte) ([]byte, error) {
		if !bytes.Equal(old, text) {
			return nil, atomicfile.ErrChanged
		}
		return bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")), nil
	})
}

func newTextconv(a *app) *cobra.Command {
	return &cobra.Command{
		Hidden: true,
		Use:    "textconv FILE",
		Short:  "print a version of the file for git diff, git show and git log -p",
		Long: `Prints a version of the file as text, without values, for git diff, git show and git log -p: see docs/reviewing.md. Git stops if this fails, so it never does: if FILE can't be read, or is no credentials file, the text says so.

It needs no key, and this machine learns nothing from it.`,
		Args:               cli.Args("FILE"),
		DisableFlagParsing: true, // the file's name comes from the repository
		PersistentPreRunE:  func(*cobra.Command, []string) error { return nil },
		RunE: func(_ *cobra.Command, args []string) error {
			printText(a, args[0])
			return nil
		},
	}
}

// newDriver is what git runs to merge a file (gitattributes(5), Defining a custom merge driver).
func newDriver(a *app) *cobra.Command {
	return &cobra.Command{
		Hidden: true,
		Use:    "merge BASE OURS THEIRS SIZE PATH",
		Short:  "merge two versions of the file, for git",
		Long:   `Merges two versions of the file, as git's merge driver: see credfile git setup. It asks nothing. If it can't merge, it leaves conflict markers of the given size in OURS and exits with 1.`,
		Args:   cli.Args("BASE", "OURS", "THEIRS", "SIZE", "PATH"),
		RunE: func(_ *cobra.Command, args []string) error {
			return runDriver(a, args[0], args[1], args[2], args[3], args[4])
		},
	}
}

func runDriver(a *app, base, ours, theirs, size, path string) error {
	a.nonInteractive = true
	var versions [3][]byte
	for i, file := range []string{base, ours, theirs} {
		var err error
		if versions[i], err = atomicfile.Read(file, format.MaxFile); err != nil {
			return at(file, err)
		}
	}
	if _, marked := gitrepo.ReadConflict("", string(versions[1]), format.MaxFile, nil); marked {
		return &exitCode{1} // git rerere asks whether an earlier result fits: only a merge of its own does
	}
	// First, so that a merge that is killed leaves a conflict, and not one side.
	if _, err := gitrepo.MergeFile(ours, base, theirs, size, a.childEnv(nil)); err != nil {
		return at(path, err)
	}
	commit := gitrepo.MergedCommit(a.environ)
	vs := machine.Versions{Bases: [][]byte{versions[0]}, Ours: versions[1], Theirs: versions[2], Quiet: true, Held: held(a, path, gitrepo.Operation{Commit: commit})}
	if bases := gitrepo.Bases(machine.Absolute(path), commit, format.MaxFile, a.childEnv(nil)); bases != nil {
		vs.Bases = bases
	}
	x, err := a.machine.Merge(path, vs)
	if err != nil {
		return at(path, namedSide(gitrepo.Operation{Ours: "ours", Theirs: "theirs"}, err))
	}
	plan := x.Plan(nil)
	if len(plan.Conflicts) > 0 {
		a.say("%s: run credfile merge to finish it", path)
		return &exitCode{1}
	}
	text, err := x.Carry(plan)
	if err != nil {
		return at(path, err)
	}
	err = atomicfile.Update(ours, format.MaxFile+1<<20, func(old []byte) ([]byte, error) {
		if bytes.Equal(old, text) {
			return nil, nil
		}
		return text, nil
	})
	return at(path, err)
}
