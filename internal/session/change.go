package session

import (
	"slices"

	"github.com/credfile/credfile/internal/source"
	"github.com/credfile/credfile/vaultfile"
)

// Renames changes the definitions of sources that use a credential or a source, which has a new name
// now. It returns the sources.
//
// Errors: those of [vaultfile.Profile.SetSource].
func (plan *Plan) Renames(old, name string) (changed []string, err error) {
	for _, user := range sortedKeys(plan.Nodes) {
		n := plan.Nodes[user]
		d := n.Definition
		if n.Kind == nil {
			i := slices.Index(d.List("secrets"), old)
			if i < 0 {
				continue
			}
			list := slices.Clone(d.List("secrets"))
			list[i] = name
			d["secrets"] = list
		} else if !n.rename(old, name) {
			continue
		}
		if user == old { // it has the new name itself
			user = name
		}
		if _, err := plan.Profile.SetSource(vaultfile.Source{Name: user, Kind: n.Source.Kind, Definition: d}); err != nil {
			return nil, err
		}
		changed = append(changed, user)
	}
	return changed, nil
}

// rename changes the keys that name something.
func (n *Node) rename(old, name string) (changed bool) {
	for _, names := range []map[string]string{n.Secrets, n.Kind.Named(n.Definition, source.Source)} {
		for key, used := range names { // by default, too
			if used == old {
				n.Definition[key], changed = name, true
			}
		}
	}
	for key, used := range n.Secrets { // one by default and the other by name would not belong together
		if changed && used != old {
			n.Definition[key] = used
		}
	}
	return changed
}

// Needs returns the names of the credentials and sources that a source uses.
func (plan *Plan) Needs(name string) (names []string) {
	n := plan.Nodes[name]
	if n == nil {
		return nil
	}
	for _, key := range sortedKeys(n.Secrets) {
		names = append(names, n.Secrets[key])
	}
	used := n.used(plan)
	for _, key := range sortedKeys(used) {
		names = append(names, used[key])
	}
	return names
}

// AllAgreed returns the names of the sources that the user agreed to on this machine.
func (m *Manager) AllAgreed(plan *Plan) (names []string) {
	for _, name := range sortedKeys(plan.Nodes) {
		if n, err := plan.Node(name); err == nil && m.isAgreedHere(plan.Profile, n) {
			names = append(names, name)
		}
	}
	return names
}
