//go:build unix

package main

import (
	"fmt"
	"os"
	"strings"
)

// store is a kind of file that sops writes.
type store struct {
	name, suffix string
	text         func([]credential) string
}

var (
	dotenvStore = store{"dotenv", ".env", dotenv}
	yamlStore   = store{"YAML", ".yaml", yaml}
	jsonStore   = store{"JSON", ".json", func(list []credential) string { return jsonObject(list, nil) }}
)

// sopsBox returns a box with n credentials in a file of sops, x and the store's suffix, that
// the identity of the box opens.
func (b *bench) sopsBox(sops string, s store, n int) (*box, error) {
	x, err := b.person(b.credfile, classic)
	if err != nil {
		return nil, err
	}
	recipient, err := x.recipient()
	if err != nil {
		return nil, err
	}
	x.env = append(x.env, "SOPS_AGE_KEY_FILE="+x.identity())
	if err := x.write("x"+s.suffix, s.text(credentials(n))); err != nil {
		return nil, err
	}
	_, err = x.output("", sops, "encrypt", "-i", "--age", recipient, "x"+s.suffix)
	return x, err
}

// sopsEnv is `sops exec-env`, which gives the command to a shell.
func (b *bench) sopsEnv(sops string, s store, n int, flags ...string) (*contestant, error) {
	x, err := b.sopsBox(sops, s, n)
	if err != nil {
		return nil, err
	}
	args := append(append([]string{sops, "exec-env"}, flags...), "x"+s.suffix)
	return &contestant{
		name:  fmt.Sprintf("sops exec-env, %s store, %d credentials", s.name, n),
		args:  append(args, truePath),
		box:   x,
		check: printing(x, func(out string) error { return hasAll(out, credentials(n)) }, append(args[:len(args):len(args)], envPath)...),
	}, nil
}

// skip adds goals that can't be measured.
func (r *report) skip(why error, goals ...goal) error {
	for _, g := range goals {
		g.skipped = why.Error()
		r.goals = append(r.goals, g)
	}
	return nil
}

func (b *bench) envAgainstSops(r *report) error {
	goals := []goal{
		atLeast("`sops exec-env`, dotenv store, 100 credentials: CPU in times of `env -- true`", 5, spread{}),
		atLeast("`sops exec-env`, dotenv store, 1000 credentials: CPU in times of `env -- true`", 5, spread{}),
		atLeast("`sops exec-env`, YAML store, 1000 credentials: CPU in times of `env -- true`", 10, spread{}),
	}
	sops, err := b.sops()
	if err != nil {
		return r.skip(err, goals...)
	}
	for i, c := range []struct {
		n      int
		stores []store
	}{{100, []store{dotenvStore}}, {1000, []store{dotenvStore, yamlStore}}} {
		x, err := b.filled(b.credfile, classic, c.n)
		if err != nil {
			return err
		}
		list := []*contestant{b.env(fmt.Sprintf("credfile env, %d credentials", c.n), b.credfile, x, c.n)}
		for _, s := range c.stores {
			theirs, err := b.sopsEnv(sops, s, c.n)
			if err != nil {
				return err
			}
			list = append(list, theirs)
		}
		s, err := b.compare(r, list...)
		if err != nil {
			return err
		}
		for j := range c.stores {
			goals[i+j].got = ratio(s[1+j], s[0], cpu)
			r.goals = append(r.goals, goals[i+j])
		}
	}
	return nil
}

// writing compares a command of credfile that writes with sops on JSON and on YAML, of which
// the faster one counts.
func (b *bench) writing(r *report, what string, limit float64, ours func(string, *box, int) (*contestant, error), theirs func(string, store, int) (*contestant, error)) error {
	const n = 1000
	g := atLeast(what, limit, spread{})
	sops, err := b.sops()
	if err != nil {
		return r.skip(err, g)
	}
	x, err := b.filled(b.credfile, classic, n)
	if err != nil {
		return err
	}
	c, err := ours(b.credfile, x, n)
	if err != nil {
		return err
	}
	stores := []store{jsonStore, yamlStore}
	list := []*contestant{c}
	for _, s := range stores {
		c, err := theirs(sops, s, n)
		if err != nil {
			return err
		}
		list = append(list, c)
	}
	s, err := b.compare(r, list...)
	if err != nil {
		return err
	}
	best := 1
	if s[2].spread(cpu).median < s[1].spread(cpu).median {
		best = 2
	}
	g.what = strings.Replace(what, "sops' faster store", "its "+stores[best-1].name+" store", 1)
	g.got = ratio(s[best], s[0], cpu)
	r.goals = append(r.goals, g)
	return nil
}

func (b *bench) setAgainstSops(r *report) error {
	return b.writing(r, "`sops set`, one of 1000, sops' faster store: CPU in times of `set`", 8, b.set, func(sops string, s store, n int) (*contestant, error) {
		x, err := b.sopsBox(sops, s, n)
		if err != nil {
			return nil, err
		}
		restore, err := x.restorer()
		if err != nil {
			return nil, err
		}
		key := fmt.Sprintf("[%q]", credentials(n)[n/2].name)
		var value string
		return &contestant{
			name:  fmt.Sprintf("sops set, %s store, of %d", s.name, n),
			args:  []string{sops, "set", "--value-stdin", "x" + s.suffix, key},
			box:   x,
			stdin: x.path("value"),
			prepare: func(run int) error {
				if err := restore(); err != nil {
					return err
				}
				value = newValue(run)
				return x.write("value", fmt.Sprintf("%q", value))
			},
			check: func() error {
				return printing(x, exactly(value), sops, "decrypt", "--extract", key, "x"+s.suffix)()
			},
		}, nil
	})
}

func (b *bench) rotateAgainstSops(r *report) error {
	return b.writing(r, "`sops rotate -i`, 1000 credentials, sops' faster store: CPU in times of `rotate`", 5, b.rotate, func(sops string, s store, n int) (*contestant, error) {
		x, err := b.sopsBox(sops, s, n)
		if err != nil {
			return nil, err
		}
		restore, err := x.restorer()
		if err != nil {
			return nil, err
		}
		name := "x" + s.suffix
		before, err := os.ReadFile(x.path(name))
		if err != nil {
			return nil, err
		}
		return &contestant{
			name:    fmt.Sprintf("sops rotate -i, %s store, of %d", s.name, n),
			args:    []string{sops, "rotate", "-i", name},
			box:     x,
			prepare: func(int) error { return restore() },
			check: func() error {
				if err := allChanged(x, name, string(before), "NAME_"); err != nil {
					return err
				}
				return printing(x, func(out string) error { return hasAll(out, credentials(n)) }, sops, "exec-env", name, envPath)()
			},
		}, nil
	})
}
