//go:build unix

package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

// peer is another tool at the main job. make returns it with 100 credentials, and the command
// that prints its version.
type peer struct {
	name string
	make func(*bench) (c *contestant, version []string, err error)
}

const peerSize = 100

var peerList = []peer{
	{"age -d", (*bench).peerAge},
	{"sops exec-env, dotenv store", func(b *bench) (*contestant, []string, error) { return b.peerSops(dotenvStore) }},
	{"sops exec-env --same-process, dotenv store", func(b *bench) (*contestant, []string, error) { return b.peerSops(dotenvStore, "--same-process") }},
	{"sops exec-env, YAML store", func(b *bench) (*contestant, []string, error) { return b.peerSops(yamlStore) }},
	{"ejson decrypt", (*bench).peerEjson},
	{"gpg -d", (*bench).peerGPG},
	{"pass show, one value", (*bench).peerPass},
	{"dotenvx run", (*bench).peerDotenvx},
	{"ansible-vault view", (*bench).peerAnsible},
}

// errMissing is why a peer isn't measured. Any other error is a fault of the benchmark.
type errMissing struct{ error }

// peers measures all that can be had, in one group.
func (b *bench) peers(r *report) error {
	x, err := b.filled(b.credfile, classic, peerSize)
	if err != nil {
		return err
	}
	list := []*contestant{b.env("credfile env", b.credfile, x, peerSize)}
	r.Peers = []figure{{name: list[0].name, version: "this commit"}}
	var at []int // where in r.Peers the contestants are
	at = append(at, 0)
	for _, p := range peerList {
		c, version, err := p.make(b)
		f := figure{name: p.name}
		var missing errMissing
		switch {
		case errors.As(err, &missing):
			f.skipped = err.Error()
			b.say("  %s: skipped: %v", p.name, err)
		case err != nil:
			return fmt.Errorf("%s: %w", p.name, err)
		default:
			c.name, f.version = p.name, versionOf(c.box, version...)
			list, at = append(list, c), append(at, len(r.Peers))
			defer c.box.output("", "gpgconf", "--kill", "gpg-agent") // of this box, if it has one
		}
		r.Peers = append(r.Peers, f)
	}
	all, err := b.measure(list...)
	for i := range all {
		f := &r.Peers[at[i]]
		f.samples = all[i]
		if i > 0 {
			f.times = ratio(all[i], all[0], cpu)
		}
	}
	return err
}

// printer is a peer that prints all credentials as NAME=VALUE.
func printer(x *box, args ...string) *contestant {
	return &contestant{args: args, box: x, check: printing(x, func(out string) error { return hasAll(out, credentials(peerSize)) }, args...)}
}

func (b *bench) peerAge() (*contestant, []string, error) {
	x, err := b.person(b.credfile, classic)
	if err != nil {
		return nil, nil, err
	}
	age, err := b.encrypt(x, "x.age", dotenv(credentials(peerSize)))
	return printer(x, age, "-d", "-i", x.identity(), "x.age"), []string{age, "--version"}, err
}

func (b *bench) peerSops(s store, flags ...string) (*contestant, []string, error) {
	sops, err := b.sops()
	if err != nil {
		return nil, nil, errMissing{err}
	}
	c, err := b.sopsEnv(sops, s, peerSize, flags...)
	return c, []string{sops, "--version", "--disable-version-check"}, err
}

