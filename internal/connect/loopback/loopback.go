// Package loopback is the end of a login in a browser: a listener on this machine's loopback address, to
// which the server sends the browser back with a code (RFC 8252, 7.3). Other programs and web pages can
// send it requests as well, so it takes only the one that belongs to its login.
package loopback

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"html"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// usualPath is that of the redirect URI.
const usualPath = "/callback"

// Errors of a login in a browser, besides [*Refused].
var (
	ErrListen   = errors.New("can't listen on this machine")
	ErrRedirect = errors.New("this is not the address that the login ends at: copy all of the browser's address bar, and try again")
)

// Want is what a redirect must have.
type Want struct {
	Path       string // of the redirect URI; "" for /callback
	State      string
	Issuer     string // "" if it is not known
	NeedIssuer bool   // the server says that it sends iss
}

// Refused is what the server sent instead of a code.
type Refused struct{ Code, Description string }

func (e *Refused) Error() string { return "the login was refused: " + e.Code }

// Code returns the code of a redirect that a user copied. Errors: [ErrRedirect], [*Refused].
func (w *Want) Code(redirectURI, address string) (string, error) {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil {
		return "", ErrRedirect // the parser's error has the code in it
	}
	if own := (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String(); own != redirectURI {
		return "", ErrRedirect
	}
	return w.code(u.RawQuery)
}

func (w *Want) code(query string) (string, error) {
	q, err := url.ParseQuery(query)
	if err != nil {
		return "", ErrRedirect
	}
	for _, key := range []string{"state", "iss", "code", "error"} {
		if len(q[key]) > 1 { // RFC 6749, 3.1
			return "", ErrRedirect
		}
	}
	if subtle.ConstantTimeCompare([]byte(q.Get("state")), []byte(w.State)) != 1 {
		return "", ErrRedirect
	}
	// The code of another server, which that one's user would be logged in with (RFC 9207).
	if q.Has("iss") && w.Issuer != "" && q.Get("iss") != w.Issuer || w.NeedIssuer && !q.Has("iss") {
		return "", ErrRedirect
	}
	switch code, refusal := q.Get("code"), q.Get("error"); {
	case (code == "") == (refusal == ""):
		return "", ErrRedirect
	case refusal != "":
		return "", &Refused{refusal, q.Get("error_description")}
	default:
		return code, nil
	}
}

// Listener waits for a redirect.
type Listener struct {
	want   Want
	host   string // the address and the port
	server *http.Server
	result chan result // has room for the one
}

type result struct {
	code string
	err  error
}

// Listen begins to listen, on a port that the system chooses if port is 0. A redirect that comes from now
// on is not lost. Errors: [ErrListen].
func Listen(port int, want Want) (*Listener, error) {
	// By address: localhost can be another's, and every address but this is the network's.
	l, err := net.Listen("tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil && port != 0 {
		return nil, fmt.Errorf("%w: port %d is in use, or not allowed", ErrListen, port)
	} else if err != nil {
		return nil, ErrListen
	}
	if want.Path == "" {
		want.Path = usualPath
	}
	w := &Listener{want: want, host: l.Addr().String(), result: make(chan result, 1)}
	w.server = &http.Server{Handler: w, ReadHeaderTimeout: 10 * time.Second, MaxHeaderBytes: 64 << 10, ErrorLog: log.New(io.Discard, "", 0)}
	go w.server.Serve(l)
	return w, nil
}

// RedirectURI is where the server must send the browser to.
func (l *Listener) RedirectURI() string { return "http://" + l.host + l.want.Path }

// Wait returns the code that the browser brings. Errors: [*Refused], and those of ctx.
func (l *Listener) Wait(ctx context.Context) (string, error) {
	select {
	case r := <-l.result:
		return r.code, r.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// Close ends the listener, once the browser has its answer.
func (l *Listener) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if l.server.Shutdown(ctx) != nil {
		l.server.Close()
	}
}

// ServeHTTP answers a browser. What does not belong to this login changes nothing: another tab must not
// be able to end it.
func (l *Listener) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// A name that was made to resolve to this address is not ours (DNS rebinding).
	if r.Host != l.host || r.URL.Path != l.want.Path || r.Method != http.MethodGet {
		answer(w, http.StatusNotFound, "There is nothing here.")
		return
	}
	code, err := l.want.code(r.URL.RawQuery)
	if errors.Is(err, ErrRedirect) {
		answer(w, http.StatusBadRequest, "This page does not belong to the login that credfile is waiting for.")
		return
	}
	select {
	case l.result <- result{code, err}:
	default:
		answer(w, http.StatusBadRequest, "This login is over.")
		return
	}
	if refused := new(Refused); errors.As(err, &refused) {
		answer(w, http.StatusOK, "The login was refused: "+refused.Code+" "+refused.Description)
		return
	}
	answer(w, http.StatusOK, "You can close this page and go back to the terminal.")
}

// answer writes a page without scripts, and that no one keeps: its address has the code.
func answer(w http.ResponseWriter, status int, text string) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Connection", "close")
	w.WriteHeader(status)
	fmt.Fprintf(w, "<!doctype html>\n<title>credfile</title>\n<p>%s</p>\n", html.EscapeString(text))
}
