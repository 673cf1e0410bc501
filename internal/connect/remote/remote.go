// Package remote is what the kinds of sources need of the world, and how they talk to servers: an answer
// is short, and an error says what happened without anything of a token, code or secret.
package remote

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/credfile/credfile/internal/source"
)

// World is what it takes to obtain something, besides a definition.
type World struct {
	HTTP        *http.Client // follows no redirect
	Now         func() time.Time
	Sleep       func(ctx context.Context, d time.Duration) error
	Event       func(e source.Event) (reply string, err error)
	Getenv      func(name string) string
	Home        string        // the user's home directory, or "" if it is not known
	Environ     []string      // of the command lines of secret managers
	Inside      []string      // directories in whose work trees no program is looked for
	Alone       time.Duration // for a whole request, if no person is there
	Interactive bool
	Browser     string // "device" for a device code if possible, "none" if no browser can come back to this machine
}

// Client talks to servers. Secrets are what no error may have.
type Client struct {
	HTTP    *http.Client
	Secrets []string
}

// maxBody limits what is read of an answer.
const maxBody = 1 << 20

// Do sends a request and reads the answer. Errors: [*source.Error].
func (c *Client) Do(r *http.Request) (status int, body []byte, err error) {
	status, _, body, err = c.DoHeader(r)
	return status, body, err
}

// DoHeader is Do for an answer whose header says something. Errors: [*source.Error].
func (c *Client) DoHeader(r *http.Request) (status int, header http.Header, body []byte, err error) {
	if r.Header.Get("Accept") == "" {
		r.Header.Set("Accept", "application/json") // GitHub answers with a form otherwise
	}
	resp, err := c.HTTP.Do(r)
	if err != nil {
		return 0, nil, nil, Unreachable(r.URL.String(), err)
	}
	defer resp.Body.Close()
	body, err = io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	if err != nil {
		return 0, nil, nil, Unreachable(r.URL.String(), err)
	}
	if len(body) > maxBody {
		return 0, nil, nil, Other(source.Host(r.URL.String()) + " gave an answer that is longer than 1 MiB")
	}
	return resp.StatusCode, resp.Header, body, nil
}

// Limits of attempts: enough for a server that is restarted, and all within the time that the caller
// waits.
const (
	attempts  = 3
	firstWait = 500 * time.Millisecond
)

// Again does what is safe to repeat until the server can be reached: never what sends a code, which is
// good once.
func (w *World) Again(ctx context.Context, do func() error) error {
	for i, wait := 1, firstWait; ; i, wait = i+1, 2*wait {
		err := do()
		var e *source.Error
		if !errors.As(err, &e) || e.Class != source.Unavailable || i == attempts {
			return err
		}
		if w.Sleep(ctx, wait) != nil {
			return err
		}
	}
}

// Refusal is an error that a server gave by its code.
type Refusal struct {
	Err      source.Error
	Code     string
	Interval any // of slow_down, where the server says it
}

func (e *Refusal) Error() string { return e.Err.Message }
func (e *Refusal) Unwrap() error { return &e.Err }

// Other is an error that is in no other class.
func Other(message string) error { return &source.Error{Class: source.Other, Message: message} }

// Status is the error of an answer that says nothing but its status.
func Status(host string, status int) error {
	class := source.Other
	if status >= 500 || status == http.StatusTooManyRequests || status == http.StatusRequestTimeout {
		class = source.Unavailable
	}
	return &source.Error{Class: class, Message: fmt.Sprintf("%s answered with status %d and no reason", host, status)}
}

// Refused is an error by its code, as it is in RFC 6749, 4.1.2.1 and 5.2, RFC 8628, 3.5, and OpenID Connect
// Core, 3.1.2.6; authorization_declined is Entra's.
func (c *Client) Refused(host, code, description string) *Refusal {
	class := source.Other
	switch code {
	case "access_denied", "authorization_declined":
		class = source.Denied
	case "temporarily_unavailable", "server_error":
		class = source.Unavailable
	case "expired_token", "token_expired", "login_required", "interaction_required", "consent_required":
		class = source.NeedsLogin
	}
	text := host + " answered " + c.Shown(code, 64)
	if description != "" {
		text += ": " + c.Shown(description, 300)
	}
	return &Refusal{Err: source.Error{Class: class, Message: text}, Code: code}
}

// RefusedIn returns the error that is in an answer, whatever its status: GitHub's is 200. It is nil if
// there is none.
func (c *Client) RefusedIn(host string, status int, body []byte) error {
	var e struct {
		Code        string `json:"error"`
		Description string `json:"error_description"`
	}
	switch json.Unmarshal(body, &e); {
	case e.Code != "":
		return c.Refused(host, e.Code, e.Description)
	case status < 200 || status > 299:
		return Status(host, status)
	}
	return nil
}

// Shown writes what a server said so that it can't act on a terminal, and without what it may have
// echoed of a secret.
func (c *Client) Shown(s string, limit int) string {
	for _, secret := range c.Secrets {
		if len(secret) >= 4 { // shorter ones are parts of words
			s = strings.ReplaceAll(s, secret, "[secret]")
			s = strings.ReplaceAll(s, url.QueryEscape(secret), "[secret]")
		}
	}
	s = strings.ToValidUTF8(s, "?")
	if len(s) > limit {
		for limit > 0 && !utf8.RuneStart(s[limit]) {
			limit--
		}
		s = s[:limit] + "…"
	}
	quoted := strconv.Quote(s)
	return strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`)
}

// Seconds reads a number of seconds, which some servers give as a string. It is 0 if there is none.
func Seconds(v any) time.Duration {
	var n float64
	switch v := v.(type) {
	case float64:
		n = v
	case int64:
		n = float64(v)
	case string:
		n, _ = strconv.ParseFloat(v, 64)
	}
	const most = 100 * 365 * 24 * 3600
	if n > 0 && n <= most {
		return time.Duration(n) * time.Second
	}
	return 0
}

// IsToken reports whether a token has only the characters that one can have (RFC 6749, A.12).
func IsToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
}
