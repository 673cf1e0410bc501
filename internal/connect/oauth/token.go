package oauth

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/credfile/credfile/internal/connect/remote"
	"github.com/credfile/credfile/internal/source"
)

// params are those of a request. Empty ones are left out.
type params map[string]string

func (p params) values() url.Values {
	v := url.Values{}
	for key, value := range p {
		if value != "" {
			v.Set(key, value)
		}
	}
	return v
}

// grant is what a token endpoint gave.
type grant struct {
	access, refresh, id string
	expires             time.Time
}

// secretParams are those that no message may have.
var secretParams = []string{"code", "code_verifier", "device_code", "refresh_token", "token"}

// keepSecret adds what is sent to what messages must not have.
func (c *call) keepSecret(p params) {
	for _, key := range secretParams {
		c.Secrets = append(c.Secrets, p[key])
	}
}

// token asks a token endpoint, once: a code that was sent is spent. Of the library, the client
// credentials flow is the one that takes any other grant's parameters.
func (c *call) token(ctx context.Context, s *server, p params) (*grant, error) {
	c.keepSecret(p)
	conf := &clientcredentials.Config{
		ClientID: c.d.Text("client_id"), ClientSecret: c.ref.Secrets["client_secret"],
		TokenURL: s.Token, EndpointParams: p.values(), AuthStyle: s.authStyle(),
	}
	if conf.ClientSecret == "" {
		conf.AuthStyle = oauth2.AuthStyleInParams // a public client names itself in the form (RFC 6749, 3.2.1)
	}
	client := *c.World.HTTP
	client.Transport = acceptJSON{client.Transport}
	before := c.Now()
	t, err := conf.Token(context.WithValue(ctx, oauth2.HTTPClient, &client))
	if err != nil {
		return nil, c.failure(s.Token, p["grant_type"], err)
	}
	g := &grant{access: t.AccessToken, refresh: t.RefreshToken}
	g.id, _ = t.Extra("id_token").(string)
	c.Secrets = append(c.Secrets, g.access, g.refresh, g.id)
	for _, text := range []string{g.access, g.refresh} {
		if text != "" && !remote.IsToken(text) {
			return nil, remote.Other("the server gave a token with characters that no token has")
		}
	}
	if n := remote.Seconds(t.Extra("expires_in")); n > 0 {
		g.expires = before.Add(n) // counted from before the request, so never too late
	}
	return g, nil
}

// acceptJSON asks for JSON, which the library does not: GitHub answers with a form otherwise, in which
// a slow_down has no interval.
type acceptJSON struct{ base http.RoundTripper }

func (a acceptJSON) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Accept", "application/json")
	if a.base == nil {
		return http.DefaultTransport.RoundTrip(r)
	}
	return a.base.RoundTrip(r)
}

// claims are those of an ID token that are used.
type claims struct {
	Issuer   string   `json:"iss"`
	Audience audience `json:"aud"`
	Expires  float64  `json:"exp"`
	Sub      string   `json:"sub"`
	Email    string   `json:"email"`
	User     string   `json:"preferred_username"`
}

// audience is one string or a list.
type audience []string

func (a *audience) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*a = audience{one}
		return nil
	}
	return json.Unmarshal(b, (*[]string)(a))
}

// readIDToken reads an ID token that came from the token endpoint itself. TLS vouches for it there, so its
// signature is not checked (OpenID Connect Core, 3.1.3.7, 6); whoever gets it checks it.
func readIDToken(token, issuer, client string) (claims, error) {
	if token == "" {
		return claims{}, remote.Other("the server gave no ID token")
	}
	var c claims
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return claims{}, remote.Other("the server gave an ID token that is not a JWT")
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || json.NewDecoder(bytes.NewReader(text)).Decode(&c) != nil {
		return claims{}, remote.Other("the server gave an ID token that is not a JWT")
	}
	if issuer != "" && c.Issuer != issuer || !slices.Contains(c.Audience, client) || c.Expires <= 0 {
		return claims{}, remote.Other("the server gave an ID token that is not meant for this client")
	}
	return c, nil
}

// subject says for whom a login is. The caller shows it escaped.
func (c *claims) subject() string {
	for _, s := range []string{c.Email, c.User, c.Sub} {
		if s != "" && len(s) <= 256 {
			return s
		}
	}
	return ""
}

// failure says why a token endpoint gave nothing. The library's own text has the body in it, which can
// have a token, so it is not used.
func (c *call) failure(endpoint, grantType string, err error) error {
	host := source.Host(endpoint)
	var network *url.Error
	var e *oauth2.RetrieveError
	switch errors.As(err, &e); {
	case errors.As(err, &network):
		return remote.Unreachable(endpoint, err)
	case e == nil:
		return remote.Other(host + " gave an answer that is not a token")
	case e.ErrorCode == "":
		return remote.Status(host, e.Response.StatusCode)
	}
	refusal := c.Refused(host, e.ErrorCode, e.ErrorDescription)
	if grantType == "refresh_token" && (e.ErrorCode == "invalid_grant" || e.ErrorCode == "bad_refresh_token") { // GitHub's word
		refusal.Err.Class = source.NeedsLogin
	}
	refusal.Interval = interval(e.Body)
	return refusal
}
