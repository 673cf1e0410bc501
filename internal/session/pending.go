package session

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/credfile/credfile/vaultfile"
)

// pending is a source for which there is no good session.
type pending struct {
	n       *Node
	secrets map[string]string
	box     *box // nil if nothing can be kept
	login   *box // of the login that sources share, or nil
	old     *Session
	seen    json.RawMessage // what the program wants to see again
	ended   *bool           // of those that share a login, in Kept: whether the server ended it
	users   *int            // how many sources share the login
	failed  error
}

// boxes returns what is written when the source is renewed.
func (p *pending) boxes() []*box {
	return slices.DeleteFunc([]*box{p.box, p.login}, func(b *box) bool { return b == nil })
}

// load reads what is kept.
func (p *pending) load() {
	p.old, p.seen = p.box.load(), nil
	from := p.old
	if p.login != nil {
		from = p.login.load()
	}
	if from != nil {
		p.seen = from.Source
	}
}

// save keeps a session. The login is on the disk first: its refresh token of before is spent.
func (p *pending) save(s *Session) error {
	if p.login == nil {
		return p.box.save(s)
	}
	if len(s.Source) > 0 {
		if err := p.login.save(&Session{Kind: s.Kind, Obtained: s.Obtained, Source: s.Source}); err != nil {
			return err
		}
	}
	if len(s.Values) == 0 {
		return nil
	}
	own := *s
	own.Source = nil
	return p.box.save(&own)
}

// unkept is a source of which nothing is kept: a refresh token of before is not spent.
func (p *pending) unkept() { p.box, p.login, p.old, p.seen = nil, nil, nil, nil }

// remove forgets what is kept.
func (p *pending) remove() error {
	for _, b := range p.boxes() {
		if err := b.remove(); err != nil {
			return err
		}
	}
	return nil
}

// login names the login that n shares with others, or is "".
func (n *Node) login() string {
	if n.Kind == nil || n.Kind.Login == nil {
		return ""
	}
	return n.Kind.Login(n.Definition)
}

// prepare collects the secrets of a source, and looks for a session.
func (w *work) prepare(n *Node) (*pending, error) {
	p := &pending{n: n, secrets: map[string]string{}}
	for key, name := range n.Secrets {
		value, err := w.plan.Profile.Get(name)
		var missing *vaultfile.NotFoundError
		if errors.As(err, &missing) {
			return nil, &Wrong{n.Profile, n.Name, "needs the credential " + name + ", which is not in the profile"}
		} else if err != nil {
			return nil, err
		}
		p.secrets[key] = string(value.Reveal())
	}
	for key, u := range n.Uses {
		given := w.done[u.Name]
		if given == nil { // a session is only looked at
			continue
		}
		values := given.Values
		if len(values) == 1 {
			for _, v := range values {
				p.secrets[key] = v
			}
		}
		for name, v := range values {
			p.secrets[key+"."+name] = v
		}
	}
	if err := os.MkdirAll(w.store.dir, 0o700); err != nil {
		w.m.Tell.NotKept(n, err)
		return p, nil
	}
	// What another source gave changes all the time, and its definition is in the digest.
	own := maps.Clone(p.secrets)
	for key := range n.Uses {
		maps.DeleteFunc(own, func(k, _ string) bool { return k == key || strings.HasPrefix(k, key+".") })
	}
	box, err := w.store.box(w.plan.Profile, n.Name, n.Digest, own)
	if err != nil {
		w.m.Tell.NotKept(n, err)
		return p, nil
	}
	p.box = box
	if login := n.login(); login != "" {
		shared := n.Source.Kind + " " + login
		digest := sha256.Sum256(pae([]byte("credfile/1 login"), []byte(shared)))
		if p.login, err = w.store.box(w.plan.Profile, "login of "+shared, digest, nil); err != nil {
			return nil, err
		}
	}
	p.load()
	return p, nil
}
