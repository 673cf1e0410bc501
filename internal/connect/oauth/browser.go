package oauth

import (
	"context"
	"crypto/rand"
	"errors"
	"net/url"
	"slices"
	"time"

	"golang.org/x/oauth2"

	"github.com/credfile/credfile/internal/connect/loopback"
	"github.com/credfile/credfile/internal/connect/remote"
	"github.com/credfile/credfile/internal/source"
)

// loginTime limits a login in a browser.
const loginTime = 5 * time.Minute

// browser logs in by a page that sends the browser back to this machine.
func (c *call) browser(ctx context.Context, s *server) (*source.Answer, error) {
	// Without S256 in the list, the server would take the code from whoever reads it (RFC 9700, 2.1.1).
	if s.Challenges != nil && !slices.Contains(s.Challenges, "S256") {
		return nil, remote.Other("the server does not know PKCE with S256")
	}
	ctx, cancel := context.WithTimeout(ctx, loginTime)
	defer cancel()
	verifier := oauth2.GenerateVerifier()
	want := loopback.Want{State: rand.Text() + rand.Text(), Issuer: s.Issuer, NeedIssuer: s.SendsIss}
	redirect, code, err := c.authorize(ctx, s, want, verifier)
	if err != nil {
		return nil, c.notAuthorized(s, err)
	}
	g, err := c.token(ctx, s, params{"grant_type": "authorization_code", "code": code, "redirect_uri": redirect, "code_verifier": verifier})
	if err != nil {
		return nil, err
	}
	return c.answer(g, &session{Server: *s, RedirectURI: redirect})
}

// authorize sends the user to the login page, and returns the code that the browser brings back.
func (c *call) authorize(ctx context.Context, s *server, want loopback.Want, verifier string) (redirect, code string, err error) {
	// The listener is there before the browser: a browser that is still logged in comes back at once.
	l, err := loopback.Listen(int(c.d.Number("callback_port")), want)
	if err != nil {
		return "", "", err
	}
	defer l.Close()
	page, err := c.loginPage(s, l.RedirectURI(), want.State, verifier)
	if err != nil {
		return "", "", err
	}
	if _, err := c.Event(source.Event{Event: "browser", Source: c.name, URL: page}); err != nil {
		return "", "", err
	}
	if c.Browser != "none" {
		code, err = l.Wait(ctx)
		return l.RedirectURI(), code, err
	}
	// The browser is on another machine, or can't reach this program. It shows the address that it was sent
	// to, which the user can copy; here, nothing answers it.
	l.Close()
	address, err := c.Event(source.Event{Event: "ask", Source: c.name, What: "redirect"})
	if err != nil {
		return "", "", err
	}
	code, err = want.Code(l.RedirectURI(), address)
	return l.RedirectURI(), code, err
}

// loginPage is the URL that the browser opens.
func (c *call) loginPage(s *server, redirect, state, verifier string) (string, error) {
	conf := &oauth2.Config{ClientID: c.d.Text("client_id"), RedirectURL: redirect, Scopes: c.d.List("scopes"), Endpoint: oauth2.Endpoint{AuthURL: s.Authorization}}
	options := []oauth2.AuthCodeOption{oauth2.S256ChallengeOption(verifier)}
	extra, err := url.ParseQuery(source.OAuthServer(c.d).Extra)
	if err != nil {
		return "", remote.Other("the provider's parameters are wrong")
	}
	if audience := c.d.Text("audience"); audience != "" {
		extra.Set("audience", audience)
	}
	for key := range extra {
		options = append(options, oauth2.SetAuthURLParam(key, extra.Get(key)))
	}
	page := conf.AuthCodeURL(state, options...)
	if len(page) > 2048 {
		return "", remote.Other("the address of the login page is longer than 2,048 bytes")
	}
	return page, nil
}

// notAuthorized says why the browser brought no code back.
func (c *call) notAuthorized(s *server, err error) error {
	var refused *loopback.Refused
	switch {
	case errors.As(err, &refused):
		return c.Refused(source.Host(s.Authorization), refused.Code, refused.Description)
	case errors.Is(err, context.DeadlineExceeded):
		return &source.Error{Class: source.NeedsLogin, Message: "the login was not finished in time"}
	case errors.Is(err, loopback.ErrRedirect), errors.Is(err, loopback.ErrListen):
		return remote.Other(err.Error())
	}
	return err
}
