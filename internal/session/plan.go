package session

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/source"
	"github.com/credfile/credfile/vaultfile"
)

// maxLevels is how many sources can build on each other.
const maxLevels = 4

// Wrong reports a source that can't be used as it is defined. The text has no secret.
type Wrong struct{ Profile, Source, Reason string }

func (e *Wrong) Error() string { return "source " + e.Source + " " + e.Reason }

// NoSourceError reports that a profile has no source of that name.
type NoSourceError struct {
	Profile, Name string
	Known         []string // the names of its sources
}

func (e *NoSourceError) Error() string {
	return fmt.Sprintf("profile %q has no source %q", e.Profile, e.Name)
}

// Node is a source with what it uses.
type Node struct {
	vaultfile.Source
	Profile string
	Digest  Digest
	Kind    *source.Kind      // nil for one that is not built in
	Secrets map[string]string // names of credentials, by the key of the definition that names them
	Uses    map[string]*Node  // sources, by the key
	level   int
}

// Plan is the sources of a profile.
type Plan struct {
	Profile  *vaultfile.Profile
	Nodes    map[string]*Node
	Consumed map[string]string // names of sources, by those of the credentials that they use
}

// NewPlan reads the sources of a profile. A source that is defined wrongly is an error only once it is
// to be used: see [Plan.Node].
func NewPlan(p *vaultfile.Profile) (*Plan, error) {
	list, err := p.Sources()
	if err != nil {
		return nil, err
	}
	plan := &Plan{Profile: p, Nodes: map[string]*Node{}, Consumed: map[string]string{}}
	for _, s := range list {
		n := &Node{Source: s, Profile: p.Name(), Kind: source.Find(s.Kind), level: -1}
		n.Secrets = n.secrets(p)
		plan.Nodes[s.Name] = n
		for _, credential := range n.Secrets {
			plan.Consumed[credential] = s.Name
		}
	}
	return plan, nil
}

// secrets returns the credentials that a source uses, by key. Of a kind that is not built in, they are
// listed in secrets.
func (n *Node) secrets(p *vaultfile.Profile) map[string]string {
	names := map[string]string{}
	if n.Kind == nil {
		for _, name := range n.Definition.List("secrets") {
			names[name] = name
		}
		return names
	}
	for _, f := range n.Kind.Fields {
		if name := n.Definition.Text(f.Key); f.Type == source.Secret && name != "" {
			names[f.Key] = name
		} else if f.Type == source.Secret && f.Default != "" && p.Has(f.Default) && n.Kind.WantsDefault(n.Definition, f.Key) {
			names[f.Key] = f.Default
		}
	}
	return names
}

// Node returns a source that is ready to be used. Errors: [*Wrong], [*NoSourceError].
func (plan *Plan) Node(name string) (*Node, error) { return plan.node(name, nil) }

func (plan *Plan) node(name string, path []string) (*Node, error) {
	n := plan.Nodes[name]
	if n == nil {
		return nil, &NoSourceError{plan.Profile.Name(), name, sortedKeys(plan.Nodes)}
	}
	if slices.Contains(path, name) {
		return nil, &Wrong{plan.Profile.Name(), name, "uses itself, by way of " + strings.Join(path, ", ")}
	}
	if n.level >= 0 {
		return n, nil
	}
	if err := n.check(); err != nil {
		return nil, err
	}
	var uses []Digest
	level := 0
	n.Uses = map[string]*Node{}
	used := n.used(plan)
	for _, key := range sortedKeys(used) {
		u, err := plan.node(used[key], append(path, name))
		if err != nil {
			return nil, err
		}
		n.Uses[key] = u
		uses = append(uses, u.Digest)
		if level = max(level, u.level+1); level >= maxLevels {
			return nil, &Wrong{plan.Profile.Name(), name, fmt.Sprintf("builds on more than %d others, one on the other", maxLevels-1)}
		}
	}
	n.level, n.Digest = level, digest(plan.Profile, &n.Source, uses)
	return n, nil
}

// check checks the definition by its kind.
func (n *Node) check() error {
	if n.Kind != nil {
		if err := n.Kind.Validate(n.Definition); err != nil {
			return &Wrong{n.Profile, n.Name, "can't be used: " + err.Error()}
		}
		return nil
	}
	for _, name := range slices.Concat(n.Definition.List("secrets"), n.Definition.List("gives")) {
		if !format.ValidName(name) {
			return &Wrong{n.Profile, n.Name, "can't be used: secrets and gives must be lists of names"}
		}
	}
	return nil
}

// used returns the names of the sources that n uses, by key. A text that can be the name of one is one,
// where the kind says so.
func (n *Node) used(plan *Plan) map[string]string {
	if n.Kind == nil {
		return nil
	}
	return n.Kind.Named(n.Definition, source.Source)
}

// UserOf returns the name of a source that uses a credential or another source, or "".
func (plan *Plan) UserOf(name string) string {
	if user := plan.Consumed[name]; user != "" {
		return user
	}
	for _, other := range sortedKeys(plan.Nodes) {
		for _, used := range plan.Nodes[other].used(plan) {
			if used == name {
				return other
			}
		}
	}
	return ""
}

// Gives returns the variables that a source may give.
func (n *Node) Gives() []string {
	if n.Kind == nil {
		if list := n.Definition.List("gives"); len(list) > 0 {
			return list
		}
		return []string{n.Name}
	}
	return n.Kind.Gives(n.Name, n.Definition)
}

// OnDemand reports whether a source is left out unless it is asked for by name.
func (n *Node) OnDemand() bool { return n.Definition.Flag("on_demand") }

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
