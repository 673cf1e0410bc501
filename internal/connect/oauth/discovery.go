package oauth

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/oauth2"

	"github.com/credfile/credfile/internal/connect/remote"
	"github.com/credfile/credfile/internal/source"
)

// server is what is known of a server.
type server struct {
	source.Endpoints
	Challenges []string `json:"code_challenge_methods_supported,omitempty"`
	SendsIss   bool     `json:"authorization_response_iss_parameter_supported,omitempty"`
	Auth       []string `json:"token_endpoint_auth_methods_supported,omitempty"`
}

// discover returns the server of a definition, by its metadata where the definition has only an issuer.
func (c *call) discover(ctx context.Context) (*server, error) {
	s := &server{Endpoints: source.OAuthServer(c.d).Endpoints}
	if c.d.Text("issuer") == "" {
		return s, nil // checked with the definition
	}
	for _, u := range wellKnown(s.Issuer) {
		var found *server
		err := c.Again(ctx, func() (err error) { found, err = c.metadata(ctx, u); return err })
		if err != nil {
			return nil, err
		}
		if found == nil {
			continue
		}
		// Byte for byte (RFC 8414, 3.3): a server that may say it is another one would get that one's codes.
		if found.Issuer != s.Issuer {
			return nil, remote.Other("the metadata of " + source.Host(u) + " is that of another issuer")
		}
		return found, c.stillAllowed(found)
	}
	return nil, remote.Other(source.Host(s.Issuer) + " publishes no OAuth metadata; its endpoints can be written into the definition")
}

// stillAllowed checks endpoints that do not come from the definition as it is now.
func (c *call) stillAllowed(s *server) error {
	if own := source.OAuthServer(c.d).Endpoints; own != s.Endpoints && (c.d.Text("issuer") == "" || own.Issuer != s.Issuer) {
		return &source.Error{Class: source.NeedsLogin, Message: "the session is one of another server"}
	}
	if err := source.CheckEndpoints(c.d, s.Endpoints); err != nil {
		return remote.Other(err.Error())
	}
	return nil
}

// wellKnown returns where metadata can be. OpenID Connect Discovery, 4, appends to the issuer's path;
// RFC 8414, 3, inserts before it.
func wellKnown(issuer string) []string {
	u, err := url.Parse(issuer)
	if err != nil {
		return nil
	}
	path := strings.TrimSuffix(u.EscapedPath(), "/")
	base := u.Scheme + "://" + u.Host
	return []string{base + path + "/.well-known/openid-configuration", base + "/.well-known/oauth-authorization-server" + path}
}

// metadata reads a server's metadata, or returns nil if there is none.
func (c *call) metadata(ctx context.Context, u string) (*server, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, u, nil)
	if err != nil {
		return nil, remote.Other("the issuer is not a URL")
	}
	status, body, err := c.Do(r)
	if err != nil {
		return nil, err
	}
	if status >= 500 {
		return nil, remote.Status(source.Host(u), status)
	}
	s := &server{}
	if status != http.StatusOK || json.Unmarshal(body, s) != nil {
		return nil, nil // such as the page of a web application
	}
	return s, nil
}

// authStyle is how the client's secret is sent. To try both sends a code twice, and the first try can
// spend it, so the library's own choice is not used.
func (s *server) authStyle() oauth2.AuthStyle {
	if slices.Contains(s.Auth, "client_secret_basic") && !slices.Contains(s.Auth, "client_secret_post") {
		return oauth2.AuthStyleInHeader
	}
	return oauth2.AuthStyleInParams
}
