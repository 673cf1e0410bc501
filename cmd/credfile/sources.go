package main

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/front"
	"github.com/credfile/credfile/internal/helper"
	"github.com/credfile/credfile/internal/machine"
	"github.com/credfile/credfile/internal/resolve"
	"github.com/credfile/credfile/internal/session"
	"github.com/credfile/credfile/internal/source"
	"github.com/credfile/credfile/internal/userdir"
)

// manager returns what obtains the values of sources.
func (a *app) manager(f *file) (*session.Manager, error) {
	state, err := userdir.State(a.getenv)
	if err != nil {
		return nil, err
	}
	config, err := userdir.Config(a.getenv)
	if err != nil {
		return nil, err
	}
	env, _ := front.Environ(a.environ, nil) // without key material
	programs := &session.Programs{Environ: env, Version: source.Build(), Inside: []string{machine.Absolute(".")}}
	if f != nil {
		programs.Inside = append(programs.Inside, filepath.Dir(machine.Absolute(f.Path)))
	}
	m := &session.Manager{State: state, Config: config, Pins: a.getenv("CREDFILE_SOURCES"), Now: a.now, Run: programs.Run, Where: programs.Where, Tell: (*teller)(a)}
	if a.dialog.HasTerminal() {
		m.Person = (*atTerminal)(a)
	}
	return m, nil
}

// usable checks that sources of a profile may be used at all: its section is one that could be written
// now, and not an earlier one that somebody brought back.
func usable(f *file, profile string) error {
	if !f.HasPlace() {
		return errSourcePlace
	}
	return f.Check(profile, machine.Write)
}

// obtain returns what sources of a profile give now.
func (a *app) obtain(f *file, plan *session.Plan, names []string, o session.Options) (map[string]*session.Given, error) {
	if len(names) == 0 {
		return nil, nil
	}
	if err := usable(f, plan.Profile.Name()); err != nil {
		return nil, err
	}
	m, err := a.manager(f)
	if err != nil {
		return nil, err
	}
	return m.Obtain(plan, names, o)
}

// selected returns the sources of a profile that a command gets. Those on demand must be named.
func selected(plan *session.Plan, o *resolve.Options, with []string) (names []string) {
	for _, name := range slices.Sorted(maps.Keys(plan.Nodes)) {
		named := slices.Contains(o.Only, name) || slices.Contains(o.Files, name) || slices.Contains(with, name) || o.Stdin == name
		if slices.Contains(o.Except, name) || !named && (len(o.Only) > 0 || plan.Nodes[name].OnDemand()) {
			continue
		}
		names = append(names, name)
	}
	return names
}

// opened returns a profile's content for resolve, with what its sources give, unless obtain is false.
func (a *app) opened(f *file, name string, o *envOptions, obtain bool) (resolve.Opened, error) {
	p, err := f.Unlock(name, read)
	if err != nil {
		return resolve.Opened{}, err
	}
	r := resolve.Opened{Most: len(p.Section().Entries), Items: p.All()}
	plan, err := session.NewPlan(p)
	if err != nil || len(plan.Nodes) == 0 {
		return r, err
	}
	r.Consumed = plan.Consumed
	if !obtain {
		return r, nil
	}
	names := selected(plan, &o.Options, o.with)
	if len(names) > 0 && o.commit != "" {
		return r, errSourcePlace
	}
	given, err := a.obtain(f, plan, names, session.Options{MinValid: o.minValid, Insist: true})
	if err != nil {
		return r, err
	}
	r.Given = map[string]map[string]string{}
	for _, name := range names { // and not what is only used by another
		r.Given[name] = given[name].Values
	}
	return r, nil
}

// teller says what the user should know of sessions.
type teller app

// StillValid implements [session.Teller].
func (t *teller) StillValid(n *session.Node, why error, until time.Time) {
	(*app)(t).warn("source %s: %v; what was obtained before is still valid %s", n.Name, why, untilText((*app)(t).now(), until))
}

// NotKept implements [session.Teller]. A session that lasts for one command is none of a login's.
func (t *teller) NotKept(n *session.Node, why error) {
	a := (*app)(t)
	a.notKept = true
	switch {
	case a.login:
		a.warn("source %s: what the login gives can't be kept on this machine, and is gone with this command: %v", n.Name, why)
	case a.verbose:
		a.say("source %s: the session can't be kept, and lasts for this command: %v", n.Name, why)
	}
}

