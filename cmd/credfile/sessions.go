package main

import (
	"errors"
	"maps"
	"slices"

	"github.com/credfile/credfile/internal/session"
	"github.com/credfile/credfile/vaultfile"
)

// keptSessions are what this machine has from the sources of a profile, by their names.
type keptSessions struct {
	profile string
	plan    *session.Plan
	m       *session.Manager
	all     map[string]*session.Given
}

// keptOf returns the sessions of a profile. They can be ended even after its keys were replaced.
func (a *app) keptOf(f *file, p *vaultfile.Profile) (k keptSessions, err error) {
	k.profile = p.Name()
	if k.plan, err = session.NewPlan(p); err != nil {
		return k, err
	}
	if k.m, err = a.manager(f); err != nil {
		return k, err
	}
	k.all, err = k.m.Kept(k.plan)
	return k, err
}

// voidedOf returns the sessions that a change of the profile will make void. What can't be found is not
// ended.
func (a *app) voidedOf(f *file, p *vaultfile.Profile) keptSessions {
	k, err := a.keptOf(f, p)
	if err != nil {
		k.all = nil
	}
	return k
}

// endAll ends sessions that a change makes void, and says so. What could not be ended at the server is
// not an error: the change is made.
func (k keptSessions) endAll(a *app) {
	for _, name := range slices.Sorted(maps.Keys(k.all)) {
		k.end(a, name, k.profile+": "+name)
	}
}

// end ends one session, and reports whether the server did too.
func (k keptSessions) end(a *app, name, label string) bool {
	g := k.all[name]
	revoked, err := k.m.End(g)
	var server *session.SourceError
	switch {
	case revoked:
		a.say("%s: logged out", label)
	case err != nil && !errors.As(err, &server):
		a.warn("%s: not logged out, and still on this machine: %v", label, err)
	case err != nil:
		a.warn("%s: forgotten here, but the server was not told: %v", label, err)
	case !g.Expires.IsZero() && !g.Expires.After(a.now()):
		a.say("%s: forgotten here; what was obtained has expired", label)
	default:
		a.say("%s: forgotten here; what was obtained stays valid %s", label, untilText(a.now(), g.Expires))
	}
	return revoked
}
