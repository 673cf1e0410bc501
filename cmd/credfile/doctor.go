package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/credfile/credfile/internal/cli"
	"github.com/credfile/credfile/internal/doctor"
	"github.com/credfile/credfile/internal/gitrepo"
	"github.com/credfile/credfile/internal/jsondoc"
	"github.com/credfile/credfile/internal/machine"
	"github.com/credfile/credfile/internal/term"
	"github.com/credfile/credfile/internal/userdir"
	"github.com/credfile/credfile/vaultfile"
)

func newDoctor(a *app) *cobra.Command {
	var home bool
	cmd := &cobra.Command{
		Use: "doctor",
		Long: `Looks for credentials in plain text that the file could hold instead, and says what to do about each: files of other tools in the work tree, values in Dockerfiles, CI files and configurations of MCP servers, and private keys. With --home, it also looks in the usual places of your home directory.

In the profiles that are unlocked, it finds values that several profiles share, and cloud keys that never expire. It prints names and places, never values, asks nothing, and starts no other program than git. It exits with 8 if it finds something.`,
		Example: "  credfile doctor\n  credfile doctor --home",
		Args:    cli.Args(),
		RunE:    func(*cobra.Command, []string) error { return runDoctor(a, home) },
	}
	cmd.Flags().BoolVar(&home, "home", false, "look in the usual places of your home directory, too")
	return cmd
}

// symptom is a finding with what git knows of the file.
type symptom struct {
	doctor.Finding
	tracked  bool     // git has it
	exposed  bool     // git add would add it
	profiles []string // of shared values
	kind     string
}

func runDoctor(a *app, home bool) error {
	dir, err := a.getwd()
	if err != nil {
		return err
	}
	root := dir
	r, ok := gitrepo.Find(dir)
	if ok {
		root = r.Root
	}
	found, whole := doctor.Tree(root)
	var tracked, exposed map[string]bool
	if ok && len(found) > 0 {
		tracked, exposed = gitrepo.Known(root, a.childEnv(nil))
	}
	var list []symptom
	for _, f := range found {
		s := symptom{Finding: f, kind: string(f.Kind), tracked: tracked[f.Path], exposed: exposed[f.Path]}
		if rel, err := filepath.Rel(dir, filepath.Join(root, filepath.FromSlash(f.Path))); err == nil {
			s.Path = rel
		}
		list = append(list, s)
	}
	if home {
		for _, path := range doctor.Home(userdir.Home(a.getenv)) {
			for _, f := range doctor.File(path, path) {
				list = append(list, symptom{Finding: f, kind: string(f.Kind)})
			}
		}
	}
	list = append(list, a.readableIdentities()...)
	list = append(list, a.oddValues()...)
	if a.json {
		if err := a.printJSON(doctorDoc(list)); err != nil {
			return err
		}
	}
	for i := range list {
		if !a.json {
			fmt.Fprintln(a.stdout, term.Escape(symptomText(&list[i])))
			fmt.Fprintln(a.stdout, term.Escape("  "+symptomFix(&list[i])))
		}
	}
	if !whole {
		a.warn("%s has too many files, so only a part of it was looked through", root)
	}
	if len(list) > 0 {
		return &exitCode{exitFound}
	}
	a.say("nothing found")
	return nil
}

// readableIdentities finds files of your identities that others on this machine can read.
func (a *app) readableIdentities() (list []symptom) {
	files := append(slices.Clone(a.identities), identitiesPath(a))
	if file := a.getenv("CREDFILE_AGE_KEY_FILE"); file != "" {
		files = append(files, file)
	}
	for _, file := range files {
		info, err := os.Stat(file)
		if runtime.GOOS != "windows" && err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o077 != 0 {
			list = append(list, symptom{Finding: doctor.Finding{Path: file}, kind: "readable"})
		}
	}
	return list
}

// oddValues finds values that several profiles share, and those of keys that never expire, in what is
// unlocked.
func (a *app) oddValues() (list []symptom) {
	path, err := filePath(a)
	if err != nil {
		return nil
	}
	f, err := openAt(a, a.machine, path)
	if err != nil {
		a.warn("%s", about(path, explain(err).text)) // or it would seem to be in order
		return nil
	}
	shared := map[string][]vaultValue{}
	for _, name := range f.Names() {
		p, err := f.UnlockQuietly(name)
		if err != nil {
			if !isA[*machine.NoAccessError](err) {
				a.warn("%s", about(path, explain(err).text))
			}
			continue
		}
		items, err := p.Items()
		if err != nil {
			continue
		}
		for _, item := range items {
			v := string(item.Value.Reveal())
			if item.HasValue() && len(v) >= leastShared {
				shared[v] = append(shared[v], vaultValue{name, item})
			}
			if what := longLived(v); item.HasValue() && what != "" {
				list = append(list, symptom{Finding: doctor.Finding{Path: f.Path, Names: []string{item.Name}, Format: what}, kind: "long-lived", profiles: []string{name}})
			}
		}
	}
	return append(list, sharedValues(f.Path, shared)...)
}

// leastShared is the shortest value that is worth a word if profiles share it, in bytes.
const leastShared = 16

type vaultValue struct {
	profile string
	item    vaultfile.Item
}

func sharedValues(path string, shared map[string][]vaultValue) (list []symptom) {
	for _, where := range shared {
		s := symptom{Finding: doctor.Finding{Path: path}, kind: "shared"}
		for _, x := range where {
			if !slices.Contains(s.Names, x.item.Name) {
				s.Names = append(s.Names, x.item.Name)
			}
			if !slices.Contains(s.profiles, x.profile) {
				s.profiles = append(s.profiles, x.profile)
			}
		}
		if len(s.profiles) > 1 {
			list = append(list, s)
		}
	}
	slices.SortFunc(list, func(a, b symptom) int { return strings.Compare(a.Names[0], b.Names[0]) })
	return list
}

// longLived says what a value is, if it is a key that never expires by itself.
func longLived(value string) string {
	switch {
	case strings.HasPrefix(value, "AKIA") && len(value) == 20:
		return "an AWS access key"
	case strings.Contains(value, `"type": "service_account"`):
		return "a Google service account key"
	case strings.HasPrefix(value, "ghp_"):
		return "a classic GitHub token"
	}
	return ""
}

func doctorDoc(list []symptom) jsondoc.Doctor {
	doc := jsondoc.Doctor{Schema: jsondoc.Schema, Findings: []jsondoc.Symptom{}}
	for i := range list {
		s := &list[i]
		doc.Findings = append(doc.Findings, jsondoc.Symptom{Kind: s.kind, Path: s.Path, Line: s.Line, Names: s.Names, Profiles: s.profiles, Tracked: s.tracked,
			Message: symptomText(s), Fix: symptomFix(s)})
	}
	return doc
}