// untilText says when something ends.
func untilText(now, until time.Time) string {
	switch left := until.Sub(now); {
	case until.IsZero():
		return "until it is ended"
	case left < 90*time.Minute:
		return "for " + count(int(left.Minutes()), "minute")
	case left < 36*time.Hour:
		return "for " + count(int(left.Hours()), "hour")
	}
	return "until " + until.UTC().Format("2006-01-02")
}

// describeSource returns what a source is and does, a line each, for the user to agree to.
func describeSource(a *app, n *session.Node) []string {
	lines := []string{fmt.Sprintf("source %s, of kind %s", n.Name, n.Source.Kind)}
	if n.Kind != nil {
		for _, reach := range n.Kind.Reaches(n.Definition) {
			lines = append(lines, "  "+reach)
		}
	} else {
		program := "credfile-source-" + n.Source.Kind
		if m, err := a.manager(nil); err == nil {
			program = cmp.Or(m.Where(n.Source.Kind), program)
		}
		lines = append(lines, "  runs "+program+", with")
		for line := range strings.Lines(string(n.Definition.Bytes())) {
			lines = append(lines, "    "+strings.TrimSuffix(line, "\n"))
		}
	}
	for _, credential := range slices.Sorted(maps.Values(n.Secrets)) {
		lines = append(lines, "  uses the credential "+credential)
	}
	for _, used := range slices.Sorted(maps.Keys(n.Uses)) {
		lines = append(lines, "  uses the source "+n.Uses[used].Name)
	}
	return append(lines, "  gives "+strings.Join(n.Gives(), ", "))
}

// errSourcePlace reports a source in a file that this machine can't remember.
var errSourcePlace = errors.New("sources can't be used from standard input or from an earlier revision")

// trustSource shows a source, and asks the user to agree to it.
func trustSource(a *app, name string, print bool) error {
	f, plan, err := sourcesOf(a)
	if err != nil {
		return err
	}
	n, err := plan.Node(name)
	if err == nil {
		err = usable(f, plan.Profile.Name())
	}
	if err != nil {
		return at(f.Path, err)
	}
	if print {
		_, err := fmt.Fprintf(a.stdout, "%s:%s\n", name, n.Digest)
		return err
	}
	if err := (*atTerminal)(a).Agree(n); err != nil {
		return err
	}
	m, err := a.manager(f)
	if err == nil {
		err = m.Agree(plan, n)
	}
	if err == nil {
		a.say("source %s: agreed", name)
	}
	return err
}

// forHelper is how long what a helper gives must be valid: SDKs ask again when less than that is left.
const forHelper = 15 * time.Minute

// obtainVariable returns what the source gives that gives a variable, or nil if there is none.
func (a *app) obtainVariable(variable string) (*helper.Given, error) {
	profile, err := a.profile()
	if err != nil {
		return nil, err
	}
	f, err := a.open()
	if err != nil {
		return nil, err
	}
	section, err := f.Profile(profile)
	if err != nil || !slices.ContainsFunc(section.Entries, func(e format.Entry) bool { return e.IsSource() }) {
		return nil, nil // the helper says what is missing
	}
	p, err := f.Unlock(profile, read)
	if err != nil {
		return nil, at(f.Path, err)
	}
	plan, err := session.NewPlan(p)
	if err != nil {
		return nil, at(f.Path, err)
	}
	var givers []string
	for _, name := range selected(plan, &resolve.Options{}, nil) {
		if slices.Contains(plan.Nodes[name].Gives(), variable) {
			givers = append(givers, name)
		}
	}
	switch len(givers) {
	case 0:
		if user := plan.Consumed[variable]; user != "" { // by one on demand, say: its key is not for others
			return nil, at(f.Path, &resolve.ConsumedError{Credential: variable, Source: user})
		}
		return nil, nil
	case 1:
		given, err := a.obtain(f, plan, givers, session.Options{MinValid: forHelper})
		if err != nil {
			return nil, at(f.Path, err)
		}
		g := given[givers[0]]
		return &helper.Given{Values: g.Values, Expires: g.Expires}, nil
	}
	return nil, at(f.Path, &resolve.TwiceError{Profile: profile, Variable: variable, First: givers[0], Second: givers[1]})
}
