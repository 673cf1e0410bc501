// Package oauth logs in at OAuth 2.0 servers: by a browser that comes back to this machine (RFC 8252, with
// PKCE), by a device code (RFC 8628), or as the client itself. It renews what they gave by refresh tokens
// and ends it (RFC 7009). It knows no words for the user, and keeps nothing: what must come back
// with the next request is in the answer.
package oauth

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/credfile/credfile/internal/connect/remote"
	"github.com/credfile/credfile/internal/source"
)

// call is one request for one source.
type call struct {
	*remote.World
	remote.Client
	name string
	ref  *source.Ref
	d    source.Definition
}

// session is what comes back with the next request. The endpoints are in it, so that a renewal is one
// request; they are checked again each time.
type session struct {
	Server      server `json:"server"`
	RedirectURI string `json:"redirect_uri,omitempty"` // GitLab wants to see it again
	Access      string `json:"access_token,omitempty"`
	Refresh     string `json:"refresh_token,omitempty"`
}

// Obtain does an operation on a source. Errors: [*source.Error].
func Obtain(ctx context.Context, w *remote.World, op source.Op, name string, ref *source.Ref) (*source.Answer, error) {
	c := &call{World: w, name: name, ref: ref, d: ref.Definition, Client: remote.Client{HTTP: w.HTTP, Secrets: []string{ref.Secrets["client_secret"]}}}
	if err := source.Find("oauth").Validate(c.d); err != nil {
		return nil, remote.Other(err.Error())
	}
	var old session
	if len(ref.Session) > 0 && json.Unmarshal(ref.Session, &old) != nil {
		old = session{} // of another version: as good as none
	}
	c.Secrets = append(c.Secrets, old.Access, old.Refresh)
	if op == source.Revoke {
		if old.Access == "" && old.Refresh == "" {
			return &source.Answer{}, nil
		}
		return c.revoke(ctx, &old)
	}
	if op != source.Login && old.Refresh != "" {
		return c.refresh(ctx, &old)
	}
	if c.d.Text("flow") != "client_credentials" && (op == source.Refresh || !w.Interactive) {
		return nil, &source.Error{Class: source.NeedsLogin, Message: "needs a login"}
	}
	s, err := c.discover(ctx)
	if err != nil {
		return nil, err
	}
	return c.login(ctx, s)
}

// login obtains a first token.
func (c *call) login(ctx context.Context, s *server) (*source.Answer, error) {
	if s.Token == "" {
		return nil, remote.Other("the server has no token endpoint")
	}
	flow := c.flow(s)
	if flow == "browser" && c.Browser == "device" {
		return nil, remote.Other("this login has no code for another device; log in without --device")
	}
	switch flow {
	case "client_credentials":
		var g *grant
		err := c.Again(ctx, func() (err error) {
			g, err = c.token(ctx, s, c.withAudience(params{"grant_type": "client_credentials", "scope": c.scope()}))
			return err
		})
		if err != nil {
			return nil, err
		}
		g.refresh = "" // RFC 6749, 4.4.3: none should be there, and the secret is the better way
		return c.answer(g, &session{Server: *s})
	case "device":
		return c.device(ctx, s)
	case "browser":
		return c.browser(ctx, s)
	}
	return nil, remote.Other("the server offers no login that this source can use")
}

// flow decides how to log in. A definition that says so leaves no choice: its author knows which
// the client was registered for.
func (c *call) flow(s *server) string {
	flow := c.d.Text("flow")
	browser := s.Authorization != "" && (c.ref.Secrets["client_secret"] != "" || !source.OAuthServer(c.d).CodeSecret)
	switch {
	case flow == "client_credentials":
		return flow
	case flow == "device" && s.Device != "", flow == "browser" && s.Authorization != "":
		return flow
	case flow == "device" || flow == "browser":
		return ""
	case s.Device != "" && (c.Browser == "device" || !browser):
		return "device"
	case browser:
		return "browser"
	}
	return ""
}

// refresh renews a session. The answer's refresh token replaces the old one; without one, the old one
// stays good (RFC 6749, 6), and is what the library returns.
func (c *call) refresh(ctx context.Context, old *session) (*source.Answer, error) {
	if err := c.stillAllowed(&old.Server); err != nil {
		return nil, err
	}
	g, err := c.token(ctx, &old.Server, params{"grant_type": "refresh_token", "refresh_token": old.Refresh, "redirect_uri": old.RedirectURI})
	if err != nil {
		return nil, err
	}
	return c.answer(g, &session{Server: old.Server, RedirectURI: old.RedirectURI})
}

// answer is what the source gives. If that can't be used, the session is there all the same: its refresh
// token can be the only one that is still good.
func (c *call) answer(g *grant, s *session) (*source.Answer, error) {
	s.Access, s.Refresh = g.access, g.refresh
	text, err := json.Marshal(s)
	if err != nil {
		return nil, remote.Other("the answer can't be kept")
	}
	claims, err := readIDToken(g.id, s.Server.Issuer, c.d.Text("client_id"))
	a := &source.Answer{Session: text, Subject: claims.subject()}
	switch {
	case c.d.Text("use") != "id_token":
		a.Values, a.Expires = map[string]string{c.name: g.access}, g.expires
	case err != nil:
		return a, err
	default:
		a.Values, a.Expires = map[string]string{c.name: g.id}, time.Unix(int64(claims.Expires), 0)
	}
	return a, nil
}

func (c *call) scope() string { return strings.Join(c.d.List("scopes"), " ") }

// withAudience adds the audience, which some servers want for a token that others can read.
func (c *call) withAudience(p params) params {
	p["audience"] = c.d.Text("audience")
	return p
}
