package main

import (
	"slices"

	"github.com/credfile/credfile/internal/session"
	"github.com/credfile/credfile/vaultfile"
)

// consents are the sources that the user agreed to on this machine, before they change a profile. Who
// writes a definition has seen it, and who agreed to a source still does if only a source that it uses
// was changed here.
type consents struct {
	a      *app
	m      *session.Manager
	p      *vaultfile.Profile
	agreed []string
}

func (a *app) consents(p *vaultfile.Profile) (*consents, error) {
	m, err := a.manager(nil)
	if err != nil {
		return nil, err
	}
	plan, err := session.NewPlan(p)
	if err != nil {
		return nil, err
	}
	return &consents{a, m, p, m.AllAgreed(plan)}, nil
}

// keep agrees to the sources that the user changed just now, and again to those from before.
//
// Errors: [*session.Wrong] for a source that can't be used as it is defined.
func (c *consents) keep(changed []string, renamed [][2]string) error {
	plan, err := session.NewPlan(c.p)
	if err != nil {
		return err
	}
	names := slices.Concat(c.agreed, changed)
	for _, pair := range renamed {
		if slices.Contains(c.agreed, pair[0]) {
			names = append(names, pair[1])
		}
	}
	for _, name := range unique(names) {
		if plan.Nodes[name] == nil {
			continue
		}
		n, err := plan.Node(name)
		if err != nil {
			return err
		}
		if err := c.m.Agree(plan, n); err != nil {
			c.a.warn("source %s: this machine can't remember that you agreed to it, and will ask again: %v", name, err)
		}
	}
	return nil
}
