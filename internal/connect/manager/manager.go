// Package manager reads secret managers by the user's own command lines: Vault and OpenBao, AWS Secrets
// Manager, Google Secret Manager, Azure Key Vault and Kubernetes. The arguments are fixed but for the names
// of the secret, and never have a value.
package manager

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/credfile/credfile/internal/connect/remote"
	"github.com/credfile/credfile/internal/source"
	"github.com/credfile/credfile/internal/tool"
)

// Manager reads secrets for one request. Each secret is read once, however many sources want a part of it.
type Manager struct {
	mu   sync.Mutex
	read map[string]*reading
}

// reading is a secret that is read once.
type reading struct {
	once   sync.Once
	fields map[string]string
	err    error
}

// New returns a manager for one request.
func New() *Manager { return &Manager{read: map[string]*reading{}} }

// maxSecret is the most bytes that a command line may print.
const maxSecret = 1 << 20

// Obtain does an operation on a source of one of these kinds. Errors: [*source.Error].
func (m *Manager) Obtain(_ context.Context, w *remote.World, op source.Op, name string, ref *source.Ref) (*source.Answer, error) {
	if op == source.Revoke {
		return &source.Answer{}, nil // a secret that was read stays what it is
	}
	d := ref.Definition
	c := clis[ref.Kind]
	args := c.args(d)
	key := ref.Kind + "\x00" + strings.Join(args, "\x00")
	m.mu.Lock()
	r := m.read[key]
	if r == nil {
		r = &reading{}
		m.read[key] = r
	}
	m.mu.Unlock()
	r.once.Do(func() { r.fields, r.err = c.read(w, args) })
	if r.err != nil {
		return nil, r.err
	}
	values, err := chosen(name, d, r.fields)
	if err != nil {
		return nil, err
	}
	a := &source.Answer{Values: values, Once: true}
	if keep, err := time.ParseDuration(d.Text("cache")); err == nil {
		a.Once, a.Expires = false, w.Now().Add(keep)
	}
	return a, nil
}

// read runs the command line and returns the secret's values by their names. "" is that of a secret
// which is one value.
func (c *cli) read(w *remote.World, args []string) (map[string]string, error) {
	var t *tool.Tool
	err := tool.ErrMissing
	for _, program := range c.programs {
		if t, err = tool.Find(program, w.Environ, w.Inside, []string{"*"}); err == nil {
			break
		}
	}
	if err != nil {
		return nil, &source.Error{Class: source.Unavailable, Message: c.programs[0] + " is not installed"}
	}
	out, err := t.Run(nil, tool.Limits{Wait: runTime, Size: maxSecret}, args...)
	var exit *tool.ExitError
	switch {
	case errors.Is(err, tool.ErrTime):
		return nil, &source.Error{Class: source.Unavailable, Message: c.programs[0] + " took too long"}
	case errors.As(err, &exit):
		return nil, c.failure(exit)
	case err != nil:
		return nil, remote.Other(c.programs[0] + " could not be run")
	}
	fields, ok := c.parse(out)
	if !ok {
		return nil, remote.Other(c.programs[0] + " printed something that is not a secret")
	}
	return fields, nil
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
