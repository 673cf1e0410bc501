package aws

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/credfile/credfile/internal/connect/remote"
	"github.com/credfile/credfile/internal/source"
)

// IAM Identity Center speaks OAuth in a form of its own: JSON, names with humps, and no authentication
// of the client (SSO OIDC 2019-06-10).

// registration is what a client is registered as.
type registration struct {
	Name      string   `json:"clientName"`
	Type      string   `json:"clientType"`
	Scopes    []string `json:"scopes"`
	Grants    []string `json:"grantTypes,omitempty"`
	Redirects []string `json:"redirectUris,omitempty"`
	Issuer    string   `json:"issuerUrl,omitempty"`
}

const scope = "sso:account:access"

// The errors that are told apart, by the header x-amzn-ErrorType, for answers whose body does not say.
var errorCodes = map[string]string{
	"AuthorizationPendingException": "authorization_pending",
	"SlowDownException":             "slow_down",
	"ExpiredTokenException":         "expired_token",
	"AccessDeniedException":         "access_denied",
	"InvalidGrantException":         "invalid_grant",
	"InvalidClientException":        "invalid_client",
	"UnauthorizedClientException":   "unauthorized_client",
	"InvalidRequestException":       "invalid_request",
}

// register registers a client. Each login has its own: it costs one request, and nothing of it has to be
// kept for others.
func (c *call) register(ctx context.Context, as registration) (*ssoLogin, error) {
	as.Name, as.Type, as.Scopes = "credfile", "public", []string{scope}
	var reply struct {
		ID      string `json:"clientId"`
		Secret  string `json:"clientSecret"`
		Expires int64  `json:"clientSecretExpiresAt"` // seconds
	}
	err := c.Again(ctx, func() error { return c.oidc(ctx, "/client/register", as, &reply) })
	if err != nil {
		return nil, err
	}
	if !remote.IsToken(reply.ID) || !remote.IsToken(reply.Secret) {
		return nil, remote.Other("AWS gave an answer that is not a registration")
	}
	c.Secrets = append(c.Secrets, reply.Secret)
	return &ssoLogin{ClientID: reply.ID, ClientSecret: reply.Secret, ClientEnds: time.Unix(reply.Expires, 0)}, nil
}

// grant is a request for a token.
type grant struct {
	Type         string `json:"grantType"`
	ClientID     string `json:"clientId"`
	ClientSecret string `json:"clientSecret"`
	Code         string `json:"code,omitempty"`
	RedirectURI  string `json:"redirectUri,omitempty"`
	Verifier     string `json:"codeVerifier,omitempty"`
	DeviceCode   string `json:"deviceCode,omitempty"`
	RefreshToken string `json:"refreshToken,omitempty"`
}

// token asks for a token, once: a code that was sent is spent.
func (c *call) token(ctx context.Context, client *ssoLogin, g grant) (*ssoLogin, error) {
	g.ClientID, g.ClientSecret = client.ClientID, client.ClientSecret
	c.Secrets = append(c.Secrets, g.Code, g.Verifier, g.DeviceCode, g.RefreshToken)
	var reply struct {
		Access  string `json:"accessToken"`
		Refresh string `json:"refreshToken"`
		Expires int64  `json:"expiresIn"`
	}
	before := c.Now()
	if err := c.oidc(ctx, "/token", g, &reply); err != nil {
		return nil, err
	}
	if !remote.IsToken(reply.Access) || reply.Refresh != "" && !remote.IsToken(reply.Refresh) || remote.Seconds(reply.Expires) == 0 {
		return nil, remote.Other("AWS gave an answer that is not a token")
	}
	login := *client
	login.Access, login.Expires = reply.Access, before.Add(remote.Seconds(reply.Expires))
	if reply.Refresh != "" { // without one, the old one stays good (RFC 6749, 6)
		login.Refresh = reply.Refresh
	}
	return &login, nil
}

// refreshed renews a login, or returns nil if that one is over. A refresh token is sent once, for all sources
// that have it: it may be spent even if there was no answer.
func (c *call) refreshed(ctx context.Context, kept *ssoLogin) (*ssoLogin, error) {
	if kept.Refresh == "" || !kept.ClientEnds.After(c.Now()) {
		return nil, nil
	}
	if failed, sent := c.kind.sent[kept.Refresh]; sent {
		return nil, failed
	}
	ctx, cancel := context.WithTimeout(ctx, wholeTime)
	defer cancel()
	login, err := c.token(ctx, kept, grant{Type: "refresh_token", RefreshToken: kept.Refresh})
	var refused *remote.Refusal
	if errors.As(err, &refused) && refused.Err.Class != source.Unavailable {
		login, err = nil, nil
	}
	c.kind.sent[kept.Refresh] = err
	return login, err
}

// oidc sends a request. Errors: [*remote.Refusal], [*source.Error].
func (c *call) oidc(ctx context.Context, path string, request, reply any) error {
	base := source.AWSURL(c.d, "oidc")
	text, err := json.Marshal(request)
	if err != nil {
		return remote.Other("the request can't be written")
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, base+path, bytes.NewReader(text))
	if err != nil {
		return remote.Other("the endpoint is not a URL")
	}
	r.Header.Set("Content-Type", "application/json")
	status, header, body, err := c.DoHeader(r)
	if err != nil {
		return err
	}
	host := source.Host(base)
	if status != http.StatusOK {
		if e := c.refusedJSON(host, header, body); e != nil && status < 500 {
			return e
		}
		return remote.Status(host, status)
	}
	if json.Unmarshal(body, reply) != nil {
		return remote.Other(host + " gave an answer that is not JSON")
	}
	return nil
}

// refusedJSON returns the error that an answer has, or nil.
func (c *call) refusedJSON(host string, header http.Header, body []byte) error {
	var said struct {
		Code        string `json:"error"`
		Description string `json:"error_description"`
	}
	json.Unmarshal(body, &said)
	if said.Code == "" {
		said.Code = errorCodes[header.Get("X-Amzn-Errortype")]
	}
	if said.Code == "" {
		return nil
	}
	return c.Refused(host, said.Code, said.Description)
}
