package session

import (
	"os"

	"github.com/credfile/credfile/internal/atomicfile"
	"github.com/credfile/credfile/internal/source"
)

// Kept returns the sessions of a profile that are on this machine, by the name of the source. A login that
// sources share may be there without anything that was obtained with it: then it is one of theirs.
func (m *Manager) Kept(plan *Plan) (map[string]*Given, error) {
	w := &work{m: m, plan: plan, store: m.store(), done: map[string]*Given{}}
	kept := map[string]*Given{}
	if _, err := os.Stat(w.store.dir); err != nil {
		return kept, nil
	}
	ended, has, users := map[string]*bool{}, map[string]bool{}, map[string]*int{} // by the path of the login
	var alone []*Given
	for _, name := range sortedKeys(plan.Nodes) {
		n, err := plan.Node(name)
		if err != nil {
			continue // it can't have one
		}
		p, err := w.prepare(n)
		if err != nil || p.box == nil {
			continue
		}
		g := &Given{Session: p.old, Node: n, kept: p, agreed: m.isAgreed(plan.Profile, n)}
		if !g.agreed {
			p.login = nil // it is the others'
		}
		if p.login != nil {
			path := p.login.path
			if ended[path] == nil {
				ended[path], users[path] = new(bool), new(int)
			}
			*users[path]++
			p.users = users[path]
			p.ended, has[path] = ended[path], has[path] || p.old != nil
		}
		if p.old != nil {
			kept[name] = g
		} else if p.login != nil && g.agreed {
			alone = append(alone, g)
		}
	}
	for _, g := range alone {
		login := g.kept.login
		if g.Session = login.load(); g.Session != nil && !has[login.path] {
			kept[g.Node.Name], has[login.path] = g, true
		}
	}
	return kept, nil
}

// Only leaves a login that other sources share to them: [Manager.End] then ends what g itself gave.
func (g *Given) Only() {
	if g.kept.login != nil && *g.kept.users > 1 {
		g.kept.login = nil
	}
}

// End forgets a session that was kept, and ends it at the server if that is possible. It reports whether
// the server did. The keys of the profile may have been replaced since, and its source removed. Errors:
// [*SourceError] of the server; any other is of forgetting, and then nothing was sent.
func (m *Manager) End(g *Given) (revoked bool, err error) {
	p, n := g.kept, g.Node
	for _, b := range p.boxes() {
		release, err := atomicfile.Lock(b.path+".lock", lockWait)
		if err != nil {
			return false, err
		}
		defer release()
	}
	p.load() // another process may have renewed it
	seen := p.seen
	if err := p.remove(); err != nil {
		return false, err
	}
	switch {
	case !g.agreed:
		return false, nil // its refresh token is sent nowhere
	case n.login() != "" && len(seen) == 0:
		return p.login != nil && *p.ended, nil // with another source's, or not at all
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
	revoked = response.Answers[n.Name].Revoked
	if p.login != nil {
		*p.ended = revoked
	}
	return revoked, nil
}
