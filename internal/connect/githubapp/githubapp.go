// Package githubapp obtains tokens of a GitHub App's installation, by the app's private key:
// https://docs.github.com/rest/apps/apps#create-an-installation-access-token-for-an-app.
package githubapp

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/credfile/credfile/internal/connect/jwt"
	"github.com/credfile/credfile/internal/connect/remote"
	"github.com/credfile/credfile/internal/source"
)

// GitHub takes a proof that is at most 10 minutes long, and recommends to date it a minute back for
// clocks that differ.
const (
	proofBack = time.Minute
	proofLife = 9 * time.Minute
)

// session is what comes back with the next request: the token, for [source.Revoke].
type session struct {
	Token string `json:"token"`
}

// Obtain does an operation on a source of the kind github-app. Errors: [*source.Error].
func Obtain(ctx context.Context, w *remote.World, op source.Op, name string, ref *source.Ref) (*source.Answer, error) {
	d, key := ref.Definition, ref.Secrets["private_key"]
	if err := source.Find("github-app").Validate(d); err != nil {
		return nil, remote.Other(err.Error())
	}
	c := &client{remote.Client{HTTP: w.HTTP, Secrets: []string{key}}, strings.TrimSuffix(d.Text("api_url"), "/")}
	if c.api == "" {
		c.api = source.GitHubAPI
	}
	if op == source.Revoke {
		var answer *source.Answer
		err := w.Again(ctx, func() (err error) { answer, err = c.revoke(ctx, ref.Session); return err })
		return answer, err
	}
	proof, err := jwt.Sign(key, "", map[string]any{
		"iss": d.Text("app_id"), "iat": w.Now().Add(-proofBack).Unix(), "exp": w.Now().Add(proofLife).Unix(),
	})
	if err != nil {
		return nil, remote.Other("the credential " + d.Text("private_key") + " " + jwt.ErrKey.Error())
	}
	c.Secrets = append(c.Secrets, proof)
	var answer *source.Answer
	err = w.Again(ctx, func() (err error) { answer, err = c.obtain(ctx, name, d, proof); return err })
	return answer, err
}

type client struct {
	remote.Client
	api string
}

func (c *client) obtain(ctx context.Context, name string, d source.Definition, proof string) (*source.Answer, error) {
	body, err := json.Marshal(asked(d))
	if err != nil {
		return nil, remote.Other("the request can't be written")
	}
	status, text, err := c.request(ctx, http.MethodPost, "/app/installations/"+d.Text("installation_id")+"/access_tokens", proof, body)
	if err != nil {
		return nil, err
	}
	if status != http.StatusCreated {
		return nil, c.refused(status, text)
	}
	var got struct {
		Token   string    `json:"token"`
		Expires time.Time `json:"expires_at"`
	}
	if json.Unmarshal(text, &got) != nil || !remote.IsToken(got.Token) || got.Expires.IsZero() {
		return nil, remote.Other(source.Host(c.api) + " gave an answer that is not a token")
	}
	kept, err := json.Marshal(session{got.Token})
	if err != nil {
		return nil, remote.Other("the answer can't be kept")
	}
	return &source.Answer{Values: map[string]string{name: got.Token}, Expires: got.Expires, Subject: "app " + d.Text("app_id"), Session: kept}, nil
}

// request is what is asked for. What is left out is all that the installation has.
type request struct {
	Repositories []string          `json:"repositories,omitempty"`
	Permissions  map[string]string `json:"permissions,omitempty"`
}

func asked(d source.Definition) request {
	r := request{d.List("repositories"), map[string]string{}}
	for _, entry := range d.List("permissions") {
		name, level, _ := strings.Cut(entry, ":")
		r.Permissions[name] = level
	}
	return r
}

// revoke ends a token (https://docs.github.com/rest/apps/installations#revoke-an-installation-access-token).
func (c *client) revoke(ctx context.Context, kept []byte) (*source.Answer, error) {
	var s session
	if len(kept) == 0 || json.Unmarshal(kept, &s) != nil || s.Token == "" {
		return &source.Answer{}, nil
	}
	c.Secrets = append(c.Secrets, s.Token)
	status, text, err := c.request(ctx, http.MethodDelete, "/installation/token", s.Token, nil)
	switch {
	case err != nil:
		return nil, err
	case status == http.StatusUnauthorized: // it is over already
		return &source.Answer{Revoked: true}, nil
	case status != http.StatusNoContent:
		return nil, c.refused(status, text)
	}
	return &source.Answer{Revoked: true}, nil
}

func (c *client) request(ctx context.Context, method, path, token string, body []byte) (status int, text []byte, err error) {
	r, err := http.NewRequestWithContext(ctx, method, c.api+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, remote.Other("api_url is not a URL")
	}
	r.Header.Set("Accept", "application/vnd.github+json")
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("User-Agent", "credfile") // GitHub refuses requests without one
	r.Header.Set("X-GitHub-Api-Version", "2022-11-28")
	return c.Do(r)
}

// refused says why there is no token.
func (c *client) refused(status int, text []byte) error {
	var said struct {
		Message string `json:"message"`
	}
	if json.Unmarshal(text, &said) != nil || said.Message == "" {
		return remote.Status(source.Host(c.api), status)
	}
	class := source.Other
	switch {
	case status == http.StatusNotFound:
		class = source.NotFound
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		class = source.Denied
	case status >= 500 || status == http.StatusTooManyRequests:
		class = source.Unavailable
	}
	return &source.Error{Class: class, Message: source.Host(c.api) + " answered: " + c.Shown(said.Message, 300)}
}
