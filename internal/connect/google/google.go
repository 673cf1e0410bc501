// Package google obtains access tokens of a Google service account, by the account's key (RFC 7523):
// https://developers.google.com/identity/protocols/oauth2/service-account#httprest.
package google

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/credfile/credfile/internal/connect/jwt"
	"github.com/credfile/credfile/internal/connect/remote"
	"github.com/credfile/credfile/internal/source"
)

// proofLife is as long as Google takes at most.
const proofLife = time.Hour

// account is what is used of a key's JSON. Its token_uri is not: whoever changed it would get a proof
// of the key, with which Google gives tokens.
type account struct {
	Type  string `json:"type"`
	Email string `json:"client_email"`
	Key   string `json:"private_key"`
	KeyID string `json:"private_key_id"`
}

// Obtain does an operation on a source of the kind google. Errors: [*source.Error].
func Obtain(ctx context.Context, w *remote.World, op source.Op, name string, ref *source.Ref) (*source.Answer, error) {
	d := ref.Definition
	if err := source.Find("google").Validate(d); err != nil {
		return nil, remote.Other(err.Error())
	}
	if op == source.Revoke {
		return &source.Answer{}, nil // Google ends no token of a service account before its hour is over
	}
	var a account
	if json.Unmarshal([]byte(ref.Secrets["key"]), &a) != nil || a.Type != "service_account" || a.Email == "" {
		return nil, remote.Other("the credential " + d.Text("key") + " is not the JSON key of a service account")
	}
	endpoint := d.Text("endpoint")
	if endpoint == "" {
		endpoint = source.GoogleToken
	}
	before := w.Now()
	proof, err := jwt.Sign(a.Key, a.KeyID, map[string]any{
		"iss": a.Email, "scope": strings.Join(d.List("scopes"), " "), "aud": endpoint,
		"iat": before.Unix(), "exp": before.Add(proofLife).Unix(),
	})
	if err != nil {
		return nil, remote.Other("the private key in the credential " + d.Text("key") + " " + jwt.ErrKey.Error())
	}
	c := &remote.Client{HTTP: w.HTTP, Secrets: []string{proof, a.Key}}
	var token string
	var life time.Duration
	err = w.Again(ctx, func() (err error) { token, life, err = exchange(ctx, c, endpoint, proof); return err })
	if err != nil {
		return nil, err
	}
	return &source.Answer{Values: map[string]string{name: token}, Expires: before.Add(life), Subject: a.Email}, nil
}

// exchange sends a proof for a token.
func exchange(ctx context.Context, c *remote.Client, endpoint, proof string) (token string, life time.Duration, err error) {
	form := url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {proof}}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint, strings.NewReader(form.Encode()))
	if err != nil {
		return "", 0, remote.Other("the endpoint is not a URL")
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	status, body, err := c.Do(r)
	if err != nil {
		return "", 0, err
	}
	host := source.Host(endpoint)
	if err := c.RefusedIn(host, status, body); err != nil {
		return "", 0, err
	}
	var got struct {
		Token   string `json:"access_token"`
		Expires any    `json:"expires_in"`
	}
	if json.Unmarshal(body, &got) != nil || !remote.IsToken(got.Token) || remote.Seconds(got.Expires) == 0 {
		return "", 0, remote.Other(host + " gave an answer that is not a token")
	}
	return got.Token, remote.Seconds(got.Expires), nil
}
