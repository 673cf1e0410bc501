// Package aws obtains temporary credentials of Amazon Web Services: from STS, with an access key, an MFA
// code, a role or the token of another provider, and from IAM Identity Center, with a login in a browser.
// It signs requests itself, since AWS's own library would make the program a fifth larger.
package aws

import (
	"context"
	"sync"
	"time"

	"github.com/credfile/credfile/internal/connect/remote"
	"github.com/credfile/credfile/internal/source"
)

// Kind does the kind aws. What the sources of one request share is in it.
type Kind struct {
	mu     sync.Mutex
	used   map[string]bool      // MFA codes
	login  sync.Mutex           // held while a login is made or renewed
	logins map[string]*ssoLogin // by start URL and region
	sent   map[string]error     // how the renewal with a refresh token failed, or nil
}

// New returns a Kind for one request.
func New() *Kind {
	return &Kind{used: map[string]bool{}, logins: map[string]*ssoLogin{}, sent: map[string]error{}}
}

// call is one operation on one source.
type call struct {
	*remote.World
	remote.Client
	kind *Kind
	op   source.Op
	name string
	ref  *source.Ref
	d    source.Definition
}

// credentials are what a source gives.
type credentials struct {
	keys
	expires time.Time
	subject string
}

// wholeTime limits what takes no person, so that its reason is said before the caller ends it.
const wholeTime = 25 * time.Second

// Obtain does an operation on a source. Errors: [*source.Error], and those of asking; with
// one there can be an answer, of which the session is to be kept.
func (k *Kind) Obtain(ctx context.Context, w *remote.World, op source.Op, name string, ref *source.Ref) (*source.Answer, error) {
	c := &call{World: w, Client: remote.Client{HTTP: w.HTTP}, kind: k, op: op, name: name, ref: ref, d: ref.Definition}
	for _, secret := range ref.Secrets {
		c.Secrets = append(c.Secrets, secret)
	}
	if c.d.Text("sso_start_url") != "" {
		return c.sso(ctx)
	}
	if op == source.Revoke {
		return &source.Answer{}, nil // STS ends no session before its time
	}
	got, err := c.sts(ctx)
	if err != nil {
		return nil, err
	}
	return c.answer(got)
}

// answer is what the caller gets.
func (c *call) answer(got *credentials) (*source.Answer, error) {
	for _, text := range []string{got.id, got.secret, got.token} {
		if !remote.IsToken(text) {
			return nil, remote.Other("AWS gave an answer that is not credentials")
		}
	}
	a := &source.Answer{Expires: got.expires, Subject: got.subject, Values: map[string]string{
		"AWS_ACCESS_KEY_ID":         got.id,
		"AWS_SECRET_ACCESS_KEY":     got.secret,
		"AWS_SESSION_TOKEN":         got.token,
		"AWS_CREDENTIAL_EXPIRATION": got.expires.UTC().Format(time.RFC3339),
	}}
	if region := c.d.Text("region"); region != "" {
		a.Values["AWS_REGION"], a.Values["AWS_DEFAULT_REGION"] = region, region
	}
	return a, nil
}