func (b *bench) peerEjson() (*contestant, []string, error) {
	ejson, err := b.ejson()
	if err != nil {
		return nil, nil, errMissing{err}
	}
	x, err := b.newBox()
	if err != nil {
		return nil, nil, err
	}
	x.env = append(x.env, "EJSON_KEYDIR="+x.home)
	out, err := x.output("", ejson, "keygen", "-w")
	if err != nil {
		return nil, nil, err
	}
	list := credentials(peerSize)
	if err := x.write("x.ejson", jsonObject(list, map[string]string{"_public_key": strings.TrimSpace(out)})); err != nil {
		return nil, nil, err
	}
	if _, err := x.output("", ejson, "encrypt", "x.ejson"); err != nil {
		return nil, nil, err
	}
	args := []string{ejson, "decrypt", "x.ejson"}
	every := func(out string) error {
		for _, c := range list {
			if !strings.Contains(out, fmt.Sprintf("%q: %q", c.name, c.value)) {
				return fmt.Errorf("%s is not in the output", c.name)
			}
		}
		return nil
	}
	return &contestant{args: args, box: x, check: printing(x, every, args...)}, []string{ejson, "--version"}, nil
}

// gpgBox has a key without a passphrase. gpg's agent keeps running.
func (b *bench) gpgBox() (x *box, gpg string, err error) {
	if gpg, err = b.system("gpg"); err != nil {
		return nil, "", errMissing{err}
	}
	if x, err = b.newBox(); err != nil {
		return nil, "", err
	}
	_, err = x.output("", gpg, "--batch", "--passphrase", "", "--quick-gen-key", "me@example.org", "future-default", "default", "never")
	return x, gpg, err
}

func (b *bench) peerGPG() (*contestant, []string, error) {
	x, gpg, err := b.gpgBox()
	if err != nil {
		return nil, nil, err
	}
	_, err = x.output(dotenv(credentials(peerSize)), gpg, "--batch", "-q", "-r", "me@example.org", "-o", "x.gpg", "-e")
	return printer(x, gpg, "--batch", "-q", "-d", "x.gpg"), []string{gpg, "--version"}, err
}

func (b *bench) peerPass() (*contestant, []string, error) {
	pass, err := b.system("pass")
	if err != nil {
		return nil, nil, errMissing{err}
	}
	x, _, err := b.gpgBox()
	if err != nil {
		return nil, nil, err
	}
	if _, err := x.output("", pass, "init", "me@example.org"); err != nil {
		return nil, nil, err
	}
	c := credentials(peerSize)[peerSize/2]
	args := []string{pass, "show", c.name}
	_, err = x.output(c.value+"\n", pass, "insert", "-e", c.name)
	return &contestant{args: args, box: x, check: printing(x, exactly(c.value), args...)}, []string{pass, "version"}, err
}

func (b *bench) peerDotenvx() (*contestant, []string, error) {
	dotenvx, err := b.dotenvx()
	if err != nil {
		return nil, nil, errMissing{err}
	}
	x, err := b.newBox()
	if err != nil {
		return nil, nil, err
	}
	if err := x.write(".env", dotenv(credentials(peerSize))); err != nil {
		return nil, nil, err
	}
	if _, err := x.output("", dotenvx, "encrypt", "--no-armor", "--no-native"); err != nil {
		return nil, nil, err
	}
	text, err := os.ReadFile(x.path(".env"))
	if err != nil {
		return nil, nil, err
	}
	if strings.Contains(string(text), "fake-") {
		return nil, nil, errors.New("dotenvx encrypted nothing")
	}
	c := printer(x, dotenvx, "run", "--", envPath)
	c.args = []string{dotenvx, "run", "--", truePath}
	return c, []string{dotenvx, "--version"}, nil
}

func (b *bench) peerAnsible() (*contestant, []string, error) {
	vault, err := b.system("ansible-vault")
	if err != nil {
		return nil, nil, errMissing{err}
	}
	x, err := b.newBox()
	if err != nil {
		return nil, nil, err
	}
	if err := x.write("password", "plainly-fake\n"); err != nil {
		return nil, nil, err
	}
	if err := x.write("x.vault", dotenv(credentials(peerSize))); err != nil {
		return nil, nil, err
	}
	_, err = x.output("", vault, "encrypt", "--vault-password-file", "password", "x.vault")
	return printer(x, vault, "view", "--vault-password-file", "password", "x.vault"), []string{vault, "--version"}, err
}
