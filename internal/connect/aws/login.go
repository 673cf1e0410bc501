package aws

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/credfile/credfile/internal/connect/loopback"
	"github.com/credfile/credfile/internal/connect/remote"
	"github.com/credfile/credfile/internal/source"
)

const (
	loginTime = 5 * time.Minute

	// callback is the path that the AWS command line registers.
	callback = "/oauth/callback"

	usualInterval = 5 * time.Second // RFC 8628, 3.2
	mostInterval  = time.Minute
	usualExpiry   = 10 * time.Minute
)

// login logs in anew.
func (c *call) login(ctx context.Context) (*ssoLogin, error) {
	ctx, cancel := context.WithTimeout(ctx, loginTime)
	defer cancel()
	var login *ssoLogin
	var err error
	if c.Browser == "device" {
		login, err = c.device(ctx)
	} else {
		login, err = c.browser(ctx)
	}
	var refused *loopback.Refused
	switch {
	case errors.As(err, &refused):
		return nil, c.Refused(source.Host(source.AWSURL(c.d, "oidc")), refused.Code, refused.Description)
	case errors.Is(err, context.DeadlineExceeded):
		return nil, &source.Error{Class: source.NeedsLogin, Message: "the login was not finished in time"}
	case errors.Is(err, loopback.ErrRedirect), errors.Is(err, loopback.ErrListen):
		return nil, remote.Other(err.Error())
	}
	return login, err
}

// browser logs in by a page that sends the browser back to this machine (RFC 8252), with PKCE (RFC 7636).
func (c *call) browser(ctx context.Context) (*ssoLogin, error) {
	client, err := c.register(ctx, registration{
		Grants: []string{"authorization_code", "refresh_token"}, Redirects: []string{"http://127.0.0.1" + callback}, Issuer: c.d.Text("sso_start_url"),
	})
	if err != nil {
		return nil, err
	}
	verifier := rand.Text() + rand.Text() // 52 characters of 5 bits; RFC 7636, 4.1 wants 43
	want := loopback.Want{Path: callback, State: rand.Text() + rand.Text()}
	// The listener is there before the browser: a browser that is still logged in comes back at once.
	l, err := loopback.Listen(0, want)
	if err != nil {
		return nil, err
	}
	defer l.Close()
	sum := sha256.Sum256([]byte(verifier))
	page := source.AWSURL(c.d, "oidc") + "/authorize?" + url.Values{
		"response_type":         {"code"},
		"client_id":             {client.ClientID},
		"redirect_uri":          {l.RedirectURI()},
		"state":                 {want.State},
		"code_challenge_method": {"S256"},
		"code_challenge":        {base64.RawURLEncoding.EncodeToString(sum[:])},
		"scopes":                {scope}, // not scope, as everywhere else
	}.Encode()
	if !c.isPage(page) {
		return nil, remote.Other("the address of the login page can't be shown")
	}
	if _, err := c.Event(source.Event{Event: "browser", Source: c.name, URL: page}); err != nil {
		return nil, err
	}
	code, err := c.code(ctx, l, want)
	if err != nil {
		return nil, err
	}
	return c.token(ctx, client, grant{Type: "authorization_code", Code: code, RedirectURI: l.RedirectURI(), Verifier: verifier})
}

// code returns the code that the browser brings, or that the user copies where no browser can.
func (c *call) code(ctx context.Context, l *loopback.Listener, want loopback.Want) (string, error) {
	if c.Browser != "none" {
		return l.Wait(ctx)
	}
	l.Close()
	address, err := c.Event(source.Event{Event: "ask", Source: c.name, What: "redirect"})
	if err != nil {
		return "", err
	}
	return want.Code(l.RedirectURI(), address)
}

// device logs in by a code that the user enters in a browser, on any machine (RFC 8628).
func (c *call) device(ctx context.Context) (*ssoLogin, error) {
	client, err := c.register(ctx, registration{})
	if err != nil {
		return nil, err
	}
	ask := struct {
		ClientID     string `json:"clientId"`
		ClientSecret string `json:"clientSecret"`
		StartURL     string `json:"startUrl"`
	}{client.ClientID, client.ClientSecret, c.d.Text("sso_start_url")}
	var reply struct {
		Device   string `json:"deviceCode"`
		User     string `json:"userCode"`
		Page     string `json:"verificationUri"` // the one that has the code in it is not used: whoever sends it makes others log him in
		Expires  int64  `json:"expiresIn"`
		Interval int64  `json:"interval"`
	}
	before := c.Now()
	if err := c.oidc(ctx, "/device_authorization", ask, &reply); err != nil {
		return nil, err
	}
	host := source.Host(source.AWSURL(c.d, "oidc"))
	switch {
	case reply.Device == "":
		return nil, remote.Other(host + " gave an answer that is not a device code")
	case !isUserCode(reply.User):
		return nil, remote.Other(host + " gave a code that can't be shown")
	case !c.isPage(reply.Page):
		return nil, remote.Other(host + " wants its code to be entered at a page that this source does not name")
	}
	expires, interval := before.Add(usualExpiry), usualInterval
	if n := remote.Seconds(reply.Expires); n > 0 {
		expires = before.Add(n)
	}
	if n := remote.Seconds(reply.Interval); n > 0 {
		interval = min(n, mostInterval)
	}
	if _, err := c.Event(source.Event{Event: "device", Source: c.name, URL: reply.Page, Code: reply.User, Expires: expires}); err != nil {
		return nil, err
	}
	return c.poll(ctx, client, reply.Device, interval, expires)
}

// poll waits until the user has entered the code (RFC 8628, 3.5).
func (c *call) poll(ctx context.Context, client *ssoLogin, device string, interval time.Duration, expires time.Time) (*ssoLogin, error) {
	for wait := interval; ; {
		if !c.Now().Add(wait).Before(expires) {
			return nil, &source.Error{Class: source.NeedsLogin, Message: "the code expired before it was entered"}
		}
		if err := c.Sleep(ctx, wait); err != nil {
			return nil, err
		}
		login, err := c.token(ctx, client, grant{Type: "urn:ietf:params:oauth:grant-type:device_code", DeviceCode: device})
		var refused *remote.Refusal
		var failed *source.Error
		switch {
		case err == nil:
			return login, nil
		case errors.As(err, &refused) && refused.Code == "authorization_pending":
			wait = interval
		case errors.As(err, &refused) && refused.Code == "slow_down":
			interval = min(interval+5*time.Second, mostInterval)
			wait = interval
		case errors.As(err, &failed) && failed.Class == source.Unavailable:
			wait = min(2*wait, mostInterval)
		default:
			return nil, err
		}
	}
}

// isPage reports whether the user agreed to see a page. It may have a fragment, as AWS's pages do.
func (c *call) isPage(page string) bool {
	base, fragment, _ := strings.Cut(page, "#")
	return len(page) <= 2048 && source.CheckURL(base) == "" && !strings.ContainsFunc(fragment, func(r rune) bool { return r <= ' ' || r > '~' }) &&
		slices.Contains(source.AWSPages(c.d), source.Host(base))
}

func isUserCode(s string) bool {
	other := func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-')
	}
	return s != "" && len(s) <= 32 && !strings.ContainsFunc(s, other)
}
