package oauth

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/credfile/credfile/internal/connect/remote"
	"github.com/credfile/credfile/internal/source"
)

// deviceCode is what a server answers first (RFC 8628, 3.2). Numbers may be strings, and Google has its own
// name for the page.
type deviceCode struct {
	Device    string `json:"device_code"`
	User      string `json:"user_code"`
	Page      string `json:"verification_uri"`
	PageOther string `json:"verification_url"`
	Expires   any    `json:"expires_in"`
	Interval  any    `json:"interval"`
}

// userCode is the form of a code that is shown to the user.
var userCode = regexp.MustCompile(`^[A-Za-z0-9-]{1,32}$`)

const (
	usualInterval = 5 * time.Second // RFC 8628, 3.2, if the server says none
	mostInterval  = time.Minute
	usualExpiry   = 15 * time.Minute
)

// device logs in by a code that the user enters in a browser, on any machine.
func (c *call) device(ctx context.Context, s *server) (*source.Answer, error) {
	before := c.Now()
	code, err := c.deviceCode(ctx, s)
	if err != nil {
		return nil, err
	}
	expires := before.Add(usualExpiry)
	if n := remote.Seconds(code.Expires); n > 0 {
		expires = before.Add(n)
	}
	// The page with the code already in it is not used: whoever follows such a link logs in
	// whoever sent it (RFC 8628, 5.4).
	if _, err := c.Event(source.Event{Event: "device", Source: c.name, URL: code.Page, Code: code.User, Expires: expires}); err != nil {
		return nil, err
	}
	g, err := c.poll(ctx, s, code, expires)
	if err != nil {
		return nil, err
	}
	return c.answer(g, &session{Server: *s})
}

func (c *call) deviceCode(ctx context.Context, s *server) (*deviceCode, error) {
	status, body, err := c.post(ctx, s, s.Device, c.withAudience(params{"scope": c.scope()}))
	if err != nil {
		return nil, err
	}
	host := source.Host(s.Device)
	if err := c.RefusedIn(host, status, body); err != nil {
		return nil, err
	}
	code := &deviceCode{}
	if json.Unmarshal(body, code) != nil || code.Device == "" {
		return nil, remote.Other(host + " gave an answer that is not a device code")
	}
	c.Secrets = append(c.Secrets, code.Device)
	if code.Page == "" {
		code.Page = code.PageOther
	}
	if !userCode.MatchString(code.User) {
		return nil, remote.Other(host + " gave a code that can't be shown")
	}
	if !c.isPage(code.Page, s) {
		return nil, remote.Other(host + " wants its code to be entered at a page that this source does not name; list its host in hosts")
	}
	return code, nil
}

// isPage reports whether the user agreed to see pages of a host.
func (c *call) isPage(page string, s *server) bool {
	return source.CheckURL(page) == "" && len(page) <= 2048 &&
		(slices.Contains(source.OAuthPages(c.d), source.Host(page)) || source.Host(page) == source.Host(s.Device))
}

// poll waits until the user has entered the code (RFC 8628, 3.5). x/oauth2's own loop ends at the first
// page of a proxy.
func (c *call) poll(ctx context.Context, s *server, code *deviceCode, expires time.Time) (*grant, error) {
	interval := usualInterval
	if n := remote.Seconds(code.Interval); n > 0 {
		interval = min(n, mostInterval)
	}
	for wait := interval; ; {
		if !c.Now().Add(wait).Before(expires) {
			return nil, &source.Error{Class: source.NeedsLogin, Message: "the code expired before it was entered"}
		}
		if err := c.Sleep(ctx, wait); err != nil {
			return nil, &source.Error{Class: source.NeedsLogin, Message: "the login was not finished in time"}
		}
		g, err := c.token(ctx, s, params{"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": code.Device})
		var refusal *remote.Refusal
		var failed *source.Error
		switch {
		case err == nil:
			return g, nil
		case errors.As(err, &refusal) && refusal.Code == "authorization_pending":
			wait = interval
		case errors.As(err, &refusal) && refusal.Code == "slow_down":
			interval = min(max(interval+5*time.Second, remote.Seconds(refusal.Interval)), mostInterval)
			wait = interval
		case errors.As(err, &failed) && failed.Class == source.Unavailable:
			wait = min(2*wait, max(interval, mostInterval))
		default:
			return nil, err
		}
	}
}

// post sends a form with the client's own credentials to an endpoint other than the token endpoint.
func (c *call) post(ctx context.Context, s *server, endpoint string, p params) (status int, body []byte, err error) {
	c.keepSecret(p)
	id, secret := c.d.Text("client_id"), c.ref.Secrets["client_secret"]
	v := p.values()
	inHeader := secret != "" && s.authStyle() == oauth2.AuthStyleInHeader
	if !inHeader {
		v.Set("client_id", id)
		if secret != "" {
			v.Set("client_secret", secret)
		}
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint, strings.NewReader(v.Encode()))
	if err != nil {
		return 0, nil, remote.Other("an endpoint is not a URL")
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if inHeader {
		r.SetBasicAuth(url.QueryEscape(id), url.QueryEscape(secret))
	}
	return c.Do(r)
}

// interval returns what an answer says about the interval.
func interval(body []byte) any {
	var e struct {
		Interval any `json:"interval"`
	}
	json.Unmarshal(body, &e)
	return e.Interval
}
