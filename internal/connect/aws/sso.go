package aws

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/credfile/credfile/internal/connect/remote"
	"github.com/credfile/credfile/internal/source"
)

// ssoLogin is a login at IAM Identity Center. It comes back with the next request.
type ssoLogin struct {
	Access       string    `json:"access_token,omitempty"`
	Expires      time.Time `json:"expires,omitzero"`
	Refresh      string    `json:"refresh_token,omitempty"`
	ClientID     string    `json:"client_id,omitempty"` // of the registration, with which it is refreshed
	ClientSecret string    `json:"client_secret,omitempty"`
	ClientEnds   time.Time `json:"client_ends,omitzero"`
	borrowed     bool      // made by aws sso login, and not ours to keep or to end
}

// minToken is how much of a token's life must be left for the request that it is used in.
const minToken = time.Minute

// errDead reports a token that the server does not take any more.
var errDead = errors.New("the token is not valid any more")

// sso does an operation on a source of IAM Identity Center.
func (c *call) sso(ctx context.Context) (*source.Answer, error) {
	kept := &ssoLogin{}
	if len(c.ref.Session) > 0 && json.Unmarshal(c.ref.Session, kept) != nil {
		kept = &ssoLogin{} // of another version: as good as none
	}
	c.Secrets = append(c.Secrets, kept.Access, kept.Refresh, kept.ClientSecret)
	if c.op == source.Revoke {
		return c.logout(ctx, kept)
	}
	// A login is used by all sources of its start URL, so only one of them makes or renews it.
	c.kind.login.Lock()
	defer c.kind.login.Unlock()
	// Each way is tried once. A token that is refused is not the end, but there is no loop.
	for _, way := range c.ways(kept) {
		login, err := way(ctx)
		if err != nil {
			return nil, err
		}
		if login == nil {
			continue
		}
		c.Secrets = append(c.Secrets, login.Access, login.Refresh, login.ClientSecret)
		got, err := c.roleCredentials(ctx, login.Access)
		if errors.Is(err, errDead) {
			delete(c.kind.logins, source.AWSLogin(c.d))
			continue
		}
		c.kind.logins[source.AWSLogin(c.d)] = login
		if login.borrowed {
			login = kept
		}
		return c.ssoAnswer(got, login, err)
	}
	return nil, &source.Error{Class: source.NeedsLogin, Message: "needs a login at " + source.Host(c.d.Text("sso_start_url"))}
}

// ssoAnswer has the login even if there are no credentials: a refresh token that was used is over, and the
// new one would be lost.
func (c *call) ssoAnswer(got *credentials, login *ssoLogin, failed error) (*source.Answer, error) {
	var text json.RawMessage
	if *login != (ssoLogin{}) { // as where the login is a borrowed one
		var err error
		if text, err = json.Marshal(login); err != nil {
			return nil, remote.Other("the login can't be kept")
		}
	}
	a := &source.Answer{}
	if failed == nil {
		a, failed = c.answer(got)
	}
	if a == nil {
		a = &source.Answer{}
	}
	a.Session = text
	return a, failed
}

// way returns a login, or nil if it has none.
type way func(ctx context.Context) (*ssoLogin, error)

// ways are those to a login, in the order in which they are tried.
func (c *call) ways(kept *ssoLogin) []way {
	shared := func(context.Context) (*ssoLogin, error) { return c.valid(c.kind.logins[source.AWSLogin(c.d)]), nil }
	own := func(context.Context) (*ssoLogin, error) { return c.valid(kept), nil }
	borrowed := func(context.Context) (*ssoLogin, error) { return c.valid(c.fromCLI()), nil }
	refresh := func(ctx context.Context) (*ssoLogin, error) { return c.refreshed(ctx, kept) }
	switch {
	case c.op == source.Login && c.Interactive:
		return []way{shared, c.login}
	case c.op != source.Refresh && c.Interactive:
		return []way{shared, own, borrowed, refresh, c.login}
	}
	return []way{shared, own, borrowed, refresh}
}

func (c *call) valid(login *ssoLogin) *ssoLogin {
	if login == nil || !remote.IsToken(login.Access) || login.Expires.Sub(c.Now()) < minToken {
		return nil
	}
	return login
}

// roleCredentials gets credentials for the role. Errors: [errDead], [*source.Error].
func (c *call) roleCredentials(ctx context.Context, token string) (got *credentials, err error) {
	ctx, cancel := context.WithTimeout(ctx, wholeTime)
	defer cancel()
	query := url.Values{"role_name": {c.d.Text("role_name")}, "account_id": {c.d.Text("account_id")}}
	var reply struct {
		Role struct {
			ID         string `json:"accessKeyId"`
			Secret     string `json:"secretAccessKey"`
			Token      string `json:"sessionToken"`
			Expiration int64  `json:"expiration"` // milliseconds
		} `json:"roleCredentials"`
	}
	err = c.Again(ctx, func() error {
		return c.portal(ctx, http.MethodGet, "/federation/credentials?"+query.Encode(), token, &reply)
	})
	if err != nil {
		return nil, err
	}
	if reply.Role.Expiration <= 0 {
		return nil, remote.Other("AWS gave an answer that is not credentials")
	}
	return &credentials{keys{reply.Role.ID, reply.Role.Secret, reply.Role.Token}, time.UnixMilli(reply.Role.Expiration),
		"role " + c.d.Text("role_name") + " in account " + c.d.Text("account_id")}, nil
}

// portal sends a request with a token. Errors: [errDead], [*source.Error].
func (c *call) portal(ctx context.Context, method, path, token string, reply any) error {
	base := source.AWSURL(c.d, "portal.sso")
	r, err := http.NewRequestWithContext(ctx, method, base+path, nil)
	if err != nil {
		return remote.Other("the endpoint is not a URL")
	}
	r.Header.Set("x-amz-sso_bearer_token", token)
	status, header, body, err := c.DoHeader(r)
	if err != nil {
		return err
	}
	role := "the role " + c.d.Text("role_name") + " in the account " + c.d.Text("account_id")
	switch status {
	case http.StatusOK:
		if reply != nil && json.Unmarshal(body, reply) != nil {
			return remote.Other(source.Host(base) + " gave an answer that is not JSON")
		}
		return nil
	case http.StatusUnauthorized:
		return errDead
	case http.StatusForbidden:
		return &source.Error{Class: source.Denied, Message: "AWS does not let you use " + role}
	case http.StatusNotFound:
		return &source.Error{Class: source.NotFound, Message: "there is not " + role}
	}
	if e := c.refusedJSON(source.Host(base), header, body); e != nil && status < 500 && status != http.StatusTooManyRequests {
		return e
	}
	return remote.Status(source.Host(base), status)
}

// logout ends a login at the server, and with it all that was obtained with it, except for the
// credentials of roles, which stay valid until their time is over.
func (c *call) logout(ctx context.Context, kept *ssoLogin) (*source.Answer, error) {
	if kept.Access == "" {
		return &source.Answer{}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, wholeTime)
	defer cancel()
	err := c.Again(ctx, func() error { return c.portal(ctx, http.MethodPost, "/logout", kept.Access, nil) })
	if err != nil && !errors.Is(err, errDead) { // a token that is over needs no end
		return nil, err
	}
	return &source.Answer{Revoked: true}, nil
}
