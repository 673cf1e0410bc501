package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/credfile/credfile/internal/cli"
	"github.com/credfile/credfile/internal/session"
	"github.com/credfile/credfile/internal/term"
)

func newLogin(a *app) *cobra.Command {
	var force, browser, device, noBrowser bool
	cmd := &cobra.Command{
		Use: "login [NAME…]",
		Long: `Obtains what the sources of a profile give, now: all of them, or those that you name. A login that is still good is kept. What was obtained stays on this machine, encrypted, until it expires.

You rarely need it: env and get log in by themselves, if they have a terminal.`,
		Example: "  credfile login\n  credfile -p production login AWS --force",
		Args:    cli.Args("[NAME…]"),
		RunE: func(cmd *cobra.Command, names []string) error {
			o := session.Options{Anew: force}
			switch {
			case count1(browser, device, noBrowser) > 1:
				return &usageError{Text: "use one of --browser, --device and --no-browser", Hint: "see credfile help login"}
			case device:
				o.Browser = "device"
			case noBrowser:
				o.Browser, a.noBrowser = "none", true
			}
			return runLogin(a, names, o)
		},
	}
	cmd.Flags().BoolVar(&browser, "browser", false, "log in with the browser of this machine (default)")
	cmd.Flags().BoolVar(&device, "device", false, "log in with a code that you enter on another device, if the server can do that")
	cmd.Flags().BoolVar(&noBrowser, "no-browser", false, "print the page to open, and ask for the page that the browser was sent to")
	cmd.Flags().BoolVar(&force, "force", false, "log in again, even if the last login is still good")
	return cmd
}

// sourcesOf opens the profile, and returns its sources.
func sourcesOf(a *app) (*file, *session.Plan, error) {
	profile, err := a.profile()
	if err != nil {
		return nil, nil, err
	}
	f, err := a.open()
	if err != nil {
		return nil, nil, err
	}
	p, err := f.Unlock(profile, read)
	if err != nil {
		return nil, nil, at(f.Path, err)
	}
	plan, err := session.NewPlan(p)
	if err == nil && len(plan.Nodes) == 0 {
		err = &noSourcesError{profile}
	}
	return f, plan, at(f.Path, err)
}

// noSourcesError reports a profile without sources.
type noSourcesError struct{ profile string }

func (e *noSourcesError) Error() string { return fmt.Sprintf("profile %q has no sources", e.profile) }

func runLogin(a *app, names []string, o session.Options) error {
	f, plan, err := sourcesOf(a)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		names = slices.Sorted(maps.Keys(plan.Nodes))
	}
	a.login = true
	given, err := a.obtain(f, plan, names, o)
	if err != nil {
		return at(f.Path, err)
	}
	if a.notKept {
		return &exitCode{exitOther}
	}
	for _, name := range unique(names) {
		g := given[name]
		line := name + ": logged in"
		if !g.New {
			line = name + ": still logged in"
		}
		if g.Subject != "" {
			line += " as " + g.Subject
		}
		a.say("%s, valid %s", line, untilText(a.now(), g.Expires))
	}
	return nil
}

func newLogout(a *app) *cobra.Command {
	all := false
	cmd := &cobra.Command{
		Use:     "logout NAME…",
		Long:    `Forgets what sources gave, and ends the login at the server where that is possible. The exit code is 1 if a server could not be told.`,
		Example: "  credfile logout AWS\n  credfile -p production logout --all",
		Args:    cli.Args("[NAME…]"),
		RunE: func(cmd *cobra.Command, names []string) error {
			if all == (len(names) > 0) {
				return &usageError{Text: "logout needs the name of a source, or --all", Hint: "to list what you are logged in to: credfile sessions"}
			}
			return runLogout(a, names)
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "of all sources of the profile")
	return cmd
}

// keptSessions returns the sessions of the current profile.
func (a *app) keptSessions() (f *file, k keptSessions, err error) {
	f, plan, err := sourcesOf(a)
	if err != nil {
		return nil, k, err
	}
	k, err = a.keptOf(f, plan.Profile)
	return f, k, at(f.Path, err)
}

func runLogout(a *app, names []string) error {
	f, k, err := a.keptSessions()
	if err != nil {
		return err
	}
	if len(names) == 0 {
		names = slices.Sorted(maps.Keys(k.all))
	}
	left := 0
	for _, name := range names {
		if k.all[name] == nil {
			if _, err := k.plan.Node(name); err != nil {
				return at(f.Path, err)
			}
			a.say("%s: not logged in", name)
		} else if !k.end(a, name, name) {
			left++
		}
	}
	if left > 0 {
		return &exitCode{exitOther}
	}
	return nil
}

func newSessions(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "sessions",
		Long:    `Lists what the sources of the profile gave, as it is kept on this machine: the kind of source, for whom, and how long it is valid. It shows no values.`,
		Example: "  credfile sessions\n  credfile -p production sessions --json",
		Args:    cli.Args(),
		RunE:    func(cmd *cobra.Command, _ []string) error { return runSessions(a) },
	}
}

// sessionDoc is a session in JSON.
type sessionDoc struct {
	Name      string   `json:"name"`
	Kind      string   `json:"kind"`
	Subject   string   `json:"subject,omitempty"`
	Obtained  string   `json:"obtained"`
	Expires   string   `json:"expires,omitempty"`
	Variables []string `json:"variables"`
}

func runSessions(a *app) error {
	f, k, err := a.keptSessions()
	if err != nil {
		return err
	}
	docs := []sessionDoc{}
	var rows [][]string
	for _, name := range slices.Sorted(maps.Keys(k.all)) {
		g := k.all[name]
		doc := sessionDoc{Name: name, Kind: g.Kind, Subject: g.Subject, Obtained: g.Obtained.UTC().Format(time.RFC3339), Variables: slices.AppendSeq([]string{}, maps.Keys(g.Values))}
		slices.Sort(doc.Variables)
		state := "expired"
		if g.Expires.IsZero() || g.Expires.After(a.now()) {
			state = "valid " + untilText(a.now(), g.Expires)
		}
		if !g.Expires.IsZero() {
			doc.Expires = g.Expires.UTC().Format(time.RFC3339)
		}
		docs = append(docs, doc)
		rows = append(rows, []string{name, g.Kind, term.Escape(g.Subject), state, strings.Join(doc.Variables, ", ")})
	}
	if a.json {
		return a.printJSON(map[string]any{"schema": 1, "file": f.Path, "profile": k.profile, "sessions": docs})
	}
	if len(rows) == 0 {
		a.say("no sessions on this machine; to log in: credfile login")
		return nil
	}
	return printTable(a, rows)
}
