package oauth

import (
	"context"
	"errors"

	"github.com/credfile/credfile/internal/connect/remote"
	"github.com/credfile/credfile/internal/source"
)

// revoke ends a session at the server (RFC 7009). The refresh token goes first: with it, whoever
// has it makes new access tokens.
func (c *call) revoke(ctx context.Context, old *session) (*source.Answer, error) {
	if err := c.stillAllowed(&old.Server); err != nil {
		return nil, err
	}
	if old.Server.Revocation == "" {
		return &source.Answer{}, nil // GitHub and Entra have no way
	}
	for _, t := range []struct{ hint, token string }{{"refresh_token", old.Refresh}, {"access_token", old.Access}} {
		if t.token == "" {
			continue
		}
		err := c.Again(ctx, func() error { return c.revokeToken(ctx, &old.Server, t.hint, t.token) })
		var refusal *remote.Refusal
		if errors.As(err, &refusal) && refusal.Code == "unsupported_token_type" && t.hint == "access_token" && old.Refresh != "" {
			continue // RFC 7009, 2.2.1: what can be revoked is, and the rest expires
		}
		if err != nil {
			return nil, err
		}
	}
	return &source.Answer{Revoked: true}, nil
}

func (c *call) revokeToken(ctx context.Context, s *server, hint, token string) error {
	status, body, err := c.post(ctx, s, s.Revocation, params{"token": token, "token_type_hint": hint})
	if err != nil {
		return err
	}
	return c.RefusedIn(source.Host(s.Revocation), status, body)
}
