// Package manager reads secret managers by the user's own command lines: Vault and OpenBao, AWS Secrets
// Manager, Google Secret Manager, Azure Key Vault and Kubernetes. The arguments are fixed but for the names
// of the secret, and never have a value.
package manager

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/credfile/credfile/internal/connect/remote"
	"github.com/credfile/credfile/internal/source"
	"github.com/credfile/credfile/internal/tool"
)

// Manager reads secrets for one request. Each secret is read once, however many sources want a part of it.
type Manager struct {
	mu    sync.Mutex
	read  map[string]*reading
	kubes map[string][]string // the secrets that are wanted of Kubernetes, by namespace
}

// reading is what one start of a command line read.
type reading struct {
	once    sync.Once
	secrets map[string]map[string]string // fields by the name of the secret, or "" if there is one
	err     error
}

// New returns a manager for one request.
func New(refs map[string]*source.Ref) *Manager {
	m := &Manager{read: map[string]*reading{}, kubes: map[string][]string{}}
	for _, name := range slices.Sorted(maps.Keys(refs)) {
		ref := refs[name]
		if ref == nil || ref.Kind != "kubernetes" || source.Find(ref.Kind).Validate(ref.Definition) != nil {
			continue
		}
		namespace, secret := ref.Definition.Text("namespace"), ref.Definition.Text("secret")
		if !slices.Contains(m.kubes[namespace], secret) {
			m.kubes[namespace] = append(m.kubes[namespace], secret)
		}
	}
	return m
}

// maxSecret is the most bytes that a command line may print.
const maxSecret = 1 << 20

// Obtain does an operation on a source of one of these kinds. Errors: [*source.Error].
func (m *Manager) Obtain(_ context.Context, w *remote.World, op source.Op, name string, ref *source.Ref) (*source.Answer, error) {
	if op == source.Revoke {
		return &source.Answer{}, nil // a secret that was read stays what it is
	}
	d := ref.Definition
	fields, err := m.fields(w, ref)
	if err != nil {
		return nil, err
	}
	values, err := chosen(name, d, fields)
	if err != nil {
		return nil, err
	}
	a := &source.Answer{Values: values, Once: true}
	if keep, err := time.ParseDuration(d.Text("cache")); err == nil {
		a.Once, a.Expires = false, w.Now().Add(keep)
	}
	return a, nil
}

// fields returns a secret's values by their names. "" is that of a secret which is one value.
func (m *Manager) fields(w *remote.World, ref *source.Ref) (map[string]string, error) {
	d := ref.Definition
	if names := m.kubes[d.Text("namespace")]; ref.Kind == "kubernetes" && len(names) > 1 {
		secrets, err := m.once(w, kubernetesMany, kubernetesArgs(d.Text("namespace"), names...))
		var e *source.Error
		switch fields := secrets[d.Text("secret")]; {
		case err == nil && fields == nil:
			return nil, &source.Error{Class: source.NotFound, Message: "kubectl finds no such secret"}
		case err == nil:
			return fields, nil
		case errors.As(err, &e) && (e.Class == source.NeedsLogin || e.Class == source.Unavailable):
			return nil, err
		}
		// One of them can't be read, say, and the others can.
	}
	c := clis[ref.Kind]
	secrets, err := m.once(w, c, c.args(d))
	return secrets[""], err
}

// once runs a command line with these arguments, if nobody has.
func (m *Manager) once(w *remote.World, c *cli, args []string) (map[string]map[string]string, error) {
	key := c.programs[0] + "\x00" + strings.Join(args, "\x00")
	m.mu.Lock()
	r := m.read[key]
	if r == nil {
		r = &reading{}
		m.read[key] = r
	}
	m.mu.Unlock()
	r.once.Do(func() { r.secrets, r.err = c.run(w, args) })
	return r.secrets, r.err
}

func (c *cli) run(w *remote.World, args []string) (map[string]map[string]string, error) {
	var t *tool.Tool
	name, err := "", tool.ErrMissing
	for _, name = range c.programs {
		if t, err = tool.Find(name, w.Environ, w.Inside, []string{"*"}); err == nil {
			break
		}
	}
	if err != nil {
		return nil, &source.Error{Class: source.Unavailable, Message: strings.Join(c.programs, " or ") + " is not installed"}
	}
	out, err := t.Run(nil, tool.Limits{Wait: runTime, Size: maxSecret}, args...)
	var exit *tool.ExitError
	switch {
	case errors.Is(err, tool.ErrTime):
		return nil, &source.Error{Class: source.Unavailable, Message: name + " took too long"}
	case errors.As(err, &exit):
		return nil, c.failure(name, exit)
	case err != nil:
		return nil, remote.Other(name + " could not be run")
	}
	secrets, ok := c.secrets(out)
	if !ok {
		return nil, remote.Other(name + " printed something that is not a secret")
	}
	return secrets, nil
}

// secrets reads what the command line printed.
func (c *cli) secrets(out []byte) (map[string]map[string]string, bool) {
	if c.parse == nil {
		return kubernetesSecrets(out)
	}
	fields, ok := c.parse(out)
	return map[string]map[string]string{"": fields}, ok
}

// runTime is how long a command line may take: those that are written in Python start slowly.
const runTime = 25 * time.Second

// chosen returns the values that a definition asks for, by variable.
func chosen(own string, d source.Definition, fields map[string]string) (map[string]string, error) {
	missing := &source.Error{Class: source.NotFound, Message: "the secret has no field of that name"}
	if list := d.List("map"); len(list) > 0 {
		values := map[string]string{}
		for _, entry := range list {
			variable, field, _ := strings.Cut(entry, "=")
			value, ok := fields[field]
			if !ok {
				return nil, missing
			}
			values[variable] = value
		}
		return values, nil
	}
	if field := d.Text("field"); field != "" {
		value, ok := fields[field]
		if !ok {
			return nil, missing
		}
		return map[string]string{own: value}, nil
	}
	if whole, ok := fields[""]; ok {
		return map[string]string{own: whole}, nil
	}
	if len(fields) == 1 {
		for _, value := range fields {
			return map[string]string{own: value}, nil
		}
	}
	return nil, remote.Other("the secret has several fields; say which with field or map")
}
