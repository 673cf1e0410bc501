package session

import (
	"os"

	"github.com/credfile/credfile/internal/source"
)

// Kept returns the sessions of a profile that are on this machine, by the name of the source.
func (m *Manager) Kept(plan *Plan) (map[string]*Given, error) {
	w := &work{m: m, plan: plan, store: m.store(), done: map[string]*Given{}}
	kept := map[string]*Given{}
	if _, err := os.Stat(w.store.dir); err != nil {
		return kept, nil
	}
	for _, name := range sortedKeys(plan.Nodes) {
		n, err := plan.Node(name)
		if err != nil {
			continue // it can't have one
		}
		p, err := w.prepare(n)
		if err == nil && p.old != nil {
			kept[name] = &Given{Session: p.old, Node: n, kept: p, agreed: m.isAgreed(plan.Profile, n)}
		}
	}
	return kept, nil
}

// End forgets a session that was kept, and ends it at the server if that is possible. It reports whether
// the server did. The keys of the profile may have been replaced since, and its source removed. Errors:
// those of forgetting, and [*SourceError] of the server.
func (m *Manager) End(g *Given) (revoked bool, err error) {
	p, n := g.kept, g.Node
	w := &work{m: m}
	release, err := w.lock([]*pending{p})
	if err != nil {
		return false, err
	}
	defer release()
	if p.box == nil {
		return false, nil // it can't be written here, and so not be forgotten
	}
	p.load() // another process may have renewed it
	seen := p.seen
	if err := p.remove(); err != nil {
		return false, err
	}
	if !g.agreed || p.login != nil && len(seen) == 0 {
		return false, nil // its refresh token is sent nowhere, or the login was ended with another's
	}
	ref := &source.Ref{Kind: n.Source.Kind, Definition: n.Definition, Secrets: p.secrets, Session: seen}
	response, err := m.Run(program(n), &source.Request{V: source.Version, Op: source.Revoke, Refs: map[string]*source.Ref{n.Name: ref}},
		func(source.Event) (string, error) { return "", ErrPerson }, nil)
	switch {
	case err != nil:
		return false, &SourceError{n, err}
	case response.Answers[n.Name] == nil:
		return false, nil
	case response.Answers[n.Name].Error != nil:
		return false, &SourceError{n, response.Answers[n.Name].Error}
	}
	return response.Answers[n.Name].Revoked, nil
}
