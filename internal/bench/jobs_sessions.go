//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// giver is a source program. It says that it was started, so that the check sees it.
const giver = `#!/bin/sh
read -r request
echo started >> "$HOME/starts"
cat "$HOME/answer"
`

// session is env with a session that is still valid, against env with the same variables as credentials.
func (b *bench) session(r *report) error {
	const n = 4 // as many variables as the kind aws gives
	x, err := b.withSource(n)
	if err != nil {
		return err
	}
	plain, err := b.filled(b.credfile, classic, n)
	if err != nil {
		return err
	}
	kept := b.env("credfile env with a valid session, 4 variables", b.credfile, x, n)
	check := kept.check
	kept.check = func() error {
		if err := check(); err != nil {
			return err
		}
		starts, err := os.ReadFile(filepath.Join(x.home, "starts"))
		if err == nil && strings.Count(string(starts), "\n") != 1 {
			err = fmt.Errorf("the source was started %d times", strings.Count(string(starts), "\n"))
		}
		return err
	}
	s, err := b.compare(r, kept, b.env("credfile env, 4 credentials", b.credfile, plain, n))
	if err != nil {
		return err
	}
	r.goals = append(r.goals, atMost("`env -- true` with a valid session: CPU in times of `env` with the same variables as credentials", 1.25, ratio(s[0], s[1], cpu)))
	return nil
}

// withSource returns a box whose profile has a source that gives n variables, and a session of it.
func (b *bench) withSource(n int) (*box, error) {
	x, err := b.person(b.credfile, classic)
	if err != nil {
		return nil, err
	}
	bin := filepath.Join(x.home, "bin")
	if err := os.Mkdir(bin, 0o700); err != nil {
		return nil, err
	}
	for i := range x.env {
		if rest, ok := strings.CutPrefix(x.env[i], "PATH="); ok {
			x.env[i] = "PATH=" + bin + string(os.PathListSeparator) + rest
		}
	}
	values := map[string]string{}
	var names []string
	for _, c := range credentials(n) {
		values[c.name] = c.value
		names = append(names, c.name)
	}
	answer, err := json.Marshal(map[string]any{"v": 1, "answers": map[string]any{"S": map[string]any{"values": values, "expires": "2099-01-01T00:00:00Z"}}})
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(x.home, "answer"), append(answer, '\n'), 0o600); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(bin, "credfile-source-bench"), []byte(giver), 0o700); err != nil {
		return nil, err
	}
	for _, args := range [][]string{{"init", "--name", "me"}, {"source", "add", "S", "bench", "gives=" + strings.Join(names, ",")}, {"login", "S"}} {
		if _, err := x.output("", append([]string{b.credfile}, args...)...); err != nil {
			return nil, err
		}
	}
	return x, nil
}
